-- One person stays one person, however WhatsApp spells their number and whatever new user id it gives them.
CREATE FUNCTION phone_key(p_phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE left(p_phone, 2)
  -- Mexico: the 1 before mobile numbers, which Meta sends and which must not be dialled.
  WHEN '52' THEN regexp_replace(p_phone, '^521([0-9]{10})$', '52\1')
  -- Argentina: the 9 before mobile numbers, and the 15 that stands for it after an area code of 2, 3 or 4 digits.
  WHEN '54' THEN regexp_replace(
    regexp_replace(
      p_phone, '^549?(?:(11)15([0-9]{8})|([23][0-9]{2})15([0-9]{7})|([23][0-9]{3})15([0-9]{6}))$', '54\1\2\3\4\5\6'),
    '^549([0-9]{10})$', '54\1')
  -- Brazil: the ninth digit, which the eight of mobile numbers got in front. A landline's begin with 2 to 5: there a 9
  -- in front makes another number.
  WHEN '55' THEN regexp_replace(p_phone, '^55([1-9][0-9])9([6-9][0-9]{7})$', '55\1\2')
  ELSE p_phone
END;
COMMENT ON FUNCTION phone_key IS 'The one spelling of a phone number, to find people by. Never to be sent to. Stored: a change of these rules needs a migration of identity';

ALTER TABLE identity
  ADD COLUMN sent_as text,
  ADD COLUMN replaced_at timestamptz,
  ADD COLUMN replaces text,
  ADD COLUMN is_invitation boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN identity.value IS 'The name itself, a phone number as phone_key spells it; it means one person in all shops together';
COMMENT ON COLUMN identity.sent_as IS 'The phone number as Meta or the inviter wrote it: what is sent to the person goes to exactly this. NULL for user ids';
COMMENT ON COLUMN identity.replaced_at IS 'When another user id took its place. It still finds the person: Meta redelivers old messages for days, and an id is given to nobody else. Numbers are, so replaced ones go';
COMMENT ON COLUMN identity.replaces IS 'The number whose place it took, so that a repeat of that news is known as one';
COMMENT ON COLUMN identity.is_invitation IS 'Whether somebody else gave the name, and the person has not written under it yet';

DROP INDEX identity_one_of_a_kind;
CREATE UNIQUE INDEX identity_one_of_a_kind ON identity (shop_id, member_id, kind) WHERE replaced_at IS NULL;
CREATE INDEX identity_of_member ON identity (shop_id, member_id);

-- No policy and no grant, like identity: it tells of two shops.
CREATE TABLE other_shop (
  shop_id         uuid        NOT NULL,
  member_id       uuid        NOT NULL,
  other_shop_id   uuid        NOT NULL,
  other_member_id uuid        NOT NULL,
  found_at        timestamptz NOT NULL,
  CONSTRAINT other_shop_pk PRIMARY KEY (shop_id, member_id, other_shop_id, other_member_id),
  CONSTRAINT other_shop_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id),
  CONSTRAINT other_shop_other_member_fk FOREIGN KEY (other_shop_id, other_member_id) REFERENCES member (shop_id, id)
);
ALTER TABLE other_shop ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE other_shop IS 'Shops in use that turned out to be of one person: nothing of either is lost, an owner decides what becomes of it';
COMMENT ON COLUMN other_shop.shop_id IS 'The shop where the person is found now';
COMMENT ON COLUMN other_shop.member_id IS 'The person there';
COMMENT ON COLUMN other_shop.other_shop_id IS 'The shop that kept its operations and lost the person''s names';
COMMENT ON COLUMN other_shop.other_member_id IS 'The person there';
COMMENT ON COLUMN other_shop.found_at IS 'When it turned out';

-- Numbers that were stored as they were sent get the spelling people are found by. Where two spellings of one number
-- have two shops, the number stays with the shop in use, or else the older one.
WITH spelt AS (
  SELECT
    i.value, phone_key(i.value) AS key, i.shop_id, i.member_id,
    first_value(i.shop_id) OVER best AS kept_shop_id,
    first_value(i.member_id) OVER best AS kept_member_id
  FROM identity i
  WHERE i.kind = 'phone'
  WINDOW best AS (
    PARTITION BY phone_key(i.value)
    ORDER BY EXISTS (SELECT FROM operation o WHERE o.shop_id = i.shop_id) DESC, i.linked_at, i.value
  )
),
parted AS (
  INSERT INTO other_shop (shop_id, member_id, other_shop_id, other_member_id, found_at)
  SELECT s.kept_shop_id, s.kept_member_id, s.shop_id, s.member_id, now()
  FROM spelt s
  WHERE (s.shop_id, s.member_id) <> (s.kept_shop_id, s.kept_member_id)
  RETURNING other_shop_id, other_member_id
)
DELETE FROM identity i
USING parted p
WHERE i.kind = 'phone' AND i.shop_id = p.other_shop_id AND i.member_id = p.other_member_id;
UPDATE identity SET sent_as = value, value = phone_key(value) WHERE kind = 'phone';
ALTER TABLE identity ADD CONSTRAINT identity_phone_is_sent_somewhere CHECK ((kind = 'phone') = (sent_as IS NOT NULL));

CREATE FUNCTION find_person(p_user_id text, p_phone_key text) RETURNS identity
LANGUAGE plpgsql AS $$
DECLARE
  known identity;
BEGIN
  IF p_user_id IS NOT NULL THEN
    SELECT * INTO known FROM identity i WHERE i.kind = 'user_id' AND i.value = p_user_id;
  END IF;
  IF known.member_id IS NULL AND p_phone_key IS NOT NULL THEN
    SELECT * INTO known FROM identity i WHERE i.kind = 'phone' AND i.value = p_phone_key;
    -- A user id changes when the phone number does. The same number under another user id is therefore another
    -- person: numbers are handed out again, and shops are not handed over with them.
    IF known.member_id IS NOT NULL AND p_user_id IS NOT NULL AND EXISTS (
      SELECT FROM identity i
      WHERE i.shop_id = known.shop_id AND i.member_id = known.member_id AND i.kind = 'user_id' AND i.replaced_at IS NULL
    ) THEN
      known := NULL;
    END IF;
  END IF;
  RETURN known;
END
$$;
COMMENT ON FUNCTION find_person IS 'The name a person is known by: the user id first, the number second; NULL: a stranger';

CREATE FUNCTION hold_member(p_shop_id uuid, p_member_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM member m WHERE m.shop_id = p_shop_id AND m.id = p_member_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the member went elsewhere meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
COMMENT ON FUNCTION hold_member IS 'Keeps a member who is to get a name from being merged into another until the end of the transaction';

CREATE FUNCTION identify_member(
  p_user_id text,          -- business-scoped user id, or NULL
  p_phone text,            -- digits as Meta sent them, or NULL
  p_profile_name text,
  p_lookup_only boolean,   -- nobody is created and no name is learned
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
  phone_key text := phone_key(p_phone);
  known identity;
  own_spelling text;
  claimed boolean;
  newcomer boolean := false;
BEGIN
  FOR attempt IN 1..3 LOOP
    -- Nearly everybody is known by their user id: found here, without the price of a call.
    SELECT * INTO known FROM identity i WHERE i.kind = 'user_id' AND i.value = p_user_id;
    EXIT WHEN known.member_id IS NOT NULL;
    known := find_person(p_user_id, phone_key);
    EXIT WHEN known.member_id IS NOT NULL;
    IF p_lookup_only THEN
      RAISE EXCEPTION 'nobody is known by these names' USING ERRCODE = 'BR006';
    ELSIF NOT p_signup_is_open THEN
      RAISE EXCEPTION 'sign-up is by invitation' USING ERRCODE = 'BR015';
    END IF;

    -- A twin of this call waits here, and finds the member on its next attempt.
    claimed := NULL;
    INSERT INTO identity AS i (kind, value, sent_as, shop_id, member_id, linked_at)
    VALUES (
      CASE WHEN p_user_id IS NOT NULL THEN 'user_id' ELSE 'phone' END,
      coalesce(p_user_id, phone_key), CASE WHEN p_user_id IS NULL THEN p_phone END, p_shop_id, p_member_id, p_now
    )
    ON CONFLICT ON CONSTRAINT identity_pk DO NOTHING
    RETURNING true INTO claimed;
    CONTINUE WHEN claimed IS NOT TRUE;

    newcomer := true;
    INSERT INTO shop (id, default_location_id, created_at) VALUES (p_shop_id, p_location_id, p_now);
    INSERT INTO location (shop_id, id, display_name) VALUES (p_shop_id, p_location_id, 'Shop');
    INSERT INTO member (shop_id, id, role, display_name, created_at)
    VALUES (p_shop_id, p_member_id, 'owner', p_profile_name, p_now);
    known.kind := CASE WHEN p_user_id IS NOT NULL THEN 'user_id' ELSE 'phone' END;
    known.sent_as := p_phone;
    known.is_invitation := false;
    known.shop_id := p_shop_id;
    known.member_id := p_member_id;
    EXIT;
  END LOOP;
  IF known.member_id IS NULL THEN
    RAISE EXCEPTION 'the names were claimed and given up in turn' USING ERRCODE = 'serialization_failure';
  END IF;

  -- What was not known before is learned. Not from a message under an old name: it tells old news.
  IF NOT p_lookup_only AND known.replaced_at IS NULL THEN
    IF known.kind = 'phone' AND p_user_id IS NOT NULL THEN
      PERFORM hold_member(known.shop_id, known.member_id);
      INSERT INTO identity (kind, value, shop_id, member_id, linked_at)
      VALUES ('user_id', p_user_id, known.shop_id, known.member_id, p_now)
      ON CONFLICT DO NOTHING;
    END IF;
    IF known.is_invitation THEN
      UPDATE identity i SET is_invitation = false WHERE i.kind = known.kind AND i.value = known.value;
      UPDATE member m SET display_name = p_profile_name
      WHERE m.shop_id = known.shop_id AND m.id = known.member_id AND m.display_name = '';
    END IF;

    IF known.kind = 'phone' THEN
      own_spelling := known.sent_as;
    ELSIF p_phone IS NOT NULL THEN
      SELECT i.sent_as INTO own_spelling
      FROM identity i
      WHERE i.kind = 'phone' AND i.value = phone_key AND i.shop_id = known.shop_id AND i.member_id = known.member_id;
    END IF;
    IF own_spelling IS NULL AND p_phone IS NOT NULL THEN
      PERFORM hold_member(known.shop_id, known.member_id);
      IF NOT EXISTS (SELECT FROM identity i WHERE i.kind = 'phone' AND i.value = phone_key) THEN
        DELETE FROM identity i WHERE i.kind = 'phone' AND i.shop_id = known.shop_id AND i.member_id = known.member_id;
      END IF;
      claimed := NULL;
      INSERT INTO identity AS i (kind, value, sent_as, shop_id, member_id, linked_at)
      VALUES ('phone', phone_key, p_phone, known.shop_id, known.member_id, p_now)
      ON CONFLICT DO NOTHING
      RETURNING true INTO claimed;
      IF newcomer AND claimed IS NOT TRUE THEN
        -- The number was another person's, who has a user id of their own: it is this one's now.
        UPDATE identity i
        SET shop_id = known.shop_id, member_id = known.member_id, linked_at = p_now, sent_as = p_phone,
            replaces = NULL, is_invitation = false
        WHERE i.kind = 'phone' AND i.value = phone_key AND EXISTS (
          SELECT FROM identity o
          WHERE o.kind = 'user_id' AND o.shop_id = i.shop_id AND o.member_id = i.member_id AND o.replaced_at IS NULL
        );
        IF NOT FOUND THEN
          -- The same person came at the same moment by number alone: look again, and find that one.
          RAISE EXCEPTION 'the phone number was claimed meanwhile' USING ERRCODE = 'serialization_failure';
        END IF;
      END IF;
    ELSIF own_spelling <> p_phone THEN
      UPDATE identity i SET sent_as = p_phone WHERE i.kind = 'phone' AND i.value = phone_key;
    END IF;
  END IF;

  RETURN QUERY
  SELECT newcomer, s.id, s.display_name, s.currency, s.time_zone, s.shortage_policy,
         m.id, m.role, m.display_name, m.language_code
  FROM member m
  JOIN shop s ON s.id = m.shop_id
  WHERE m.shop_id = known.shop_id AND m.id = known.member_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the member went elsewhere meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION find_person, hold_member, identify_member(text, text, text, boolean, boolean, uuid, uuid, uuid, timestamptz)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identify_member(text, text, text, boolean, boolean, uuid, uuid, uuid, timestamptz)
  TO backroom_inventory;

-- As the binary before this one asks, which does not look without learning.
CREATE OR REPLACE FUNCTION identify_member(
  p_user_id text,
  p_phone text,
  p_profile_name text,
  p_signup_is_open boolean,
  p_shop_id uuid,
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
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM identify_member(
    p_user_id, p_phone, p_profile_name, false, p_signup_is_open, p_shop_id, p_member_id, p_location_id, p_now)
$$;
