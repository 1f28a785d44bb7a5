-- Counts whose lines were seen at times of their own: a stock-take goes on for hours, and each of its lines is a wall from the
-- moment in which a person saw it.
--
-- A count that is one message has neither column, and stands at the time of its operation as before. The functions are
-- those of migrations 0005, 0025 and 0031 otherwise.
ALTER TABLE count_line
  ADD COLUMN seen_at timestamptz,
  ADD COLUMN seen_seq bigint,
  ADD CONSTRAINT count_line_seen_is_whole CHECK ((seen_at IS NULL) = (seen_seq IS NULL));
COMMENT ON COLUMN count_line.seen_at IS 'When it was seen, when that was before the operation; NULL: when the operation happened';
COMMENT ON COLUMN count_line.seen_seq IS 'The movements of the shelf that were known when it was seen; NULL: seq';

CREATE OR REPLACE FUNCTION standing_balance(p_shop_id uuid, p_item_id uuid, p_location_id uuid) RETURNS numeric
LANGUAGE sql STABLE AS $$
  WITH wall AS (
    SELECT c.counted, coalesce(c.seen_seq, c.seq) AS seq, coalesce(c.seen_at, o.occurred_at) AS occurred_at
    FROM count_line c
    JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
    WHERE c.shop_id = p_shop_id AND c.item_id = p_item_id AND c.location_id = p_location_id
      AND operation_stands(o.shop_id, o.id)
    ORDER BY date_trunc('second', coalesce(c.seen_at, o.occurred_at)) DESC, coalesce(c.seen_seq, c.seq) DESC, o.id DESC,
      c.line DESC
    LIMIT 1
  )
  SELECT coalesce((SELECT counted FROM wall), 0) + coalesce(sum(m.delta), 0)
  FROM movement m
  LEFT JOIN wall ON true
  WHERE m.shop_id = p_shop_id AND m.item_id = p_item_id AND m.location_id = p_location_id
    AND (
      wall.seq IS NULL
      OR m.occurred_at > wall.occurred_at
      OR (m.seq > wall.seq AND m.occurred_at >= date_trunc('second', wall.occurred_at)))
    AND line_stands(m)
$$;

CREATE OR REPLACE FUNCTION count_line_raise_wall() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE stock s
  SET counted_at = greatest(s.counted_at, coalesce(NEW.seen_at, o.occurred_at))
  FROM operation o
  WHERE o.shop_id = NEW.shop_id AND o.id = NEW.op_id
    AND s.shop_id = NEW.shop_id AND s.item_id = NEW.item_id AND s.location_id = NEW.location_id;
  -- A count that found what the book said has no movement that would notice.
  IF EXISTS (SELECT FROM item i WHERE i.shop_id = NEW.shop_id AND i.id = NEW.item_id AND i.moved_to IS NOT NULL) THEN
    PERFORM refuse_moved_item(NEW.shop_id, NEW.op_id);
  END IF;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION operation_move_wall() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  shelf record;
BEGIN
  -- All shelves of the operation, also those without a count: the mirror lines follow and find them locked in order.
  FOR shelf IN
    WITH RECURSIVE chain (id) AS (
      -- Through any chain of undo and redo to the counts behind it.
      SELECT NEW.reverses
      UNION ALL
      SELECT o.reverses FROM chain c JOIN operation o ON o.shop_id = NEW.shop_id AND o.id = c.id
      WHERE o.reverses IS NOT NULL
    ),
    counted AS (
      SELECT c.item_id, c.location_id FROM chain JOIN count_line c ON c.shop_id = NEW.shop_id AND c.op_id = chain.id
    )
    SELECT s.item_id, s.location_id, (s.item_id, s.location_id) IN (SELECT item_id, location_id FROM counted) AS is_counted
    FROM stock s
    WHERE s.shop_id = NEW.shop_id AND (
      (s.item_id, s.location_id) IN (SELECT item_id, location_id FROM counted)
      OR (s.item_id, s.location_id) IN (
        SELECT m.item_id, m.location_id FROM movement m WHERE m.shop_id = NEW.shop_id AND m.op_id = NEW.reverses
      ))
    ORDER BY s.item_id, s.location_id
    FOR UPDATE OF s
  LOOP
    CONTINUE WHEN NOT shelf.is_counted;
    UPDATE stock s
    SET counted_at = (
      SELECT max(coalesce(c.seen_at, o.occurred_at))
      FROM count_line c
      JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
      WHERE c.shop_id = NEW.shop_id AND c.item_id = shelf.item_id AND c.location_id = shelf.location_id
        AND operation_stands(o.shop_id, o.id)
    )
    WHERE s.shop_id = NEW.shop_id AND s.item_id = shelf.item_id AND s.location_id = shelf.location_id;
  END LOOP;
  RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION explain_stock(p_shop_id uuid, p_item_id uuid, p_location_id uuid, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  asked item;
  shelf stock;
  wall record;
  since bigint := 0;
  page bigint[];
  crossing bigint[];
  meanwhile bigint[] := '{}';
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
  SELECT
    c.counted, c.expected, c.seq, coalesce(c.seen_seq, c.seq) AS seen_seq, o.id, o.public_reference,
    coalesce(c.seen_at, o.occurred_at) AS occurred_at, o.member_id, mb.display_name
  INTO wall
  FROM count_line c
  JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
  LEFT JOIN member mb ON mb.shop_id = o.shop_id AND mb.id = o.member_id
  WHERE c.shop_id = p_shop_id AND c.item_id = shelf.item_id AND c.location_id = shelf.location_id
    AND operation_stands(o.shop_id, o.id)
  ORDER BY date_trunc('second', coalesce(c.seen_at, o.occurred_at)) DESC, coalesce(c.seen_seq, c.seq) DESC, o.id DESC,
    c.line DESC
  LIMIT 1;
  IF FOUND THEN
    since := wall.seq;
    -- What happened between what was seen and the end of the stock-take is on top of what was seen.
    meanwhile := ARRAY(
      SELECT m.id
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.item_id = shelf.item_id AND m.location_id = shelf.location_id
        AND m.seq > wall.seen_seq AND m.seq <= wall.seq AND m.op_id <> wall.id
        AND m.occurred_at >= date_trunc('second', wall.occurred_at)
    );
  END IF;
  page := ARRAY(
    SELECT newest.id
    FROM (
      SELECT m.id, m.seq
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.item_id = shelf.item_id AND m.location_id = shelf.location_id
        AND (m.seq > since OR m.id = ANY (meanwhile))
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
    'omitted_count', coalesce(shelf.seq, 0) - since + cardinality(meanwhile) - cardinality(page),
    'below_zero', (SELECT told FROM told_movements(p_shop_id, crossing) AS t (told)));
END
$$;
