-- Sums of weeks that are over, so that a report of a year reads 52 of them and not two million movements.
--
-- The ledger stays the truth. Sums are made from it in the background, never by a post. A post pays one comparison: what
-- it says to have happened before `shop.summed_until` leaves a note, in its own transaction. A report takes the sum of a
-- week that has no note; for one that has, and for days in no whole week, it reads the ledger. So whoever sees a late
-- movement sees its note too, and no report holds one without the other.
--
-- Everything that changes a report of some days inserts a movement at a time within them: mirrors stand at the time of
-- what they mirror. What else a sum depends on is kept beside it and compared: where the week begins and ends, and the currency.
ALTER TABLE shop ADD COLUMN summed_until timestamptz;
COMMENT ON COLUMN shop.summed_until IS 'What happened before this may be in a sum, and is noted in report_late when it comes now; NULL: nothing is summed yet';

CREATE TABLE report_week (
  shop_id   uuid        NOT NULL,
  monday    date        NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at   timestamptz NOT NULL,
  currency  text        NOT NULL,
  CONSTRAINT report_week_pk PRIMARY KEY (shop_id, monday),
  CONSTRAINT report_week_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id) ON DELETE CASCADE
);
COMMENT ON TABLE report_week IS 'Weeks whose sums were made. May be deleted at any time: they are made again';
COMMENT ON COLUMN report_week.shop_id IS 'The shop';
COMMENT ON COLUMN report_week.monday IS 'Its first day';
COMMENT ON COLUMN report_week.starts_at IS 'When that day began in the time zone that the shop had';
COMMENT ON COLUMN report_week.ends_at IS 'When the next week began there';
COMMENT ON COLUMN report_week.currency IS 'Of the shop, and so of the prices that were summed';

CREATE TABLE report_sum (
  shop_id      uuid    NOT NULL,
  monday       date    NOT NULL,
  kind         text    NOT NULL,
  item_id      uuid    NOT NULL,
  line_count   bigint  NOT NULL,
  delta        numeric NOT NULL,
  price_count  bigint  NOT NULL,
  at_price     numeric NOT NULL,
  cost_count   bigint  NOT NULL,
  at_cost      numeric NOT NULL,
  margin_count bigint  NOT NULL,
  margin       numeric NOT NULL,
  CONSTRAINT report_sum_pk PRIMARY KEY (shop_id, monday, kind, item_id),
  CONSTRAINT report_sum_week_fk FOREIGN KEY (shop_id, monday) REFERENCES report_week (shop_id, monday) ON DELETE CASCADE
);
COMMENT ON TABLE report_sum IS 'What happened to an item in a week in one way, net of what was taken back';
COMMENT ON COLUMN report_sum.shop_id IS 'The shop';
COMMENT ON COLUMN report_sum.monday IS 'The week';
COMMENT ON COLUMN report_sum.kind IS 'The kind of the movements';
COMMENT ON COLUMN report_sum.item_id IS 'The item';
COMMENT ON COLUMN report_sum.line_count IS 'Lines, less those taken back';
COMMENT ON COLUMN report_sum.delta IS 'Their change in the base unit';
COMMENT ON COLUMN report_sum.price_count IS 'Those with a price in the currency of the shop';
COMMENT ON COLUMN report_sum.at_price IS 'Their change at that price';
COMMENT ON COLUMN report_sum.cost_count IS 'Those whose cost was known';
COMMENT ON COLUMN report_sum.at_cost IS 'Their change at that cost';
COMMENT ON COLUMN report_sum.margin_count IS 'Those with both';
COMMENT ON COLUMN report_sum.margin IS 'What they brought above their cost';

CREATE TABLE report_late (
  shop_id     uuid        NOT NULL,
  occurred_at timestamptz NOT NULL
);
CREATE INDEX report_late_by_time ON report_late (shop_id, occurred_at);
COMMENT ON TABLE report_late IS 'A row for each movement that came when its week may have been summed; gone once the sum holds it';
COMMENT ON COLUMN report_late.shop_id IS 'The shop';
COMMENT ON COLUMN report_late.occurred_at IS 'When it happened';

ALTER TABLE report_week ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_sum ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_late ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON report_week TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON report_sum TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON report_late TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT ON report_week, report_sum, report_late TO backroom_inventory;

-- That of migration 0031, and the note.
CREATE OR REPLACE FUNCTION movement_post() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  about record;
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
  -- After the shelf is held: whoever merged the item meanwhile held its shelves, and is seen now. And after this
  -- transaction got its number: who makes sums waits for all that had one when they said up to when.
  SELECT i.scale, i.moved_to, s.summed_until INTO about
  FROM item i
  JOIN shop s ON s.id = i.shop_id
  WHERE i.shop_id = NEW.shop_id AND i.id = NEW.item_id;
  IF round(NEW.delta, about.scale) <> NEW.delta THEN
    RAISE EXCEPTION 'the item is kept in % decimals', about.scale
      USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_delta_is_at_scale';
  END IF;
  IF about.moved_to IS NOT NULL AND NEW.kind NOT IN ('reversal', 'transfer') THEN
    PERFORM refuse_moved_item(NEW.shop_id, NEW.op_id);
  END IF;
  IF NEW.occurred_at < about.summed_until THEN
    INSERT INTO report_late (shop_id, occurred_at) VALUES (NEW.shop_id, NEW.occurred_at);
  END IF;
  RETURN NEW;
END
$$;

-- What the ledger says of some time, by kind and item.
CREATE FUNCTION sum_movements(p_shop_id uuid, p_starts_at timestamptz, p_ends_at timestamptz, p_currency text)
RETURNS TABLE (
  kind text, item_id uuid, line_count bigint, delta numeric, price_count bigint, at_price numeric, cost_count bigint,
  at_cost numeric, margin_count bigint, margin numeric
)
LANGUAGE sql STABLE AS $$
  SELECT
    s.kind, s.item_id,
    sum(s.weight),
    sum(s.delta),
    coalesce(sum(s.weight) FILTER (WHERE s.price IS NOT NULL), 0),
    coalesce(sum(s.delta * s.price), 0),
    coalesce(sum(s.weight) FILTER (WHERE s.unit_cost IS NOT NULL), 0),
    coalesce(sum(s.delta * s.unit_cost), 0),
    coalesce(sum(s.weight) FILTER (WHERE s.price IS NOT NULL AND s.unit_cost IS NOT NULL), 0),
    coalesce(-sum(s.delta * (s.price - s.unit_cost)), 0)
  FROM (
    SELECT
      m.kind, m.item_id, 1 AS weight, m.delta, m.unit_cost,
      CASE WHEN m.currency = p_currency THEN m.unit_price END AS price
    FROM movement m
    WHERE m.shop_id = p_shop_id AND m.occurred_at >= p_starts_at AND m.occurred_at < p_ends_at
      AND m.kind NOT IN ('reversal', 'transfer')
      -- Of counts only what a person found, and not what absorbs or settles.
      AND (m.kind <> 'count' OR m.said_quantity IS NOT NULL)
    UNION ALL
    -- Less what was taken back. A mirror stands at the time of its line, so it is found here without looking at others.
    SELECT
      m.kind, m.item_id, -1, -m.delta, m.unit_cost,
      CASE WHEN m.currency = p_currency THEN m.unit_price END
    FROM movement mirror
    JOIN movement m ON m.shop_id = mirror.shop_id AND m.id = mirror.reverses
    WHERE mirror.shop_id = p_shop_id AND mirror.occurred_at >= p_starts_at AND mirror.occurred_at < p_ends_at
      AND mirror.kind = 'reversal' AND m.kind NOT IN ('reversal', 'transfer')
      AND (m.kind <> 'count' OR m.said_quantity IS NOT NULL)
      AND NOT operation_stands(m.shop_id, m.op_id)
  ) s
  GROUP BY s.kind, s.item_id
$$;
COMMENT ON FUNCTION sum_movements IS 'What happened to each item in each way, net of what was taken back, read from the ledger';

CREATE FUNCTION begin_sums(p_shop_id uuid, p_now timestamptz) RETURNS date[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  shop record;
  closed date; -- the week that began here is not summed yet: most of what comes late comes within a day
  weeks date[];
BEGIN
  PERFORM open_shop(p_shop_id);
  SELECT s.currency, s.time_zone, s.summed_until INTO shop FROM shop s WHERE s.id = p_shop_id;
  closed := date_trunc('week', (p_now - interval '1 day') AT TIME ZONE shop.time_zone)::date;
  -- The weeks in which something happened, one after the other.
  WITH RECURSIVE week (monday) AS (
    SELECT date_trunc('week', min(m.occurred_at) AT TIME ZONE shop.time_zone)::date
    FROM movement m
    WHERE m.shop_id = p_shop_id
    UNION ALL
    SELECT (
      SELECT date_trunc('week', min(m.occurred_at) AT TIME ZONE shop.time_zone)::date
      FROM movement m
      WHERE m.shop_id = p_shop_id AND m.occurred_at >= (w.monday + 7)::timestamp AT TIME ZONE shop.time_zone
    )
    FROM week w
    WHERE w.monday < closed
  )
  SELECT array_agg(w.monday ORDER BY w.monday) INTO weeks
  FROM week w
  WHERE w.monday < closed AND NOT sum_holds(p_shop_id, w.monday, shop.time_zone, shop.currency);
  IF cardinality(weeks) > 0 AND shop.summed_until IS DISTINCT FROM closed::timestamp AT TIME ZONE shop.time_zone THEN
    -- Never back: of weeks before it there may be sums.
    UPDATE shop s
    SET summed_until = greatest(s.summed_until, closed::timestamp AT TIME ZONE shop.time_zone)
    WHERE s.id = p_shop_id;
  END IF;
  RETURN coalesce(weeks, '{}');
END
$$;
COMMENT ON FUNCTION begin_sums IS 'Weeks that are over and whose sums are missing or do not hold. From its commit on, what is posted into them leaves a note; what was on its way must have ended before they are summed';

CREATE FUNCTION sum_holds(p_shop_id uuid, p_monday date, p_time_zone text, p_currency text) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM report_week w
    WHERE w.shop_id = p_shop_id AND w.monday = p_monday AND w.currency = p_currency
      AND w.starts_at = p_monday::timestamp AT TIME ZONE p_time_zone
      AND w.ends_at = (p_monday + 7)::timestamp AT TIME ZONE p_time_zone
      AND NOT EXISTS (
        SELECT FROM report_late l
        WHERE l.shop_id = w.shop_id AND l.occurred_at >= w.starts_at AND l.occurred_at < w.ends_at
      )
  )
$$;
COMMENT ON FUNCTION sum_holds IS 'Whether the sum of a week is there and is what the ledger says';

CREATE FUNCTION sum_week(p_shop_id uuid, p_monday date) RETURNS void
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
  -- Two processes that make the same sum do so one after the other.
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
COMMENT ON FUNCTION sum_week IS 'Makes the sum of a week from the ledger, again if there is one';

REVOKE EXECUTE ON FUNCTION begin_sums, sum_week FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_sums, sum_week TO backroom_inventory;
