-- Corrections: an operation is taken back and posted again as it should have been, in one transaction.
--
-- They are two operations: a reversal, and one that is linked to what it corrects. So undo and redo of a correction are
-- those of any operation, and a correction can be corrected. What reverse_operation did inside becomes functions that
-- both use.
CREATE TABLE correction (
  shop_id     uuid NOT NULL,
  op_id       uuid NOT NULL,
  corrects    uuid NOT NULL,
  reversal_id uuid NOT NULL,
  CONSTRAINT correction_pk PRIMARY KEY (shop_id, op_id),
  CONSTRAINT correction_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT correction_corrects_fk FOREIGN KEY (shop_id, corrects) REFERENCES operation (shop_id, id),
  CONSTRAINT correction_reversal_fk FOREIGN KEY (shop_id, reversal_id) REFERENCES operation (shop_id, id)
);
CREATE UNIQUE INDEX correction_of_reversal ON correction (shop_id, reversal_id);
COMMENT ON COLUMN correction.shop_id IS 'The shop';
COMMENT ON COLUMN correction.op_id IS 'The operation as it should have been';
COMMENT ON COLUMN correction.corrects IS 'The operation that was wrong';
COMMENT ON COLUMN correction.reversal_id IS 'The operation that took it back';
ALTER TABLE correction ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON correction TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON correction TO backroom_inventory;
CREATE TRIGGER correction_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON correction
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Mirrors what an operation did and was not mirrored yet, and settles the shelves that were counted.
CREATE FUNCTION mirror_lines(
  p_op operation,
  OUT movements jsonb[],
  OUT originals jsonb[]
)
LANGUAGE plpgsql AS $$
DECLARE
  original record;
  unsettled record;
  m movement;
  posted record;
  next_line smallint; -- the first number that no line has
BEGIN
  movements := '{}';
  originals := '{}';
  SELECT coalesce(max(o.line), 0) + 1 INTO next_line
  FROM movement o
  WHERE o.shop_id = p_op.shop_id AND o.op_id = p_op.reverses;
  FOR original IN
    SELECT
      o AS line,
      i.display_name,
      i.base_unit,
      movement_is_settled(o) AS is_settled,
      EXISTS (SELECT FROM movement r WHERE r.shop_id = o.shop_id AND r.reverses = o.id) AS is_mirrored
    FROM movement o
    JOIN item i ON i.shop_id = o.shop_id AND i.id = o.item_id
    WHERE o.shop_id = p_op.shop_id AND o.op_id = p_op.reverses
    ORDER BY o.item_id, o.location_id, o.line
  LOOP
    originals := originals || movement_json(original.line, original.display_name, original.base_unit);
    CONTINUE WHEN original.is_mirrored;
    m := original.line;
    m.op_id := p_op.id;
    m.kind := 'reversal';
    m.reverses := (original.line).id;
    m.absorbs := NULL;
    m.delta := -m.delta;
    -- The mirror stands at the time of the line it mirrors: as of any moment, the pair adds up to nothing.
    m.recorded_at := p_op.recorded_at;
    posted := post_movement(m, CASE WHEN NOT original.is_settled THEN next_line END);
    m := posted.m;
    movements := movements || movement_json(m, original.display_name, original.base_unit);
    IF (posted.absorbing).id IS NOT NULL THEN
      next_line := next_line + 1;
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
      WHERE st.shop_id = p_op.shop_id
        AND EXISTS (
          SELECT FROM count_line c
          WHERE c.shop_id = st.shop_id AND c.item_id = st.item_id AND c.location_id = st.location_id
        )
        AND (
          (st.item_id, st.location_id) IN (
            SELECT d.item_id, d.location_id FROM movement d WHERE d.shop_id = p_op.shop_id AND d.op_id = p_op.id
          )
          OR (st.item_id, st.location_id) IN (
            SELECT c.item_id, c.location_id
            FROM count_line c
            WHERE c.shop_id = p_op.shop_id AND c.op_id IN (
              WITH RECURSIVE chain (id) AS (
                SELECT p_op.reverses
                UNION ALL
                SELECT o.reverses FROM chain JOIN operation o ON o.shop_id = p_op.shop_id AND o.id = chain.id
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
    m.shop_id := p_op.shop_id;
    m.op_id := p_op.id;
    m.line := next_line;
    m.item_id := unsettled.item_id;
    m.location_id := unsettled.location_id;
    m.kind := 'count';
    m.delta := unsettled.standing - unsettled.on_hand;
    m.occurred_at := p_op.recorded_at;
    m.recorded_at := p_op.recorded_at;
    posted := post_movement(m, NULL);
    next_line := next_line + 1;
    movements := movements || movement_json(posted.m, unsettled.display_name, unsettled.base_unit);
  END LOOP;
END
$$;

CREATE FUNCTION refuse_shortage(p_shop_id uuid, p_op_ids uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  short record;
BEGIN
  -- At the end, because a mirror and what comes in its place may dip below zero between them.
  SELECT st.item_id, st.on_hand, sum(d.delta) AS taken INTO short
  FROM movement d
  JOIN stock st ON st.shop_id = d.shop_id AND st.item_id = d.item_id AND st.location_id = d.location_id
  WHERE d.shop_id = p_shop_id AND d.op_id = ANY (p_op_ids) AND st.on_hand < 0
  GROUP BY st.item_id, st.location_id, st.on_hand
  HAVING sum(d.delta) < 0
  LIMIT 1;
  IF FOUND THEN
    PERFORM refuse('BR012', 'the shop refuses stock below zero', jsonb_build_object(
      'itemId', short.item_id, 'onHand', trim_scale(short.on_hand - short.taken)::text,
      'asked', trim_scale(-short.taken)::text));
  END IF;
END
$$;
COMMENT ON FUNCTION refuse_shortage IS 'Refuses operations that took in sum from a shelf which is below zero now';

-- Which operation is to be taken back, when the one who asks may do so.
CREATE FUNCTION reversal_target(
  p_shop_id uuid,
  p_member_id uuid,
  p_role text,
  p_target_id uuid,           -- NULL: the newest of the member
  p_newest_after timestamptz, -- how far back the newest may lie
  p_is_redo boolean           -- the newest that was taken back, instead of the newest that stands
) RETURNS operation
LANGUAGE plpgsql STABLE AS $$
DECLARE
  target operation;
  redone operation;
BEGIN
  IF p_target_id IS NOT NULL THEN
    SELECT * INTO target FROM operation o WHERE o.shop_id = p_shop_id AND o.id = p_target_id;
    IF NOT FOUND THEN
      PERFORM refuse('BR008', 'no such operation', jsonb_build_object('operationId', p_target_id));
    ELSIF EXISTS (SELECT FROM correction c WHERE c.shop_id = p_shop_id AND c.reversal_id = p_target_id) THEN
      PERFORM refuse('BR001', 'is half of a correction: name the correction', jsonb_build_object('field', 'operation_id'));
    END IF;
  ELSIF p_is_redo THEN
    -- A reversal that nothing took back, and that itself does not do again what an earlier one took back.
    SELECT * INTO target
    FROM operation o
    WHERE o.shop_id = p_shop_id AND o.member_id = p_member_id AND o.kind = 'reversal' AND o.recorded_at >= p_newest_after
      AND NOT EXISTS (SELECT FROM operation r WHERE r.shop_id = o.shop_id AND r.reverses = o.id)
      AND NOT EXISTS (SELECT FROM correction c WHERE c.shop_id = o.shop_id AND c.reversal_id = o.id)
      AND (
        WITH RECURSIVE chain (reverses) AS (
          SELECT o.reverses
          UNION ALL
          SELECT b.reverses FROM chain c JOIN operation b ON b.shop_id = p_shop_id AND b.id = c.reverses
          WHERE b.reverses IS NOT NULL
        )
        SELECT count(*) % 2 = 1 FROM chain
      )
    ORDER BY o.recorded_at DESC, o.id DESC
    LIMIT 1;
    IF NOT FOUND THEN
      PERFORM refuse('BR009', 'nothing of this member was taken back', jsonb_build_object('memberId', p_member_id));
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
    -- What was taken back and done again stands by what did it again: that is what can be taken back.
    LOOP
      SELECT * INTO redone
      FROM operation o
      WHERE o.shop_id = p_shop_id AND o.reverses = target.id AND o.kind IN ('reversal', 'correction');
      EXIT WHEN NOT FOUND;
      target := redone;
    END LOOP;
  END IF;
  IF p_member_id IS NOT NULL AND p_role <> 'owner' AND target.member_id IS DISTINCT FROM p_member_id THEN
    PERFORM refuse('BR016', 'members reverse their own operations', jsonb_build_object('role', p_role));
  END IF;
  RETURN target;
END
$$;

CREATE FUNCTION refuse_reversed(p_target operation) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  taken_back_by uuid;
BEGIN
  SELECT r.id INTO taken_back_by
  FROM operation r
  WHERE r.shop_id = p_target.shop_id AND r.reverses = p_target.id AND r.kind IN ('reversal', 'correction');
  IF FOUND THEN
    PERFORM refuse('BR010', 'the operation was already reversed',
      jsonb_build_object('operationId', p_target.id, 'reversedBy', taken_back_by));
  END IF;
END
$$;

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
  p_is_redo boolean,          -- whether the newest is a reversal, so that what it took back is done again
  p_recorded_at timestamptz,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  shop record;
  answer jsonb;
  target operation;
  op operation;
  mirrored record;
BEGIN
  IF p_dry_run THEN
    BEGIN
      answer := reverse_operation(
        p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_target_id,
        p_newest_after, p_is_redo, p_recorded_at, false);
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    EXCEPTION WHEN SQLSTATE 'BR999' THEN
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
  target := reversal_target(p_shop_id, p_member_id, shop.role, p_target_id, p_newest_after, p_is_redo);

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
    PERFORM refuse_reversed(target);
  END IF;

  mirrored := mirror_lines(op);
  IF shop.shortage_policy = 'block' THEN
    PERFORM refuse_shortage(p_shop_id, ARRAY[op.id]);
  END IF;

  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(mirrored.movements),
    'reversed', operation_json(target), 'reversed_movements', to_jsonb(mirrored.originals));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;

-- As the binary before this one asks, which knows no redo.
CREATE OR REPLACE FUNCTION reverse_operation(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_target_id uuid,
  p_newest_after timestamptz,
  p_recorded_at timestamptz,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE sql AS $$
  SELECT reverse_operation(
    p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_target_id,
    p_newest_after, false, p_recorded_at, p_dry_run)
$$;

CREATE FUNCTION standing_end(p_shop_id uuid, p_op_id uuid) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
DECLARE
  op_id uuid := p_op_id;
  next_id uuid;
BEGIN
  -- Only through pairs of undo and redo: what was taken back for good ends at itself, and its claim is refused.
  IF NOT operation_stands(p_shop_id, p_op_id) THEN
    RETURN p_op_id;
  END IF;
  LOOP
    SELECT o.id INTO next_id FROM operation o WHERE o.shop_id = p_shop_id AND o.reverses = op_id;
    EXIT WHEN NOT FOUND;
    op_id := next_id;
  END LOOP;
  RETURN op_id;
END
$$;
COMMENT ON FUNCTION standing_end IS 'What has to be taken back for an operation to stand no more: itself, or what did it again last';

-- What a correction starts from: the lines of an operation as they can be posted again, or the answer it had before.
CREATE FUNCTION read_for_correction(
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
  RETURN jsonb_build_object(
    'target_id', target.id,
    'lines', (
      SELECT coalesce(jsonb_agg(said.line ORDER BY said.number), '[]')
      FROM (
        -- In base units: what came of "all" and of a pack is known by now, and packs may have changed since.
        SELECT m.line AS number, jsonb_build_object(
          'line', m.line, 'item_id', m.item_id, 'location_id', m.location_id, 'is_count', false, 'kind', m.kind,
          'quantity', m.delta::text, 'unit_price', m.unit_price::text, 'currency', m.currency) AS line
        FROM movement m
        WHERE m.shop_id = p_shop_id AND m.op_id = target.id AND m.kind NOT IN ('count', 'reversal')
        UNION ALL
        SELECT c.line, jsonb_build_object(
          'line', c.line, 'item_id', c.item_id, 'location_id', c.location_id, 'is_count', true,
          'quantity', c.counted::text)
        FROM count_line c
        WHERE c.shop_id = p_shop_id AND c.op_id = target.id
      ) said
    ));
END
$$;

CREATE FUNCTION correction_answer(p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  answer jsonb := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  corrected operation;
BEGIN
  SELECT o.* INTO STRICT corrected
  FROM correction c
  JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.corrects
  WHERE c.shop_id = p_shop_id AND c.op_id = (answer -> 'operation' ->> 'id')::uuid;
  RETURN answer || jsonb_build_object(
    'operation', answer -> 'operation' || jsonb_build_object('kind', 'correction', 'reverses', corrected.id),
    'corrected', operation_json(corrected),
    'corrected_movements', (
      SELECT coalesce(jsonb_agg(movement_json(m, i.display_name, i.base_unit) ORDER BY m.line), '[]')
      FROM movement m
      JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
      WHERE m.shop_id = p_shop_id AND m.op_id = corrected.id
    ));
END
$$;
COMMENT ON FUNCTION correction_answer IS 'The answer to a correction, first time and again: that of its post, and what it corrected';

CREATE FUNCTION correct_operation(
  p_shop_id uuid,
  p_op_id uuid,
  p_reversal_id uuid,
  p_public_reference text,
  p_reversal_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_target_id uuid,
  p_recorded_at timestamptz,
  p_lines jsonb,              -- store::operations::NewLine, numbered from 1
  p_is_decided boolean,
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  target operation;
  reversal operation;
BEGIN
  PERFORM open_shop(p_shop_id);
  IF stored_answer(p_shop_id, p_source, p_request_id, p_request_hash) IS NOT NULL THEN
    RETURN correction_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;
  target := reversal_target(p_shop_id, p_member_id, role_in_shop(p_shop_id, p_member_id), p_target_id, NULL, false);

  BEGIN
    -- The claim of the operation that was wrong. Who comes second waits here, a twin among them.
    INSERT INTO operation (
      shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, reverses, occurred_at, recorded_at
    ) VALUES (
      p_shop_id, p_reversal_id, p_reversal_reference, p_member_id, 'system', 'correction/' || p_op_id, p_request_hash,
      'reversal', standing_end(p_shop_id, target.id), p_recorded_at, p_recorded_at
    )
    ON CONFLICT DO NOTHING
    RETURNING * INTO reversal;
    IF NOT FOUND THEN
      IF stored_answer(p_shop_id, p_source, p_request_id, p_request_hash) IS NOT NULL THEN
        RETURN correction_answer(p_shop_id, p_source, p_request_id, p_request_hash);
      END IF;
      PERFORM refuse_reversed(target);
      RAISE EXCEPTION 'the operation was taken back and done again meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM mirror_lines(reversal);
    -- At the time of what was wrong. What was right before stays unless all of it can be put right.
    answer := post_operation(
      p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, target.occurred_at,
      p_recorded_at, p_lines, p_is_decided, true, false);
    IF answer -> 'operation' IS NULL THEN
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    END IF;
    INSERT INTO correction (shop_id, op_id, corrects, reversal_id)
    VALUES (p_shop_id, p_op_id, target.id, reversal.id);
    IF (SELECT s.shortage_policy FROM shop s WHERE s.id = p_shop_id) = 'block' THEN
      PERFORM refuse_shortage(p_shop_id, ARRAY[reversal.id, p_op_id]);
    END IF;
    -- The paper goes on: what was wrong gave it up just now.
    INSERT INTO paper (shop_id, op_id, supplier, number, supplier_key, number_key, is_booked)
    SELECT p.shop_id, p_op_id, p.supplier, p.number, p.supplier_key, p.number_key, true
    FROM paper p
    WHERE p.shop_id = p_shop_id AND p.op_id = target.id;
    answer := correction_answer(p_shop_id, p_source, p_request_id, p_request_hash) - 'replayed';
    IF p_dry_run THEN
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    END IF;
  EXCEPTION WHEN SQLSTATE 'BR999' THEN
    RETURN answer; -- a variable outlives the rollback of what was done to get it
  END;
  RETURN answer;
END
$$;
