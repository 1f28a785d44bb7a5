-- Reports over days of the shop: whole weeks by their sums as far as these hold, the rest from the ledger. That of migration
-- 0024 otherwise; docs/data-model.md has the measurements.
CREATE OR REPLACE FUNCTION report(
  p_shop_id uuid,
  p_is_week boolean,          -- whether the week in which the first day is is meant
  p_first date,               -- NULL: today
  p_last date,                -- NULL: one day, or one week
  p_now timestamptz,
  p_top_count integer
) RETURNS jsonb
-- Planned anew each time: a day and a year are read along different ways. Compiling the plan takes longer than running it.
-- STABLE: all its statements see one moment of the ledger, sums and notes.
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
  shop record;
  first_day date;
  last_day date;
  starts_at timestamptz;
  ends_at timestamptz;
  weeks date[];            -- those whose sums are taken
  gaps datemultirange;     -- the days in between
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

  SELECT coalesce(array_agg(w.monday), '{}') INTO weeks
  FROM report_week w
  WHERE w.shop_id = p_shop_id AND w.monday BETWEEN first_day AND last_day - 6
    AND sum_holds(p_shop_id, w.monday, shop.time_zone, shop.currency);
  SELECT datemultirange(daterange(first_day, last_day + 1)) - coalesce(range_agg(daterange(w.monday, w.monday + 7)), '{}')
  INTO gaps
  FROM unnest(weeks) w (monday);

  WITH parts AS (
    SELECT
      r.kind, r.item_id, r.line_count, r.delta, r.price_count, r.at_price, r.cost_count, r.at_cost, r.margin_count, r.margin
    FROM report_sum r
    WHERE r.shop_id = p_shop_id AND r.monday = ANY (weeks)
    UNION ALL
    SELECT m.*
    FROM unnest(gaps) gap
    CROSS JOIN LATERAL sum_movements(
      p_shop_id, lower(gap)::timestamp AT TIME ZONE shop.time_zone, upper(gap)::timestamp AT TIME ZONE shop.time_zone,
      shop.currency) m
  ),
  summed AS (
    SELECT
      p.kind, p.item_id,
      sum(p.line_count) AS line_count,
      sum(p.delta) AS delta,
      sum(p.price_count) AS price_count,
      sum(p.at_price) AS at_price,
      sum(p.cost_count) AS cost_count,
      sum(p.at_cost) AS at_cost,
      sum(p.margin_count) AS margin_count,
      sum(p.margin) AS margin
    FROM parts p
    GROUP BY p.kind, p.item_id
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
