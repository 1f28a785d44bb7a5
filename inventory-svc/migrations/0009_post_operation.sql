-- The hot path: one operation in one round trip.
--
-- Refusals are exceptions with an SQLSTATE of class BR, numbered like ErrorReason in the proto, and a JSON object of
-- what the message mentions in DETAIL. Locks are taken in one order: the request, item names by key, packs by
-- (item, unit), shelves by (item, location).

CREATE FUNCTION refuse(p_state text, p_message text, p_detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', p_message USING ERRCODE = p_state, DETAIL = p_detail::text;
END
$$;
COMMENT ON FUNCTION refuse IS 'Ends the transaction with an answer that says no';

CREATE FUNCTION open_shop(p_shop_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('backroom.shop_id', p_shop_id::text, true);
  IF NOT EXISTS (SELECT FROM shop s WHERE s.id = p_shop_id) THEN
    PERFORM refuse('BR005', 'no such shop', jsonb_build_object('shopId', p_shop_id));
  END IF;
END
$$;
COMMENT ON FUNCTION open_shop IS 'Lets this transaction see one shop, if there is one';

CREATE FUNCTION stored_answer(p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  stored record;
BEGIN
  SELECT o.request_hash, r.answer INTO stored
  FROM operation o
  JOIN operation_result r ON r.shop_id = o.shop_id AND r.op_id = o.id
  WHERE o.shop_id = p_shop_id AND o.source = p_source AND o.request_id = p_request_id;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF stored.request_hash <> p_request_hash THEN
    -- Without the id: a WhatsApp message id has the phone number inside, and this ends in logs.
    PERFORM refuse('BR011', 'the request id was used with other content');
  END IF;
  RETURN stored.answer || '{"replayed": true}';
END
$$;
COMMENT ON FUNCTION stored_answer IS 'What this request was answered before, if it was; refuses other content under the same id';

CREATE FUNCTION movement_json(m movement, p_item_name text, p_base_unit text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', m.id, 'op_id', m.op_id, 'line', m.line, 'item_id', m.item_id, 'item_name', p_item_name,
    'location_id', m.location_id, 'kind', m.kind, 'delta', m.delta::text, 'balance_after', m.balance_after::text,
    'base_unit', p_base_unit, 'said_quantity', m.said_quantity::text, 'said_unit', m.said_unit,
    'unit_price', m.unit_price::text, 'currency', m.currency, 'reverses', m.reverses,
    'occurred_at', m.occurred_at, 'recorded_at', m.recorded_at, 'seq', m.seq)
$$;

CREATE FUNCTION operation_json(o operation) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', o.id, 'public_reference', o.public_reference, 'kind', o.kind, 'member_id', o.member_id,
    'reverses', o.reverses, 'occurred_at', o.occurred_at, 'recorded_at', o.recorded_at)
$$;

-- A line of a request, with what it was found to mean.
CREATE TYPE post_line AS (
  line             smallint,
  outcome          text,          -- 'unresolved' asks the caller to decide; the rest is LineOutcome
  item_id          uuid,
  display_name     text,
  base_unit        text,
  scale            smallint,
  low_at           numeric,
  new_item         jsonb,         -- how to create it, when it is new
  candidates       jsonb,
  location_id      uuid,
  is_count         boolean,
  kind             text,
  sign             smallint,
  quantity         numeric,
  takes_all        boolean,
  unit             text,
  factor           numeric,
  learns_pack      boolean,
  unit_price       numeric,
  currency         text,
  expected_balance numeric
);

-- Puts one line on its shelf, and what absorbs it when it is late.
CREATE FUNCTION post_movement(INOUT m movement, p_absorbing_line smallint, OUT absorbing movement)
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO movement (
    shop_id, op_id, line, item_id, location_id, kind, delta, said_quantity, said_unit, factor, unit_price, currency,
    occurred_at, recorded_at, reverses, absorbs
  ) VALUES (
    m.shop_id, m.op_id, m.line, m.item_id, m.location_id, m.kind, m.delta, m.said_quantity, m.said_unit, m.factor,
    m.unit_price, m.currency, m.occurred_at, m.recorded_at, m.reverses, m.absorbs
  )
  RETURNING * INTO m;
  IF m.is_late AND p_absorbing_line IS NOT NULL THEN
    INSERT INTO movement (
      shop_id, op_id, line, item_id, location_id, kind, delta, occurred_at, recorded_at, absorbs
    ) VALUES (
      m.shop_id, m.op_id, p_absorbing_line, m.item_id, m.location_id, 'count', -m.delta, m.occurred_at, m.recorded_at, m.id
    )
    RETURNING * INTO absorbing;
  END IF;
END
$$;

CREATE FUNCTION post_operation(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_occurred_at timestamptz,
  p_recorded_at timestamptz,
  p_lines jsonb,              -- store::operations::NewLine, numbered from 1
  p_is_decided boolean,       -- whether the caller has seen the names that are not exact; otherwise such a line ends the call
  p_all_or_nothing boolean,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  shop record;
  answer jsonb;
  work post_line[];
  l post_line;
  shelf stock;
  op operation;
  m movement;
  posted record;
  line_count integer;
  postable_count integer := 0;
  has_new boolean := false;
  has_packs boolean := false;
  only_counts boolean := true;
  later numeric;
  is_older boolean;
  expected numeric;
  delta numeric;
  balance numeric;
  counted numeric;
  absorbing_line smallint;
  results jsonb[] := '{}';
  movements jsonb[] := '{}';
  unresolved integer[] := '{}';
BEGIN
  IF p_dry_run THEN
    BEGIN
      answer := post_operation(
        p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id,
        p_occurred_at, p_recorded_at, p_lines, p_is_decided, p_all_or_nothing, false);
      RAISE EXCEPTION USING ERRCODE = 'BR000';
    EXCEPTION WHEN SQLSTATE 'BR000' THEN
      RETURN answer; -- a variable outlives the rollback of what was done to get it
    END;
  END IF;

  PERFORM set_config('backroom.shop_id', p_shop_id::text, true);
  SELECT s.shortage_policy, s.default_location_id, mb.role INTO shop
  FROM shop s
  LEFT JOIN member mb ON mb.shop_id = s.id AND mb.id = p_member_id
  WHERE s.id = p_shop_id;
  IF NOT FOUND THEN
    PERFORM refuse('BR005', 'no such shop', jsonb_build_object('shopId', p_shop_id));
  ELSIF p_member_id IS NOT NULL AND shop.role IS NULL THEN
    PERFORM refuse('BR006', 'no such member', jsonb_build_object('memberId', p_member_id));
  ELSIF shop.role = 'viewer' THEN
    PERFORM refuse('BR016', 'a viewer looks', jsonb_build_object('role', shop.role));
  END IF;

  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;

  -- What each line means, in the order in which shelves are locked.
  SELECT array_agg(
    ROW(
      w.line,
      CASE
        WHEN w.outcome IS NOT NULL THEN w.outcome
        WHEN w.resolved_id IS NULL AND w.item_id IS NULL AND NOT p_is_decided THEN 'unresolved'
        WHEN w.resolved_id IS NULL THEN 'item_not_found'
        WHEN w.said_factor IS NULL THEN 'unit_unknown'
        WHEN round(w.quantity * w.said_factor, w.scale) <> w.quantity * w.said_factor THEN 'scale_exceeded'
        ELSE 'posted'
      END,
      w.resolved_id, w.display_name, w.base_unit, w.scale, w.low_at, w.creates, w.candidates, w.place_id,
      w.is_count, w.kind, w.sign, w.quantity, w.takes_all, w.unit, w.said_factor,
      w.pack_size IS NOT NULL AND w.unit IS NOT NULL AND w.unit <> w.base_unit,
      w.unit_price, w.currency, w.expected_balance
    )::post_line
    ORDER BY w.resolved_id, w.place_id, w.line
  )
  INTO work
  FROM (
    SELECT
      q.*,
      coalesce(i.id, (q.new_item ->> 'id')::uuid) AS resolved_id,
      coalesce(i.display_name, q.new_item ->> 'display_name') AS display_name,
      coalesce(i.base_unit, q.new_item ->> 'base_unit') AS base_unit,
      coalesce(i.scale, (q.new_item ->> 'scale')::smallint) AS scale,
      i.low_at,
      CASE WHEN i.id IS NULL THEN q.new_item END AS creates,
      coalesce(q.location_id, shop.default_location_id) AS place_id,
      CASE
        WHEN q.unit IS NULL THEN coalesce(q.pack_size, 1)
        WHEN q.unit = coalesce(i.base_unit, q.new_item ->> 'base_unit') THEN 1
        ELSE coalesce(
          q.pack_size,
          (q.measures ->> coalesce(i.base_unit, q.new_item ->> 'base_unit'))::numeric,
          (SELECT u.factor FROM item_unit u WHERE u.shop_id = p_shop_id AND u.item_id = i.id AND u.unit = q.unit),
          CASE
            -- A dozen is twelve pieces, not twelve boxes.
            WHEN coalesce(i.base_unit, q.new_item ->> 'base_unit') IN ('each', '') THEN q.usual_factor
          END)
      END AS said_factor
    FROM jsonb_to_recordset(p_lines) AS q (
      line smallint, item_id uuid, keys text[], new_item jsonb, outcome text, candidates jsonb, is_count boolean,
      kind text, sign smallint, quantity numeric, takes_all boolean, unit text, measures jsonb, usual_factor numeric,
      pack_size numeric, unit_price numeric, currency text, location_id uuid, expected_balance numeric
    )
    -- By index, one lookup a line: LIMIT keeps the planner from reading all items of the shop for a hash join.
    LEFT JOIN LATERAL (
      SELECT k.item_id
      FROM unnest(q.keys) WITH ORDINALITY AS said (key, place)
      CROSS JOIN LATERAL (
        SELECT ik.item_id FROM item_key ik WHERE ik.shop_id = p_shop_id AND ik.key = said.key LIMIT 1
      ) k
      ORDER BY said.place
      LIMIT 1
    ) known ON true
    LEFT JOIN LATERAL (
      SELECT it.*
      FROM item named
      JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
      WHERE named.shop_id = p_shop_id AND named.id = coalesce(q.item_id, known.item_id) AND it.archived_at IS NULL
      LIMIT 1
    ) i ON q.outcome IS NULL
  ) w;

  line_count := cardinality(work);
  FOREACH l IN ARRAY work LOOP
    IF l.outcome = 'unresolved' THEN
      unresolved := unresolved || l.line::integer;
    ELSIF l.outcome = 'posted' THEN
      postable_count := postable_count + 1;
      has_new := has_new OR l.new_item IS NOT NULL;
      has_packs := has_packs OR l.learns_pack;
      only_counts := only_counts AND l.is_count;
      IF l.location_id <> shop.default_location_id
        AND NOT EXISTS (SELECT FROM location p WHERE p.shop_id = p_shop_id AND p.id = l.location_id)
      THEN
        PERFORM refuse('BR001', 'no such place', jsonb_build_object('field', format('lines[%s].location_id', l.line - 1)));
      END IF;
    END IF;
  END LOOP;
  IF cardinality(unresolved) > 0 THEN
    RETURN jsonb_build_object('unresolved', to_jsonb(unresolved));
  END IF;

  IF postable_count = 0 OR (p_all_or_nothing AND postable_count < line_count) THEN
    -- Nothing happened that a repeat could do twice, so nothing is stored either.
    FOREACH l IN ARRAY work LOOP
      results[l.line] := jsonb_build_object(
        'outcome', CASE l.outcome WHEN 'posted' THEN 'held_back' ELSE l.outcome END,
        'item', CASE WHEN l.item_id IS NOT NULL AND l.new_item IS NULL THEN jsonb_build_object(
          'id', l.item_id, 'display_name', l.display_name, 'base_unit', l.base_unit, 'scale', l.scale,
          'low_at', l.low_at::text) END,
        'candidates', l.candidates);
    END LOOP;
    RETURN jsonb_build_object('results', to_jsonb(results));
  END IF;

  -- The claim. A twin waits here until the first one is done, and answers the same.
  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (
    p_shop_id, p_op_id, p_public_reference, p_member_id, p_source, p_request_id, p_request_hash,
    CASE WHEN only_counts THEN 'count' ELSE 'post' END,
    p_occurred_at, p_recorded_at
  )
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    RETURN stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;

  IF has_new THEN
    PERFORM create_items(p_shop_id, p_recorded_at, work);
  END IF;
  IF has_packs THEN
    INSERT INTO item_unit AS u (shop_id, item_id, unit, factor)
    SELECT DISTINCT ON (w.item_id, w.unit) p_shop_id, w.item_id, w.unit, w.factor
    FROM unnest(work) w
    WHERE w.outcome = 'posted' AND w.learns_pack
    ORDER BY w.item_id, w.unit, w.line DESC
    ON CONFLICT ON CONSTRAINT item_unit_pk DO UPDATE SET factor = excluded.factor WHERE u.factor <> excluded.factor;
  END IF;

  absorbing_line := line_count + 1;
  FOREACH l IN ARRAY work LOOP
    IF l.outcome <> 'posted' THEN
      results[l.line] := jsonb_build_object(
        'outcome', l.outcome,
        'item', CASE WHEN l.item_id IS NOT NULL THEN jsonb_build_object(
          'id', l.item_id, 'display_name', l.display_name, 'base_unit', l.base_unit, 'scale', l.scale,
          'low_at', l.low_at::text) END,
        'candidates', l.candidates);
      CONTINUE;
    END IF;

    -- Decide.
    expected := NULL;
    IF l.is_count OR l.takes_all OR l.expected_balance IS NOT NULL THEN
      shelf := lock_shelf(p_shop_id, l.item_id, l.location_id);
      balance := shelf.on_hand;
      IF l.expected_balance <> shelf.on_hand THEN
        PERFORM refuse('BR013', 'the balance is not the expected one', jsonb_build_object(
          'itemId', l.item_id, 'line', l.line, 'expected', trim_scale(l.expected_balance)::text,
          'onHand', trim_scale(shelf.on_hand)::text));
      END IF;
    END IF;
    IF l.is_count THEN
      later := 0;
      is_older := coalesce(p_occurred_at < date_trunc('second', shelf.counted_at), false);
      IF shelf.last_occurred_at > p_occurred_at THEN
        -- What happened after the count but was heard of before it stays on top of it.
        SELECT coalesce(sum(later_line.delta), 0) INTO later
        FROM movement later_line
        WHERE later_line.shop_id = p_shop_id AND later_line.item_id = l.item_id
          AND later_line.location_id = l.location_id AND later_line.occurred_at > p_occurred_at
          AND (is_older OR line_stands(later_line));
      END IF;
      counted := l.quantity * l.factor;
      expected := shelf.on_hand - later;
      -- An older count than the newest is kept as an observation and moves nothing while the newest stands.
      delta := CASE WHEN is_older THEN 0 ELSE counted - expected END;
    ELSIF l.takes_all THEN
      delta := -greatest(shelf.on_hand, 0);
    ELSE
      delta := l.sign * l.quantity * l.factor;
    END IF;

    -- Act.
    IF delta <> 0 THEN
      m := NULL;
      m.shop_id := p_shop_id;
      m.op_id := p_op_id;
      m.line := l.line;
      m.item_id := l.item_id;
      m.location_id := l.location_id;
      m.kind := CASE WHEN l.is_count THEN 'count' ELSE l.kind END;
      m.delta := delta;
      m.said_quantity := l.quantity;
      m.said_unit := l.unit;
      m.factor := l.factor;
      m.unit_price := l.unit_price;
      m.currency := l.currency;
      m.occurred_at := p_occurred_at;
      m.recorded_at := p_recorded_at;
      posted := post_movement(m, absorbing_line);
      m := posted.m;
      balance := m.balance_after;
      movements := movements || movement_json(m, l.display_name, l.base_unit);
      IF (posted.absorbing).id IS NOT NULL THEN
        absorbing_line := absorbing_line + 1;
        balance := (posted.absorbing).balance_after;
        movements := movements || movement_json(posted.absorbing, l.display_name, l.base_unit);
      END IF;
      IF shop.shortage_policy = 'block' AND delta < 0 AND balance < 0 THEN
        PERFORM refuse('BR012', 'the shop refuses stock below zero', jsonb_build_object(
          'itemId', l.item_id, 'line', l.line, 'onHand', trim_scale(balance - delta)::text,
          'asked', trim_scale(-delta)::text));
      END IF;
    END IF;
    IF l.is_count THEN
      INSERT INTO count_line (shop_id, op_id, line, item_id, location_id, counted, expected, seq)
      VALUES (
        p_shop_id, p_op_id, l.line, l.item_id, l.location_id, counted, expected,
        CASE WHEN delta <> 0 THEN m.seq ELSE shelf.seq END);
    END IF;

    -- Answer.
    results[l.line] := jsonb_build_object(
      'outcome', 'posted',
      'item', jsonb_build_object(
        'id', l.item_id, 'display_name', l.display_name, 'base_unit', l.base_unit, 'scale', l.scale,
        'low_at', l.low_at::text),
      'item_created', l.new_item IS NOT NULL,
      'delta', delta::text,
      'balance_after', balance::text,
      'expected', expected::text);
  END LOOP;

  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(movements), 'results', to_jsonb(results));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;

-- Claims the names, then creates what they name. The twin that loses a name starts over and finds the item.
CREATE FUNCTION create_items(p_shop_id uuid, p_now timestamptz, p_work post_line[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  claimed_count integer;
  wanted_count integer;
BEGIN
  SELECT count(DISTINCT w.item_id) INTO wanted_count
  FROM unnest(p_work) w
  WHERE w.new_item IS NOT NULL AND w.outcome = 'posted';

  WITH claimed AS (
    INSERT INTO item_key (shop_id, key, item_id, kind)
    SELECT p_shop_id, said.key, said.item_id, CASE said.place WHEN 1 THEN 'name' ELSE 'alias' END
    FROM (
      SELECT DISTINCT ON (k.key) k.key, k.place, w.item_id
      FROM unnest(p_work) w
      CROSS JOIN LATERAL jsonb_array_elements_text(w.new_item -> 'keys') WITH ORDINALITY AS k (key, place)
      WHERE w.new_item IS NOT NULL AND w.outcome = 'posted'
      ORDER BY k.key, k.place
    ) said
    ORDER BY said.key
    -- The name of what was put away is free again.
    ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE SET item_id = excluded.item_id, kind = excluded.kind
    WHERE EXISTS (
      SELECT FROM item i
      WHERE i.shop_id = item_key.shop_id AND i.id = item_key.item_id AND i.archived_at IS NOT NULL
    )
    RETURNING kind
  )
  SELECT count(*) INTO claimed_count FROM claimed WHERE kind = 'name';
  IF claimed_count < wanted_count THEN
    RAISE EXCEPTION 'a new item was created by a twin meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;

  INSERT INTO item (shop_id, id, display_name, base_unit, scale, created_at)
  SELECT DISTINCT ON (w.item_id) p_shop_id, w.item_id, w.display_name, w.base_unit, w.scale, p_now
  FROM unnest(p_work) w
  WHERE w.new_item IS NOT NULL AND w.outcome = 'posted'
  ORDER BY w.item_id, w.line;
END
$$;
COMMENT ON FUNCTION create_items IS 'Creates the new items of a request, each with its names';
