-- Stock-takes: what was seen is written down line by line, and becomes stock in one count at the end.
--
-- A session is a draft: it may be changed until it is finished, and is no part of the ledger. Nothing in it tells what the
-- book says, which is reckoned when it is asked for, so that what is heard of late is in it.
CREATE TABLE count_session (
  shop_id     uuid        NOT NULL,
  id          uuid        NOT NULL,
  member_id   uuid,
  location_id uuid        NOT NULL,
  state       text        NOT NULL DEFAULT 'open',
  started_at  timestamptz NOT NULL,
  expires_at  timestamptz NOT NULL,
  op_id       uuid,
  CONSTRAINT count_session_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT count_session_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT count_session_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id),
  CONSTRAINT count_session_location_fk FOREIGN KEY (shop_id, location_id) REFERENCES location (shop_id, id),
  CONSTRAINT count_session_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT count_session_state_is_known CHECK (state IN ('open', 'finished', 'cancelled', 'expired')),
  CONSTRAINT count_session_finished_has_operation CHECK ((state = 'finished') = (op_id IS NOT NULL))
);
-- A service that counts for itself has no member, and one open session as well.
CREATE UNIQUE INDEX count_session_one_open ON count_session (shop_id, member_id, location_id) NULLS NOT DISTINCT
  WHERE state = 'open';
CREATE UNIQUE INDEX count_session_by_operation ON count_session (shop_id, op_id) WHERE op_id IS NOT NULL;
COMMENT ON COLUMN count_session.shop_id IS 'The shop';
COMMENT ON COLUMN count_session.id IS 'UUID v7';
COMMENT ON COLUMN count_session.member_id IS 'Who counts; NULL when a service does it for itself';
COMMENT ON COLUMN count_session.location_id IS 'The place that is counted';
COMMENT ON COLUMN count_session.state IS 'How far it is. An open one that is past expires_at is expired, also before anybody wrote that down';
COMMENT ON COLUMN count_session.started_at IS 'When it began';
COMMENT ON COLUMN count_session.expires_at IS 'When it is given up unless a line comes before';
COMMENT ON COLUMN count_session.op_id IS 'The operation that it became';

CREATE TABLE count_session_line (
  shop_id       uuid           NOT NULL,
  session_id    uuid           NOT NULL,
  item_id       uuid           NOT NULL,
  number        bigint         GENERATED ALWAYS AS IDENTITY,
  counted       numeric(18, 3) NOT NULL,
  said_quantity numeric(18, 3) NOT NULL,
  said_unit     text,
  factor        numeric(18, 6) NOT NULL,
  seen_at       timestamptz    NOT NULL,
  seen_seq      bigint         NOT NULL,
  is_new_item   boolean        NOT NULL,
  CONSTRAINT count_session_line_pk PRIMARY KEY (shop_id, session_id, item_id),
  CONSTRAINT count_session_line_session_fk FOREIGN KEY (shop_id, session_id) REFERENCES count_session (shop_id, id),
  CONSTRAINT count_session_line_item_fk FOREIGN KEY (shop_id, item_id) REFERENCES item (shop_id, id),
  CONSTRAINT count_session_line_counted_is_not_negative CHECK (counted >= 0)
);
COMMENT ON COLUMN count_session_line.shop_id IS 'The shop';
COMMENT ON COLUMN count_session_line.session_id IS 'The stock-take';
COMMENT ON COLUMN count_session_line.item_id IS 'The item';
COMMENT ON COLUMN count_session_line.number IS 'Grows with each line that is written down, also over the one of before: the order of lists';
COMMENT ON COLUMN count_session_line.counted IS 'What a person saw, in the base unit';
COMMENT ON COLUMN count_session_line.said_quantity IS 'The quantity as it was said';
COMMENT ON COLUMN count_session_line.said_unit IS 'The unit as it was said; NULL for the base unit';
COMMENT ON COLUMN count_session_line.factor IS 'Base units in one said unit';
COMMENT ON COLUMN count_session_line.seen_at IS 'When it was seen';
COMMENT ON COLUMN count_session_line.seen_seq IS 'The movements of the shelf that were known by then: decides within one second what the person has seen';
COMMENT ON COLUMN count_session_line.is_new_item IS 'Whether the stock-take created the item';

ALTER TABLE count_session ENABLE ROW LEVEL SECURITY;
ALTER TABLE count_session_line ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON count_session TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON count_session_line TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON count_session, count_session_line TO backroom_inventory;
GRANT UPDATE (state, expires_at, op_id) ON count_session TO backroom_inventory;
GRANT UPDATE (number, counted, said_quantity, said_unit, factor, seen_at, seen_seq) ON count_session_line TO backroom_inventory;

-- A shop in which somebody counts is in use.
CREATE OR REPLACE FUNCTION shop_is_in_use(p_shop_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM operation o WHERE o.shop_id = p_shop_id)
    OR (SELECT count(*) > 1 FROM member m WHERE m.shop_id = p_shop_id)
    OR EXISTS (SELECT FROM count_session s WHERE s.shop_id = p_shop_id)
$$;

CREATE FUNCTION count_session_json(s count_session, p_now timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', s.id, 'member_id', s.member_id, 'location_id', s.location_id,
    'state', CASE WHEN s.state = 'open' AND s.expires_at <= p_now THEN 'expired' ELSE s.state END,
    'started_at', s.started_at, 'expires_at', s.expires_at,
    'line_count', (SELECT count(*) FROM count_session_line l WHERE l.shop_id = s.shop_id AND l.session_id = s.id),
    'operation_id', s.op_id)
$$;

CREATE FUNCTION hold_count_session(p_shop_id uuid, p_session_id uuid) RETURNS count_session
LANGUAGE plpgsql AS $$
DECLARE
  held count_session;
BEGIN
  SELECT * INTO held FROM count_session s WHERE s.shop_id = p_shop_id AND s.id = p_session_id FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse('BR029', 'no such stock-take', jsonb_build_object('countSessionId', p_session_id));
  END IF;
  RETURN held;
END
$$;
COMMENT ON FUNCTION hold_count_session IS 'Holds a stock-take until the end of the transaction, before anything else is held: what is asked of one is done one after the other';

CREATE FUNCTION refuse_closed(p_session count_session, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  state text := CASE WHEN p_session.state = 'open' AND p_session.expires_at <= p_now THEN 'expired' ELSE p_session.state END;
BEGIN
  IF state <> 'open' THEN
    PERFORM refuse('BR030', 'the stock-take is over', jsonb_build_object('state', 'COUNT_SESSION_STATE_' || upper(state)));
  END IF;
END
$$;

CREATE FUNCTION start_count_session(
  p_shop_id uuid, p_session_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid,
  p_location_id uuid,         -- NULL: the default place
  p_started_at timestamptz,
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  place uuid;
  started count_session;
  resumed boolean := false;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM require_role(p_shop_id, p_member_id, 'post');
  SELECT coalesce(p_location_id, s.default_location_id) INTO place FROM shop s WHERE s.id = p_shop_id;
  IF NOT EXISTS (SELECT FROM location l WHERE l.shop_id = p_shop_id AND l.id = place) THEN
    PERFORM refuse('BR027', 'no such place', jsonb_build_object('locationId', place));
  END IF;
  UPDATE count_session s SET state = 'expired'
  WHERE s.shop_id = p_shop_id AND s.member_id IS NOT DISTINCT FROM p_member_id AND s.location_id = place
    AND s.state = 'open' AND s.expires_at <= p_now;
  INSERT INTO count_session (shop_id, id, member_id, location_id, started_at, expires_at)
  VALUES (p_shop_id, p_session_id, p_member_id, place, p_started_at, p_now + interval '12 hours')
  ON CONFLICT (shop_id, member_id, location_id) WHERE state = 'open' DO NOTHING
  RETURNING * INTO started;
  IF NOT FOUND THEN
    resumed := true;
    SELECT * INTO started FROM count_session s
    WHERE s.shop_id = p_shop_id AND s.member_id IS NOT DISTINCT FROM p_member_id AND s.location_id = place
      AND s.state = 'open';
    IF NOT FOUND THEN
      RAISE EXCEPTION 'the open stock-take was closed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;
  answer := jsonb_build_object('session', count_session_json(started, p_now), 'resumed', resumed);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

CREATE FUNCTION record_count_lines(
  p_shop_id uuid, p_session_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid,
  p_seen_at timestamptz,
  p_now timestamptz,
  p_lines jsonb,              -- store::operations::NewLine, numbered from 1
  p_is_decided boolean        -- as in post_operation
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  session count_session;
  said record;
  l post_line;
  work post_line[] := '{}';
  has_new boolean := false;
  postable_count integer := 0;
  unresolved integer[] := '{}';
  results jsonb[] := '{}';
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'post');
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer || '{"replayed": true}';
  END IF;
  session := hold_count_session(p_shop_id, p_session_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash); -- of a twin that held it until now
  IF answer IS NOT NULL THEN
    RETURN answer || '{"replayed": true}';
  END IF;
  PERFORM refuse_closed(session, p_now);
  -- WhatsApp tells whole seconds.
  IF p_seen_at < date_trunc('second', session.started_at) THEN
    PERFORM refuse('BR001', 'must not be before the stock-take began', jsonb_build_object('field', 'occur_time'));
  END IF;

  FOR said IN
    SELECT
      q.line, q.outcome, q.candidates, q.item_id AS said_id, q.quantity, q.unit, q.pack_size, q.location_id,
      coalesce(i.id, (q.new_item ->> 'id')::uuid) AS resolved_id,
      coalesce(i.display_name, q.new_item ->> 'display_name') AS display_name,
      coalesce(i.base_unit, q.new_item ->> 'base_unit') AS base_unit,
      coalesce(i.scale, (q.new_item ->> 'scale')::smallint) AS scale,
      i.low_at,
      CASE WHEN i.id IS NULL THEN q.new_item END AS creates,
      CASE
        WHEN q.unit IS NULL THEN coalesce(q.pack_size, 1)
        WHEN q.unit = coalesce(i.base_unit, q.new_item ->> 'base_unit') THEN 1
        ELSE coalesce(
          q.pack_size,
          (q.measures ->> coalesce(i.base_unit, q.new_item ->> 'base_unit'))::numeric,
          (SELECT u.factor FROM item_unit u WHERE u.shop_id = p_shop_id AND u.item_id = i.id AND u.unit = q.unit),
          CASE WHEN coalesce(i.base_unit, q.new_item ->> 'base_unit') IN ('each', '') THEN q.usual_factor END)
      END AS factor
    FROM jsonb_to_recordset(p_lines) AS q (
      line smallint, item_id uuid, keys text[], new_item jsonb, outcome text, candidates jsonb, quantity numeric,
      unit text, measures jsonb, usual_factor numeric, pack_size numeric, location_id uuid
    )
    LEFT JOIN LATERAL (
      SELECT k.item_id
      FROM unnest(q.keys) WITH ORDINALITY AS said_key (key, place)
      CROSS JOIN LATERAL (
        SELECT ik.item_id FROM item_key ik WHERE ik.shop_id = p_shop_id AND ik.key = said_key.key LIMIT 1
      ) k
      ORDER BY said_key.place
      LIMIT 1
    ) known ON true
    LEFT JOIN LATERAL (
      SELECT it.*
      FROM item named
      JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
      WHERE named.shop_id = p_shop_id AND named.id = coalesce(q.item_id, known.item_id) AND it.archived_at IS NULL
      LIMIT 1
    ) i ON q.outcome IS NULL
    ORDER BY q.line
  LOOP
    IF said.location_id <> session.location_id THEN
      PERFORM refuse('BR001', 'must be the place of the stock-take',
        jsonb_build_object('field', format('lines[%s].location_id', said.line - 1)));
    END IF;
    l := NULL;
    l.line := said.line;
    l.outcome := CASE
      WHEN said.outcome IS NOT NULL THEN said.outcome
      WHEN said.resolved_id IS NULL AND said.said_id IS NULL AND NOT p_is_decided THEN 'unresolved'
      WHEN said.resolved_id IS NULL THEN 'item_not_found'
      WHEN said.factor IS NULL THEN 'unit_unknown'
      WHEN round(said.quantity * said.factor, said.scale) <> said.quantity * said.factor THEN 'scale_exceeded'
      ELSE 'posted'
    END;
    l.item_id := said.resolved_id;
    l.display_name := said.display_name;
    l.base_unit := said.base_unit;
    l.scale := said.scale;
    l.low_at := said.low_at;
    l.new_item := said.creates;
    l.candidates := said.candidates;
    l.quantity := said.quantity;
    l.unit := said.unit;
    l.factor := said.factor;
    l.learns_pack := said.pack_size IS NOT NULL AND said.unit IS NOT NULL AND said.unit <> said.base_unit;
    work := work || l;
    IF l.outcome = 'unresolved' THEN
      unresolved := unresolved || l.line::integer;
    ELSIF l.outcome = 'posted' THEN
      postable_count := postable_count + 1;
      has_new := has_new OR l.new_item IS NOT NULL;
    END IF;
  END LOOP;
  IF cardinality(unresolved) > 0 THEN
    RETURN jsonb_build_object('unresolved', to_jsonb(unresolved));
  END IF;

  IF has_new THEN
    PERFORM create_items(p_shop_id, p_now, work);
  END IF;
  INSERT INTO item_unit AS u (shop_id, item_id, unit, factor)
  SELECT DISTINCT ON (w.item_id, w.unit) p_shop_id, w.item_id, w.unit, w.factor
  FROM unnest(work) w
  WHERE w.outcome = 'posted' AND w.learns_pack
  ORDER BY w.item_id, w.unit, w.line DESC
  ON CONFLICT ON CONSTRAINT item_unit_pk DO UPDATE SET factor = excluded.factor WHERE u.factor <> excluded.factor;

  FOREACH l IN ARRAY work LOOP
    IF l.outcome = 'posted' THEN
      INSERT INTO count_session_line AS before (
        shop_id, session_id, item_id, counted, said_quantity, said_unit, factor, seen_at, seen_seq, is_new_item
      ) VALUES (
        p_shop_id, p_session_id, l.item_id, l.quantity * l.factor, l.quantity, l.unit, l.factor, p_seen_at,
        coalesce((
          SELECT s.seq FROM stock s
          WHERE s.shop_id = p_shop_id AND s.item_id = l.item_id AND s.location_id = session.location_id), 0),
        l.new_item IS NOT NULL
      )
      ON CONFLICT ON CONSTRAINT count_session_line_pk DO UPDATE
      SET number = DEFAULT, counted = excluded.counted, said_quantity = excluded.said_quantity,
          said_unit = excluded.said_unit, factor = excluded.factor, seen_at = excluded.seen_at, seen_seq = excluded.seen_seq
      -- A message that comes late tells of the shelf as it was, and somebody has looked since.
      WHERE excluded.seen_at >= before.seen_at;
    END IF;
    results[l.line] := jsonb_build_object(
      'outcome', l.outcome,
      'item', CASE WHEN l.item_id IS NOT NULL AND (l.new_item IS NULL OR l.outcome = 'posted') THEN jsonb_build_object(
        'id', l.item_id, 'display_name', l.display_name, 'base_unit', l.base_unit, 'scale', l.scale,
        'low_at', l.low_at::text) END,
      'item_created', l.outcome = 'posted' AND l.new_item IS NOT NULL,
      'candidates', l.candidates);
  END LOOP;
  IF postable_count > 0 THEN
    UPDATE count_session s SET expires_at = p_now + interval '12 hours'
    WHERE s.shop_id = p_shop_id AND s.id = p_session_id
    RETURNING * INTO session;
  END IF;
  answer := jsonb_build_object('session', count_session_json(session, p_now), 'results', to_jsonb(results));
  IF (answer -> 'session' ->> 'line_count')::integer > 5000 THEN
    PERFORM refuse('BR001', 'a stock-take holds at most 5000 items', jsonb_build_object('field', 'lines'));
  END IF;
  IF postable_count > 0 THEN
    -- What nothing came of may be asked again, and has another answer by then.
    PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  END IF;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION record_count_lines IS 'Writes down what was seen; stock stays as it is';

CREATE FUNCTION shelf_when_seen(
  p_shop_id uuid, p_item_id uuid, p_location_id uuid, p_seen_at timestamptz, p_seen_seq bigint,
  OUT expected numeric,       -- what the book says for that moment, by all that is known now
  OUT is_older boolean,       -- whether a newer count stands, beside which this one is an observation
  OUT seq bigint
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  shelf stock;
BEGIN
  SELECT * INTO shelf FROM stock s
  WHERE s.shop_id = p_shop_id AND s.item_id = p_item_id AND s.location_id = p_location_id;
  seq := coalesce(shelf.seq, 0);
  expected := coalesce(shelf.on_hand, 0);
  is_older := coalesce(p_seen_at < date_trunc('second', shelf.counted_at), false)
    -- Of two counts of one second the one that knew of more movements is the newer one, as in standing_balance.
    OR (date_trunc('second', p_seen_at) = date_trunc('second', shelf.counted_at) AND EXISTS (
      SELECT FROM count_line c
      JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
      WHERE c.shop_id = p_shop_id AND c.item_id = p_item_id AND c.location_id = p_location_id
        AND date_trunc('second', coalesce(c.seen_at, o.occurred_at)) = date_trunc('second', p_seen_at)
        AND coalesce(c.seen_seq, c.seq) > p_seen_seq AND operation_stands(o.shop_id, o.id)));
  IF shelf.last_occurred_at >= date_trunc('second', p_seen_at) THEN
    SELECT expected - coalesce(sum(m.delta), 0) INTO expected
    FROM movement m
    WHERE m.shop_id = p_shop_id AND m.item_id = p_item_id AND m.location_id = p_location_id
      AND (m.occurred_at > p_seen_at
        OR (m.seq > p_seen_seq AND m.occurred_at >= date_trunc('second', p_seen_at)))
      AND (is_older OR line_stands(m));
  END IF;
END
$$;
COMMENT ON FUNCTION shelf_when_seen IS 'The shelf as the book has it for the moment in which a person saw it';

CREATE FUNCTION get_count_session(
  p_shop_id uuid,
  p_session_id uuid,          -- NULL: the newest open one of the member
  p_open_of_member_id uuid,
  p_with_variances boolean,
  p_after_size numeric,       -- of the last line of the page before: how far it was from the book, and its number
  p_after_number bigint,
  p_limit integer,
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  session count_session;
  lines jsonb;
  variance_count bigint := 0;
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT * INTO session FROM count_session s
  WHERE s.shop_id = p_shop_id AND CASE
    WHEN p_session_id IS NOT NULL THEN s.id = p_session_id
    ELSE s.member_id = p_open_of_member_id AND s.state = 'open' AND s.expires_at > p_now
  END
  ORDER BY s.started_at DESC, s.id DESC
  LIMIT 1;
  IF NOT FOUND THEN
    PERFORM refuse('BR029', 'no such stock-take', jsonb_build_object('countSessionId', coalesce(p_session_id::text, '')));
  END IF;
  WITH said AS (
    SELECT
      l.number, l.counted, l.seen_at, i.id, i.display_name, i.base_unit, i.scale, i.low_at,
      CASE WHEN p_with_variances THEN coalesce(kept.expected, live.expected) END AS expected
    FROM count_session_line l
    JOIN item i ON i.shop_id = l.shop_id AND i.id = l.item_id
    -- What it became tells what the book said then.
    LEFT JOIN count_line kept
      ON p_with_variances AND kept.shop_id = l.shop_id AND kept.op_id = session.op_id AND kept.item_id = l.item_id
    LEFT JOIN LATERAL shelf_when_seen(l.shop_id, l.item_id, session.location_id, l.seen_at, l.seen_seq) live
      ON p_with_variances AND kept.op_id IS NULL
    WHERE l.shop_id = p_shop_id AND l.session_id = session.id
  ), sized AS (
    SELECT s.*, CASE WHEN p_with_variances THEN abs(s.counted - s.expected) ELSE 0 END AS size FROM said s
  ), page AS (
    SELECT * FROM sized s
    WHERE p_after_number IS NULL OR (-s.size, s.number) > (-p_after_size, p_after_number)
    ORDER BY -s.size, s.number
    LIMIT p_limit
  )
  SELECT
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
      'number', p.number, 'size', p.size::text, 'counted', p.counted::text, 'seen_at', p.seen_at,
      'expected', p.expected::text,
      'item', jsonb_build_object(
        'id', p.id, 'display_name', p.display_name, 'base_unit', p.base_unit, 'scale', p.scale, 'low_at', p.low_at::text)
    ) ORDER BY -p.size, p.number), '[]') FROM page p),
    (SELECT count(*) FILTER (WHERE s.size <> 0) FROM sized s)
  INTO lines, variance_count;
  RETURN jsonb_build_object(
    'session', count_session_json(session, p_now),
    'lines', lines,
    'variance_count', variance_count) || (
    SELECT jsonb_build_object(
      'uncounted_item_count', count(*),
      'uncounted_items', coalesce(jsonb_agg(jsonb_build_object(
        'id', u.id, 'display_name', u.display_name, 'base_unit', u.base_unit, 'scale', u.scale, 'low_at', u.low_at::text)
        ORDER BY u.place) FILTER (WHERE u.place <= 20), '[]'))
    FROM (
      SELECT i.*, row_number() OVER (ORDER BY lower(i.display_name), i.id) AS place
      FROM stock s
      JOIN item i ON i.shop_id = s.shop_id AND i.id = s.item_id AND i.archived_at IS NULL
      WHERE s.shop_id = p_shop_id AND s.location_id = session.location_id AND s.on_hand <> 0
        AND NOT EXISTS (
          SELECT FROM count_session_line l
          WHERE l.shop_id = p_shop_id AND l.session_id = session.id AND l.item_id = i.id)
    ) u);
END
$$;

CREATE FUNCTION cancel_count_session(
  p_shop_id uuid, p_session_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid,
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  session count_session;
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'post');
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  session := hold_count_session(p_shop_id, p_session_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM refuse_closed(session, p_now);
  UPDATE count_session s SET state = 'cancelled'
  WHERE s.shop_id = p_shop_id AND s.id = p_session_id
  RETURNING * INTO session;
  -- What it created and nobody has touched since was never there.
  UPDATE item i SET archived_at = p_now
  FROM count_session_line l
  WHERE l.shop_id = p_shop_id AND l.session_id = p_session_id AND l.is_new_item
    AND i.shop_id = l.shop_id AND i.id = l.item_id AND i.archived_at IS NULL
    AND NOT EXISTS (SELECT FROM stock s WHERE s.shop_id = i.shop_id AND s.item_id = i.id)
    AND NOT EXISTS (
      SELECT FROM count_session_line other
      WHERE other.shop_id = i.shop_id AND other.item_id = i.id AND other.session_id <> p_session_id);
  answer := jsonb_build_object('session', count_session_json(session, p_now));
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

-- A stock-take counts the shelves of an item that another one stands for by now, and moves what that leaves.
CREATE OR REPLACE FUNCTION refuse_moved_item(p_shop_id uuid, p_op_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- A reversal settles the shelves of what was put away, and then moves what is left.
  IF NOT EXISTS (
    SELECT FROM operation o WHERE o.shop_id = p_shop_id AND o.id = p_op_id AND o.kind = 'reversal'
  ) AND NOT EXISTS (
    SELECT FROM count_session s WHERE s.shop_id = p_shop_id AND s.op_id = p_op_id
  ) THEN
    RAISE EXCEPTION 'the item was merged into another meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;

CREATE FUNCTION finish_count_session(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_session_id uuid,
  p_recorded_at timestamptz,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  policy text;
  session count_session;
  op operation;
  shelf record;
  said record;
  residue record;
  held stock;
  book record;
  m movement;
  posted record;
  moved record;
  delta numeric;
  elsewhere numeric;
  line_count smallint := 0;
  next_line smallint;
  result jsonb;
  results jsonb[] := '{}';
BEGIN
  IF p_dry_run THEN
    BEGIN
      answer := finish_count_session(
        p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_session_id,
        p_recorded_at, false);
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    EXCEPTION WHEN SQLSTATE 'BR999' THEN
      RETURN answer; -- a variable outlives the rollback of what was done to get it
    END;
  END IF;
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'post');
  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  session := hold_count_session(p_shop_id, p_session_id);
  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash); -- of a twin that held it until now
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM refuse_closed(session, p_recorded_at);
  SELECT s.shortage_policy INTO policy FROM shop s WHERE s.id = p_shop_id;

  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (
    p_shop_id, p_op_id, p_public_reference, p_member_id, p_source, p_request_id, p_request_hash, 'count', p_recorded_at,
    p_recorded_at
  )
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    RETURN stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;
  UPDATE count_session s SET state = 'finished', op_id = p_op_id
  WHERE s.shop_id = p_shop_id AND s.id = p_session_id
  RETURNING * INTO session;

  -- All shelves at once, in their order: those of what was merged meanwhile lie beside those of what stands for it.
  FOR shelf IN
    SELECT DISTINCT side.item_id
    FROM count_session_line l
    JOIN item i ON i.shop_id = l.shop_id AND i.id = l.item_id
    CROSS JOIN LATERAL (VALUES (i.id), (coalesce(i.moved_to, i.id))) side (item_id)
    WHERE l.shop_id = p_shop_id AND l.session_id = p_session_id AND (i.archived_at IS NULL OR i.moved_to IS NOT NULL)
    ORDER BY side.item_id
  LOOP
    PERFORM lock_shelf(p_shop_id, shelf.item_id, session.location_id);
  END LOOP;

  FOR said IN
    SELECT l.*, i.display_name, i.base_unit, i.scale, i.low_at, i.moved_to, i.archived_at
    FROM count_session_line l
    JOIN item i ON i.shop_id = l.shop_id AND i.id = l.item_id
    WHERE l.shop_id = p_shop_id AND l.session_id = p_session_id
    ORDER BY l.item_id
  LOOP
    result := jsonb_build_object(
      'item', jsonb_build_object(
        'id', said.item_id, 'display_name', said.display_name, 'base_unit', said.base_unit, 'scale', said.scale,
        'low_at', said.low_at::text),
      'item_created', said.is_new_item);
    IF said.archived_at IS NOT NULL AND said.moved_to IS NULL THEN
      -- The shop keeps it no more, and said so after it was counted.
      results := results || (result || '{"outcome": "item_not_found", "item_created": false}');
      CONTINUE;
    END IF;
    line_count := line_count + 1;
    book := shelf_when_seen(p_shop_id, said.item_id, session.location_id, said.seen_at, said.seen_seq);
    delta := CASE WHEN book.is_older THEN 0 ELSE said.counted - book.expected END;
    m := NULL;
    IF delta <> 0 THEN
      m.shop_id := p_shop_id;
      m.op_id := p_op_id;
      m.line := line_count;
      m.item_id := said.item_id;
      m.location_id := session.location_id;
      m.kind := 'count';
      m.delta := delta;
      m.said_quantity := said.said_quantity;
      m.said_unit := said.said_unit;
      m.factor := said.factor;
      m.occurred_at := said.seen_at;
      m.recorded_at := p_recorded_at;
      posted := post_movement(m, NULL);
      m := posted.m;
    END IF;
    INSERT INTO count_line (shop_id, op_id, line, item_id, location_id, counted, expected, seq, seen_at, seen_seq)
    VALUES (
      p_shop_id, p_op_id, line_count, said.item_id, session.location_id, said.counted, book.expected,
      coalesce(m.seq, book.seq), said.seen_at, said.seen_seq);
    SELECT s.* INTO held FROM stock s
    WHERE s.shop_id = p_shop_id AND s.item_id = said.item_id AND s.location_id = session.location_id;
    result := result || jsonb_build_object(
      'outcome', 'posted', 'delta', delta::text, 'balance_after', held.on_hand::text, 'expected', book.expected::text);
    IF delta < 0 AND said.low_at IS NOT NULL THEN
      SELECT coalesce(sum(s.on_hand), 0) INTO elsewhere FROM stock s
      WHERE s.shop_id = p_shop_id AND s.item_id = said.item_id AND s.location_id <> session.location_id;
      IF held.on_hand + elsewhere <= said.low_at AND held.on_hand - delta + elsewhere > said.low_at THEN
        result := result || '{"low_level_crossed": true}';
      END IF;
    END IF;
    results := results || result;
  END LOOP;
  IF line_count = 0 THEN
    PERFORM refuse('BR001', 'has no line that could be posted', jsonb_build_object('field', 'count_session_id'));
  END IF;

  -- What this left on the shelves of items that another one stands for goes the way their balance went, at that time: a
  -- count of the other one that came later has seen it.
  next_line := line_count + 1;
  FOR residue IN
    SELECT st AS shelf, i.moved_to, i.moved_factor, i.archived_at
    FROM item i
    JOIN stock st ON st.shop_id = i.shop_id AND st.item_id = i.id AND st.location_id = session.location_id
    WHERE i.shop_id = p_shop_id AND i.moved_to IS NOT NULL AND st.on_hand <> 0
      AND i.id IN (SELECT d.item_id FROM movement d WHERE d.shop_id = p_shop_id AND d.op_id = p_op_id)
    ORDER BY st.item_id
  LOOP
    held := residue.shelf;
    moved := move_stock(
      op, held, residue.moved_to, session.location_id, residue.moved_factor,
      least(residue.archived_at, p_recorded_at), next_line);
    next_line := moved.p_next_line;
  END LOOP;
  IF policy = 'block' THEN
    PERFORM refuse_shortage(p_shop_id, ARRAY[op.id]);
  END IF;

  answer := jsonb_build_object(
    'session', count_session_json(session, p_recorded_at),
    'operation', operation_json(op),
    'results', (
      SELECT jsonb_agg(r ORDER BY abs((r ->> 'delta')::numeric) DESC NULLS LAST, lower(r -> 'item' ->> 'display_name'))
      FROM unnest(results) r));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;
COMMENT ON FUNCTION finish_count_session IS 'Makes stock what was seen, each line as of when it was seen: one count, in one transaction';

-- A stock-take has times of its own in its lines, which a correction would make one. That of migration 0031 otherwise.
CREATE OR REPLACE FUNCTION read_for_correction(
  p_shop_id uuid,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_target_id uuid,           -- NULL: the newest operation of the member
  p_newest_after timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  asking_role text;
  target operation;
BEGIN
  PERFORM open_shop(p_shop_id);
  asking_role := role_in_shop(p_shop_id, p_member_id);
  IF asking_role = 'viewer' THEN
    PERFORM refuse('BR016', 'a viewer looks', jsonb_build_object('role', asking_role));
  END IF;
  IF stored_answer(p_shop_id, p_source, p_request_id, p_request_hash) IS NOT NULL THEN
    RETURN jsonb_build_object('answer', correction_answer(p_shop_id, p_source, p_request_id, p_request_hash));
  END IF;
  target := reversal_target(p_shop_id, p_member_id, asking_role, p_target_id, p_newest_after, false);
  -- What was done again stands by what did it again, and is corrected where its lines are.
  WHILE target.kind = 'reversal' AND p_target_id IS NULL LOOP
    SELECT * INTO target FROM operation o WHERE o.shop_id = p_shop_id AND o.id = target.reverses;
  END LOOP;
  IF target.kind = 'reversal' THEN
    PERFORM refuse('BR001', 'a reversal is taken back, not corrected', jsonb_build_object('field', 'operation_id'));
  END IF;
  IF EXISTS (
    SELECT FROM movement m WHERE m.shop_id = p_shop_id AND m.op_id = target.id AND m.kind = 'transfer'
  ) THEN
    PERFORM refuse('BR001', 'moved stock: it is taken back, not corrected', jsonb_build_object('field', 'operation_id'));
  END IF;
  IF EXISTS (SELECT FROM count_session s WHERE s.shop_id = p_shop_id AND s.op_id = target.id) THEN
    PERFORM refuse('BR001', 'is a stock-take: it is taken back or counted again', jsonb_build_object('field', 'operation_id'));
  END IF;
  RETURN jsonb_build_object(
    'target_id', target.id,
    'lines', (
      SELECT coalesce(jsonb_agg(said.line ORDER BY said.number), '[]')
      FROM (
        -- In base units: what came of "all" and of a pack is known by now, and packs may have changed since.
        SELECT m.line AS number, jsonb_build_object(
          -- What another item stands for is posted to that one, in its unit.
          'line', m.line, 'item_id', coalesce(i.moved_to, m.item_id), 'location_id', m.location_id, 'is_count', false, 'kind', m.kind,
          'quantity', (m.delta * coalesce(i.moved_factor, 1))::text,
          'unit_price', round(m.unit_price / coalesce(i.moved_factor, 1), 4)::text, 'currency', m.currency) AS line
        FROM movement m
        JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
        WHERE m.shop_id = p_shop_id AND m.op_id = target.id AND m.kind NOT IN ('count', 'reversal')
        UNION ALL
        SELECT c.line, jsonb_build_object(
          'line', c.line, 'item_id', coalesce(i.moved_to, c.item_id), 'location_id', c.location_id, 'is_count', true,
          'quantity', (c.counted * coalesce(i.moved_factor, 1))::text)
        FROM count_line c
        JOIN item i ON i.shop_id = c.shop_id AND i.id = c.item_id
        WHERE c.shop_id = p_shop_id AND c.op_id = target.id
      ) said
    ));
END
$$;
