-- A line that says `hold_unusual` and is of more than ten times what is usual is not posted, so that somebody can be asked.
-- post_operation is that of migration 0016 otherwise. What the binary before this one sends has no hold_unusual, and
-- pays nothing for it.
ALTER TYPE post_line ADD ATTRIBUTE usual numeric; -- what is usual for the line, when it was asked and is known

CREATE OR REPLACE FUNCTION post_operation(
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
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    EXCEPTION WHEN SQLSTATE 'BR999' THEN
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
        WHEN w.hold_unusual AND CASE
          -- Ten thousand grams are a sack of flour.
          WHEN w.creates IS NOT NULL THEN w.measures = '{}' AND w.quantity * w.said_factor > 10000
          ELSE abs(w.quantity * w.said_factor) > 10 * w.usual
        END THEN 'unusual'
        ELSE 'posted'
      END,
      w.resolved_id, w.display_name, w.base_unit, w.scale, w.low_at, w.creates, w.candidates, w.place_id,
      w.is_count, w.kind, w.sign, w.quantity, w.takes_all, w.unit, w.said_factor,
      w.pack_size IS NOT NULL AND w.unit IS NOT NULL AND w.unit <> w.base_unit,
      w.unit_price, w.currency, w.expected_balance, w.elsewhere, w.usual
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
      CASE WHEN i.low_at IS NOT NULL THEN (
        SELECT coalesce(sum(s.on_hand), 0)
        FROM stock s
        WHERE s.shop_id = p_shop_id AND s.item_id = i.id
          AND s.location_id <> coalesce(q.location_id, shop.default_location_id)
      ) END AS elsewhere,
      -- Without a lock: it decides whether somebody is asked, and nothing that is written. A count is as usual as what
      -- the book says or a delivery brings, whichever is more.
      CASE WHEN q.hold_unusual AND q.quantity IS NOT NULL THEN (
        SELECT CASE
          WHEN q.is_count THEN CASE WHEN s.in_count >= 3 THEN greatest(s.usual_in, s.on_hand) END
          WHEN q.sign * q.quantity > 0 THEN CASE WHEN s.in_count >= 3 THEN s.usual_in END
          WHEN s.out_count >= 3 THEN s.usual_out
        END
        FROM stock s
        WHERE s.shop_id = p_shop_id AND s.item_id = i.id
          AND s.location_id = coalesce(q.location_id, shop.default_location_id)
      ) END AS usual,
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
      pack_size numeric, unit_price numeric, currency text, location_id uuid, expected_balance numeric,
      hold_unusual boolean
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
        'candidates', l.candidates,
        'usual', CASE l.outcome WHEN 'unusual' THEN round(l.usual, l.scale)::text END);
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
        'item', CASE WHEN l.item_id IS NOT NULL AND l.new_item IS NULL THEN jsonb_build_object(
          'id', l.item_id, 'display_name', l.display_name, 'base_unit', l.base_unit, 'scale', l.scale,
          'low_at', l.low_at::text) END,
        'candidates', l.candidates,
        'usual', CASE l.outcome WHEN 'unusual' THEN round(l.usual, l.scale)::text END);
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
    -- Said by the line that crosses the level, so once; a refill above it makes the next crossing one again.
    IF delta < 0 AND balance + l.elsewhere <= l.low_at AND m.balance_after - delta + l.elsewhere > l.low_at THEN
      results[l.line] := results[l.line] || '{"low_level_crossed": true}';
    END IF;
  END LOOP;

  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(movements), 'results', to_jsonb(results));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;
