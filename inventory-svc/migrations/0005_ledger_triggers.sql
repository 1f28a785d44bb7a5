-- The triggers are the only writers of stock; nobody changes the ledger.
--
-- They run as the owner of the schema, because the service's role may not write stock, with a search path of their own,
-- because a caller's could name other tables.
CREATE FUNCTION lock_shelf(p_shop_id uuid, p_item_id uuid, p_location_id uuid) RETURNS stock
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  shelf stock;
BEGIN
  IF p_shop_id IS DISTINCT FROM scope_shop_id() THEN
    RAISE EXCEPTION 'shop % is out of scope', p_shop_id USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT * INTO shelf FROM stock
  WHERE shop_id = p_shop_id AND item_id = p_item_id AND location_id = p_location_id
  FOR UPDATE;
  IF NOT FOUND THEN
    INSERT INTO stock (shop_id, item_id, location_id) VALUES (p_shop_id, p_item_id, p_location_id)
    ON CONFLICT ON CONSTRAINT stock_pk DO NOTHING;
    SELECT * INTO shelf FROM stock
    WHERE shop_id = p_shop_id AND item_id = p_item_id AND location_id = p_location_id
    FOR UPDATE;
  END IF;
  RETURN shelf;
END
$$;
COMMENT ON FUNCTION lock_shelf IS 'Holds one shelf until the end of the transaction, for decisions that depend on what is on it. Call in (item, location) order';

CREATE FUNCTION movement_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  item_scale smallint;
BEGIN
  SELECT i.scale INTO item_scale FROM item i WHERE i.shop_id = NEW.shop_id AND i.id = NEW.item_id;
  IF round(NEW.delta, item_scale) <> NEW.delta THEN
    RAISE EXCEPTION 'the item is kept in % decimals', item_scale
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_delta_is_at_scale';
  END IF;
  FOR attempt IN 1..2 LOOP
    -- Locks the shelf: take lines in (item, location) order.
    UPDATE stock
    SET on_hand = on_hand + NEW.delta,
        seq = seq + 1,
        changed_at = greatest(changed_at, NEW.recorded_at),
        last_occurred_at = greatest(last_occurred_at, NEW.occurred_at)
    WHERE shop_id = NEW.shop_id AND item_id = NEW.item_id AND location_id = NEW.location_id
    -- WhatsApp tells whole seconds, so what happened in the second of the count is not late.
    RETURNING seq, on_hand, coalesce(NEW.occurred_at < date_trunc('second', counted_at), false)
    INTO NEW.seq, NEW.balance_after, NEW.is_late;
    EXIT WHEN FOUND;
    INSERT INTO stock (shop_id, item_id, location_id) VALUES (NEW.shop_id, NEW.item_id, NEW.location_id)
    ON CONFLICT ON CONSTRAINT stock_pk DO NOTHING;
  END LOOP;
  RETURN NEW;
END
$$;
CREATE TRIGGER movement_post BEFORE INSERT ON movement FOR EACH ROW EXECUTE FUNCTION movement_post();

CREATE FUNCTION count_line_raise_wall() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE stock s
  SET counted_at = greatest(s.counted_at, o.occurred_at)
  FROM operation o
  WHERE o.shop_id = NEW.shop_id AND o.id = NEW.op_id
    AND s.shop_id = NEW.shop_id AND s.item_id = NEW.item_id AND s.location_id = NEW.location_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER count_line_raise_wall AFTER INSERT ON count_line FOR EACH ROW EXECUTE FUNCTION count_line_raise_wall();

-- A count that is taken back is no wall any more: the one before it is, and a redo raises it again.
CREATE FUNCTION operation_move_wall() RETURNS trigger
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
      SELECT max(o.occurred_at)
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

CREATE FUNCTION operation_stands(p_shop_id uuid, p_op_id uuid) RETURNS boolean
LANGUAGE sql STABLE AS $$
  -- Taken back an even number of times: undone is 1, undone and redone is 2.
  WITH RECURSIVE chain (id, depth) AS (
    SELECT p_op_id, 0
    UNION ALL
    SELECT o.id, c.depth + 1
    FROM chain c
    JOIN operation o ON o.shop_id = p_shop_id AND o.reverses = c.id AND o.kind IN ('reversal', 'correction')
  )
  SELECT max(depth) % 2 = 0 FROM chain
$$;
COMMENT ON FUNCTION operation_stands IS 'Whether an operation counts: not taken back, or taken back and done again';

CREATE FUNCTION line_stands(m movement) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT m.kind NOT IN ('count', 'reversal') AND (
    NOT EXISTS (
      SELECT FROM operation o
      WHERE o.shop_id = m.shop_id AND o.reverses = m.op_id AND o.kind IN ('reversal', 'correction')
    )
    OR operation_stands(m.shop_id, m.op_id))
$$;
COMMENT ON FUNCTION line_stands IS 'Whether a line tells of something that happened, and was not taken back';

CREATE FUNCTION standing_balance(p_shop_id uuid, p_item_id uuid, p_location_id uuid) RETURNS numeric
LANGUAGE sql STABLE AS $$
  WITH wall AS (
    SELECT c.counted, c.seq, o.occurred_at
    FROM count_line c
    JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
    WHERE c.shop_id = p_shop_id AND c.item_id = p_item_id AND c.location_id = p_location_id
      AND operation_stands(o.shop_id, o.id)
    ORDER BY date_trunc('second', o.occurred_at) DESC, c.seq DESC, o.id DESC, c.line DESC
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
COMMENT ON FUNCTION standing_balance IS 'On hand by what stands: the newest count, and what happened after it';

CREATE TRIGGER operation_move_wall AFTER INSERT ON operation
FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION operation_move_wall();

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER movement_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operation
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER count_line_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON count_line
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operation_result_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operation_result
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
