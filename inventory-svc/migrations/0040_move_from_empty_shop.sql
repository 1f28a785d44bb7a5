-- Who only ever said hello has a shop of their own in which nothing is: being asked into another one takes them there.
CREATE OR REPLACE FUNCTION shop_is_in_use(p_shop_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM operation o WHERE o.shop_id = p_shop_id)
    OR EXISTS (SELECT FROM item i WHERE i.shop_id = p_shop_id)
    OR (SELECT count(*) > 1 FROM member m WHERE m.shop_id = p_shop_id)
$$;

CREATE FUNCTION move_from_empty_shop(p_known identity, p_shop_id uuid, p_member_id uuid, p_now timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  -- A post that is on its way into it is waited for, and counts.
  PERFORM FROM shop s WHERE s.id = p_known.shop_id FOR UPDATE;
  IF NOT EXISTS (SELECT FROM identity i
    WHERE (i.kind, i.value, i.shop_id, i.member_id) = (p_known.kind, p_known.value, p_known.shop_id, p_known.member_id))
  THEN
    RAISE EXCEPTION 'the names were moved meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  IF shop_is_in_use(p_known.shop_id)
    OR EXISTS (SELECT FROM shop s WHERE s.id = p_known.shop_id AND s.display_name <> '')
  THEN
    RETURN false;
  END IF;
  -- All their names find them in the new shop. The one they were asked by is known to be theirs: they wrote under it.
  UPDATE identity i SET shop_id = p_shop_id, member_id = p_member_id
  WHERE i.shop_id = p_known.shop_id AND i.member_id = p_known.member_id;
  BEGIN
    PERFORM settle_nameless(ARRAY[p_known], p_shop_id, p_member_id, p_now);
  EXCEPTION WHEN foreign_key_violation THEN
    -- Something else than stock was begun there.
    UPDATE identity i SET shop_id = p_known.shop_id, member_id = p_known.member_id
    WHERE i.shop_id = p_shop_id AND i.member_id = p_member_id;
    RETURN false;
  END;
  RETURN true;
END
$$;
COMMENT ON FUNCTION move_from_empty_shop IS 'Takes a person and their names out of a shop in which nothing ever happened, and closes it; false: something did';

CREATE OR REPLACE FUNCTION add_member(
  p_shop_id uuid,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_actor_id uuid,          -- NULL: a service acts for itself
  p_user_id text,
  p_phone text,
  p_display_name text,
  p_role text,
  p_member_id uuid,         -- its id, should the person be new here
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  phone_key text := phone_key(p_phone);
  answer jsonb;
  actor_role text;
  known identity;
  given_name text := p_display_name;
  added member;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  actor_role := role_in_shop(p_shop_id, p_actor_id);
  IF actor_role NOT IN ('owner', 'manager') OR (actor_role = 'manager' AND p_role NOT IN ('clerk', 'viewer')) THEN
    PERFORM refuse('BR016', 'the role may not add such a member', jsonb_build_object('role', actor_role));
  END IF;

  known := find_person(p_user_id, phone_key);
  IF known.member_id IS NOT NULL AND known.shop_id <> p_shop_id THEN
    -- Moves are told of one at a time, like changes of names: of two who ask a person, one is first.
    PERFORM pg_advisory_xact_lock(hashtext('backroom_inventory.link_identity'));
    known := find_person(p_user_id, phone_key);
  END IF;
  IF known.shop_id = p_shop_id THEN
    PERFORM hold_member(known.shop_id, known.member_id);
    SELECT * INTO added FROM member m WHERE m.shop_id = known.shop_id AND m.id = known.member_id;
  ELSE
    IF given_name = '' THEN
      SELECT m.display_name INTO given_name FROM member m
      WHERE m.shop_id = known.shop_id AND m.id = known.member_id;
    END IF;
    INSERT INTO member (shop_id, id, role, display_name, created_at)
    VALUES (p_shop_id, p_member_id, p_role, coalesce(given_name, ''), p_now)
    RETURNING * INTO added;
    -- A shop with anything in it is theirs: nobody takes them out of that by knowing their number.
    IF known.member_id IS NOT NULL AND NOT move_from_empty_shop(known, p_shop_id, added.id, p_now) THEN
      PERFORM refuse('BR023', 'the person belongs to another shop');
    END IF;
    INSERT INTO identity (kind, value, sent_as, shop_id, member_id, linked_at, is_invitation)
    SELECT n.kind, n.value, n.sent_as, added.shop_id, added.id, p_now, true
    FROM (VALUES ('user_id', p_user_id, NULL), ('phone', phone_key, p_phone)) n (kind, value, sent_as)
    WHERE n.value IS NOT NULL AND known.member_id IS NULL
    ORDER BY n.kind DESC
    ON CONFLICT DO NOTHING;
    -- Who was not known a moment ago came by themselves meanwhile: look again, and find them.
    IF (find_person(p_user_id, phone_key)).member_id IS DISTINCT FROM added.id THEN
      RAISE EXCEPTION 'the names were claimed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;

  answer := jsonb_build_object(
    'member', jsonb_build_object(
      'id', added.id, 'role', added.role, 'display_name', added.display_name, 'language_code', added.language_code),
    'existed', known.shop_id IS NOT DISTINCT FROM p_shop_id);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;
REVOKE EXECUTE ON FUNCTION move_from_empty_shop FROM PUBLIC;
