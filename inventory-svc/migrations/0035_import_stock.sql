-- Lists of stock that are taken in as a whole.
--
-- The rows wait in import_row, written a thousand at a time by statements that end at once: nothing is held while a
-- caller sends. What they mean, what is wrong and what comes of them is then one transaction of few statements over all
-- rows, in the order of locks of every post: the request, names by key, packs by (item, unit), shelves by item.
CREATE UNLOGGED TABLE import_row (
  shop_id         uuid           NOT NULL,
  import_id       uuid           NOT NULL,
  row_number      integer        NOT NULL,
  name            text,
  key             text,
  barcode         text,
  barcode_key     text,
  quantity        numeric,
  unit            text,
  measures        jsonb,
  usual_factor    numeric,
  pack_size       numeric,
  unit_cost       numeric,
  low_level       numeric,
  new_item_id     uuid           NOT NULL,
  new_base_unit   text,
  new_scale       smallint,
  problems        jsonb,
  staged_at       timestamptz    NOT NULL DEFAULT now(),
  item_id         uuid,
  name_item_id    uuid,
  barcode_item_id uuid,
  base_unit       text,
  scale           smallint,
  factor          numeric,
  expected        numeric,
  delta           numeric,
  place           integer,
  CONSTRAINT import_row_pk PRIMARY KEY (shop_id, import_id, row_number)
);
CREATE INDEX import_row_by_place ON import_row (shop_id, import_id, place) WHERE place IS NOT NULL;
COMMENT ON TABLE import_row IS 'Rows of lists that are being taken in, for as long as that takes. Unlogged: who loses them sends the list again';
COMMENT ON COLUMN import_row.shop_id IS 'The shop';
COMMENT ON COLUMN import_row.import_id IS 'One attempt to take a list in';
COMMENT ON COLUMN import_row.row_number IS 'As the list counts it';
COMMENT ON COLUMN import_row.name IS 'As it was written';
COMMENT ON COLUMN import_row.key IS 'The name in the one spelling of item_key';
COMMENT ON COLUMN import_row.barcode IS 'As it was written';
COMMENT ON COLUMN import_row.barcode_key IS 'The barcode in the one spelling of item_key';
COMMENT ON COLUMN import_row.quantity IS 'How much there is, in the unit';
COMMENT ON COLUMN import_row.unit IS 'Its name in the ledger; NULL for the base unit of the item';
COMMENT ON COLUMN import_row.measures IS 'Factors to the base units that the unit converts into by itself';
COMMENT ON COLUMN import_row.usual_factor IS 'Pieces in one unit, unless the item knows better';
COMMENT ON COLUMN import_row.pack_size IS 'Base units in one unit, when the list says so';
COMMENT ON COLUMN import_row.unit_cost IS 'What one base unit cost, in the currency of the shop';
COMMENT ON COLUMN import_row.low_level IS 'The level at which to warn, in the base unit';
COMMENT ON COLUMN import_row.new_item_id IS 'The id of the item when there is none yet';
COMMENT ON COLUMN import_row.new_base_unit IS 'What it is kept in then';
COMMENT ON COLUMN import_row.new_scale IS 'The decimals it is kept with then';
COMMENT ON COLUMN import_row.problems IS 'What is wrong with the row in itself: field and description';
COMMENT ON COLUMN import_row.staged_at IS 'When it came; what is a day old was left behind';
COMMENT ON COLUMN import_row.item_id IS 'The item that is meant or created';
COMMENT ON COLUMN import_row.name_item_id IS 'Whose name it is';
COMMENT ON COLUMN import_row.barcode_item_id IS 'Whose barcode it is';
COMMENT ON COLUMN import_row.base_unit IS 'What the item is kept in';
COMMENT ON COLUMN import_row.scale IS 'The decimals it is kept with';
COMMENT ON COLUMN import_row.factor IS 'Base units in one unit';
COMMENT ON COLUMN import_row.expected IS 'What the book said for the moment of a count';
COMMENT ON COLUMN import_row.delta IS 'What comes onto the shelf';
COMMENT ON COLUMN import_row.place IS 'Its place among what is posted, from 0';
ALTER TABLE import_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON import_row TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT, UPDATE, DELETE ON import_row TO backroom_inventory;

CREATE TABLE stock_import (
  shop_id       uuid        NOT NULL,
  source        text        NOT NULL,
  request_id    text        NOT NULL,
  request_hash  bytea       NOT NULL,
  member_id     uuid,
  mode          text        NOT NULL,
  operation_ids uuid[]      NOT NULL,
  answer        jsonb       NOT NULL,
  recorded_at   timestamptz NOT NULL,
  CONSTRAINT stock_import_pk PRIMARY KEY (shop_id, source, request_id),
  CONSTRAINT stock_import_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT stock_import_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id),
  CONSTRAINT stock_import_source_is_known CHECK (source IN ('whatsapp', 'grpc', 'import', 'system')),
  CONSTRAINT stock_import_mode_is_known CHECK (mode IN ('opening', 'count'))
);
COMMENT ON TABLE stock_import IS 'Lists that were taken in, so that each is taken in once';
COMMENT ON COLUMN stock_import.shop_id IS 'The shop';
COMMENT ON COLUMN stock_import.source IS 'Where the request came from; each source has request ids of its own';
COMMENT ON COLUMN stock_import.request_id IS 'Names the list for good: the digest of its file';
COMMENT ON COLUMN stock_import.request_hash IS 'SHA-256 of what was asked with all rows: the same id with other content is refused';
COMMENT ON COLUMN stock_import.member_id IS 'Who it was done for; NULL when a service did it for itself';
COMMENT ON COLUMN stock_import.mode IS 'What the quantities were: first stock, or what was counted';
COMMENT ON COLUMN stock_import.operation_ids IS 'The operations that it became, in order';
COMMENT ON COLUMN stock_import.answer IS 'What the first request was answered, so that its repeats are answered the same';
COMMENT ON COLUMN stock_import.recorded_at IS 'When that was';
ALTER TABLE stock_import ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON stock_import TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON stock_import TO backroom_inventory;
CREATE TRIGGER stock_import_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_import
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION begin_import(p_shop_id uuid, p_member_id uuid, p_location_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'change_item');
  IF p_location_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM location l WHERE l.shop_id = p_shop_id AND l.id = p_location_id
  ) THEN
    PERFORM refuse('BR027', 'no such place', jsonb_build_object('locationId', p_location_id));
  END IF;
  -- Of any shop: one that sends no second list would keep what it left behind.
  DELETE FROM import_row r WHERE r.staged_at < now() - interval '1 day';
END
$$;
COMMENT ON FUNCTION begin_import IS 'Refuses who may not take a list in before it is read';

CREATE FUNCTION stage_import_rows(p_shop_id uuid, p_import_id uuid, p_rows jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('backroom.shop_id', p_shop_id::text, true);
  INSERT INTO import_row (
    shop_id, import_id, row_number, name, key, barcode, barcode_key, quantity, unit, measures, usual_factor, pack_size,
    unit_cost, low_level, new_item_id, new_base_unit, new_scale, problems
  )
  SELECT
    p_shop_id, p_import_id, q.row_number, q.name, q.key, q.barcode, q.barcode_key, q.quantity, q.unit, q.measures,
    q.usual_factor, q.pack_size, q.unit_cost, q.low_level, q.new_item_id, q.new_base_unit, q.new_scale, q.problems
  FROM jsonb_to_recordset(p_rows) AS q (
    row_number integer, name text, key text, barcode text, barcode_key text, quantity numeric, unit text, measures jsonb,
    usual_factor numeric, pack_size numeric, unit_cost numeric, low_level numeric, new_item_id uuid, new_base_unit text,
    new_scale smallint, problems jsonb
  )
  -- A repeat after a lost connection may find them there.
  ON CONFLICT ON CONSTRAINT import_row_pk DO NOTHING;
END
$$;

CREATE FUNCTION drop_import_rows(p_shop_id uuid, p_import_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('backroom.shop_id', p_shop_id::text, true);
  DELETE FROM import_row r WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id;
END
$$;

-- Rows that came a moment ago have no statistics, and the planner takes them for a handful: a nested loop over fifty
-- thousand of them twice would never end. Only here, where no trigger runs: a plan that is kept would be kept for posts too.
CREATE FUNCTION resolve_import(p_shop_id uuid, p_import_id uuid) RETURNS void
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
  WITH live_key AS (
    SELECT k.key, it.id, it.base_unit, it.scale
    FROM item_key k
    JOIN item named ON named.shop_id = k.shop_id AND named.id = k.item_id
    JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
    WHERE k.shop_id = p_shop_id AND it.archived_at IS NULL
  ),
  meant AS (
    SELECT
      r.row_number,
      by_barcode.id AS barcode_item_id,
      by_name.id AS name_item_id,
      coalesce(by_barcode.id, by_name.id) AS item_id,
      coalesce(by_barcode.base_unit, by_name.base_unit, r.new_base_unit) AS base_unit,
      coalesce(by_barcode.scale, by_name.scale, r.new_scale) AS scale,
      r.unit
    FROM import_row r
    LEFT JOIN live_key by_barcode ON by_barcode.key = r.barcode_key
    LEFT JOIN live_key by_name ON by_name.key = r.key
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id
  )
  UPDATE import_row r
  SET item_id = coalesce(meant.item_id, r.new_item_id),
      barcode_item_id = meant.barcode_item_id,
      name_item_id = meant.name_item_id,
      base_unit = meant.base_unit,
      scale = meant.scale,
      factor = CASE
        WHEN r.unit IS NULL OR r.unit = meant.base_unit THEN 1
        ELSE coalesce(
          r.pack_size,
          (r.measures ->> meant.base_unit)::numeric,
          u.factor,
          -- A dozen is twelve pieces, not twelve boxes.
          CASE WHEN meant.base_unit IN ('each', '') THEN r.usual_factor END)
      END
  FROM meant
  LEFT JOIN item_unit u ON u.shop_id = p_shop_id AND u.item_id = meant.item_id AND u.unit = meant.unit
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.row_number = meant.row_number
$$;
COMMENT ON FUNCTION resolve_import IS 'Finds out which item each row of a list means, and in which unit';

CREATE FUNCTION import_problems(p_shop_id uuid, p_import_id uuid, OUT row_errors jsonb, OUT error_row_count integer)
LANGUAGE sql STABLE SET enable_nestloop = off SET jit = off AS $$
  WITH line AS (
    SELECT r.*, i.display_name, coalesce(i.display_name, r.name) AS called, r.quantity * r.factor AS amount
    FROM import_row r
    LEFT JOIN item i ON i.shop_id = r.shop_id AND i.id = r.item_id
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id
  ),
  -- Every name and barcode that the list would give to an item.
  claim AS (
    SELECT l.row_number, 'name' AS field, l.key FROM line l
    WHERE l.key IS NOT NULL AND l.display_name IS NULL
    UNION ALL
    SELECT l.row_number, 'barcode', l.barcode_key FROM line l
    WHERE l.barcode_key IS NOT NULL AND l.barcode_item_id IS NULL
  ),
  problem AS (
    SELECT l.row_number, said.field, said.description
    FROM line l
    CROSS JOIN LATERAL jsonb_to_recordset(l.problems) AS said (field text, description text)
    WHERE l.problems IS NOT NULL
    UNION ALL
    SELECT l.row_number, 'name', 'no item has this barcode yet: write what it is called'
    FROM line l
    WHERE l.name IS NULL AND l.barcode_key IS NOT NULL AND l.barcode_item_id IS NULL
    UNION ALL
    SELECT l.row_number, 'barcode', format('is that of %L, and the name is that of %L: correct one of them', i.display_name, n.display_name)
    FROM line l
    JOIN item i ON i.shop_id = p_shop_id AND i.id = l.barcode_item_id
    JOIN item n ON n.shop_id = p_shop_id AND n.id = l.name_item_id
    WHERE l.barcode_item_id <> l.name_item_id
    UNION ALL
    SELECT l.row_number, 'unit', format(
      'how many %s one %s of %L holds is not known: write it into pack_size', l.base_unit, l.unit, l.called)
    FROM line l
    WHERE l.factor IS NULL AND l.unit IS NOT NULL
    UNION ALL
    SELECT l.row_number, 'quantity', CASE
      WHEN l.scale = 0 THEN format('%s %s: %L is kept in whole %s', trim_scale(l.amount), l.base_unit, l.called, l.base_unit)
      ELSE format('%s %s: %L is kept with %s decimals', trim_scale(l.amount), l.base_unit, l.called, l.scale)
      END
    FROM line l
    WHERE round(l.amount, l.scale) <> l.amount
    UNION ALL
    SELECT l.row_number, 'quantity', 'is more than can be kept: at most 15 digits before the point'
    FROM line l
    WHERE l.amount >= 1e15
    UNION ALL
    SELECT l.row_number, 'low_level', format('has more decimals than %L is kept with, which is %s', l.called, l.scale)
    FROM line l
    WHERE round(l.low_level, l.scale) <> l.low_level
    UNION ALL
    SELECT d.row_number, 'name', format('%L is the same item as row %s: write it into one row', d.called, d.first_row)
    FROM (
      SELECT l.row_number, l.called, min(l.row_number) OVER (PARTITION BY l.item_id) AS first_row
      FROM line l
      WHERE l.display_name IS NOT NULL
    ) d
    WHERE d.row_number > d.first_row
    UNION ALL
    SELECT d.row_number, d.field, CASE d.field
      WHEN 'name' THEN format('is the same item as row %s: write it into one row', d.first_row)
      ELSE format('is that of row %s too: one barcode means one item', d.first_row)
      END
    FROM (
      SELECT c.row_number, c.field, min(c.row_number) OVER (PARTITION BY c.key) AS first_row
      FROM claim c
    ) d
    WHERE d.row_number > d.first_row
  ),
  told AS (
    SELECT DISTINCT ON (p.row_number, p.field) p.row_number, p.field, p.description
    FROM problem p
    ORDER BY p.row_number, p.field, p.description
    LIMIT 1000
  )
  SELECT
    (SELECT coalesce(jsonb_agg(t ORDER BY t.row_number, t.field), '[]') FROM told t),
    (SELECT count(DISTINCT p.row_number)::integer FROM problem p)
$$;
COMMENT ON FUNCTION import_problems IS 'What is wrong with which rows of a list, by row; at most a thousand are told';

-- Names, then items, packs and levels. Who loses a name to a twin starts over and finds the item.
CREATE FUNCTION create_import_items(p_shop_id uuid, p_import_id uuid, p_now timestamptz) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  wanted_count bigint;
  claimed_count bigint;
  created_count integer;
BEGIN
  WITH wanted AS (
    SELECT DISTINCT ON (w.key) w.key, w.item_id, w.kind
    FROM (
      SELECT r.key, r.item_id, 'name' AS kind
      FROM import_row r
      WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.item_id = r.new_item_id
      UNION ALL
      SELECT r.barcode_key, r.item_id, 'barcode'
      FROM import_row r
      WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.barcode_key IS NOT NULL AND r.barcode_item_id IS NULL
    ) w
    ORDER BY w.key, w.kind DESC
  ),
  claimed AS (
    INSERT INTO item_key AS k (shop_id, key, item_id, kind)
    SELECT p_shop_id, w.key, w.item_id, w.kind FROM wanted w ORDER BY w.key
    -- The name of what was put away is free again.
    ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE SET item_id = excluded.item_id, kind = excluded.kind
    WHERE k.is_free -- of migration 0045, which is there before a list comes
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM wanted), (SELECT count(*) FROM claimed) INTO wanted_count, claimed_count;
  IF claimed_count < wanted_count THEN
    RAISE EXCEPTION 'a name was given by a twin meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;

  INSERT INTO item (shop_id, id, display_name, base_unit, scale, low_at, created_at)
  SELECT p_shop_id, r.item_id, r.name, r.base_unit, r.scale, r.low_level, p_now
  FROM import_row r
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.item_id = r.new_item_id;
  GET DIAGNOSTICS created_count = ROW_COUNT;

  INSERT INTO item_unit AS u (shop_id, item_id, unit, factor)
  SELECT p_shop_id, r.item_id, r.unit, r.pack_size
  FROM import_row r
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.pack_size IS NOT NULL AND r.unit <> r.base_unit
  ORDER BY r.item_id, r.unit
  ON CONFLICT ON CONSTRAINT item_unit_pk DO UPDATE SET factor = excluded.factor WHERE u.factor <> excluded.factor;
  RETURN created_count;
END
$$;

CREATE FUNCTION set_import_levels(p_shop_id uuid, p_import_id uuid) RETURNS void
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
  UPDATE item i
  SET low_at = r.low_level
  FROM import_row r
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.low_level IS NOT NULL AND r.item_id <> r.new_item_id
    AND i.shop_id = p_shop_id AND i.id = r.item_id AND i.low_at IS DISTINCT FROM r.low_level
$$;

-- As the owner, because the service's role may not write stock: a shelf with nothing on it is no change of it.
CREATE FUNCTION hold_import_shelves(p_shop_id uuid, p_import_id uuid, p_location_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = off SET jit = off AS $$
BEGIN
  IF p_shop_id IS DISTINCT FROM scope_shop_id() THEN
    RAISE EXCEPTION 'shop % is out of scope', p_shop_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO stock (shop_id, item_id, location_id)
  SELECT p_shop_id, r.item_id, p_location_id
  FROM import_row r
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id
  ORDER BY r.item_id
  ON CONFLICT ON CONSTRAINT stock_pk DO NOTHING;
  PERFORM FROM stock s
  WHERE s.shop_id = p_shop_id AND s.location_id = p_location_id
    AND s.item_id IN (SELECT r.item_id FROM import_row r WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id)
  ORDER BY s.item_id
  FOR UPDATE;
END
$$;
COMMENT ON FUNCTION hold_import_shelves IS 'Holds the shelves of a list until the end of the transaction, in their one order';

CREATE FUNCTION weigh_import(p_shop_id uuid, p_import_id uuid, p_location_id uuid, p_is_count boolean, p_occurred_at timestamptz)
RETURNS void
LANGUAGE sql SET enable_nestloop = off SET jit = off AS $$
  WITH weighed AS (
    SELECT
      r.row_number,
      r.item_id,
      s.on_hand - shelf.later AS expected,
      CASE
        WHEN NOT p_is_count THEN r.quantity * r.factor
        -- An older count than the newest is kept as an observation and moves nothing while the newest stands.
        WHEN shelf.is_older THEN 0
        ELSE r.quantity * r.factor - (s.on_hand - shelf.later)
      END AS delta
    FROM import_row r
    JOIN stock s ON s.shop_id = r.shop_id AND s.item_id = r.item_id AND s.location_id = p_location_id
    CROSS JOIN LATERAL (
      SELECT
        coalesce(p_occurred_at < date_trunc('second', s.counted_at), false) AS is_older,
        CASE WHEN p_is_count AND s.last_occurred_at > p_occurred_at THEN (
          -- What happened after the count but was heard of before it stays on top of it.
          SELECT coalesce(sum(m.delta), 0)
          FROM movement m
          WHERE m.shop_id = s.shop_id AND m.item_id = s.item_id AND m.location_id = s.location_id
            AND m.occurred_at > p_occurred_at
            AND (coalesce(p_occurred_at < date_trunc('second', s.counted_at), false) OR line_stands(m))
        ) ELSE 0 END AS later
    ) shelf
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id
  ),
  -- First stock of nothing is no movement; a count of nothing is a count.
  placed AS (
    SELECT w.*, row_number() OVER (ORDER BY w.item_id) - 1 AS place
    FROM weighed w
    WHERE p_is_count OR w.delta <> 0
  )
  UPDATE import_row r
  SET expected = p.expected, delta = p.delta, place = p.place
  FROM placed p
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.row_number = p.row_number
$$;
COMMENT ON FUNCTION weigh_import IS 'Decides what each row of a list changes, while its shelves are held';

CREATE FUNCTION import_shortages(
  p_shop_id uuid, p_import_id uuid, p_location_id uuid, OUT row_errors jsonb, OUT error_row_count integer
)
LANGUAGE sql STABLE SET enable_nestloop = off SET jit = off AS $$
  WITH short AS (
    SELECT r.row_number, 'quantity' AS field, format(
      'leaves %s by what was sold since it was counted, and the shop refuses less than nothing: count it again',
      trim_scale(s.on_hand + r.delta)) AS description
    FROM import_row r
    JOIN stock s ON s.shop_id = r.shop_id AND s.item_id = r.item_id AND s.location_id = p_location_id
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.delta < 0 AND s.on_hand + r.delta < 0
  )
  SELECT
    (SELECT coalesce(jsonb_agg(t ORDER BY t.row_number), '[]') FROM (SELECT * FROM short ORDER BY row_number LIMIT 1000) t),
    (SELECT count(*)::integer FROM short)
$$;
COMMENT ON FUNCTION import_shortages IS 'Which rows of a count a shop refuses that refuses stock below zero';

-- One operation of up to a thousand rows.
CREATE FUNCTION post_import_part(
  p_shop_id uuid, p_import_id uuid, p_location_id uuid, p_is_count boolean, p_first integer, p_currency text, p_op operation
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  late_count bigint;
BEGIN
  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (
    p_op.shop_id, p_op.id, p_op.public_reference, p_op.member_id, p_op.source, p_op.request_id, p_op.request_hash, p_op.kind,
    p_op.occurred_at, p_op.recorded_at
  )
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING;
  IF NOT FOUND THEN
    PERFORM refuse('BR011', 'the request id was used with other content');
  END IF;

  WITH posted AS (
    INSERT INTO movement (
      shop_id, op_id, line, item_id, location_id, kind, delta, said_quantity, said_unit, factor, unit_price, currency,
      occurred_at, recorded_at
    )
    SELECT
      p_shop_id, p_op.id, r.place - p_first + 1, r.item_id, p_location_id, CASE WHEN p_is_count THEN 'count' ELSE 'opening' END,
      r.delta, r.quantity, r.unit, r.factor, r.unit_cost, CASE WHEN r.unit_cost IS NOT NULL THEN p_currency END,
      p_op.occurred_at, p_op.recorded_at
    FROM import_row r
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.place BETWEEN p_first AND p_first + 999 AND r.delta <> 0
    ORDER BY r.place
    RETURNING is_late
  )
  SELECT count(*) FILTER (WHERE is_late) INTO late_count FROM posted;
  IF NOT p_is_count AND late_count > 0 THEN
    -- What is late does not change what was counted since.
    INSERT INTO movement (shop_id, op_id, line, item_id, location_id, kind, delta, occurred_at, recorded_at, absorbs)
    SELECT m.shop_id, m.op_id, m.line + 1000, m.item_id, m.location_id, 'count', -m.delta, m.occurred_at, m.recorded_at, m.id
    FROM movement m
    WHERE m.shop_id = p_shop_id AND m.op_id = p_op.id AND m.is_late
    ORDER BY m.line;
  END IF;
  IF p_is_count THEN
    INSERT INTO count_line (shop_id, op_id, line, item_id, location_id, counted, expected, seq)
    SELECT
      p_shop_id, p_op.id, r.place - p_first + 1, r.item_id, p_location_id, r.quantity * r.factor, r.expected,
      (
        SELECT s.seq FROM stock s
        WHERE s.shop_id = p_shop_id AND s.item_id = r.item_id AND s.location_id = p_location_id
      )
    FROM import_row r
    WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.place BETWEEN p_first AND p_first + 999
    ORDER BY r.place;
  END IF;
  -- So that a post under this id is refused as what it is.
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op.id, '{}');
END
$$;
COMMENT ON FUNCTION post_import_part IS 'Posts the part of a list that begins at a place';

CREATE FUNCTION stored_import(p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  stored stock_import;
BEGIN
  SELECT * INTO stored FROM stock_import s
  WHERE s.shop_id = p_shop_id AND s.source = p_source AND s.request_id = p_request_id;
  IF stored.request_hash <> p_request_hash THEN
    PERFORM refuse('BR011', 'the request id was used with other content');
  END IF;
  RETURN stored.answer || '{"replayed": true}';
END
$$;

-- The caller takes back what this did when the answer names a row that is wrong, or when it was to be a dry run.
CREATE FUNCTION import_stock(
  p_shop_id uuid,
  p_import_id uuid,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_is_count boolean,
  p_occurred_at timestamptz,
  p_recorded_at timestamptz,
  p_location_id uuid,
  p_row_count integer,
  p_op_ids uuid[],            -- as many as the list may become
  p_references text[],
  p_dry_run boolean
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  shop shop;
  place_id uuid;
  answer jsonb;
  problems record;
  op operation;
  created_count integer;
  changed_count integer;
  placed_count integer;
  part_count integer := 0;
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'change_item');
  -- A twin waits here until the first one is done, and answers the same.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_shop_id::text || p_source || p_request_id, 35));
  answer := stored_import(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  IF (SELECT count(*) FROM import_row r WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id) <> p_row_count THEN
    RAISE EXCEPTION 'rows of the list are lost' USING ERRCODE = 'operator_intervention',
      HINT = 'The server crashed since they came. The list can be sent again';
  END IF;
  SELECT * INTO shop FROM shop s WHERE s.id = p_shop_id;
  place_id := coalesce(p_location_id, shop.default_location_id);

  PERFORM resolve_import(p_shop_id, p_import_id);
  problems := import_problems(p_shop_id, p_import_id);
  IF problems.error_row_count > 0 THEN
    RETURN jsonb_build_object(
      'row_count', p_row_count, 'row_errors', problems.row_errors, 'error_row_count', problems.error_row_count);
  END IF;

  created_count := create_import_items(p_shop_id, p_import_id, p_recorded_at);
  PERFORM set_import_levels(p_shop_id, p_import_id);
  PERFORM hold_import_shelves(p_shop_id, p_import_id, place_id);
  PERFORM weigh_import(p_shop_id, p_import_id, place_id, p_is_count, p_occurred_at);
  IF p_is_count AND shop.shortage_policy = 'block' THEN
    problems := import_shortages(p_shop_id, p_import_id, place_id);
    IF problems.error_row_count > 0 THEN
      RETURN jsonb_build_object(
        'row_count', p_row_count, 'row_errors', problems.row_errors, 'error_row_count', problems.error_row_count);
    END IF;
  END IF;
  SELECT count(*), count(*) FILTER (WHERE r.delta <> 0) INTO placed_count, changed_count
  FROM import_row r
  WHERE r.shop_id = p_shop_id AND r.import_id = p_import_id AND r.place IS NOT NULL;
  answer := jsonb_build_object(
    'row_count', p_row_count, 'created_item_count', created_count, 'changed_row_count', changed_count);
  IF p_dry_run THEN
    RETURN answer;
  END IF;

  WHILE part_count * 1000 < placed_count LOOP
    op.shop_id := p_shop_id;
    op.id := p_op_ids[part_count + 1];
    op.public_reference := p_references[part_count + 1];
    op.member_id := p_member_id;
    op.source := p_source;
    op.request_id := format('%s/%s', p_request_id, part_count + 1);
    op.request_hash := p_request_hash;
    op.kind := CASE WHEN p_is_count THEN 'count' ELSE 'post' END;
    op.occurred_at := p_occurred_at;
    op.recorded_at := p_recorded_at;
    PERFORM post_import_part(p_shop_id, p_import_id, place_id, p_is_count, part_count * 1000, shop.currency, op);
    part_count := part_count + 1;
  END LOOP;
  answer := answer || jsonb_build_object('operation_ids', to_jsonb(p_op_ids[1:part_count]));
  INSERT INTO stock_import (
    shop_id, source, request_id, request_hash, member_id, mode, operation_ids, answer, recorded_at
  ) VALUES (
    p_shop_id, p_source, p_request_id, p_request_hash, p_member_id, CASE WHEN p_is_count THEN 'count' ELSE 'opening' END,
    p_op_ids[1:part_count], answer, p_recorded_at
  );
  RETURN answer;
END
$$;
COMMENT ON FUNCTION import_stock IS 'Takes in a list whose rows are staged: all of it, or nothing when a row is wrong';

REVOKE EXECUTE ON FUNCTION begin_import, hold_import_shelves FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_import, hold_import_shelves TO backroom_inventory;
