-- Who a WhatsApp user is: the one question that is asked before the shop is known.
--
-- It runs as the owner, past the row security, and gives away no more than the answer for the names it is given.
CREATE FUNCTION identify_member(
  p_user_id text,          -- business-scoped user id, or NULL
  p_phone text,            -- digits, or NULL
  p_profile_name text,
  p_signup_is_open boolean,
  p_shop_id uuid,          -- ids for the newcomer, should it be one
  p_member_id uuid,
  p_location_id uuid,
  p_now timestamptz
) RETURNS TABLE (
  created boolean,
  shop_id uuid,
  shop_display_name text,
  currency text,
  time_zone text,
  shortage_policy text,
  member_id uuid,
  role text,
  member_display_name text,
  language_code text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  known identity;
  claimed boolean;
  newcomer boolean := false;
BEGIN
  FOR attempt IN 1..3 LOOP
    known := NULL;
    IF p_user_id IS NOT NULL THEN
      SELECT * INTO known FROM identity i WHERE i.kind = 'user_id' AND i.value = p_user_id;
    END IF;
    IF known.member_id IS NULL AND p_phone IS NOT NULL THEN
      SELECT * INTO known FROM identity i WHERE i.kind = 'phone' AND i.value = p_phone;
      -- A user id changes when the phone number does. The same number under another user id is therefore another
      -- person: numbers are handed out again, and shops are not handed over with them.
      IF known.member_id IS NOT NULL AND p_user_id IS NOT NULL AND EXISTS (
        SELECT FROM identity i
        WHERE i.shop_id = known.shop_id AND i.member_id = known.member_id AND i.kind = 'user_id'
      ) THEN
        known := NULL;
      END IF;
    END IF;
    EXIT WHEN known.member_id IS NOT NULL;
    IF NOT p_signup_is_open THEN
      RAISE EXCEPTION 'sign-up is by invitation' USING ERRCODE = 'BR015';
    END IF;

    -- A twin of this call waits here, and finds the member on its next attempt.
    claimed := NULL;
    INSERT INTO identity AS i (kind, value, shop_id, member_id, linked_at)
    VALUES (
      CASE WHEN p_user_id IS NOT NULL THEN 'user_id' ELSE 'phone' END,
      coalesce(p_user_id, p_phone), p_shop_id, p_member_id, p_now
    )
    ON CONFLICT ON CONSTRAINT identity_pk DO NOTHING
    RETURNING true INTO claimed;
    CONTINUE WHEN claimed IS NOT TRUE;

    newcomer := true;
    INSERT INTO shop (id, default_location_id, created_at) VALUES (p_shop_id, p_location_id, p_now);
    INSERT INTO location (shop_id, id, display_name) VALUES (p_shop_id, p_location_id, 'Shop');
    INSERT INTO member (shop_id, id, role, display_name, created_at)
    VALUES (p_shop_id, p_member_id, 'owner', p_profile_name, p_now);
    known.shop_id := p_shop_id;
    known.member_id := p_member_id;
    EXIT;
  END LOOP;
  IF known.member_id IS NULL THEN
    RAISE EXCEPTION 'the names were claimed and given up in turn' USING ERRCODE = 'serialization_failure';
  END IF;

  -- What was not known before is learned.
  IF p_user_id IS NOT NULL THEN
    INSERT INTO identity (kind, value, shop_id, member_id, linked_at)
    SELECT 'user_id', p_user_id, known.shop_id, known.member_id, p_now
    WHERE NOT EXISTS (SELECT FROM identity i WHERE i.kind = 'user_id' AND i.value = p_user_id)
    ON CONFLICT DO NOTHING;
  END IF;
  IF p_phone IS NOT NULL AND NOT EXISTS (
    SELECT FROM identity i
    WHERE i.kind = 'phone' AND i.value = p_phone AND i.shop_id = known.shop_id AND i.member_id = known.member_id
  ) THEN
    IF NOT EXISTS (SELECT FROM identity i WHERE i.kind = 'phone' AND i.value = p_phone) THEN
      DELETE FROM identity i WHERE i.kind = 'phone' AND i.shop_id = known.shop_id AND i.member_id = known.member_id;
    END IF;
    INSERT INTO identity AS i (kind, value, shop_id, member_id, linked_at)
    VALUES ('phone', p_phone, known.shop_id, known.member_id, p_now)
    ON CONFLICT DO NOTHING
    RETURNING true INTO claimed;
    IF newcomer AND claimed IS NOT TRUE THEN
      -- The number was another person's, who has a user id of their own: it is this one's now.
      UPDATE identity i
      SET shop_id = known.shop_id, member_id = known.member_id, linked_at = p_now
      WHERE i.kind = 'phone' AND i.value = p_phone AND EXISTS (
        SELECT FROM identity o WHERE o.kind = 'user_id' AND o.shop_id = i.shop_id AND o.member_id = i.member_id
      );
      IF NOT FOUND THEN
        -- The same person came at the same moment by number alone: look again, and find that one.
        RAISE EXCEPTION 'the phone number was claimed meanwhile' USING ERRCODE = 'serialization_failure';
      END IF;
    END IF;
  END IF;

  RETURN QUERY
  SELECT newcomer, s.id, s.display_name, s.currency, s.time_zone, s.shortage_policy,
         m.id, m.role, m.display_name, m.language_code
  FROM member m
  JOIN shop s ON s.id = m.shop_id
  WHERE m.shop_id = known.shop_id AND m.id = known.member_id;
END
$$;
REVOKE EXECUTE ON FUNCTION identify_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identify_member TO backroom_inventory;
