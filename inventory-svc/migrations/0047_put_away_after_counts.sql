-- The balance of an item that is put away goes after the last count of its shelves.
--
-- A merge took its time before it waited for the shelves. When a count of a later second came first, by another process
-- or another clock, the line that took the balance was late: it was absorbed, so that the balance stayed on an item that
-- nobody finds any more, and was added to the other one as well. put_away is that of migration 0031 otherwise.
CREATE OR REPLACE FUNCTION put_away(
  p_op operation,
  p_item_id uuid,
  p_into_id uuid,
  p_factor numeric,
  p_is_unit_change boolean,
  p_member_id uuid
) RETURNS jsonb[]
LANGUAGE plpgsql AS $$
DECLARE
  shelf record;
  held stock;
  moved record;
  next_line smallint := 1;
  movements jsonb[] := '{}';
  gone jsonb;
  following uuid[];
  moved_at timestamptz;
BEGIN
  FOR shelf IN
    SELECT both_items.item_id, places.location_id
    FROM (SELECT s.location_id FROM stock s WHERE s.shop_id = p_op.shop_id AND s.item_id = p_item_id) places
    CROSS JOIN (VALUES (p_item_id), (p_into_id)) both_items (item_id)
    ORDER BY both_items.item_id, places.location_id
  LOOP
    PERFORM lock_shelf(p_op.shop_id, shelf.item_id, shelf.location_id);
  END LOOP;
  -- What was counted while this waited for the shelf was counted before the balance goes, whatever the clocks say.
  SELECT greatest(p_op.occurred_at, max(s.counted_at)) INTO moved_at
  FROM stock s
  WHERE s.shop_id = p_op.shop_id AND s.item_id IN (p_item_id, p_into_id);
  FOR held IN
    SELECT s.* FROM stock s
    WHERE s.shop_id = p_op.shop_id AND s.item_id = p_item_id AND s.on_hand <> 0
    ORDER BY s.location_id
  LOOP
    moved := move_stock(p_op, held, p_into_id, held.location_id, p_factor, moved_at, next_line);
    next_line := moved.p_next_line;
    movements := movements || moved.movements;
  END LOOP;

  SELECT coalesce(jsonb_object_agg(k.key, k.kind), '{}') INTO gone
  FROM item_key k
  WHERE k.shop_id = p_op.shop_id AND k.item_id = p_item_id;
  UPDATE item_key k
  SET item_id = p_into_id, kind = CASE WHEN k.kind = 'name' AND NOT p_is_unit_change THEN 'alias' ELSE k.kind END
  WHERE k.shop_id = p_op.shop_id AND k.item_id = p_item_id;
  WITH followed AS (
    UPDATE item i
    SET moved_to = p_into_id, moved_factor = i.moved_factor * p_factor,
        merged_into = CASE WHEN NOT p_is_unit_change AND i.merged_into IS NOT NULL THEN p_into_id END
    WHERE i.shop_id = p_op.shop_id AND i.moved_to = p_item_id
    RETURNING i.id
  )
  SELECT coalesce(array_agg(f.id), '{}') INTO following FROM followed f;
  UPDATE item i
  SET archived_at = moved_at, moved_to = p_into_id, moved_factor = p_factor,
      merged_into = CASE WHEN NOT p_is_unit_change THEN p_into_id END
  WHERE i.shop_id = p_op.shop_id AND i.id = p_item_id;
  INSERT INTO item_unit (shop_id, item_id, unit, factor)
  SELECT u.shop_id, p_into_id, u.unit, round(u.factor * p_factor, 6)
  FROM item_unit u
  JOIN item into_item ON into_item.shop_id = u.shop_id AND into_item.id = p_into_id
  WHERE u.shop_id = p_op.shop_id AND u.item_id = p_item_id AND u.unit <> into_item.base_unit
    AND round(u.factor * p_factor, 6) = u.factor * p_factor
  ON CONFLICT ON CONSTRAINT item_unit_pk DO NOTHING;
  INSERT INTO item_merge (shop_id, op_id, item_id, into_id, factor, is_unit_change, keys, followers, member_id)
  VALUES (p_op.shop_id, p_op.id, p_item_id, p_into_id, p_factor, p_is_unit_change, gone, following, p_member_id);
  RETURN movements;
END
$$;
