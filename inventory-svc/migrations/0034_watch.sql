-- In what order operations are told to those who watch: that of their transactions, once all before them have ended.
--
-- An identity or a time will not do: who got a smaller one may commit later, and would be missed. A number that is taken
-- under a lock until the commit would make writers of one shop wait for each other. A transaction has a number already,
-- for nothing: what is below the oldest one that is still running will not change any more. No second statement, no
-- trigger and no NOTIFY, which makes commits of the whole server wait for each other.
--
-- What was there before has 0 and comes first, in the order of its ids.
ALTER TABLE operation ADD COLUMN written_in bigint NOT NULL DEFAULT 0;
ALTER TABLE operation ALTER COLUMN written_in SET DEFAULT (pg_current_xact_id()::text::bigint);
COMMENT ON COLUMN operation.written_in IS 'The transaction that wrote it. Grows within one server: after a restore into another one, who watches begins anew';
CREATE INDEX operation_as_committed ON operation (shop_id, written_in, id);

CREATE FUNCTION settled_before() RETURNS bigint
LANGUAGE sql STABLE
RETURN pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
COMMENT ON FUNCTION settled_before IS 'Every transaction below this has ended, and nothing of it is still to be seen';

CREATE FUNCTION list_changes(p_shop_id uuid, p_after_transaction bigint, p_after_operation uuid, p_limit integer)
RETURNS TABLE (written_in bigint, operation jsonb, movements jsonb)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  RETURN QUERY
  SELECT
    o.written_in,
    operation_json(o.*) || CASE WHEN c.op_id IS NULL THEN '{}'
      ELSE jsonb_build_object('kind', 'correction', 'reverses', c.corrects) END,
    (
      SELECT coalesce(jsonb_agg(movement_json(m, i.display_name, i.base_unit) ORDER BY m.line), '[]')
      FROM movement m
      JOIN item i ON i.shop_id = m.shop_id AND i.id = m.item_id
      WHERE m.shop_id = o.shop_id AND m.op_id = o.id
    )
  FROM public.operation o
  LEFT JOIN correction c ON c.shop_id = o.shop_id AND c.op_id = o.id
  WHERE o.shop_id = p_shop_id
    AND (o.written_in, o.id) > (p_after_transaction, p_after_operation)
    AND o.written_in < settled_before()
  ORDER BY o.written_in, o.id
  LIMIT p_limit;
END
$$;
COMMENT ON FUNCTION list_changes IS 'What was committed in a shop after a place, as far as nothing can come before it any more';
