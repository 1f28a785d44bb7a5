-- Why a balance is what it is: the shelf since it was last counted, and the movement since which it is below zero.
CREATE FUNCTION explain_stock(p_shop_id uuid, p_item_id uuid, p_location_id uuid, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  asked item;
  shelf stock;
  wall record;
  since bigint := 0;
  page bigint[];
  crossing bigint[];
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT it.* INTO asked
  FROM item named
  JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
  WHERE named.shop_id = p_shop_id AND named.id = p_item_id;
  IF NOT FOUND THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  ELSIF p_location_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM location p WHERE p.shop_id = p_shop_id AND p.id = p_location_id
  ) THEN
    PERFORM refuse('BR001', 'no such place', jsonb_build_object('field', 'location_id'));
  END IF;
  SELECT s.* INTO shelf
  FROM stock s
  WHERE s.shop_id = p_shop_id AND s.item_id = asked.id AND (p_location_id IS NULL OR s.location_id = p_location_id)
  ORDER BY s.on_hand, s.location_id
  LIMIT 1;

  -- The newest count that stands, as standing_balance takes it.
  SELECT c.counted, c.expected, c.seq, o.id, o.public_reference, o.occurred_at, o.member_id, mb.display_name INTO wall
  FROM count_line c
  JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
  LEFT JOIN member mb ON mb.shop_id = o.shop_id AND mb.id = o.member_id
  WHERE c.shop_id = p_shop_id AND c.item_id = shelf.item_id AND c.location_id = shelf.location_id
    AND operation_stands(o.shop_id, o.id)
  ORDER BY date_trunc('second', o.occurred_at) DESC, c.seq DESC, o.id DESC, c.line DESC
  LIMIT 1;
  IF FOUND THEN
    since := wall.seq;
  END IF;
  page := ARRAY(
    SELECT newest.id
    FROM (
      SELECT m.id, m.seq
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.item_id = shelf.item_id AND m.location_id = shelf.location_id AND m.seq > since
      ORDER BY m.seq DESC
      LIMIT p_limit
    ) newest
    ORDER BY newest.seq
  );
  IF shelf.on_hand < 0 THEN
    crossing := ARRAY(
      SELECT m.id
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.item_id = shelf.item_id AND m.location_id = shelf.location_id
        AND m.seq = 1 + coalesce((
          SELECT before.seq
          FROM movement before
          WHERE before.shop_id = p_shop_id AND before.item_id = shelf.item_id
            AND before.location_id = shelf.location_id AND before.balance_after >= 0
          ORDER BY before.seq DESC
          LIMIT 1), 0)
    );
  END IF;
  RETURN jsonb_build_object(
    'item', jsonb_build_object(
      'id', asked.id, 'display_name', asked.display_name, 'base_unit', asked.base_unit, 'scale', asked.scale,
      'low_at', asked.low_at::text),
    'location_id', coalesce(
      shelf.location_id, p_location_id, (SELECT s.default_location_id FROM shop s WHERE s.id = p_shop_id)),
    'on_hand', coalesce(shelf.on_hand, 0)::text,
    'last_count', CASE WHEN wall.id IS NOT NULL THEN jsonb_build_object(
      'operation_id', wall.id, 'public_reference', wall.public_reference, 'occurred_at', wall.occurred_at,
      'counted', wall.counted::text, 'expected', wall.expected::text, 'member_id', wall.member_id,
      'member_name', wall.display_name) END,
    'movements', (SELECT coalesce(jsonb_agg(told ORDER BY place), '[]')
      FROM told_movements(p_shop_id, page) WITH ORDINALITY AS t (told, place)),
    'omitted_count', coalesce(shelf.seq, 0) - since - cardinality(page),
    'below_zero', (SELECT told FROM told_movements(p_shop_id, crossing) AS t (told)));
END
$$;
COMMENT ON FUNCTION explain_stock IS 'How the balance of a shelf came to be, in one round trip';
