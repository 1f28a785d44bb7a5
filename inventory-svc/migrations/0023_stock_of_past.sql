-- Stock as of a moment of the past.
CREATE FUNCTION stock_at(
  p_shop_id uuid,
  p_item_ids uuid[],
  p_occurred timestamptz,     -- what was there then, by all that is known today
  p_recorded timestamptz      -- or what the book said then; one of the two is given
) RETURNS TABLE (item_id uuid, on_hand numeric)
-- Planned anew each time: how much happened since then decides what is read.
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  IF p_recorded IS NOT NULL THEN
    -- The balance after the last movement that was known, shelf by shelf: what came since is all that is read.
    RETURN QUERY
    SELECT s.item_id, sum(last.balance_after)
    FROM stock s
    CROSS JOIN LATERAL (
      SELECT m.balance_after
      FROM movement m
      WHERE m.shop_id = s.shop_id AND m.item_id = s.item_id AND m.location_id = s.location_id
        AND m.recorded_at <= p_recorded
      ORDER BY m.seq DESC
      LIMIT 1
    ) last
    WHERE s.shop_id = p_shop_id AND s.item_id = ANY (p_item_ids)
    GROUP BY s.item_id;
  ELSE
    RETURN QUERY
    SELECT s.item_id, s.on_hand - coalesce(later.delta, 0)
    FROM (
      SELECT shelf.item_id, sum(shelf.on_hand) AS on_hand
      FROM stock shelf
      WHERE shelf.shop_id = p_shop_id AND shelf.item_id = ANY (p_item_ids)
      GROUP BY shelf.item_id
    ) s
    LEFT JOIN (
      SELECT m.item_id, sum(m.delta) AS delta
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.item_id = ANY (p_item_ids) AND m.occurred_at > p_occurred
      GROUP BY m.item_id
    ) later ON later.item_id = s.item_id;
  END IF;
END
$$;
COMMENT ON FUNCTION stock_at IS 'What was on hand of each item at a moment; items without stock ever are left out';
