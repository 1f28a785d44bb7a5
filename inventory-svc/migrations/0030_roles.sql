-- What each role may do, in one place, and people who left.
ALTER TABLE member ADD COLUMN removed_at timestamptz;
COMMENT ON COLUMN member.removed_at IS 'When the person was taken out of the shop. The row stays, because the ledger names it; its role is viewer from then on, which the binary of before understands as well';

CREATE FUNCTION role_may(p_role text, p_action text) RETURNS boolean
LANGUAGE sql IMMUTABLE
RETURN CASE p_action
  WHEN 'look'             THEN true
  WHEN 'post'             THEN p_role IN ('owner', 'manager', 'clerk') -- and take back and correct one's own
  WHEN 'transfer'         THEN p_role IN ('owner', 'manager', 'clerk')
  WHEN 'create_item'      THEN p_role IN ('owner', 'manager', 'clerk')
  WHEN 'name_item'        THEN p_role IN ('owner', 'manager', 'clerk')
  WHEN 'set_pack'         THEN p_role IN ('owner', 'manager', 'clerk')
  WHEN 'change_item'      THEN p_role IN ('owner', 'manager')          -- rename, archive, level, merge, unit
  WHEN 'change_place'     THEN p_role IN ('owner', 'manager')
  WHEN 'manage_people'    THEN p_role IN ('owner', 'manager')          -- managers: clerks and viewers only
  WHEN 'manage_everybody' THEN p_role = 'owner'
  WHEN 'reverse_others'   THEN p_role = 'owner'
  WHEN 'update_shop'      THEN p_role = 'owner'
  ELSE false
END;
COMMENT ON FUNCTION role_may IS 'The one table of what each role may do. post_operation, reverse_operation and read_for_correction say "post" in their own words, because they are on the way of every message: a test holds them to this';


CREATE FUNCTION require_role(p_shop_id uuid, p_member_id uuid, p_action text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking_role text := role_in_shop(p_shop_id, p_member_id);
BEGIN
  IF NOT role_may(asking_role, p_action) THEN
    PERFORM refuse('BR016', 'the role does not allow this', jsonb_build_object('role', asking_role));
  END IF;
  RETURN asking_role;
END
$$;
COMMENT ON FUNCTION require_role IS 'The role of who asks, when it allows the action';
