-- Papers: an invoice or delivery note is booked once.
CREATE TABLE paper (
  shop_id      uuid    NOT NULL,
  op_id        uuid    NOT NULL,
  supplier     text    NOT NULL,
  number       text    NOT NULL,
  supplier_key text    NOT NULL,
  number_key   text    NOT NULL,
  is_booked    boolean NOT NULL,
  CONSTRAINT paper_pk PRIMARY KEY (shop_id, op_id),
  CONSTRAINT paper_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT paper_keys_are_given CHECK (supplier_key <> '' AND number_key <> '')
);
CREATE UNIQUE INDEX paper_booked_once ON paper (shop_id, supplier_key, number_key) WHERE is_booked;
COMMENT ON COLUMN paper.shop_id IS 'The shop';
COMMENT ON COLUMN paper.op_id IS 'The operation that booked it';
COMMENT ON COLUMN paper.supplier IS 'Who issued it, as printed';
COMMENT ON COLUMN paper.number IS 'Its number, as printed';
COMMENT ON COLUMN paper.supplier_key IS 'The supplier in the one spelling of domain::paper';
COMMENT ON COLUMN paper.number_key IS 'The number in the one spelling of domain::paper';
COMMENT ON COLUMN paper.is_booked IS 'Whether the operation stands; written by trigger when it is taken back or done again';
ALTER TABLE paper ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_shop ON paper TO backroom_inventory USING (shop_id = scope_shop_id());
GRANT SELECT, INSERT ON paper TO backroom_inventory;

CREATE FUNCTION refuse_booked_paper(p_shop_id uuid, p_supplier_key text, p_number_key text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  booked operation;
BEGIN
  SELECT o.* INTO booked
  FROM paper p
  JOIN operation o ON o.shop_id = p.shop_id AND o.id = p.op_id
  WHERE p.shop_id = p_shop_id AND p.supplier_key = p_supplier_key AND p.number_key = p_number_key AND p.is_booked;
  IF FOUND THEN
    PERFORM refuse('BR022', 'the paper was booked before', jsonb_build_object(
      'operationId', booked.id, 'publicReference', booked.public_reference));
  END IF;
END
$$;
COMMENT ON FUNCTION refuse_booked_paper IS 'Refuses a paper that an operation which stands has booked';

-- Beside post_operation and not inside: what comes without a paper, which is nearly everything, does not pay for papers.
CREATE FUNCTION post_paper(
  p_shop_id uuid,
  p_op_id uuid,
  p_public_reference text,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_occurred_at timestamptz,
  p_recorded_at timestamptz,
  p_lines jsonb,
  p_is_decided boolean,
  p_all_or_nothing boolean,
  p_dry_run boolean,
  p_paper jsonb               -- store::operations::NewPaper
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
BEGIN
  PERFORM open_shop(p_shop_id);
  -- In this order: who sees the booking of a twin sees its answer after that, too.
  PERFORM FROM paper p
  WHERE p.shop_id = p_shop_id AND p.supplier_key = p_paper ->> 'supplier_key'
    AND p.number_key = p_paper ->> 'number_key' AND p.is_booked;
  IF FOUND AND stored_answer(p_shop_id, p_source, p_request_id, p_request_hash) IS NULL THEN
    PERFORM refuse_booked_paper(p_shop_id, p_paper ->> 'supplier_key', p_paper ->> 'number_key');
  END IF;
  answer := post_operation(
    p_shop_id, p_op_id, p_public_reference, p_source, p_request_id, p_request_hash, p_member_id, p_occurred_at,
    p_recorded_at, p_lines, p_is_decided, p_all_or_nothing, p_dry_run);
  IF p_dry_run OR answer -> 'operation' IS NULL OR answer -> 'replayed' IS NOT NULL THEN
    RETURN answer;
  END IF;
  -- Who books it at the same moment is waited for here.
  INSERT INTO paper (shop_id, op_id, supplier, number, supplier_key, number_key, is_booked)
  VALUES (
    p_shop_id, p_op_id, p_paper ->> 'supplier', p_paper ->> 'number', p_paper ->> 'supplier_key',
    p_paper ->> 'number_key', true)
  ON CONFLICT (shop_id, supplier_key, number_key) WHERE is_booked DO NOTHING;
  IF NOT FOUND THEN
    PERFORM refuse_booked_paper(p_shop_id, p_paper ->> 'supplier_key', p_paper ->> 'number_key');
    RAISE EXCEPTION 'the paper was booked and given up meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
  RETURN answer;
END
$$;

-- A paper is free when its operation is taken back, and booked again when that is taken back.
CREATE FUNCTION operation_move_paper() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  changed record;
BEGIN
  FOR changed IN
    WITH RECURSIVE chain (id) AS (
      SELECT NEW.reverses
      UNION ALL
      SELECT o.reverses FROM chain c JOIN operation o ON o.shop_id = NEW.shop_id AND o.id = c.id
      WHERE o.reverses IS NOT NULL
    )
    SELECT p.*, operation_stands(p.shop_id, p.op_id) AS stands
    FROM chain
    JOIN paper p ON p.shop_id = NEW.shop_id AND p.op_id = chain.id
    ORDER BY stands -- given up first: a correction and what it corrects may share the paper
  LOOP
    CONTINUE WHEN changed.is_booked = changed.stands;
    BEGIN
      UPDATE paper p SET is_booked = changed.stands WHERE p.shop_id = changed.shop_id AND p.op_id = changed.op_id;
    EXCEPTION WHEN unique_violation THEN
      PERFORM refuse_booked_paper(changed.shop_id, changed.supplier_key, changed.number_key);
      RAISE EXCEPTION 'the paper was booked and given up meanwhile' USING ERRCODE = 'serialization_failure';
    END;
  END LOOP;
  RETURN NULL;
END
$$;
CREATE TRIGGER operation_move_paper AFTER INSERT ON operation
FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION operation_move_paper();
