-- A sum goes when the week beside it is summed in another time zone.
--
-- Its first or last hours are in that week then, and so are the notes of what came late in them, which go when that week is
-- summed. Had the shop moved back before this week was summed again, its sum would have held without what came late.
-- sum_week is that of migration 0041 otherwise.
CREATE OR REPLACE FUNCTION sum_week(p_shop_id uuid, p_monday date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE
  shop record;
  week report_week;
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT s.currency, s.time_zone, s.summed_until INTO shop FROM shop s WHERE s.id = p_shop_id;
  week.starts_at := p_monday::timestamp AT TIME ZONE shop.time_zone;
  week.ends_at := (p_monday + 7)::timestamp AT TIME ZONE shop.time_zone;
  IF shop.summed_until IS NULL OR week.ends_at > shop.summed_until THEN
    RETURN; -- the shop moved to another time zone meanwhile: what is posted into this week leaves no note yet
  END IF;
  -- Two processes that make sums of a shop do so one after the other.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_shop_id::text, 41));
  -- The notes of what happened here go: no sum may stay that was made where the week began at another hour.
  DELETE FROM report_week w
  WHERE w.shop_id = p_shop_id AND w.monday <> p_monday AND w.starts_at < week.ends_at AND w.ends_at > week.starts_at;
  INSERT INTO report_week AS w (shop_id, monday, starts_at, ends_at, currency)
  VALUES (p_shop_id, p_monday, week.starts_at, week.ends_at, shop.currency)
  ON CONFLICT ON CONSTRAINT report_week_pk DO UPDATE
  SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, currency = excluded.currency;
  -- The notes before the sum: what comes between the two is summed and noted, and summed once more next time.
  DELETE FROM report_late l
  WHERE l.shop_id = p_shop_id AND l.occurred_at >= week.starts_at AND l.occurred_at < week.ends_at;
  DELETE FROM report_sum r WHERE r.shop_id = p_shop_id AND r.monday = p_monday;
  INSERT INTO report_sum (
    shop_id, monday, kind, item_id, line_count, delta, price_count, at_price, cost_count, at_cost, margin_count, margin
  )
  SELECT
    p_shop_id, p_monday, m.kind, m.item_id, m.line_count, m.delta, m.price_count, m.at_price, m.cost_count, m.at_cost,
    m.margin_count, m.margin
  FROM sum_movements(p_shop_id, week.starts_at, week.ends_at, shop.currency) m;
END
$$;
