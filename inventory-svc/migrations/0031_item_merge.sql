-- Items that turn out to be one, and items that are kept in another unit from now on.
--
-- Neither rewrites history: the item of before is put away with all its lines, and a pair of lines moves its balance to the
-- one that stands for it. What is taken back of before goes the same way, so that the item of before stays at zero.
ALTER TABLE item
  ADD COLUMN moved_to uuid,
  ADD COLUMN moved_factor numeric(24, 9),
  ADD CONSTRAINT item_moved_to_fk FOREIGN KEY (shop_id, moved_to) REFERENCES item (shop_id, id),
  ADD CONSTRAINT item_moved_has_factor CHECK ((moved_to IS NULL) = (moved_factor IS NULL) AND moved_factor > 0),
  ADD CONSTRAINT item_moved_is_archived CHECK (moved_to IS NULL OR archived_at IS NOT NULL);
COMMENT ON COLUMN item.moved_to IS 'The item its balance went to: the one it was merged into, or itself in another unit';
COMMENT ON COLUMN item.moved_factor IS 'Base units of that one in one of this; 1 for what was merged';
COMMENT ON COLUMN item.merged_into IS 'The item that its id means now, wherever stock is changed. Empty for one that is kept in another unit: who still has the id thinks in the unit of before';
CREATE INDEX item_by_moved_to ON item (shop_id, moved_to) WHERE moved_to IS NOT NULL;
GRANT UPDATE (merged_into, moved_to, moved_factor) ON item TO backroom_inventory;

CREATE TABLE item_merge (
  shop_id        uuid           NOT NULL,
  op_id          uuid           NOT NULL,
  item_id        uuid           NOT NULL,
  into_id        uuid           NOT NULL,
  factor         numeric(18, 6) NOT NULL,
  is_unit_change boolean        NOT NULL,
  keys           jsonb          NOT NULL,
  followers      uuid[]         NOT NULL,
  member_id      uuid,
  CONSTRAINT item_merge_pk PRIMARY KEY (shop_id, op_id),
  CONSTRAINT item_merge_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT item_merge_item_fk FOREIGN KEY (shop_id, item_id) REFERENCES item (shop_id, id),
  CONSTRAINT item_merge_into_fk FOREIGN KEY (shop_id, into_id) REFERENCES item (shop_id, id)
);
COMMENT ON COLUMN item_merge.shop_id IS 'The shop';
COMMENT ON COLUMN item_merge.op_id IS 'The operation that moved the balance';
COMMENT ON COLUMN item_merge.item_id IS 'The item that was put away';
COMMENT ON COLUMN item_merge.into_id IS 'The item that stands for it';
COMMENT ON COLUMN item_merge.factor IS 'Base units of that one in one of this';
COMMENT ON COLUMN item_merge.is_unit_change IS 'Whether it is the same thing in another unit';
COMMENT ON COLUMN item_merge.keys IS 'The names and barcodes that went over, each with the kind it had, for when it is taken back';
COMMENT ON COLUMN item_merge.followers IS 'Items that had been merged into the one that was put away';
COMMENT ON COLUMN item_merge.member_id IS 'Who asked for it';
ALTER TABLE item_merge ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON item_merge TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON item_merge TO backroom_inventory;
CREATE TRIGGER item_merge_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON item_merge
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_moved_item(p_shop_id uuid, p_op_id uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  -- A reversal settles the shelves of what was put away, and then moves what is left.
  IF NOT EXISTS (
    SELECT FROM operation o WHERE o.shop_id = p_shop_id AND o.id = p_op_id AND o.kind = 'reversal'
  ) THEN
    RAISE EXCEPTION 'the item was merged into another meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END
$$;
COMMENT ON FUNCTION refuse_moved_item IS 'Lets a post that was on its way to an item that is merged now find the other one on its next attempt';

CREATE OR REPLACE FUNCTION movement_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  item_scale smallint;
  item_moved_to uuid;
  said movement := NEW;    -- what was said in the beginning: the line itself, or what a reversal mirrors in the end
  step integer := 1;       -- whether that counts once more, or no more
  learns_in boolean;
  learns_out boolean;
  price numeric;
BEGIN
  WHILE said.kind = 'reversal' AND said.reverses IS NOT NULL LOOP
    SELECT m.* INTO said FROM movement m WHERE m.shop_id = NEW.shop_id AND m.id = said.reverses;
    step := -step;
  END LOOP;
  -- What a count found and what moved between places tells nothing of what people bring and take.
  learns_in := said.delta > 0 AND said.kind NOT IN ('count', 'transfer');
  learns_out := said.delta < 0 AND said.kind NOT IN ('count', 'transfer');
  IF said.unit_price IS NOT NULL AND said.kind IN ('receipt', 'opening') THEN
    SELECT said.unit_price INTO price FROM shop s WHERE s.id = NEW.shop_id AND s.currency = said.currency;
  END IF;
  FOR attempt IN 1..2 LOOP
    -- Locks the shelf: take lines in (item, location) order.
    UPDATE stock
    SET on_hand = on_hand + NEW.delta,
        seq = seq + 1,
        changed_at = greatest(changed_at, NEW.recorded_at),
        last_occurred_at = greatest(last_occurred_at, NEW.occurred_at),
        usual_in = CASE WHEN learns_in THEN running_mean(usual_in, in_count, said.delta, step) ELSE usual_in END,
        in_count = CASE WHEN learns_in THEN greatest(coalesce(in_count, 0) + step, 0) ELSE in_count END,
        usual_out = CASE WHEN learns_out THEN running_mean(usual_out, out_count, -said.delta, step) ELSE usual_out END,
        out_count = CASE WHEN learns_out THEN greatest(coalesce(out_count, 0) + step, 0) ELSE out_count END,
        unit_cost = moved_cost(unit_cost, on_hand, price, said.delta, step)
    WHERE shop_id = NEW.shop_id AND item_id = NEW.item_id AND location_id = NEW.location_id
    -- WhatsApp tells whole seconds, so what happened in the second of the count is not late.
    RETURNING seq, on_hand, coalesce(NEW.occurred_at < date_trunc('second', counted_at), false),
      CASE WHEN NEW.kind = 'reversal' THEN said.unit_cost ELSE unit_cost END
    INTO NEW.seq, NEW.balance_after, NEW.is_late, NEW.unit_cost;
    EXIT WHEN FOUND;
    INSERT INTO stock (shop_id, item_id, location_id) VALUES (NEW.shop_id, NEW.item_id, NEW.location_id)
    ON CONFLICT ON CONSTRAINT stock_pk DO NOTHING;
  END LOOP;
  -- After the shelf is held: whoever merged the item meanwhile held its shelves, and is seen now.
  SELECT i.scale, i.moved_to INTO item_scale, item_moved_to FROM item i WHERE i.shop_id = NEW.shop_id AND i.id = NEW.item_id;
  IF round(NEW.delta, item_scale) <> NEW.delta THEN
    RAISE EXCEPTION 'the item is kept in % decimals', item_scale
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_delta_is_at_scale';
  END IF;
  IF item_moved_to IS NOT NULL AND NEW.kind NOT IN ('reversal', 'transfer') THEN
    PERFORM refuse_moved_item(NEW.shop_id, NEW.op_id);
  END IF;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION count_line_raise_wall() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE stock s
  SET counted_at = greatest(s.counted_at, o.occurred_at)
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

-- One pair of lines: what leaves the one shelf comes to the other.
CREATE FUNCTION move_stock(
  p_op operation,
  p_from stock,               -- a row type for its key: item, place; on_hand is what goes
  p_into_item uuid,
  p_into_location uuid,
  p_factor numeric,
  p_occurred_at timestamptz,
  INOUT p_next_line smallint,
  OUT movements jsonb[]
)
LANGUAGE plpgsql AS $$
DECLARE
  m movement;
  posted record;
  side record;
BEGIN
  movements := '{}';
  FOR side IN
    SELECT i.display_name, i.base_unit, sides.*
    FROM (
      VALUES (1, p_from.item_id, p_from.location_id, -p_from.on_hand),
             (2, p_into_item, p_into_location, p_from.on_hand * p_factor)
    ) sides (place, item_id, location_id, delta)
    JOIN item i ON i.shop_id = p_op.shop_id AND i.id = sides.item_id
    ORDER BY sides.place
  LOOP
    m := NULL;
    m.shop_id := p_op.shop_id;
    m.op_id := p_op.id;
    m.line := p_next_line;
    m.item_id := side.item_id;
    m.location_id := side.location_id;
    m.kind := 'transfer';
    m.delta := side.delta;
    m.occurred_at := p_occurred_at;
    m.recorded_at := p_op.recorded_at;
    posted := post_movement(m, (p_next_line + 1)::smallint);
    p_next_line := p_next_line + 1;
    movements := movements || movement_json(posted.m, side.display_name, side.base_unit);
    IF (posted.absorbing).id IS NOT NULL THEN
      p_next_line := p_next_line + 1;
      movements := movements || movement_json(posted.absorbing, side.display_name, side.base_unit);
    END IF;
  END LOOP;
END
$$;

-- Puts one item away for another and moves what is on its shelves. Both items are held by the caller.
CREATE FUNCTION put_away(
  p_op operation,
  p_item_id uuid,
  p_into_id uuid,
  p_factor numeric,
  p_is_unit_change boolean,
  p_member_id uuid
) RETURNS jsonb[]
LANGUAGE plpgsql AS $$
DECLARE
  shelf record;
  held stock;
  moved record;
  next_line smallint := 1;
  movements jsonb[] := '{}';
  gone jsonb;
  following uuid[];
BEGIN
  FOR shelf IN
    SELECT both_items.item_id, places.location_id
    FROM (SELECT s.location_id FROM stock s WHERE s.shop_id = p_op.shop_id AND s.item_id = p_item_id) places
    CROSS JOIN (VALUES (p_item_id), (p_into_id)) both_items (item_id)
    ORDER BY both_items.item_id, places.location_id
  LOOP
    PERFORM lock_shelf(p_op.shop_id, shelf.item_id, shelf.location_id);
  END LOOP;
  FOR held IN
    SELECT s.* FROM stock s
    WHERE s.shop_id = p_op.shop_id AND s.item_id = p_item_id AND s.on_hand <> 0
    ORDER BY s.location_id
  LOOP
    moved := move_stock(p_op, held, p_into_id, held.location_id, p_factor, p_op.occurred_at, next_line);
    next_line := moved.p_next_line;
    movements := movements || moved.movements;
  END LOOP;

  SELECT coalesce(jsonb_object_agg(k.key, k.kind), '{}') INTO gone
  FROM item_key k
  WHERE k.shop_id = p_op.shop_id AND k.item_id = p_item_id;
  UPDATE item_key k
  SET item_id = p_into_id, kind = CASE WHEN k.kind = 'name' AND NOT p_is_unit_change THEN 'alias' ELSE k.kind END
  WHERE k.shop_id = p_op.shop_id AND k.item_id = p_item_id;
  WITH followed AS (
    UPDATE item i
    SET moved_to = p_into_id, moved_factor = i.moved_factor * p_factor,
        merged_into = CASE WHEN NOT p_is_unit_change AND i.merged_into IS NOT NULL THEN p_into_id END
    WHERE i.shop_id = p_op.shop_id AND i.moved_to = p_item_id
    RETURNING i.id
  )
  SELECT coalesce(array_agg(f.id), '{}') INTO following FROM followed f;
  UPDATE item i
  SET archived_at = p_op.occurred_at, moved_to = p_into_id, moved_factor = p_factor,
      merged_into = CASE WHEN NOT p_is_unit_change THEN p_into_id END
  WHERE i.shop_id = p_op.shop_id AND i.id = p_item_id;
  INSERT INTO item_unit (shop_id, item_id, unit, factor)
  SELECT u.shop_id, p_into_id, u.unit, round(u.factor * p_factor, 6)
  FROM item_unit u
  JOIN item into_item ON into_item.shop_id = u.shop_id AND into_item.id = p_into_id
  WHERE u.shop_id = p_op.shop_id AND u.item_id = p_item_id AND u.unit <> into_item.base_unit
    AND round(u.factor * p_factor, 6) = u.factor * p_factor
  ON CONFLICT ON CONSTRAINT item_unit_pk DO NOTHING;
  INSERT INTO item_merge (shop_id, op_id, item_id, into_id, factor, is_unit_change, keys, followers, member_id)
  VALUES (p_op.shop_id, p_op.id, p_item_id, p_into_id, p_factor, p_is_unit_change, gone, following, p_member_id);
  RETURN movements;
END
$$;

CREATE FUNCTION item_json(i item) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'id', i.id, 'display_name', i.display_name, 'base_unit', i.base_unit, 'scale', i.scale, 'low_at', i.low_at::text)
$$;

CREATE FUNCTION hold_item(p_shop_id uuid, p_item_id uuid) RETURNS item
LANGUAGE plpgsql AS $$
DECLARE
  held item;
BEGIN
  SELECT it.* INTO held
  FROM item named
  JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
  WHERE named.shop_id = p_shop_id AND named.id = p_item_id AND it.archived_at IS NULL
  FOR UPDATE OF it;
  IF NOT FOUND THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  END IF;
  RETURN held;
END
$$;
COMMENT ON FUNCTION hold_item IS 'The item an id means, held until the end of the transaction';

CREATE FUNCTION merge_items(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_item_id uuid,
  p_into_id uuid,
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  op operation;
  merged item;
  surviving item;
  movements jsonb[];
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'change_item');
  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  INSERT INTO operation (
    shop_id, id, public_reference, member_id, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (
    p_shop_id, p_op_id, p_public_reference, p_member_id, p_source, p_request_id, p_request_hash, 'post', p_now, p_now
  )
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    RETURN stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;
  -- In one order, so that two merges of the same two the other way round wait for each other.
  IF p_item_id < p_into_id THEN
    merged := hold_item(p_shop_id, p_item_id);
    surviving := hold_item(p_shop_id, p_into_id);
  ELSE
    surviving := hold_item(p_shop_id, p_into_id);
    merged := hold_item(p_shop_id, p_item_id);
  END IF;
  IF merged.id = surviving.id THEN
    PERFORM refuse('BR001', 'is the same item', jsonb_build_object('field', 'into_item_id'));
  ELSIF merged.base_unit <> surviving.base_unit OR merged.scale <> surviving.scale THEN
    PERFORM refuse('BR024', 'the items are kept in different units',
      jsonb_build_object('unit', merged.base_unit, 'intoUnit', surviving.base_unit));
  END IF;
  movements := put_away(op, merged.id, surviving.id, 1, false, p_member_id);
  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(movements), 'item', item_json(surviving),
    'merged_item_id', merged.id);
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;

CREATE FUNCTION change_base_unit(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_item_id uuid,
  p_new_id uuid,
  p_unit text,
  p_factor numeric,           -- new units in one of the old
  p_scale integer,            -- decimals that are usual for the new unit
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  op operation;
  before item;
  after item;
  needed integer;
  movements jsonb[];
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM require_role(p_shop_id, p_member_id, 'change_item');
  answer := stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  -- Nobody's latest: it is not taken back, the unit is changed again.
  INSERT INTO operation (
    shop_id, id, public_reference, source, request_id, request_hash, kind, occurred_at, recorded_at
  ) VALUES (p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, 'post', p_now, p_now)
  ON CONFLICT ON CONSTRAINT operation_request_key DO NOTHING
  RETURNING * INTO op;
  IF NOT FOUND THEN
    RETURN stored_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  END IF;
  before := hold_item(p_shop_id, p_item_id);
  IF before.base_unit = p_unit THEN
    PERFORM refuse('BR001', 'is what the item is kept in', jsonb_build_object('field', 'unit'));
  END IF;
  -- The smallest quantity of before has to be one of after: then all of history does.
  needed := scale(trim_scale(p_factor / power(10::numeric, before.scale::integer)));
  IF needed > 3 THEN
    PERFORM refuse('BR014', 'the unit is too large for what the item is kept in', jsonb_build_object('field', 'factor'));
  END IF;
  INSERT INTO item (shop_id, id, display_name, base_unit, scale, low_at, created_at)
  VALUES (
    p_shop_id, p_new_id, before.display_name, p_unit, greatest(needed, p_scale), before.low_at * p_factor,
    before.created_at)
  RETURNING * INTO after;
  movements := put_away(op, before.id, after.id, p_factor, true, p_member_id);
  INSERT INTO item_unit (shop_id, item_id, unit, factor)
  VALUES (p_shop_id, after.id, before.base_unit, p_factor)
  ON CONFLICT ON CONSTRAINT item_unit_pk DO UPDATE SET factor = excluded.factor;
  answer := jsonb_build_object(
    'operation', operation_json(op), 'movements', to_jsonb(movements), 'item', item_json(after),
    'merged_item_id', before.id);
  INSERT INTO operation_result (shop_id, op_id, answer) VALUES (p_shop_id, p_op_id, answer);
  RETURN answer;
END
$$;

-- A merge that is taken back parts the items again, and one that is done again puts them together.
CREATE FUNCTION move_merge(p_op operation) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  merge item_merge;
  survivor item;
BEGIN
  WITH RECURSIVE chain (id) AS (
    SELECT p_op.reverses
    UNION ALL
    SELECT o.reverses FROM chain JOIN operation o ON o.shop_id = p_op.shop_id AND o.id = chain.id
    WHERE o.reverses IS NOT NULL
  )
  SELECT im.* INTO merge FROM item_merge im JOIN chain ON im.op_id = chain.id WHERE im.shop_id = p_op.shop_id;
  IF merge.op_id IS NULL THEN
    RETURN;
  ELSIF merge.is_unit_change THEN
    PERFORM refuse('BR001', 'changed a unit, which is not taken back: change it again',
      jsonb_build_object('field', 'operation_id'));
  END IF;
  PERFORM FROM item i
  WHERE i.shop_id = p_op.shop_id AND i.id IN (merge.item_id, merge.into_id)
  ORDER BY i.id
  FOR UPDATE;
  SELECT s.* INTO survivor
  FROM item i
  JOIN item s ON s.shop_id = i.shop_id AND s.id = coalesce(i.moved_to, i.id)
  WHERE i.shop_id = p_op.shop_id AND i.id = merge.into_id;
  IF NOT operation_stands(p_op.shop_id, merge.op_id) THEN
    UPDATE item_key k
    SET item_id = merge.item_id, kind = merge.keys ->> k.key
    WHERE k.shop_id = p_op.shop_id AND k.item_id = survivor.id AND merge.keys ? k.key;
    UPDATE item i
    SET moved_to = NULL, moved_factor = NULL, merged_into = NULL, archived_at = NULL
    WHERE i.shop_id = p_op.shop_id AND i.id = merge.item_id;
    UPDATE item i
    SET moved_to = merge.item_id, merged_into = CASE WHEN i.merged_into IS NOT NULL THEN merge.item_id END
    WHERE i.shop_id = p_op.shop_id AND i.id = ANY (merge.followers) AND i.moved_to = survivor.id;
  ELSIF survivor.archived_at IS NOT NULL THEN
    PERFORM refuse('BR007', 'the other item is put away', jsonb_build_object('itemId', survivor.id));
  ELSE
    UPDATE item_key k
    SET item_id = survivor.id, kind = CASE k.kind WHEN 'name' THEN 'alias' ELSE k.kind END
    WHERE k.shop_id = p_op.shop_id AND k.item_id = merge.item_id;
    UPDATE item i
    SET moved_to = survivor.id, merged_into = CASE WHEN i.merged_into IS NOT NULL THEN survivor.id END
    WHERE i.shop_id = p_op.shop_id AND i.moved_to = merge.item_id;
    UPDATE item i
    SET moved_to = survivor.id, moved_factor = 1, merged_into = survivor.id, archived_at = p_op.occurred_at
    WHERE i.shop_id = p_op.shop_id AND i.id = merge.item_id AND survivor.id = merge.into_id;
    IF NOT FOUND THEN
      PERFORM refuse('BR007', 'the other item is kept in another unit or merged by now',
        jsonb_build_object('itemId', merge.into_id));
    END IF;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION mirror_lines(
  p_op operation,
  OUT movements jsonb[],
  OUT originals jsonb[]
)
LANGUAGE plpgsql AS $$
DECLARE
  original record;
  unsettled record;
  m movement;
  posted record;
  residue record;
  left_over stock;
  moved record;
  next_line smallint; -- the first number that no line has
BEGIN
  movements := '{}';
  originals := '{}';
  PERFORM move_merge(p_op);
  SELECT coalesce(max(o.line), 0) + 1 INTO next_line
  FROM movement o
  WHERE o.shop_id = p_op.shop_id AND o.op_id = p_op.reverses;
  FOR original IN
    SELECT
      o AS line,
      i.display_name,
      i.base_unit,
      movement_is_settled(o) AS is_settled,
      EXISTS (SELECT FROM movement r WHERE r.shop_id = o.shop_id AND r.reverses = o.id) AS is_mirrored
    FROM movement o
    JOIN item i ON i.shop_id = o.shop_id AND i.id = o.item_id
    WHERE o.shop_id = p_op.shop_id AND o.op_id = p_op.reverses
    ORDER BY o.item_id, o.location_id, o.line
  LOOP
    originals := originals || movement_json(original.line, original.display_name, original.base_unit);
    CONTINUE WHEN original.is_mirrored;
    m := original.line;
    m.op_id := p_op.id;
    m.kind := 'reversal';
    m.reverses := (original.line).id;
    m.absorbs := NULL;
    m.delta := -m.delta;
    -- The mirror stands at the time of the line it mirrors: as of any moment, the pair adds up to nothing.
    m.recorded_at := p_op.recorded_at;
    posted := post_movement(m, CASE WHEN NOT original.is_settled THEN next_line END);
    m := posted.m;
    movements := movements || movement_json(m, original.display_name, original.base_unit);
    IF (posted.absorbing).id IS NOT NULL THEN
      next_line := next_line + 1;
      movements := movements || movement_json(posted.absorbing, original.display_name, original.base_unit);
    END IF;
  END LOOP;

  -- On shelves that were counted a mirror may not be enough: what a fallen count absorbed counts again, and an older
  -- count that stands again says what was there.
  FOR unsettled IN
    SELECT *
    FROM (
      SELECT
        st.item_id, st.location_id, st.on_hand, i.display_name, i.base_unit,
        standing_balance(st.shop_id, st.item_id, st.location_id) AS standing
      FROM stock st
      JOIN item i ON i.shop_id = st.shop_id AND i.id = st.item_id
      WHERE st.shop_id = p_op.shop_id
        AND EXISTS (
          SELECT FROM count_line c
          WHERE c.shop_id = st.shop_id AND c.item_id = st.item_id AND c.location_id = st.location_id
        )
        AND (
          (st.item_id, st.location_id) IN (
            SELECT d.item_id, d.location_id FROM movement d WHERE d.shop_id = p_op.shop_id AND d.op_id = p_op.id
          )
          OR (st.item_id, st.location_id) IN (
            SELECT c.item_id, c.location_id
            FROM count_line c
            WHERE c.shop_id = p_op.shop_id AND c.op_id IN (
              WITH RECURSIVE chain (id) AS (
                SELECT p_op.reverses
                UNION ALL
                SELECT o.reverses FROM chain JOIN operation o ON o.shop_id = p_op.shop_id AND o.id = chain.id
                WHERE o.reverses IS NOT NULL
              )
              SELECT id FROM chain
            )
          ))
    ) shelf
    WHERE shelf.on_hand <> shelf.standing
    ORDER BY shelf.item_id, shelf.location_id
  LOOP
    m := NULL;
    m.shop_id := p_op.shop_id;
    m.op_id := p_op.id;
    m.line := next_line;
    m.item_id := unsettled.item_id;
    m.location_id := unsettled.location_id;
    m.kind := 'count';
    m.delta := unsettled.standing - unsettled.on_hand;
    m.occurred_at := p_op.recorded_at;
    m.recorded_at := p_op.recorded_at;
    posted := post_movement(m, NULL);
    next_line := next_line + 1;
    movements := movements || movement_json(posted.m, unsettled.display_name, unsettled.base_unit);
  END LOOP;

  -- What this left on the shelves of items that another one stands for goes the way their balance went.
  FOR residue IN
    SELECT st AS shelf, i.moved_to, i.moved_factor, i.archived_at
    FROM item i
    JOIN stock st ON st.shop_id = i.shop_id AND st.item_id = i.id
    WHERE i.shop_id = p_op.shop_id AND i.moved_to IS NOT NULL AND st.on_hand <> 0
      AND i.id IN (SELECT d.item_id FROM movement d WHERE d.shop_id = p_op.shop_id AND d.op_id = p_op.id)
    ORDER BY st.item_id, st.location_id
  LOOP
    left_over := residue.shelf;
    moved := move_stock(
      p_op, left_over, residue.moved_to, left_over.location_id, residue.moved_factor,
      -- When the balance went: a count of the other one that came later has seen it.
      least(residue.archived_at, p_op.recorded_at), next_line);
    next_line := moved.p_next_line;
    movements := movements || moved.movements;
  END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION read_for_correction(
  p_shop_id uuid,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_target_id uuid,           -- NULL: the newest operation of the member
  p_newest_after timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  asking_role text;
  target operation;
BEGIN
  PERFORM open_shop(p_shop_id);
  asking_role := role_in_shop(p_shop_id, p_member_id);
  IF asking_role = 'viewer' THEN
    PERFORM refuse('BR016', 'a viewer looks', jsonb_build_object('role', asking_role));
  END IF;
  IF stored_answer(p_shop_id, p_source, p_request_id, p_request_hash) IS NOT NULL THEN
    RETURN jsonb_build_object('answer', correction_answer(p_shop_id, p_source, p_request_id, p_request_hash));
  END IF;
  target := reversal_target(p_shop_id, p_member_id, asking_role, p_target_id, p_newest_after, false);
  -- What was done again stands by what did it again, and is corrected where its lines are.
  WHILE target.kind = 'reversal' AND p_target_id IS NULL LOOP
    SELECT * INTO target FROM operation o WHERE o.shop_id = p_shop_id AND o.id = target.reverses;
  END LOOP;
  IF target.kind = 'reversal' THEN
    PERFORM refuse('BR001', 'a reversal is taken back, not corrected', jsonb_build_object('field', 'operation_id'));
  END IF;
  IF EXISTS (
    SELECT FROM movement m WHERE m.shop_id = p_shop_id AND m.op_id = target.id AND m.kind = 'transfer'
  ) THEN
    PERFORM refuse('BR001', 'moved stock: it is taken back, not corrected', jsonb_build_object('field', 'operation_id'));
  END IF;
  RETURN jsonb_build_object(
    'target_id', target.id,
    'lines', (
      SELECT coalesce(jsonb_agg(said.line ORDER BY said.number), '[]')
      FROM (
        -- In base units: what came of "all" and of a pack is known by now, and packs may have changed since.
        SELECT m.line AS number, jsonb_build_object(
          -- What another item stands for is posted to that one, in its unit.
          'line', m.line, 'item_id', coalesce(i.moved_to, m.item_id), 'location_id', m.location_id, 'is_count', false, 'kind', m.kind,
          'quantity', (m.delta * coalesce(i.moved_factor, 1))::text,
          'unit_price', round(m.unit_price / coalesce(i.moved_factor, 1), 4)::text, 'currency', m.currency) AS line
        FROM movement m
        JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
        WHERE m.shop_id = p_shop_id AND m.op_id = target.id AND m.kind NOT IN ('count', 'reversal')
        UNION ALL
        SELECT c.line, jsonb_build_object(
          'line', c.line, 'item_id', coalesce(i.moved_to, c.item_id), 'location_id', c.location_id, 'is_count', true,
          'quantity', (c.counted * coalesce(i.moved_factor, 1))::text)
        FROM count_line c
        JOIN item i ON i.shop_id = c.shop_id AND i.id = c.item_id
        WHERE c.shop_id = p_shop_id AND c.op_id = target.id
      ) said
    ));
END
$$;

CREATE FUNCTION unarchive_item(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid, p_item_id uuid, p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  archived item;
  holder uuid;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM require_role(p_shop_id, p_member_id, 'change_item');
  -- What another one stands for is in the lists as that one.
  SELECT i.* INTO archived FROM item i
  WHERE i.shop_id = p_shop_id AND i.id = p_item_id AND i.moved_to IS NULL
  FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  END IF;
  IF archived.archived_at IS NOT NULL THEN
    PERFORM FROM item_key k WHERE k.shop_id = p_shop_id AND k.item_id = archived.id AND k.kind = 'name' FOR UPDATE;
    IF NOT FOUND THEN
      SELECT i.id INTO holder FROM item i
      WHERE i.shop_id = p_shop_id AND i.sort_name = archived.sort_name AND i.archived_at IS NULL
      LIMIT 1;
      PERFORM refuse('BR020', 'its name is another item''s by now', jsonb_build_object('itemId', coalesce(holder, archived.id)));
    END IF;
    UPDATE item i SET archived_at = NULL WHERE i.shop_id = p_shop_id AND i.id = archived.id;
  END IF;
  answer := item_json(archived);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

CREATE FUNCTION create_item(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid, p_item_id uuid,
  p_display_name text, p_key text, p_unit text, p_scale integer, p_low_at numeric, p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  created item;
  holder uuid;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM require_role(p_shop_id, p_member_id, 'create_item');
  IF round(p_low_at, p_scale) <> p_low_at THEN
    PERFORM refuse('BR014', 'the item is kept in fewer decimals', jsonb_build_object('field', 'low_level'));
  END IF;
  INSERT INTO item_key AS k (shop_id, key, item_id, kind)
  VALUES (p_shop_id, p_key, p_item_id, 'name')
  ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE SET item_id = excluded.item_id, kind = excluded.kind
  WHERE EXISTS (SELECT FROM item i WHERE i.shop_id = k.shop_id AND i.id = k.item_id AND i.archived_at IS NOT NULL);
  IF NOT FOUND THEN
    SELECT k.item_id INTO holder FROM item_key k WHERE k.shop_id = p_shop_id AND k.key = p_key;
    -- The holder may be a twin of this request, whose answer is there by now.
    answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
    IF answer IS NOT NULL THEN
      RETURN answer;
    END IF;
    PERFORM refuse('BR020', 'the name is another item''s', jsonb_build_object('itemId', holder));
  END IF;
  INSERT INTO item (shop_id, id, display_name, base_unit, scale, low_at, created_at)
  VALUES (p_shop_id, p_item_id, p_display_name, p_unit, p_scale, p_low_at, p_now)
  RETURNING * INTO created;
  answer := item_json(created);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;
