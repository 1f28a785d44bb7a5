-- Adding people, and the answers of changes that are no operations.
CREATE TABLE kept_answer (
  shop_id      uuid        NOT NULL,
  source       text        NOT NULL,
  request_id   text        NOT NULL,
  request_hash bytea       NOT NULL,
  answer       jsonb       NOT NULL,
  answered_at  timestamptz NOT NULL,
  CONSTRAINT kept_answer_pk PRIMARY KEY (shop_id, source, request_id),
  CONSTRAINT kept_answer_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT kept_answer_source_is_known CHECK (source IN ('whatsapp', 'grpc', 'import', 'system'))
);
COMMENT ON TABLE kept_answer IS 'What a change that is no operation was answered, for its repeats';
COMMENT ON COLUMN kept_answer.shop_id IS 'The shop';
COMMENT ON COLUMN kept_answer.source IS 'Where the request came from; each source has request ids of its own';
COMMENT ON COLUMN kept_answer.request_id IS 'Names the request for good';
COMMENT ON COLUMN kept_answer.request_hash IS 'SHA-256 of the request: the same id with other content is refused';
COMMENT ON COLUMN kept_answer.answer IS 'What the first one was answered';
COMMENT ON COLUMN kept_answer.answered_at IS 'When that was';
ALTER TABLE kept_answer ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON kept_answer TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON kept_answer TO backroom_inventory;
CREATE TRIGGER kept_answer_is_append_only BEFORE UPDATE OR TRUNCATE ON kept_answer
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION remove_unused_shop(p_shop_id uuid) RETURNS void
LANGUAGE sql AS $$
  -- One statement, because the shop and its place refer to each other. An operation that is being posted meanwhile fails
  -- by its reference to the shop; one that was posted makes this fail. Answers about nobody who is new are no use.
  WITH people AS (DELETE FROM member WHERE shop_id = p_shop_id),
       places AS (DELETE FROM location WHERE shop_id = p_shop_id),
       answers AS (DELETE FROM kept_answer WHERE shop_id = p_shop_id)
  DELETE FROM shop WHERE id = p_shop_id
$$;

CREATE FUNCTION find_kept_answer(p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  kept kept_answer;
BEGIN
  SELECT * INTO kept FROM kept_answer k
  WHERE k.shop_id = p_shop_id AND k.source = p_source AND k.request_id = p_request_id;
  IF kept.request_hash <> p_request_hash THEN
    PERFORM refuse('BR011', 'the request id was used with other content');
  END IF;
  RETURN kept.answer;
END
$$;
COMMENT ON FUNCTION find_kept_answer IS 'What this request was answered before, if it was; refuses other content under the same id';

CREATE FUNCTION keep_answer(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_answer jsonb, p_now timestamptz
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO kept_answer (shop_id, source, request_id, request_hash, answer, answered_at)
  VALUES (p_shop_id, p_source, p_request_id, p_request_hash, p_answer, p_now)
  ON CONFLICT ON CONSTRAINT kept_answer_pk DO NOTHING;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'a twin of the request was first' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
COMMENT ON FUNCTION keep_answer IS 'Keeps the answer, or gives way to a twin that kept its own: the next attempt finds that';

CREATE FUNCTION role_in_shop(p_shop_id uuid, p_member_id uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
  found_role text;
BEGIN
  IF p_member_id IS NULL THEN
    RETURN 'owner'; -- a service that acts for itself
  END IF;
  SELECT m.role INTO found_role FROM member m WHERE m.shop_id = p_shop_id AND m.id = p_member_id;
  IF NOT FOUND THEN
    PERFORM refuse('BR006', 'no such member', jsonb_build_object('memberId', p_member_id));
  END IF;
  RETURN found_role;
END
$$;
COMMENT ON FUNCTION role_in_shop IS 'What who asks may do';

CREATE FUNCTION add_member(
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
  IF known.shop_id = p_shop_id THEN
    PERFORM hold_member(known.shop_id, known.member_id);
    SELECT * INTO added FROM member m WHERE m.shop_id = known.shop_id AND m.id = known.member_id;
  ELSIF known.member_id IS NOT NULL THEN
    -- They opened that shop by writing, or were asked into it. An operation or not, nobody takes them out of it by
    -- knowing their number: what they write from then on would be booked, and read, elsewhere.
    PERFORM refuse('BR023', 'the person belongs to another shop');
  ELSE
    INSERT INTO member (shop_id, id, role, display_name, created_at)
    VALUES (p_shop_id, p_member_id, p_role, p_display_name, p_now)
    RETURNING * INTO added;
    INSERT INTO identity (kind, value, sent_as, shop_id, member_id, linked_at, is_invitation)
    SELECT n.kind, n.value, n.sent_as, added.shop_id, added.id, p_now, true
    FROM (VALUES ('user_id', p_user_id, NULL), ('phone', phone_key, p_phone)) n (kind, value, sent_as)
    WHERE n.value IS NOT NULL
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
REVOKE EXECUTE ON FUNCTION add_member FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_member TO backroom_inventory;
