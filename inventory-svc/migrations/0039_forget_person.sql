-- Forgetting who a person is: names and numbers go, the ledger keeps a member of whom an id is left.

ALTER TABLE member ADD COLUMN forgotten_at timestamptz;
COMMENT ON COLUMN member.forgotten_at IS 'When who the person is was forgotten. The row stays, because the ledger names it: an id, no name, removed';

-- No policy and no grant, like identity. Who was removed is found by no name any more, and may still ask to be forgotten.
CREATE TABLE former_identity (
  kind      text        NOT NULL,
  value     text        NOT NULL,
  shop_id   uuid        NOT NULL,
  member_id uuid        NOT NULL,
  left_at   timestamptz NOT NULL,
  CONSTRAINT former_identity_pk PRIMARY KEY (kind, value, shop_id, member_id),
  CONSTRAINT former_identity_kind_is_known CHECK (kind IN ('phone', 'user_id')),
  CONSTRAINT former_identity_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id)
);
CREATE INDEX former_identity_of_member ON former_identity (shop_id, member_id);
ALTER TABLE former_identity ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE former_identity IS 'The names of people who were removed from a shop, to forget them by and for nothing else';
COMMENT ON COLUMN former_identity.kind IS 'As in identity';
COMMENT ON COLUMN former_identity.value IS 'As in identity; a number may be another person''s by now';
COMMENT ON COLUMN former_identity.shop_id IS 'The shop they were in';
COMMENT ON COLUMN former_identity.member_id IS 'Who they were there';
COMMENT ON COLUMN former_identity.left_at IS 'When they were removed';

-- A trigger and not a line in change_member: names also go with a removal by the binary of before, which is the same function.
CREATE FUNCTION keep_former_identity() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO former_identity (kind, value, shop_id, member_id, left_at)
  SELECT i.kind, i.value, i.shop_id, i.member_id, NEW.removed_at
  FROM identity i
  WHERE i.shop_id = NEW.shop_id AND i.member_id = NEW.id
  ON CONFLICT ON CONSTRAINT former_identity_pk DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER member_keeps_former_identity AFTER UPDATE OF removed_at ON member
FOR EACH ROW WHEN (OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL AND NEW.forgotten_at IS NULL)
EXECUTE FUNCTION keep_former_identity();

-- Who is removed or forgotten while they write gets no name any more: the next attempt finds nobody.
CREATE OR REPLACE FUNCTION hold_member(p_shop_id uuid, p_member_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM member m
  WHERE m.shop_id = p_shop_id AND m.id = p_member_id AND m.removed_at IS NULL
  FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the member went elsewhere meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;

CREATE FUNCTION members_of_person(p_user_id text, p_phone_key text) RETURNS TABLE (shop_id uuid, member_id uuid)
LANGUAGE sql STABLE AS $$
  WITH asked (kind, value) AS (
    SELECT a.kind, a.value FROM (VALUES ('user_id', p_user_id), ('phone', p_phone_key)) a (kind, value) WHERE a.value IS NOT NULL
  ),
  found AS (
    SELECT p.shop_id, p.member_id FROM find_person(p_user_id, p_phone_key) p WHERE p.member_id IS NOT NULL
    UNION
    SELECT f.shop_id, f.member_id FROM former_identity f JOIN asked USING (kind, value)
  ),
  named AS (
    SELECT a.kind, a.value FROM asked a
    UNION
    SELECT i.kind, i.value FROM identity i JOIN found USING (shop_id, member_id)
    UNION
    SELECT f.kind, f.value FROM former_identity f JOIN found USING (shop_id, member_id)
  ),
  -- User ids are one person's for good; a number is, while nobody else has it.
  known AS (
    SELECT f.shop_id, f.member_id FROM found f
    UNION
    SELECT i.shop_id, i.member_id FROM identity i JOIN named USING (kind, value) WHERE i.kind = 'user_id'
    UNION
    SELECT f.shop_id, f.member_id FROM former_identity f JOIN named USING (kind, value)
  )
  SELECT k.shop_id, k.member_id FROM known k
  UNION
  -- What was split off them, and can be found by no name of its own.
  SELECT o.other_shop_id, o.other_member_id
  FROM other_shop o
  JOIN known k USING (shop_id, member_id)
  WHERE NOT EXISTS (
    SELECT FROM identity i WHERE i.shop_id = o.other_shop_id AND i.member_id = o.other_member_id
  )
$$;
COMMENT ON FUNCTION members_of_person IS 'Everybody that a person is or was, in every shop';

CREATE FUNCTION forget_person(
  p_user_id text,
  p_phone text,
  p_dry_run boolean,
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  nobody CONSTANT jsonb := '{"display_name": "", "language_code": ""}';
  shops uuid[];
  members uuid[];
  names jsonb;
  told jsonb;
BEGIN
  -- Who changes their names at this moment is told of before or after.
  PERFORM pg_advisory_xact_lock(hashtext('backroom_inventory.link_identity'));
  SELECT array_agg(p.shop_id ORDER BY p.shop_id, p.member_id), array_agg(p.member_id ORDER BY p.shop_id, p.member_id)
  INTO shops, members
  FROM members_of_person(p_user_id, phone_key(p_phone)) p;
  IF shops IS NULL THEN
    RETURN '{"members": [], "names": []}';
  END IF;
  IF NOT p_dry_run THEN
    -- One change of people at a time in a shop, and what a member is posting is waited for.
    PERFORM FROM shop s WHERE s.id = ANY (shops) ORDER BY s.id FOR NO KEY UPDATE;
    PERFORM FROM member m
    JOIN unnest(shops, members) f (shop_id, member_id) ON m.shop_id = f.shop_id AND m.id = f.member_id
    ORDER BY m.shop_id, m.id
    FOR UPDATE OF m;
  END IF;

  SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('kind', n.kind, 'value', n.value)), '[]') INTO names
  FROM unnest(shops, members) f (shop_id, member_id)
  CROSS JOIN LATERAL (
    SELECT i.kind, i.value FROM identity i WHERE i.shop_id = f.shop_id AND i.member_id = f.member_id
    UNION
    SELECT i.kind, i.sent_as FROM identity i
    WHERE i.shop_id = f.shop_id AND i.member_id = f.member_id AND i.sent_as IS NOT NULL
    UNION
    SELECT o.kind, o.value FROM former_identity o WHERE o.shop_id = f.shop_id AND o.member_id = f.member_id
  ) n;
  SELECT jsonb_agg(jsonb_build_object(
    'shop_id', f.shop_id, 'member_id', f.member_id,
    'shop_without_owner', NOT EXISTS (
      SELECT FROM member m
      WHERE m.shop_id = f.shop_id AND m.role = 'owner' AND m.removed_at IS NULL AND m.id <> ALL (members)
    )) ORDER BY f.shop_id, f.member_id) INTO told
  FROM unnest(shops, members) f (shop_id, member_id);

  IF NOT p_dry_run THEN
    UPDATE identity i SET replaces = NULL
    WHERE i.replaces IN (SELECT n ->> 'value' FROM jsonb_array_elements(names) n WHERE n ->> 'kind' = 'phone');
    DELETE FROM identity i
    USING unnest(shops, members) f (shop_id, member_id)
    WHERE i.shop_id = f.shop_id AND i.member_id = f.member_id;
    DELETE FROM former_identity i
    USING unnest(shops, members) f (shop_id, member_id)
    WHERE i.shop_id = f.shop_id AND i.member_id = f.member_id;
    UPDATE member m
    SET display_name = '', language_code = '', role = 'viewer',
        removed_at = coalesce(m.removed_at, p_now), forgotten_at = coalesce(m.forgotten_at, p_now)
    FROM unnest(shops, members) f (shop_id, member_id)
    WHERE m.shop_id = f.shop_id AND m.id = f.member_id;
    -- Kept answers are never changed: those that name the person give way to the same without the name, under the same
    -- request. Answers of operations hold ids alone.
    WITH named AS (
      DELETE FROM kept_answer k
      USING unnest(shops, members) f (shop_id, member_id)
      WHERE k.shop_id = f.shop_id
        AND f.member_id::text IN (k.answer ->> 'id', k.answer -> 'member' ->> 'id')
      RETURNING k.*
    )
    INSERT INTO kept_answer (shop_id, source, request_id, request_hash, answer, answered_at)
    SELECT
      n.shop_id, n.source, n.request_id, n.request_hash,
      CASE
        WHEN n.answer ? 'member' THEN jsonb_set(n.answer, '{member}', (n.answer -> 'member') || nobody)
        ELSE n.answer || nobody
      END,
      n.answered_at
    FROM named n;
  END IF;
  RETURN jsonb_build_object('members', told, 'names', names);
END
$$;
REVOKE EXECUTE ON FUNCTION keep_former_identity, members_of_person, forget_person FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_person TO backroom_inventory;
