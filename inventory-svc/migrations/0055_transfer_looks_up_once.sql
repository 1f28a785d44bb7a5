-- A transfer looks up once what its lines mean.
--
-- It did so twice, to check and to move, and each look saw what was committed by then: when the unit of an item was changed in
-- between, what was checked in the one unit was moved in the other. By the id that was found, the line is moved, or the
-- whole is tried again when another item stands for that one by then. transfer_stock is that of migration 0033 otherwise.
CREATE OR REPLACE FUNCTION transfer_stock(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_from_id uuid,             -- NULL: the default place
  p_into_id uuid,             -- NULL: the default place
  p_occurred_at timestamptz,
  p_recorded_at timestamptz,
  p_lines jsonb,              -- store::places::TransferLine, numbered from 1
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  from_id uuid;
  into_id uuid;
  policy text;
  op operation;
  said record;
  side record;
  m movement;
  posted record;
  absorbing_line smallint;
  movements jsonb[] := '{}';
  item_ids uuid[] := '{}';    -- by line: what is said is looked up once
BEGIN
  IF p_dry_run THEN
    BEGIN
      answer := transfer_stock(
        p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_from_id,
        p_into_id, p_occurred_at, p_recorded_at, p_lines, false);
      RAISE EXCEPTION USING ERRCODE = 'BR999';
    EXCEPTION WHEN SQLSTATE 'BR999' THEN
      RETURN answer; -- a variable outlives the rollback of what was done to get it
    END;
  END IF;
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'transfer');
  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  SELECT coalesce(p_from_id, s.default_location_id), coalesce(p_into_id, s.default_location_id), s.shortage_policy
  INTO from_id, into_id, policy
  FROM shop s WHERE s.id = p_shop_id;
  IF from_id = into_id THEN
    PERFORM refuse('BR001', 'must be another place than it leaves', jsonb_build_object('field', 'to_location_id'));
  END IF;
  FOR side IN SELECT place FROM (VALUES (from_id), (into_id)) places (place) LOOP
    IF NOT EXISTS (SELECT FROM location l WHERE l.shop_id = p_shop_id AND l.id = side.place) THEN
      PERFORM refuse('BR027', 'no such place', jsonb_build_object('locationId', side.place));
    END IF;
  END LOOP;
  FOR said IN
    SELECT q.line, q.quantity, i.id, i.scale, q.item_id, coalesce(q.name, '') AS name
    FROM jsonb_to_recordset(p_lines) AS q (line smallint, item_id uuid, keys text[], name text, quantity numeric)
    LEFT JOIN LATERAL (
      SELECT k.item_id FROM unnest(q.keys) WITH ORDINALITY AS said_key (key, place)
      JOIN item_key k ON k.shop_id = p_shop_id AND k.key = said_key.key
      ORDER BY said_key.place
      LIMIT 1
    ) known ON true
    LEFT JOIN item named ON named.shop_id = p_shop_id AND named.id = coalesce(q.item_id, known.item_id)
    LEFT JOIN item i ON i.shop_id = p_shop_id AND i.id = coalesce(named.merged_into, named.id) AND i.archived_at IS NULL
    ORDER BY q.line
  LOOP
    IF said.id IS NULL THEN
      PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', coalesce(said.item_id::text, '')));
    ELSIF round(said.quantity, said.scale) <> said.quantity THEN
      PERFORM refuse('BR014', 'the item is kept in fewer decimals',
        jsonb_build_object('field', format('lines[%s].quantity', said.line - 1)));
    END IF;
    item_ids[said.line] := said.id;
  END LOOP;

  -- The claim. A twin waits here until the first one is done, and answers the same.
  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (
    p_shop_id, p_op_id, p_public_reference, p_member_id, p_source, p_request_id, p_request_hash, 'post', p_occurred_at,
    p_recorded_at
  )
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    RETURN stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;
  absorbing_line := 2 * jsonb_array_length(p_lines) + 1;
  -- Both sides of all lines in the one order in which shelves are held.
  FOR side IN
    SELECT i.id AS item_id, i.display_name, i.base_unit, sides.place, sides.delta, sides.line
    FROM jsonb_to_recordset(p_lines) AS q (line smallint, quantity numeric)
    JOIN item i ON i.shop_id = p_shop_id AND i.id = item_ids[q.line]
    CROSS JOIN LATERAL (
      VALUES (from_id, -q.quantity, 2 * q.line - 1), (into_id, q.quantity, 2 * q.line)
    ) sides (place, delta, line)
    ORDER BY i.id, sides.place, sides.line
  LOOP
    m := NULL;
    m.shop_id := p_shop_id;
    m.op_id := p_op_id;
    m.line := side.line;
    m.item_id := side.item_id;
    m.location_id := side.place;
    m.kind := 'transfer';
    m.delta := side.delta;
    m.said_quantity := abs(side.delta);
    m.occurred_at := p_occurred_at;
    m.recorded_at := p_recorded_at;
    posted := post_movement(m, absorbing_line);
    IF EXISTS (SELECT FROM item i WHERE i.shop_id = p_shop_id AND i.id = side.item_id AND i.moved_to IS NOT NULL) THEN
      RAISE EXCEPTION 'the item was merged into another meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    movements := movements || movement_json(posted.m, side.display_name, side.base_unit);
    IF (posted.absorbing).id IS NOT NULL THEN
      absorbing_line := absorbing_line + 1;
      movements := movements || movement_json(posted.absorbing, side.display_name, side.base_unit);
    END IF;
  END LOOP;
  IF policy = 'block' THEN
    PERFORM refuse_shortage(p_shop_id, ARRAY[op.id]);
  END IF;
  answer := jsonb_build_object('operation', operation_json(op), 'movements', to_jsonb(movements));
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;
