-- What the model of the ledger found.
--
-- A correction that was asked again told what it had corrected by the names that items had meanwhile: a repeat is the
-- first answer, so what was told is kept.
ALTER TABLE correction ADD COLUMN corrected_movements jsonb;
COMMENT ON COLUMN correction.corrected_movements IS 'The movements of what was wrong, as the answer told them; NULL before migration 0048';

-- correct_operation and correction_answer are those of migration 0015 otherwise.
CREATE OR REPLACE FUNCTION correct_operation(
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
    INSERT INTO correction (shop_id, op_id, corrects, reversal_id, corrected_movements)
    VALUES (p_shop_id, p_op_id, target.id, reversal.id, (
      SELECT coalesce(jsonb_agg(movement_json(m, i.display_name, i.base_unit) ORDER BY m.line), '[]')
      FROM movement m
      JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
      WHERE m.shop_id = p_shop_id AND m.op_id = target.id
    ));
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

CREATE OR REPLACE FUNCTION correction_answer(p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  answer jsonb := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  corrected operation;
  told jsonb;
BEGIN
  SELECT c.corrected_movements INTO told
  FROM correction c
  WHERE c.shop_id = p_shop_id AND c.op_id = (answer -> 'operation' ->> 'id')::uuid;
  SELECT o.* INTO STRICT corrected
  FROM correction c
  JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.corrects
  WHERE c.shop_id = p_shop_id AND c.op_id = (answer -> 'operation' ->> 'id')::uuid;
  RETURN answer || jsonb_build_object(
    'operation', answer -> 'operation' || jsonb_build_object('kind', 'correction', 'reverses', corrected.id),
    'corrected', operation_json(corrected),
    'corrected_movements', coalesce(told, (
      SELECT coalesce(jsonb_agg(movement_json(m, i.display_name, i.base_unit) ORDER BY m.line), '[]')
      FROM movement m
      JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
      WHERE m.shop_id = p_shop_id AND m.op_id = corrected.id
    )));
END
$$;

-- Items that had been merged into one that was merged, and whose unit was changed after that, kept the factor of that unit
-- when the merge was taken back, and were found by their ids no more: what was taken back of them moved a multiple of it.
-- move_merge is that of migration 0031 otherwise.
CREATE FUNCTION is_one_by_merges(p_shop_id uuid, p_item_id uuid, p_into_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE path (id) AS (
    SELECT p_item_id
    UNION
    SELECT im.into_id
    FROM path
    JOIN item_merge im ON im.shop_id = p_shop_id AND im.item_id = path.id
    WHERE NOT im.is_unit_change AND operation_stands(im.shop_id, im.op_id)
  )
  SELECT EXISTS (SELECT FROM path WHERE path.id = p_into_id)
$$;
COMMENT ON FUNCTION is_one_by_merges IS 'Whether merges that stand lead from one item to the other, and no change of unit';

CREATE OR REPLACE FUNCTION move_merge(p_op operation) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  merge item_merge;
  survivor item;
  into_factor numeric;
BEGIN
  WITH RECURSIVE chain (id) AS (
    SELECT p_op.reverses
    UNION ALL
    SELECT o.reverses FROM chain JOIN operation o ON o.shop_id = p_op.shop_id AND o.id = chain.id
    WHERE o.reverses IS NOT NULL
  )
  SELECT im.* INTO merge FROM item_merge im JOIN chain ON im.op_id = chain.id WHERE im.shop_id = p_op.shop_id;
  IF merge.op_id IS NULL THEN
    RETURN;
  ELSIF merge.is_unit_change THEN
    PERFORM refuse('BR001', 'changed a unit, which is not taken back: change it again',
      jsonb_build_object('field', 'operation_id'));
  END IF;
  PERFORM FROM item i
  WHERE i.shop_id = p_op.shop_id AND i.id IN (merge.item_id, merge.into_id)
  ORDER BY i.id
  FOR UPDATE;
  SELECT s.* INTO survivor
  FROM item i
  JOIN item s ON s.shop_id = i.shop_id AND s.id = coalesce(i.moved_to, i.id)
  WHERE i.shop_id = p_op.shop_id AND i.id = merge.into_id;
  SELECT coalesce(i.moved_factor, 1) INTO into_factor FROM item i
  WHERE i.shop_id = p_op.shop_id AND i.id = merge.into_id;
  IF NOT operation_stands(p_op.shop_id, merge.op_id) THEN
    UPDATE item_key k
    SET item_id = merge.item_id, kind = merge.keys ->> k.key
    WHERE k.shop_id = p_op.shop_id AND k.item_id = survivor.id AND merge.keys ? k.key;
    UPDATE item i
    SET moved_to = NULL, moved_factor = NULL, merged_into = NULL, archived_at = NULL
    WHERE i.shop_id = p_op.shop_id AND i.id = merge.item_id;
    -- As they were before: of the unit that the other one may have been changed to since, they know nothing any more.
    UPDATE item i
    SET moved_to = merge.item_id,
        moved_factor = round(i.moved_factor / into_factor, 9),
        merged_into = CASE WHEN is_one_by_merges(i.shop_id, i.id, merge.item_id) THEN merge.item_id END
    WHERE i.shop_id = p_op.shop_id AND i.id = ANY (merge.followers) AND i.moved_to = survivor.id;
  ELSIF survivor.archived_at IS NOT NULL THEN
    PERFORM refuse('BR007', 'the other item is put away', jsonb_build_object('itemId', survivor.id));
  ELSE
    UPDATE item_key k
    SET item_id = survivor.id, kind = CASE k.kind WHEN 'name' THEN 'alias' ELSE k.kind END
    WHERE k.shop_id = p_op.shop_id AND k.item_id = merge.item_id;
    UPDATE item i
    SET moved_to = survivor.id, merged_into = CASE WHEN i.merged_into IS NOT NULL THEN survivor.id END
    WHERE i.shop_id = p_op.shop_id AND i.moved_to = merge.item_id;
    UPDATE item i
    SET moved_to = survivor.id, moved_factor = 1, merged_into = survivor.id, archived_at = p_op.occurred_at
    WHERE i.shop_id = p_op.shop_id AND i.id = merge.item_id AND survivor.id = merge.into_id;
    IF NOT FOUND THEN
      PERFORM refuse('BR007', 'the other item is kept in another unit or merged by now',
        jsonb_build_object('itemId', merge.into_id));
    END IF;
  END IF;
END
$$;
