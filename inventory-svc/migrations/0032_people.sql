-- Who belongs to a shop, with what role, and what is so of the shop itself.
--
-- They run as the owner, because the role of the service may not write members and shops, and stay in the shop that
-- open_shop opened.
CREATE FUNCTION member_json(m member) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', m.id, 'role', m.role, 'display_name', m.display_name, 'language_code', m.language_code,
    'created_at', m.created_at, 'removed_at', m.removed_at)
$$;

CREATE FUNCTION list_members(p_shop_id uuid, p_after uuid, p_with_removed boolean, p_limit integer) RETURNS SETOF jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  RETURN QUERY
  SELECT member_json(m) || jsonb_build_object('invited', EXISTS (
    SELECT FROM identity i WHERE i.shop_id = m.shop_id AND i.member_id = m.id AND i.is_invitation
  ) AND NOT EXISTS (
    SELECT FROM identity i WHERE i.shop_id = m.shop_id AND i.member_id = m.id AND NOT i.is_invitation
  ))
  FROM member m
  WHERE m.shop_id = p_shop_id AND m.id > p_after AND (p_with_removed OR m.removed_at IS NULL)
  ORDER BY m.id
  LIMIT p_limit;
END
$$;

CREATE FUNCTION change_member(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid, p_subject_id uuid,
  p_role text,                -- NULL: the person is removed
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  answer jsonb;
  asking_role text;
  subject member;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  -- One change of people at a time in a shop: of two owners who remove each other, one stays. Who asks is looked at after.
  PERFORM FROM shop s WHERE s.id = p_shop_id FOR NO KEY UPDATE;
  asking_role := require_role(p_shop_id, p_member_id, 'manage_people');
  SELECT * INTO subject FROM member m WHERE m.shop_id = p_shop_id AND m.id = p_subject_id AND m.removed_at IS NULL
  FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse('BR006', 'no such member', jsonb_build_object('memberId', p_subject_id));
  END IF;
  IF NOT role_may(asking_role, 'manage_everybody')
    AND (subject.role NOT IN ('clerk', 'viewer') OR coalesce(p_role, 'viewer') NOT IN ('clerk', 'viewer'))
  THEN
    PERFORM refuse('BR016', 'managers manage clerks and viewers', jsonb_build_object('role', asking_role));
  END IF;
  IF subject.role = 'owner' AND p_role IS DISTINCT FROM 'owner' AND NOT EXISTS (
    SELECT FROM member m
    WHERE m.shop_id = p_shop_id AND m.id <> subject.id AND m.role = 'owner' AND m.removed_at IS NULL
  ) THEN
    PERFORM refuse('BR025', 'the shop would be left without an owner');
  END IF;
  UPDATE member m
  SET role = coalesce(p_role, 'viewer'), removed_at = CASE WHEN p_role IS NULL THEN p_now END
  WHERE m.shop_id = p_shop_id AND m.id = subject.id
  RETURNING * INTO subject;
  IF p_role IS NULL THEN
    -- By no name are they found here any more; the ledger keeps what they were called.
    DELETE FROM identity i WHERE i.shop_id = p_shop_id AND i.member_id = subject.id;
  END IF;
  answer := member_json(subject);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

CREATE FUNCTION update_shop(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid,
  p_display_name text, p_time_zone text, p_shortage_policy text, p_currency text, -- NULL: stays
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  answer jsonb;
  changed shop;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM require_role(p_shop_id, p_member_id, 'update_shop');
  IF p_time_zone IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = p_time_zone) THEN
    PERFORM refuse('BR001', 'must be the IANA name of a time zone', jsonb_build_object('field', 'time_zone'));
  END IF;
  SELECT * INTO changed FROM shop s WHERE s.id = p_shop_id FOR UPDATE;
  IF p_currency <> changed.currency AND EXISTS (
    SELECT FROM movement m WHERE m.shop_id = p_shop_id AND m.unit_price IS NOT NULL
  ) THEN
    PERFORM refuse('BR026', 'lines have prices in another currency', jsonb_build_object('currency', changed.currency));
  END IF;
  UPDATE shop s
  SET display_name = coalesce(p_display_name, s.display_name),
      time_zone = coalesce(p_time_zone, s.time_zone),
      shortage_policy = coalesce(p_shortage_policy, s.shortage_policy),
      currency = coalesce(p_currency, s.currency)
  WHERE s.id = p_shop_id
  RETURNING * INTO changed;
  answer := jsonb_build_object(
    'id', changed.id, 'display_name', changed.display_name, 'currency', changed.currency,
    'time_zone', changed.time_zone, 'shortage_policy', changed.shortage_policy);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

-- Who was removed is gone for whoever asks in their name, and is not made a person of the shop by a name of theirs.
CREATE OR REPLACE FUNCTION role_in_shop(p_shop_id uuid, p_member_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  asking member;
BEGIN
  IF p_member_id IS NULL THEN
    RETURN 'owner'; -- a service that acts for itself
  END IF;
  SELECT * INTO asking FROM member m WHERE m.shop_id = p_shop_id AND m.id = p_member_id;
  IF NOT FOUND THEN
    PERFORM refuse('BR006', 'no such member', jsonb_build_object('memberId', p_member_id));
  ELSIF asking.removed_at IS NOT NULL THEN
    PERFORM refuse('BR016', 'the person was removed', jsonb_build_object('role', asking.role));
  END IF;
  RETURN asking.role;
END
$$;
REVOKE EXECUTE ON FUNCTION list_members, change_member, update_shop FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_members, change_member, update_shop TO backroom_inventory;
