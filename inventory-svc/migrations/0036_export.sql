-- Pages of what a shop has and of what happened, for files. They are read in one snapshot, one page after the other.
CREATE FUNCTION export_head(p_shop_id uuid, p_item_id uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  IF p_item_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM item i WHERE i.shop_id = p_shop_id AND i.id = p_item_id
  ) THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  END IF;
  RETURN (
    SELECT jsonb_build_object(
      'today', to_char(now() AT TIME ZONE s.time_zone, 'YYYY-MM-DD'),
      'currency', s.currency,
      'time_zone', s.time_zone,
      'places', (SELECT jsonb_object_agg(l.id, l.display_name) FROM location l WHERE l.shop_id = s.id))
    FROM shop s
    WHERE s.id = p_shop_id
  );
END
$$;
COMMENT ON FUNCTION export_head IS 'What every row of a file refers to';

CREATE FUNCTION export_stock(p_shop_id uuid, p_after_name text, p_after_item uuid, p_limit integer) RETURNS TABLE (
  item_id uuid,
  sort_name text,
  display_name text,
  base_unit text,
  low_at numeric,
  barcodes text[],
  aliases text[],
  packs text,
  shelves jsonb               -- where something is: place, quantity, cost
)
LANGUAGE sql STABLE AS $$
  SELECT
    i.id, i.sort_name, i.display_name, i.base_unit, trim_scale(i.low_at),
    ARRAY(
      SELECT k.key FROM item_key k
      WHERE k.shop_id = i.shop_id AND k.item_id = i.id AND k.kind = 'barcode'
      ORDER BY k.key
    ),
    ARRAY(
      SELECT k.key FROM item_key k
      WHERE k.shop_id = i.shop_id AND k.item_id = i.id AND k.kind = 'alias'
      ORDER BY k.key
    ),
    (
      SELECT coalesce(string_agg(format('%s = %s', u.unit, trim_scale(u.factor)), ', ' ORDER BY u.unit), '')
      FROM item_unit u
      WHERE u.shop_id = i.shop_id AND u.item_id = i.id
    ),
    (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'location_id', s.location_id, 'on_hand', trim_scale(s.on_hand)::text,
        'unit_cost', trim_scale(round(s.unit_cost, 4))::text, 'value', trim_scale(round(greatest(s.on_hand, 0) * s.unit_cost, 2))::text)
        ORDER BY lower(l.display_name)), '[]')
      FROM stock s
      JOIN location l ON l.shop_id = s.shop_id AND l.id = s.location_id
      WHERE s.shop_id = i.shop_id AND s.item_id = i.id AND s.on_hand <> 0
    )
  FROM item i
  WHERE i.shop_id = p_shop_id AND i.archived_at IS NULL AND (i.sort_name, i.id) > (p_after_name, p_after_item)
  ORDER BY i.sort_name, i.id
  LIMIT p_limit
$$;
COMMENT ON FUNCTION export_stock IS 'Items after a place in the list, with what is on hand of each';

CREATE FUNCTION export_movements(
  p_shop_id uuid, p_item_id uuid, p_start timestamptz, p_end timestamptz, p_after_at timestamptz, p_after_id bigint,
  p_time_zone text, p_limit integer
) RETURNS SETOF jsonb
-- Planned anew each time, as list_movements is.
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  items uuid[];
  page bigint[];
BEGIN
  IF p_item_id IS NOT NULL THEN
    SELECT array_agg(i.id) INTO items
    FROM item i
    WHERE i.shop_id = p_shop_id AND (i.id = p_item_id OR i.merged_into = p_item_id);
  END IF;
  page := ARRAY(
    SELECT m.id
    FROM movement m
    WHERE m.shop_id = p_shop_id
      AND (m.occurred_at, m.id) > (p_after_at, p_after_id)
      AND (p_start IS NULL OR m.occurred_at >= p_start)
      AND (p_end IS NULL OR m.occurred_at < p_end)
      AND (items IS NULL OR m.item_id = ANY (items))
    ORDER BY m.occurred_at, m.id
    LIMIT p_limit
  );
  RETURN QUERY
  SELECT told.movement || jsonb_build_object('local_time', to_char(
    (told.movement ->> 'occurred_at')::timestamptz AT TIME ZONE p_time_zone, 'YYYY-MM-DD HH24:MI:SS'))
  FROM told_movements(p_shop_id, page) WITH ORDINALITY AS told (movement, place)
  ORDER BY told.place;
END
$$;
COMMENT ON FUNCTION export_movements IS 'Movements after a moment, oldest first, with the time in the zone of the shop';
