-- History: movements as people ask for them, with who did it, what was on hand before, and what took it back.
CREATE FUNCTION told_movements(p_shop_id uuid, p_movement_ids bigint[]) RETURNS SETOF jsonb
LANGUAGE sql STABLE AS $$
  SELECT movement_json(m, i.display_name, i.base_unit) || jsonb_build_object(
    'member_id', o.member_id, 'member_name', mb.display_name, 'public_reference', o.public_reference,
    'reversed_by', CASE WHEN r.is_back THEN r.op_id END,
    'reversed_by_reference', CASE WHEN r.is_back THEN r.public_reference END)
  FROM unnest(p_movement_ids) WITH ORDINALITY AS wanted (id, place)
  JOIN movement m ON m.shop_id = p_shop_id AND m.id = wanted.id
  JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
  JOIN operation o ON o.shop_id = m.shop_id AND o.id = m.op_id
  LEFT JOIN member mb ON mb.shop_id = o.shop_id AND mb.id = o.member_id
  LEFT JOIN LATERAL (
    SELECT mirror.op_id, taken.public_reference, NOT operation_stands(m.shop_id, m.op_id) AS is_back
    FROM movement mirror
    JOIN operation taken ON taken.shop_id = mirror.shop_id AND taken.id = mirror.op_id
    WHERE mirror.shop_id = m.shop_id AND mirror.reverses = m.id
  ) r ON true
  ORDER BY wanted.place
$$;
COMMENT ON FUNCTION told_movements IS 'Movements with what people want to know of them, in the order of the ids';

CREATE FUNCTION list_movements(
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
  WHERE i.shop_id = p_shop_id AND i.merged_into = p_item_id
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
COMMENT ON FUNCTION list_movements IS 'A page of movements, newest first, in one round trip';
