-- All that is known of one item, and what all that is on hand cost.
CREATE FUNCTION item_detail(p_shop_id uuid, p_item_id uuid) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT jsonb_build_object(
    'item', jsonb_build_object(
      'id', i.id, 'display_name', i.display_name, 'base_unit', i.base_unit, 'scale', i.scale, 'low_at', i.low_at::text),
    'aliases', (SELECT coalesce(jsonb_agg(k.key ORDER BY k.key), '[]')
      FROM item_key k WHERE k.shop_id = i.shop_id AND k.item_id = i.id AND k.kind = 'alias'),
    'barcodes', (SELECT coalesce(jsonb_agg(k.key ORDER BY k.key), '[]')
      FROM item_key k WHERE k.shop_id = i.shop_id AND k.item_id = i.id AND k.kind = 'barcode'),
    'packs', (SELECT coalesce(jsonb_agg(jsonb_build_object('unit', u.unit, 'factor', u.factor::text) ORDER BY u.unit), '[]')
      FROM item_unit u WHERE u.shop_id = i.shop_id AND u.item_id = i.id),
    'places', (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'location_id', s.location_id, 'location_name', p.display_name, 'on_hand', s.on_hand::text,
        'counted_at', s.counted_at, 'changed_at', s.changed_at, 'unit_cost', s.unit_cost::text)
        ORDER BY lower(p.display_name)), '[]')
      FROM stock s
      JOIN location p ON p.shop_id = s.shop_id AND p.id = s.location_id
      WHERE s.shop_id = i.shop_id AND s.item_id = i.id),
    'currency', sh.currency,
    'created_at', i.created_at, 'archived_at', i.archived_at, 'merged_into', i.merged_into)
  INTO answer
  FROM item i
  JOIN shop sh ON sh.id = i.shop_id
  WHERE i.shop_id = p_shop_id AND i.id = p_item_id;
  IF NOT FOUND THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  END IF;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION item_detail IS 'All that is known of an item, also of one that is out of the lists';

CREATE FUNCTION stock_value(p_shop_id uuid) RETURNS TABLE (
  currency text,
  value numeric,
  valued_item_count bigint,
  unvalued_item_count bigint
)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  RETURN QUERY
  SELECT sh.currency, sum(i.value), count(i.value), count(*) FILTER (WHERE i.value IS NULL)
  FROM shop sh
  LEFT JOIN (
    -- What is below zero somewhere is no debt: it was there and nobody said so.
    SELECT s.item_id, sum(s.on_hand * s.unit_cost) AS value
    FROM stock s
    WHERE s.shop_id = p_shop_id AND s.on_hand > 0
    GROUP BY s.item_id
  ) i ON true
  WHERE sh.id = p_shop_id AND i.item_id IS NOT NULL
  GROUP BY sh.currency;
END
$$;
COMMENT ON FUNCTION stock_value IS 'What all that is on hand cost; no row when nothing is';
