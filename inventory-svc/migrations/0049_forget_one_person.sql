-- A number that was handed on leads to who has it, and to nobody who had it before them: of two people who had one number
-- one after the other, only the one who asks is forgotten.

CREATE FUNCTION is_nobody_else(p_former former_identity, p_user_ids text[]) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce(bool_or(f.value = ANY (p_user_ids)), true)
  FROM former_identity f
  WHERE f.shop_id = p_former.shop_id AND f.member_id = p_former.member_id AND f.kind = 'user_id'
$$;
COMMENT ON FUNCTION is_nobody_else IS 'Whether who left a shop went by one of these user ids, or by none at all';
REVOKE EXECUTE ON FUNCTION is_nobody_else FROM PUBLIC;

CREATE OR REPLACE FUNCTION members_of_person(p_user_id text, p_phone_key text) RETURNS TABLE (shop_id uuid, member_id uuid)
LANGUAGE sql STABLE AS $$
  WITH asked (kind, value) AS (
    SELECT a.kind, a.value FROM (VALUES ('user_id', p_user_id), ('phone', p_phone_key)) a (kind, value) WHERE a.value IS NOT NULL
  ),
  holder AS (
    SELECT p.shop_id, p.member_id FROM find_person(p_user_id, p_phone_key) p WHERE p.member_id IS NOT NULL
  ),
  -- Of a number that nobody has now: who had it last.
  last_holder AS (
    SELECT f.shop_id, f.member_id FROM former_identity f
    WHERE f.kind = 'phone' AND f.value = p_phone_key AND p_user_id IS NULL AND NOT EXISTS (SELECT FROM holder)
    ORDER BY f.left_at DESC, f.shop_id, f.member_id
    LIMIT 1
  ),
  -- A user id is one person's for good, and the same number under another one is another person: as in find_person.
  user_ids AS (
    SELECT p_user_id AS value WHERE p_user_id IS NOT NULL
    UNION
    SELECT i.value FROM identity i JOIN holder USING (shop_id, member_id) WHERE i.kind = 'user_id'
    UNION
    SELECT f.value FROM former_identity f JOIN last_holder USING (shop_id, member_id) WHERE f.kind = 'user_id'
  ),
  found AS (
    SELECT h.shop_id, h.member_id FROM holder h
    UNION
    SELECT f.shop_id, f.member_id FROM former_identity f JOIN asked USING (kind, value)
    WHERE f.kind = 'user_id' OR NOT EXISTS (SELECT FROM user_ids) OR is_nobody_else(f, ARRAY(SELECT u.value FROM user_ids u))
  ),
  named AS (
    SELECT a.kind, a.value FROM asked a
    UNION
    SELECT i.kind, i.value FROM identity i JOIN found USING (shop_id, member_id)
    UNION
    SELECT f.kind, f.value FROM former_identity f JOIN found USING (shop_id, member_id)
  ),
  known AS (
    SELECT f.shop_id, f.member_id FROM found f
    UNION
    SELECT i.shop_id, i.member_id FROM identity i JOIN named USING (kind, value) WHERE i.kind = 'user_id'
    UNION
    SELECT f.shop_id, f.member_id FROM former_identity f JOIN named USING (kind, value)
    WHERE f.kind = 'user_id' OR is_nobody_else(f, ARRAY(SELECT n.value FROM named n WHERE n.kind = 'user_id'))
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

CREATE OR REPLACE FUNCTION forget_person(
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
    SELECT o.kind, o.value FROM former_identity o
    WHERE o.shop_id = f.shop_id AND o.member_id = f.member_id
      -- What is written to and from a number that somebody else has now is theirs.
      AND NOT EXISTS (
        SELECT FROM identity i WHERE i.kind = o.kind AND i.value = o.value AND i.member_id <> ALL (members)
      )
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
    -- Who had the number before is not found by it from now on: a repeat is about the same person, and finds nobody.
    DELETE FROM former_identity i
    USING jsonb_array_elements(names) n
    WHERE i.kind = 'phone' AND n ->> 'kind' = 'phone' AND i.value = n ->> 'value';
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
