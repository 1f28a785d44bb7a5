-- Takes an operation back: a mirror of each of its lines, in one round trip.
CREATE FUNCTION movement_is_settled(m movement) RETURNS boolean
LANGUAGE sql STABLE AS $$
  -- A line and what absorbed it are always mirrored together, which is exact: nothing is left to absorb.
  WITH RECURSIVE chain (id, absorbs, reverses) AS (
    SELECT m.id, m.absorbs, m.reverses
    UNION ALL
    SELECT o.id, o.absorbs, o.reverses
    FROM chain c
    JOIN movement o ON o.shop_id = m.shop_id AND o.id = c.reverses
  )
  SELECT bool_or(
    c.absorbs IS NOT NULL OR EXISTS (SELECT FROM movement a WHERE a.shop_id = m.shop_id AND a.absorbs = c.id)
  )
  FROM chain c
$$;
COMMENT ON FUNCTION movement_is_settled IS 'Whether a line absorbs, is absorbed, or mirrors one that does';

CREATE FUNCTION reverse_operation(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_target_id uuid,           -- NULL: the newest operation of the member
  p_newest_after timestamptz, -- how far back the newest may lie
  p_recorded_at timestamptz,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  shop record;
  answer jsonb;
  target operation;
  redone operation;
  taken_back_by uuid;
  op operation;
  original record;
  m movement;
  posted record;
  short record;
  unsettled record;
  absorbing_line smallint;
  movements jsonb[] := '{}';
  originals jsonb[] := '{}';
BEGIN
  IF p_dry_run THEN
    BEGIN
      answer := reverse_operation(
        p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_target_id,
        p_newest_after, p_recorded_at, false);
      RAISE EXCEPTION USING ERRCODE = 'BR000';
    EXCEPTION WHEN SQLSTATE 'BR000' THEN
      RETURN answer; -- a variable outlives the rollback of what was done to get it
    END;
  END IF;

  PERFORM set_config('backroom.shop_id', p_shop_id::text, true);
  SELECT s.shortage_policy, mb.role INTO shop
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

  IF p_target_id IS NOT NULL THEN
    SELECT * INTO target FROM operation o WHERE o.shop_id = p_shop_id AND o.id = p_target_id;
    IF NOT FOUND THEN
      PERFORM refuse('BR008', 'no such operation', jsonb_build_object('operationId', p_target_id));
    END IF;
  ELSE
    SELECT * INTO target
    FROM operation o
    WHERE o.shop_id = p_shop_id AND o.member_id = p_member_id AND o.kind <> 'reversal'
      AND o.recorded_at >= p_newest_after
      AND operation_stands(o.shop_id, o.id)
    ORDER BY o.recorded_at DESC, o.id DESC
    LIMIT 1;
    IF NOT FOUND THEN
      PERFORM refuse('BR009', 'nothing of this member to reverse', jsonb_build_object('memberId', p_member_id));
    END IF;
  END IF;
  IF p_member_id IS NOT NULL AND shop.role <> 'owner' AND target.member_id IS DISTINCT FROM p_member_id THEN
    PERFORM refuse('BR016', 'members reverse their own operations', jsonb_build_object('role', shop.role));
  END IF;

  IF p_target_id IS NULL THEN
    -- What was taken back and done again stands by what did it again: that is what can be taken back.
    LOOP
      SELECT * INTO redone
      FROM operation o
      WHERE o.shop_id = p_shop_id AND o.reverses = target.id AND o.kind IN ('reversal', 'correction');
      EXIT WHEN NOT FOUND;
      target := redone;
    END LOOP;
  END IF;

  -- The claim, of the request and of the operation: each has one reversal. Who comes second waits here.
  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, reverses, occurred_at, recorded_at
  ) VALUES (
    p_shop_id, p_op_id, p_public_reference, p_member_id, p_source, p_request_id, p_request_hash, 'reversal', target.id,
    p_recorded_at, p_recorded_at
  )
  ON CONFLICT DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
    IF answer IS NOT NULL THEN
      RETURN answer;
    END IF;
    SELECT r.id INTO taken_back_by
    FROM operation r
    WHERE r.shop_id = p_shop_id AND r.reverses = target.id AND r.kind IN ('reversal', 'correction');
    PERFORM refuse('BR010', 'the operation was already reversed',
      jsonb_build_object('operationId', target.id, 'reversedBy', taken_back_by));
  END IF;

  SELECT max(o.line) + 1 INTO absorbing_line FROM movement o WHERE o.shop_id = p_shop_id AND o.op_id = target.id;
  FOR original IN
    SELECT
      o AS line,
      i.display_name,
      i.base_unit,
      movement_is_settled(o) AS is_settled,
      EXISTS (SELECT FROM movement r WHERE r.shop_id = o.shop_id AND r.reverses = o.id) AS is_mirrored
    FROM movement o
    JOIN item i ON i.shop_id = o.shop_id AND i.id = o.item_id
    WHERE o.shop_id = p_shop_id AND o.op_id = target.id
    ORDER BY o.item_id, o.location_id, o.line
  LOOP
    originals := originals || movement_json(original.line, original.display_name, original.base_unit);
    CONTINUE WHEN original.is_mirrored;
    m := original.line;
    m.op_id := p_op_id;
    m.kind := 'reversal';
    m.reverses := (original.line).id;
    m.absorbs := NULL;
    m.delta := -m.delta;
    -- The mirror stands at the time of the line it mirrors: as of any moment, the pair adds up to nothing.
    m.recorded_at := p_recorded_at;
    posted := post_movement(m, CASE WHEN NOT original.is_settled THEN absorbing_line END);
    m := posted.m;
    movements := movements || movement_json(m, original.display_name, original.base_unit);
    IF (posted.absorbing).id IS NOT NULL THEN
      absorbing_line := absorbing_line + 1;
      movements := movements || movement_json(posted.absorbing, original.display_name, original.base_unit);
    END IF;
  END LOOP;

  -- On shelves that were counted a mirror may not be enough: what a fallen count absorbed counts again, and an older
  -- count that stands again says what was there.
  FOR unsettled IN
    SELECT *
    FROM (
      SELECT
        st.item_id, st.location_id, st.on_hand, i.display_name, i.base_unit,
        standing_balance(st.shop_id, st.item_id, st.location_id) AS standing
      FROM stock st
      JOIN item i ON i.shop_id = st.shop_id AND i.id = st.item_id
      WHERE st.shop_id = p_shop_id
        AND EXISTS (
          SELECT FROM count_line c
          WHERE c.shop_id = st.shop_id AND c.item_id = st.item_id AND c.location_id = st.location_id
        )
        AND (
          (st.item_id, st.location_id) IN (
            SELECT d.item_id, d.location_id FROM movement d WHERE d.shop_id = p_shop_id AND d.op_id = p_op_id
          )
          OR (st.item_id, st.location_id) IN (
            SELECT c.item_id, c.location_id
            FROM count_line c
            WHERE c.shop_id = p_shop_id AND c.op_id IN (
              WITH RECURSIVE chain (id) AS (
                SELECT op.reverses
                UNION ALL
                SELECT o.reverses FROM chain JOIN operation o ON o.shop_id = p_shop_id AND o.id = chain.id
                WHERE o.reverses IS NOT NULL
              )
              SELECT id FROM chain
            )
          ))
    ) shelf
    WHERE shelf.on_hand <> shelf.standing
    ORDER BY shelf.item_id, shelf.location_id
  LOOP
    m := NULL;
    m.shop_id := p_shop_id;
    m.op_id := p_op_id;
    m.line := (SELECT coalesce(max(d.line), 0) + 1 FROM movement d WHERE d.shop_id = p_shop_id AND d.op_id = p_op_id);
    m.item_id := unsettled.item_id;
    m.location_id := unsettled.location_id;
    m.kind := 'count';
    m.delta := unsettled.standing - unsettled.on_hand;
    m.occurred_at := p_recorded_at;
    m.recorded_at := p_recorded_at;
    posted := post_movement(m, NULL);
    movements := movements || movement_json(posted.m, unsettled.display_name, unsettled.base_unit);
  END LOOP;

  IF shop.shortage_policy = 'block' THEN
    -- At the end, because a mirror and the mirror of what absorbed it may dip below zero between them.
    SELECT st.item_id, st.on_hand, sum(d.delta) AS taken INTO short
    FROM movement d
    JOIN stock st ON st.shop_id = d.shop_id AND st.item_id = d.item_id AND st.location_id = d.location_id
    WHERE d.shop_id = p_shop_id AND d.op_id = p_op_id AND st.on_hand < 0
    GROUP BY st.item_id, st.location_id, st.on_hand
    HAVING sum(d.delta) < 0
    LIMIT 1;
    IF FOUND THEN
      PERFORM refuse('BR012', 'the shop refuses stock below zero', jsonb_build_object(
        'itemId', short.item_id, 'onHand', trim_scale(short.on_hand - short.taken)::text,
        'asked', trim_scale(-short.taken)::text));
    END IF;
  END IF;

  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(movements),
    'reversed', operation_json(target), 'reversed_movements', to_jsonb(originals));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;
