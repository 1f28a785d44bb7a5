-- What is usual for a shelf, and what a unit on it cost: learned by the trigger that moves it anyway, from the first
-- movement after this migration. NULL: not known yet.
ALTER TABLE stock
  ADD COLUMN in_count  integer,
  ADD COLUMN usual_in  numeric(21, 6),
  ADD COLUMN out_count integer,
  ADD COLUMN usual_out numeric(21, 6),
  ADD COLUMN unit_cost numeric(20, 6);
COMMENT ON COLUMN stock.in_count IS 'How many lines that brought stock in usual_in was learned from; those taken back are forgotten';
COMMENT ON COLUMN stock.usual_in IS 'Mean of what such a line brings, in the base unit; the last twenty or so count';
COMMENT ON COLUMN stock.out_count IS 'How many lines that took stock out usual_out was learned from';
COMMENT ON COLUMN stock.usual_out IS 'Mean of what such a line takes, in the base unit';
COMMENT ON COLUMN stock.unit_cost IS 'Moving average of what one base unit cost, over receipts and first stock with a price in the currency of the shop; at zero or below the last price counts alone';

ALTER TABLE movement ADD COLUMN unit_cost numeric(20, 6);
COMMENT ON COLUMN movement.unit_cost IS 'What one base unit on the shelf cost after this movement, if that was known; that of what it mirrors for a reversal. Set by the trigger';

CREATE FUNCTION running_mean(p_mean numeric, p_count integer, p_value numeric, p_step integer) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN p_step > 0 THEN coalesce(p_mean + (p_value - p_mean) / least(p_count + 1, 20), p_value)
    WHEN coalesce(p_count, 0) <= 1 THEN NULL
    -- One of long ago may weigh more than it has by now: then it is kept.
    WHEN p_mean * least(p_count, 20) <= p_value THEN p_mean
    ELSE (p_mean * least(p_count, 20) - p_value) / (least(p_count, 20) - 1)
  END
$$;
COMMENT ON FUNCTION running_mean IS 'A mean after one more value (step 1) or without one (step -1)';

CREATE FUNCTION moved_cost(p_cost numeric, p_on_hand numeric, p_price numeric, p_quantity numeric, p_step integer) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN p_price IS NULL THEN p_cost
    WHEN p_step > 0 AND (p_cost IS NULL OR p_on_hand <= 0) THEN p_price
    WHEN p_step > 0 THEN (p_on_hand * p_cost + p_quantity * p_price) / (p_on_hand + p_quantity)
    WHEN p_on_hand > p_quantity AND p_on_hand * p_cost > p_quantity * p_price
      THEN (p_on_hand * p_cost - p_quantity * p_price) / (p_on_hand - p_quantity)
    ELSE p_cost
  END
$$;
COMMENT ON FUNCTION moved_cost IS 'The moving average after a receipt at a price (step 1) or after one is taken back (step -1); p_on_hand is before it';

CREATE OR REPLACE FUNCTION movement_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  item_scale smallint;
  said movement := NEW;    -- what was said in the beginning: the line itself, or what a reversal mirrors in the end
  step integer := 1;       -- whether that counts once more, or no more
  learns_in boolean;
  learns_out boolean;
  price numeric;
BEGIN
  SELECT i.scale INTO item_scale FROM item i WHERE i.shop_id = NEW.shop_id AND i.id = NEW.item_id;
  IF round(NEW.delta, item_scale) <> NEW.delta THEN
    RAISE EXCEPTION 'the item is kept in % decimals', item_scale
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_delta_is_at_scale';
  END IF;
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
  RETURN NEW;
END
$$;
