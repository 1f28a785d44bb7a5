-- Reports over days of the shop, read from the ledger itself: docs/data-model.md has the measurements.
CREATE FUNCTION report(
  p_shop_id uuid,
  p_is_week boolean,          -- whether the week in which the first day is is meant
  p_first date,               -- NULL: today
  p_last date,                -- NULL: one day, or one week
  p_now timestamptz,
  p_top_count integer
) RETURNS jsonb
-- Planned anew each time: a day and a year are read along different ways.
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  shop record;
  first_day date;
  last_day date;
  starts_at timestamptz;
  ends_at timestamptz;
  answer jsonb;
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT s.currency, s.time_zone INTO shop FROM shop s WHERE s.id = p_shop_id;
  first_day := coalesce(p_first, (p_now AT TIME ZONE shop.time_zone)::date);
  IF p_is_week THEN
    first_day := date_trunc('week', first_day::timestamp)::date; -- Monday
  END IF;
  last_day := coalesce(p_last, first_day + CASE WHEN p_is_week THEN 6 ELSE 0 END);
  starts_at := first_day::timestamp AT TIME ZONE shop.time_zone;
  ends_at := (last_day + 1)::timestamp AT TIME ZONE shop.time_zone;

  WITH said AS (
    SELECT
      m.kind, m.item_id, 1 AS weight, m.delta, m.unit_cost,
      CASE WHEN m.currency = shop.currency THEN m.unit_price END AS price
    FROM movement m
    WHERE m.shop_id = p_shop_id AND m.occurred_at >= starts_at AND m.occurred_at < ends_at
      AND m.kind NOT IN ('reversal', 'transfer')
      -- Of counts only what a person found, and not what absorbs or settles.
      AND (m.kind <> 'count' OR m.said_quantity IS NOT NULL)
    UNION ALL
    -- Less what was taken back. A mirror stands at the time of its line, so it is found here without looking at others.
    SELECT
      m.kind, m.item_id, -1, -m.delta, m.unit_cost,
      CASE WHEN m.currency = shop.currency THEN m.unit_price END
    FROM movement mirror
    JOIN movement m ON m.shop_id = mirror.shop_id AND m.id = mirror.reverses
    WHERE mirror.shop_id = p_shop_id AND mirror.occurred_at >= starts_at AND mirror.occurred_at < ends_at
      AND mirror.kind = 'reversal' AND m.kind NOT IN ('reversal', 'transfer')
      AND (m.kind <> 'count' OR m.said_quantity IS NOT NULL)
      AND NOT operation_stands(m.shop_id, m.op_id)
  ),
  summed AS (
    SELECT
      s.kind, s.item_id,
      sum(s.weight) AS line_count,
      sum(s.delta) AS delta,
      coalesce(sum(s.weight) FILTER (WHERE s.price IS NOT NULL), 0) AS price_count,
      sum(s.delta * s.price) AS at_price,
      coalesce(sum(s.weight) FILTER (WHERE s.unit_cost IS NOT NULL), 0) AS cost_count,
      sum(s.delta * s.unit_cost) AS at_cost,
      coalesce(sum(s.weight) FILTER (WHERE s.price IS NOT NULL AND s.unit_cost IS NOT NULL), 0) AS margin_count,
      -sum(s.delta * (s.price - s.unit_cost)) AS margin
    FROM said s
    GROUP BY s.kind, s.item_id
  ),
  by_item AS MATERIALIZED (
    SELECT
      s.kind, s.item_id, s.line_count, s.delta, s.price_count, s.cost_count, s.margin_count,
      CASE WHEN s.price_count > 0 THEN s.at_price END AS at_price,
      CASE WHEN s.cost_count > 0 THEN s.at_cost END AS at_cost,
      CASE WHEN s.margin_count > 0 THEN s.margin END AS margin
    FROM summed s
    WHERE s.line_count > 0
  ),
  kinds AS (
    SELECT
      b.kind,
      sum(b.line_count) AS line_count,
      count(*) AS item_count,
      CASE WHEN count(DISTINCT i.base_unit) = 1 THEN sum(b.delta) * d.sign END AS quantity,
      CASE WHEN count(DISTINCT i.base_unit) = 1 THEN min(i.base_unit) ELSE '' END AS base_unit,
      CASE WHEN d.is_priced THEN sum(b.at_price) ELSE sum(b.at_cost) END * d.sign AS value,
      sum(b.line_count - CASE WHEN d.is_priced THEN b.price_count ELSE b.cost_count END) AS unvalued_line_count,
      sum(b.line_count - b.price_count) AS unpriced_line_count
    FROM by_item b
    JOIN item i ON i.shop_id = p_shop_id AND i.id = b.item_id
    CROSS JOIN LATERAL (
      SELECT
        CASE WHEN b.kind IN ('sale', 'waste', 'own_use', 'theft', 'gift', 'return_out') THEN -1 ELSE 1 END AS sign,
        b.kind IN ('sale', 'receipt', 'opening', 'return_in') AS is_priced
    ) d
    GROUP BY b.kind, d.sign, d.is_priced
  ),
  items AS (
    SELECT
      b.item_id, i.display_name, i.base_unit, i.scale, i.low_at,
      -sum(b.delta) FILTER (WHERE b.kind = 'sale') AS sold,
      coalesce(sum(b.delta) FILTER (WHERE b.kind = 'receipt'), 0) AS received,
      coalesce(-sum(b.delta) FILTER (WHERE b.kind IN ('waste', 'theft', 'own_use', 'gift')), 0) AS lost,
      -sum(b.at_price) FILTER (WHERE b.kind = 'sale') AS sales_value,
      sum(b.margin) FILTER (WHERE b.kind = 'sale') AS margin
    FROM by_item b
    JOIN item i ON i.shop_id = p_shop_id AND i.id = b.item_id
    GROUP BY b.item_id, i.display_name, i.base_unit, i.scale, i.low_at, i.sort_name
    HAVING sum(b.delta) FILTER (WHERE b.kind = 'sale') IS NOT NULL
    ORDER BY sales_value DESC NULLS LAST, sold DESC, i.sort_name, b.item_id
    LIMIT p_top_count
  )
  SELECT jsonb_build_object(
    'first_day', first_day, 'last_day', last_day, 'starts_at', starts_at, 'ends_at', ends_at,
    'time_zone', shop.time_zone, 'currency', shop.currency,
    'kinds', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'kind', k.kind, 'line_count', k.line_count, 'item_count', k.item_count, 'quantity', k.quantity::text,
        'base_unit', k.base_unit, 'value', k.value::text, 'unvalued_line_count', k.unvalued_line_count) ORDER BY k.kind), '[]')
      FROM kinds k),
    'top_items', (
      SELECT coalesce(jsonb_agg(jsonb_build_object(
        'item', jsonb_build_object(
          'id', t.item_id, 'display_name', t.display_name, 'base_unit', t.base_unit, 'scale', t.scale,
          'low_at', t.low_at::text),
        'sold', t.sold::text, 'received', t.received::text, 'lost', t.lost::text,
        'sales_value', t.sales_value::text, 'margin', t.margin::text)
        ORDER BY t.sales_value DESC NULLS LAST, t.sold DESC, lower(t.display_name), t.item_id), '[]')
      FROM items t),
    'unpriced_line_count', (
      SELECT coalesce(sum(k.unpriced_line_count), 0) FROM kinds k WHERE k.kind IN ('sale', 'receipt')),
    'margin', (SELECT sum(b.margin)::text FROM by_item b WHERE b.kind = 'sale'),
    'margin_line_count', (SELECT coalesce(sum(b.margin_count), 0) FROM by_item b WHERE b.kind = 'sale'))
  INTO answer;
  RETURN answer;
END
$$;
COMMENT ON FUNCTION report IS 'What was sold, received and lost in some days of the shop, net of what was taken back, in one round trip';
