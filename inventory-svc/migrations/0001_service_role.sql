-- The role the service works as: it may add to the ledger and never change it.
--
-- The login of DATABASE_URL owns the schema and migrates it; each connection of the service then gives that up by
-- SET ROLE. With --migrate=never the login may be any member of this role.
--
-- Roles belong to the whole cluster while migrations run per database, at the same time in many of them: whoever comes
-- second finds the role there, or is told so by its unique index.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backroom_inventory') THEN
    BEGIN
      CREATE ROLE backroom_inventory NOLOGIN;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN
        NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION 'the role backroom_inventory is missing and % may not create it', current_user
          USING ERRCODE = 'insufficient_privilege',
                HINT = format('Once, as a superuser: CREATE ROLE backroom_inventory NOLOGIN; GRANT backroom_inventory TO %I', current_user);
    END;
  END IF;
  -- A superuser may take on any role, and granting at the same time from two databases may collide. Since version 16
  -- being a member, which a creator is, does not yet mean being allowed to take the role on.
  IF NOT pg_has_role(
    current_user, 'backroom_inventory',
    CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END)
  THEN
    EXECUTE format('GRANT backroom_inventory TO %I', current_user);
  END IF;
END
$$;

GRANT USAGE ON SCHEMA public TO backroom_inventory;

-- So that --migrate=never can compare. The table is absent when a person applies these files by hand.
DO $$
BEGIN
  IF to_regclass('public._sqlx_migrations') IS NOT NULL THEN
    GRANT SELECT ON public._sqlx_migrations TO backroom_inventory;
  END IF;
END
$$;

CREATE FUNCTION scope_shop_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
-- A setting that was local to an ended transaction reads as '' and not as NULL.
RETURN nullif(current_setting('backroom.shop_id', true), '')::uuid;

COMMENT ON FUNCTION scope_shop_id IS 'The one shop this transaction may see; NULL sees nothing. Set by set_config(''backroom.shop_id'', .., true)';
