-- The alarm: always empty. A row means that a balance is not the sum of its movements, or that the numbering has a gap.
CREATE VIEW ledger_discrepancy WITH (security_invoker = true) AS
SELECT
  s.shop_id,
  s.item_id,
  s.location_id,
  s.on_hand,
  coalesce(l.sum_of_deltas, 0) AS sum_of_deltas,
  s.seq,
  coalesce(l.movement_count, 0) AS movement_count,
  coalesce(l.broken_count, 0) AS broken_count
FROM stock s
LEFT JOIN (
  SELECT
    shop_id, item_id, location_id,
    sum(delta) AS sum_of_deltas,
    count(*) AS movement_count,
    count(*) FILTER (WHERE balance_after <> running OR seq <> place) AS broken_count
  FROM (
    SELECT
      m.shop_id, m.item_id, m.location_id, m.delta, m.seq, m.balance_after,
      sum(m.delta) OVER shelf AS running,
      row_number() OVER shelf AS place
    FROM movement m
    WINDOW shelf AS (PARTITION BY m.shop_id, m.item_id, m.location_id ORDER BY m.seq)
  ) walked
  GROUP BY shop_id, item_id, location_id
) l ON l.shop_id = s.shop_id AND l.item_id = s.item_id AND l.location_id = s.location_id
WHERE s.on_hand <> coalesce(l.sum_of_deltas, 0)
   OR s.seq <> coalesce(l.movement_count, 0)
   OR coalesce(l.broken_count, 0) <> 0;
COMMENT ON VIEW ledger_discrepancy IS 'Shelves whose balance does not follow from their movements';
