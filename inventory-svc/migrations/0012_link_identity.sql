-- What becomes of the names and of the shops when a person is known by other names from now on.
CREATE FUNCTION shop_is_in_use(p_shop_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM operation o WHERE o.shop_id = p_shop_id)
    OR (SELECT count(*) > 1 FROM member m WHERE m.shop_id = p_shop_id)
$$;
COMMENT ON FUNCTION shop_is_in_use IS 'Whether anything happened in a shop, or anybody joined it. Ask with the shop locked';

CREATE FUNCTION remove_unused_shop(p_shop_id uuid) RETURNS void
LANGUAGE sql AS $$
  -- One statement, because the shop and its place refer to each other. An operation that is being posted meanwhile fails
  -- by its reference to the shop; one that was posted makes this fail.
  WITH people AS (DELETE FROM member WHERE shop_id = p_shop_id),
       places AS (DELETE FROM location WHERE shop_id = p_shop_id)
  DELETE FROM shop WHERE id = p_shop_id
$$;
COMMENT ON FUNCTION remove_unused_shop IS 'Closes a shop in which nothing ever happened, so that there is nothing to keep';

-- Ends with each of these members being somebody who can be found, or nobody at all.
CREATE FUNCTION settle_nameless(p_nameless identity[], p_shop_id uuid, p_member_id uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  left_over record;
BEGIN
  FOR left_over IN
    SELECT DISTINCT n.shop_id, n.member_id
    FROM unnest(p_nameless) n
    WHERE NOT EXISTS (SELECT FROM identity i WHERE i.shop_id = n.shop_id AND i.member_id = n.member_id)
    ORDER BY n.shop_id, n.member_id
  LOOP
    CONTINUE WHEN left_over.shop_id = p_shop_id;
    -- A post that is on its way into it is waited for, and counts.
    PERFORM FROM shop s WHERE s.id = left_over.shop_id FOR UPDATE;
    IF shop_is_in_use(left_over.shop_id) THEN
      INSERT INTO other_shop (shop_id, member_id, other_shop_id, other_member_id, found_at)
      VALUES (p_shop_id, p_member_id, left_over.shop_id, left_over.member_id, p_now)
      ON CONFLICT ON CONSTRAINT other_shop_pk DO NOTHING;
    ELSE
      -- What was split off this one is split off the one that takes over.
      INSERT INTO other_shop (shop_id, member_id, other_shop_id, other_member_id, found_at)
      SELECT p_shop_id, p_member_id, o.other_shop_id, o.other_member_id, o.found_at
      FROM other_shop o
      WHERE o.shop_id = left_over.shop_id AND o.member_id = left_over.member_id AND o.other_shop_id <> p_shop_id
      ON CONFLICT ON CONSTRAINT other_shop_pk DO NOTHING;
      DELETE FROM other_shop o WHERE left_over.shop_id IN (o.shop_id, o.other_shop_id);
      PERFORM remove_unused_shop(left_over.shop_id);
    END IF;
  END LOOP;
END
$$;

CREATE FUNCTION link_identity(
  p_previous_user_id text,
  p_previous_phone text,
  p_user_id text,
  p_phone text,
  p_now timestamptz
) RETURNS TABLE (
  shop_id uuid,
  shop_display_name text,
  currency text,
  time_zone text,
  shortage_policy text,
  member_id uuid,
  role text,
  member_display_name text,
  language_code text,
  other_shop_id uuid
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  phone_key text := phone_key(p_phone);
  previous_phone_key text := phone_key(p_previous_phone);
  known identity;      -- by the names before
  grown identity;      -- by the names after
  person identity;     -- who has all of them in the end
  merged identity;     -- who gives all of theirs up, when that is the same person without doubt
  nameless identity[];
  is_grown boolean := false;
  is_same boolean := false;
  known_is_used boolean;
  grown_is_used boolean;
  name_count integer;
BEGIN
  -- Who changes their names is told of one at a time: people do it seldom, and chains of changes stay chains.
  PERFORM pg_advisory_xact_lock(hashtext('backroom_inventory.link_identity'));
  known := find_person(p_previous_user_id, previous_phone_key);
  grown := find_person(p_user_id, phone_key);
  IF known.member_id IS NULL AND grown.member_id IS NULL THEN
    RAISE EXCEPTION 'nobody is known by these names' USING ERRCODE = 'BR006';
  END IF;

  IF grown.replaced_at IS NOT NULL THEN
    person := grown; -- old news: the names changed again since
  ELSIF known.member_id IS NULL OR (known.kind = 'phone' AND EXISTS (
    SELECT FROM identity i
    WHERE i.shop_id = grown.shop_id AND i.member_id = grown.member_id AND i.replaces = previous_phone_key
  )) THEN
    person := grown; -- known news, and the number before may be another person's by now
  ELSIF grown.member_id IS NULL OR (grown.shop_id, grown.member_id) = (known.shop_id, known.member_id) THEN
    person := known;
  ELSE
    -- A post that is on its way into one of the shops is waited for, and counts.
    PERFORM FROM shop s WHERE s.id IN (known.shop_id, grown.shop_id) ORDER BY s.id FOR UPDATE;
    known_is_used := shop_is_in_use(known.shop_id);
    grown_is_used := shop_is_in_use(grown.shop_id);
    IF grown.is_invitation THEN
      -- Somebody asked the holder of this name to join. Nobody is asked away from a shop of their own that is in use.
      is_same := true;
      is_grown := NOT known_is_used;
    ELSIF grown.kind = 'user_id' THEN
      -- The same person for certain: user ids are not given to others. The shop in use is kept, or the older of two.
      is_same := true;
      is_grown := CASE
        WHEN known_is_used <> grown_is_used THEN grown_is_used
        ELSE (SELECT s.created_at FROM shop s WHERE s.id = grown.shop_id)
          < (SELECT s.created_at FROM shop s WHERE s.id = known.shop_id)
      END;
    END IF;
    -- Otherwise it may be who had the number before: they give up the number and nothing else.
    IF is_grown THEN
      person := grown;
      merged := known;
    ELSE
      person := known;
      IF is_same THEN
        merged := grown;
      END IF;
    END IF;
  END IF;

  IF grown.replaced_at IS NULL THEN
    SELECT array_agg(i) INTO nameless
    FROM identity i
    WHERE (i.shop_id, i.member_id) <> (person.shop_id, person.member_id) AND (
      (i.kind = 'user_id' AND i.value = p_user_id)
      OR (i.kind = 'phone' AND i.value = phone_key)
      OR (i.shop_id, i.member_id) = (merged.shop_id, merged.member_id));

    PERFORM hold_member(person.shop_id, person.member_id);
    -- The person's own names that others take the place of.
    UPDATE identity i SET replaced_at = p_now
    WHERE i.shop_id = person.shop_id AND i.member_id = person.member_id AND i.kind = 'user_id'
      AND i.replaced_at IS NULL AND i.value <> p_user_id;
    DELETE FROM identity i
    WHERE i.shop_id = person.shop_id AND i.member_id = person.member_id AND i.kind = 'phone' AND i.value <> phone_key;

    -- The names after, in the order in which identify_member claims them.
    INSERT INTO identity AS i (kind, value, sent_as, shop_id, member_id, linked_at, replaces)
    SELECT n.kind, n.value, n.sent_as, person.shop_id, person.member_id, p_now, n.replaces
    FROM (
      VALUES ('user_id', p_user_id, NULL, NULL), ('phone', phone_key, p_phone, previous_phone_key)
    ) n (kind, value, sent_as, replaces)
    WHERE n.value IS NOT NULL
    ORDER BY n.kind DESC
    ON CONFLICT ON CONSTRAINT identity_pk DO UPDATE
    SET shop_id = person.shop_id, member_id = person.member_id, replaced_at = NULL, is_invitation = false,
        sent_as = excluded.sent_as, replaces = coalesce(excluded.replaces, i.replaces)
    WHERE (i.shop_id, i.member_id) = (person.shop_id, person.member_id)
      OR EXISTS (SELECT FROM unnest(nameless) n WHERE (n.shop_id, n.member_id) = (i.shop_id, i.member_id));
    GET DIAGNOSTICS name_count = ROW_COUNT;
    IF name_count < num_nonnulls(p_user_id, p_phone) THEN
      RAISE EXCEPTION 'a stranger claimed the names meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    -- A message under the name before may still come, and so may this news.
    INSERT INTO identity (kind, value, shop_id, member_id, linked_at, replaced_at)
    SELECT 'user_id', p_previous_user_id, person.shop_id, person.member_id, p_now, p_now
    WHERE p_previous_user_id IS NOT NULL
    ON CONFLICT ON CONSTRAINT identity_pk DO NOTHING;

    -- The other names of the same person find them, too.
    UPDATE identity i
    SET shop_id = person.shop_id, member_id = person.member_id,
        replaced_at = CASE WHEN EXISTS (
          SELECT FROM identity o
          WHERE o.shop_id = person.shop_id AND o.member_id = person.member_id AND o.kind = 'user_id'
            AND o.replaced_at IS NULL
        ) THEN coalesce(i.replaced_at, p_now) ELSE i.replaced_at END
    WHERE i.shop_id = merged.shop_id AND i.member_id = merged.member_id AND i.kind = 'user_id';
    IF EXISTS (
      SELECT FROM identity i
      WHERE i.shop_id = person.shop_id AND i.member_id = person.member_id AND i.kind = 'phone'
    ) THEN
      DELETE FROM identity i
      WHERE i.shop_id = merged.shop_id AND i.member_id = merged.member_id AND i.kind = 'phone';
    ELSE
      UPDATE identity i SET shop_id = person.shop_id, member_id = person.member_id
      WHERE i.shop_id = merged.shop_id AND i.member_id = merged.member_id AND i.kind = 'phone';
    END IF;
    PERFORM settle_nameless(nameless, person.shop_id, person.member_id, p_now);
  END IF;

  RETURN QUERY
  SELECT s.id, s.display_name, s.currency, s.time_zone, s.shortage_policy,
         m.id, m.role, m.display_name, m.language_code,
         (
           SELECT o.other_shop_id FROM other_shop o
           WHERE o.shop_id = m.shop_id AND o.member_id = m.id
           ORDER BY o.found_at DESC, o.other_shop_id
           LIMIT 1
         )
  FROM member m
  JOIN shop s ON s.id = m.shop_id
  WHERE m.shop_id = person.shop_id AND m.id = person.member_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the member went elsewhere meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION remove_unused_shop, settle_nameless, link_identity FROM PUBLIC;
GRANT EXECUTE ON FUNCTION link_identity TO backroom_inventory;
