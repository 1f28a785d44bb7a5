-- The history of an item is also that of what it was in another unit, and of what had been merged into that.
-- list_movements is that of migration 0022 otherwise.
CREATE OR REPLACE FUNCTION list_movements(
  p_shop_id uuid,
  p_item_id uuid,             -- NULL, here and below: all
  p_member_id uuid,
  p_kinds text[],
  p_location_id uuid,
  p_start timestamptz,        -- with this or the next one the order is that of what happened, otherwise that of the ledger
  p_end timestamptz,
  p_before_at timestamptz,    -- where the last page ended
  p_before_id bigint,
  p_limit bigint
) RETURNS SETOF jsonb
-- Planned anew each time: the right index depends on what is asked for, and on how much there is of it.
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  merged uuid[];
  placed uuid[];
  page bigint[];
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT p_item_id || array_agg(i.id) INTO merged
  FROM item i
  WHERE i.shop_id = p_shop_id AND i.moved_to = p_item_id
  HAVING count(*) > 0;
  -- Where few items ever were is found through them, and not through all there is.
  SELECT array_agg(s.item_id) INTO placed
  FROM stock s
  WHERE s.shop_id = p_shop_id AND s.location_id = p_location_id
  HAVING count(*) <= 50;
  IF p_location_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM stock s WHERE s.shop_id = p_shop_id AND s.location_id = p_location_id
  ) THEN
    RETURN;
  END IF;
  IF p_start IS NULL AND p_end IS NULL THEN
    page := ARRAY(
      SELECT m.id
      FROM movement m
      JOIN operation o ON o.shop_id = m.shop_id AND o.id = m.op_id
      WHERE m.shop_id = p_shop_id
        AND m.id < coalesce(p_before_id, 9223372036854775807)
        AND (p_item_id IS NULL OR merged IS NOT NULL OR m.item_id = p_item_id)
        AND (merged IS NULL OR m.item_id = ANY (merged))
        AND (p_kinds IS NULL OR m.kind = ANY (p_kinds))
        AND (p_location_id IS NULL OR m.location_id = p_location_id)
        AND (placed IS NULL OR m.item_id = ANY (placed))
        AND (p_member_id IS NULL OR o.member_id = p_member_id)
      ORDER BY m.id DESC
      LIMIT p_limit
    );
  ELSE
    page := ARRAY(
      SELECT m.id
      FROM movement m
      JOIN operation o ON o.shop_id = m.shop_id AND o.id = m.op_id
      WHERE m.shop_id = p_shop_id
        AND m.occurred_at >= coalesce(p_start, '-infinity') AND m.occurred_at < coalesce(p_end, 'infinity')
        AND (p_before_id IS NULL OR (m.occurred_at, m.id) < (p_before_at, p_before_id))
        AND (p_item_id IS NULL OR merged IS NOT NULL OR m.item_id = p_item_id)
        AND (merged IS NULL OR m.item_id = ANY (merged))
        AND (p_kinds IS NULL OR m.kind = ANY (p_kinds))
        AND (p_location_id IS NULL OR m.location_id = p_location_id)
        AND (placed IS NULL OR m.item_id = ANY (placed))
        AND (p_member_id IS NULL OR o.member_id = p_member_id)
      ORDER BY m.occurred_at DESC, m.id DESC
      LIMIT p_limit
    );
  END IF;
  RETURN QUERY SELECT * FROM told_movements(p_shop_id, page);
END
$$;
