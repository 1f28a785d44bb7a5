-- The ledger: operations of movements and counts, and the stock they add up to.
--
-- No open questions here (the `pending` of the first design): what a person was asked belongs to the conversation,
-- which the gateway keeps, in the transaction in which it keeps the message.
CREATE TABLE operation (
  shop_id          uuid        NOT NULL,
  id               uuid        NOT NULL,
  public_reference text        NOT NULL,
  member_id        uuid,
  source           text        NOT NULL,
  request_id       text        NOT NULL,
  request_hash     bytea       NOT NULL,
  kind             text        NOT NULL,
  reverses         uuid,
  occurred_at      timestamptz NOT NULL,
  recorded_at      timestamptz NOT NULL,
  CONSTRAINT operation_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT operation_request_key UNIQUE (shop_id, source, request_id),
  CONSTRAINT operation_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT operation_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id),
  CONSTRAINT operation_reverses_fk FOREIGN KEY (shop_id, reverses) REFERENCES operation (shop_id, id),
  CONSTRAINT operation_source_is_known CHECK (source IN ('whatsapp', 'grpc', 'import', 'system')),
  CONSTRAINT operation_kind_is_known CHECK (kind IN ('post', 'count', 'reversal', 'correction')),
  CONSTRAINT operation_reverses_fits_kind CHECK ((kind IN ('reversal', 'correction')) = (reverses IS NOT NULL))
);
CREATE UNIQUE INDEX operation_one_reversal ON operation (shop_id, reverses) WHERE kind IN ('reversal', 'correction');
CREATE INDEX operation_latest_of_member ON operation (shop_id, member_id, recorded_at DESC, id DESC)
  WHERE kind <> 'reversal';
COMMENT ON COLUMN operation.shop_id IS 'The shop';
COMMENT ON COLUMN operation.id IS 'UUID v7';
COMMENT ON COLUMN operation.public_reference IS 'Four characters people can say aloud; not a key';
COMMENT ON COLUMN operation.member_id IS 'Who it was done for; NULL when a service did it for itself';
COMMENT ON COLUMN operation.source IS 'Where the request came from; each source has request ids of its own';
COMMENT ON COLUMN operation.request_id IS 'Names the request for good: Meta redelivers for days and callers crash, so it is never reused';
COMMENT ON COLUMN operation.request_hash IS 'SHA-256 of the request: the same id with other content is refused';
COMMENT ON COLUMN operation.kind IS 'What kind of intent it was';
COMMENT ON COLUMN operation.reverses IS 'The operation a reversal or correction takes back; each is taken back at most once';
COMMENT ON COLUMN operation.occurred_at IS 'When it happened in the shop';
COMMENT ON COLUMN operation.recorded_at IS 'When we heard of it, by the clock of the service';

CREATE TABLE stock (
  shop_id          uuid           NOT NULL,
  item_id          uuid           NOT NULL,
  location_id      uuid           NOT NULL,
  on_hand          numeric(18, 3) NOT NULL DEFAULT 0,
  seq              bigint         NOT NULL DEFAULT 0,
  counted_at       timestamptz,
  last_occurred_at timestamptz,
  changed_at       timestamptz,
  CONSTRAINT stock_pk PRIMARY KEY (shop_id, item_id, location_id),
  CONSTRAINT stock_item_fk FOREIGN KEY (shop_id, item_id) REFERENCES item (shop_id, id),
  CONSTRAINT stock_location_fk FOREIGN KEY (shop_id, location_id) REFERENCES location (shop_id, id)
) WITH (fillfactor = 70); -- updated by every movement: room on the page keeps the update off the index
COMMENT ON TABLE stock IS 'Projection of movement: one shelf a row. Written by triggers alone, rebuildable at any time';
COMMENT ON COLUMN stock.shop_id IS 'The shop';
COMMENT ON COLUMN stock.item_id IS 'The item';
COMMENT ON COLUMN stock.location_id IS 'The place';
COMMENT ON COLUMN stock.on_hand IS 'Sum of the deltas, in the base unit';
COMMENT ON COLUMN stock.seq IS 'Number of movements so far';
COMMENT ON COLUMN stock.counted_at IS 'When it was last counted: the wall behind which late lines are absorbed';
COMMENT ON COLUMN stock.last_occurred_at IS 'The latest time a movement happened at: a count before it has later lines to add';
COMMENT ON COLUMN stock.changed_at IS 'When the last movement was recorded';

CREATE TABLE movement (
  id            bigint         GENERATED ALWAYS AS IDENTITY,
  shop_id       uuid           NOT NULL,
  op_id         uuid           NOT NULL,
  line          smallint       NOT NULL,
  item_id       uuid           NOT NULL,
  location_id   uuid           NOT NULL,
  kind          text           NOT NULL,
  delta         numeric(18, 3) NOT NULL,
  said_quantity numeric(18, 3),
  said_unit     text,
  factor        numeric(18, 6),
  unit_price    numeric(18, 4),
  currency      text,
  seq           bigint         NOT NULL,
  balance_after numeric(18, 3) NOT NULL,
  occurred_at   timestamptz    NOT NULL,
  recorded_at   timestamptz    NOT NULL,
  reverses      bigint,
  absorbs       bigint,
  is_late       boolean        NOT NULL,
  opposes       numeric(18, 3) GENERATED ALWAYS AS (CASE WHEN coalesce(reverses, absorbs) IS NOT NULL THEN -delta END) STORED,
  CONSTRAINT movement_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT movement_line_key UNIQUE (shop_id, op_id, line),
  CONSTRAINT movement_seq_key UNIQUE (shop_id, item_id, location_id, seq),
  CONSTRAINT movement_mirror_key UNIQUE (shop_id, item_id, id, location_id, delta),
  CONSTRAINT movement_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT movement_stock_fk FOREIGN KEY (shop_id, item_id, location_id) REFERENCES stock (shop_id, item_id, location_id),
  -- An exact mirror, in the same shop and on the same shelf.
  CONSTRAINT movement_reverses_fk FOREIGN KEY (shop_id, item_id, reverses, location_id, opposes)
    REFERENCES movement (shop_id, item_id, id, location_id, delta),
  CONSTRAINT movement_absorbs_fk FOREIGN KEY (shop_id, item_id, absorbs, location_id, opposes)
    REFERENCES movement (shop_id, item_id, id, location_id, delta),
  CONSTRAINT movement_delta_is_not_zero CHECK (delta <> 0),
  CONSTRAINT movement_sign_follows_kind CHECK (
    CASE
      WHEN kind IN ('receipt', 'return_in', 'opening') THEN delta > 0
      WHEN kind IN ('sale', 'waste', 'own_use', 'theft', 'gift', 'return_out') THEN delta < 0
      WHEN kind IN ('adjustment', 'count', 'transfer') THEN true
      WHEN kind = 'reversal' THEN reverses IS NOT NULL
      ELSE false
    END),
  CONSTRAINT movement_only_reversals_reverse CHECK (reverses IS NULL OR kind = 'reversal'),
  CONSTRAINT movement_only_counts_absorb CHECK (absorbs IS NULL OR kind = 'count'),
  CONSTRAINT movement_price_has_currency CHECK ((unit_price IS NULL) = (currency IS NULL)),
  CONSTRAINT movement_price_is_not_negative CHECK (unit_price >= 0),
  CONSTRAINT movement_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE UNIQUE INDEX movement_one_reversal ON movement (shop_id, reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX movement_one_absorption ON movement (shop_id, absorbs) WHERE absorbs IS NOT NULL;
COMMENT ON COLUMN movement.id IS 'Grows with time; the order of lists';
COMMENT ON COLUMN movement.shop_id IS 'The shop';
COMMENT ON COLUMN movement.op_id IS 'The intent it is part of';
COMMENT ON COLUMN movement.line IS 'Place in the request, from 1; absorbing lines are numbered after the last one asked for';
COMMENT ON COLUMN movement.item_id IS 'The item';
COMMENT ON COLUMN movement.location_id IS 'The place';
COMMENT ON COLUMN movement.kind IS 'Why stock changed; decides the sign';
COMMENT ON COLUMN movement.delta IS 'The change in the base unit of the item, at its scale';
COMMENT ON COLUMN movement.said_quantity IS 'The quantity as it was said';
COMMENT ON COLUMN movement.said_unit IS 'The unit as it was said; NULL for the base unit';
COMMENT ON COLUMN movement.factor IS 'Base units in one said unit, when this was posted';
COMMENT ON COLUMN movement.unit_price IS 'Price of one base unit, when it was said';
COMMENT ON COLUMN movement.currency IS 'ISO 4217, of the price';
COMMENT ON COLUMN movement.seq IS 'Counts the movements of the shelf from 1 without gaps; set by the trigger';
COMMENT ON COLUMN movement.balance_after IS 'On hand after this movement; set by the trigger';
COMMENT ON COLUMN movement.occurred_at IS 'When it happened in the shop';
COMMENT ON COLUMN movement.recorded_at IS 'When we heard of it';
COMMENT ON COLUMN movement.reverses IS 'The movement this one mirrors';
COMMENT ON COLUMN movement.absorbs IS 'The late movement this one keeps from changing a later count';
COMMENT ON COLUMN movement.is_late IS 'Whether it belongs before a count that was recorded earlier; set by the trigger';
COMMENT ON COLUMN movement.opposes IS 'The delta that the mirrored or absorbed movement must have';

CREATE TABLE count_line (
  shop_id     uuid           NOT NULL,
  op_id       uuid           NOT NULL,
  line        smallint       NOT NULL,
  item_id     uuid           NOT NULL,
  location_id uuid           NOT NULL,
  counted     numeric(18, 3) NOT NULL,
  expected    numeric(18, 3) NOT NULL,
  seq         bigint         NOT NULL,
  CONSTRAINT count_line_pk PRIMARY KEY (shop_id, op_id, line),
  CONSTRAINT count_line_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id),
  CONSTRAINT count_line_stock_fk FOREIGN KEY (shop_id, item_id, location_id) REFERENCES stock (shop_id, item_id, location_id),
  CONSTRAINT count_line_counted_is_not_negative CHECK (counted >= 0)
);
CREATE INDEX count_line_by_shelf ON count_line (shop_id, item_id, location_id);
COMMENT ON COLUMN count_line.shop_id IS 'The shop';
COMMENT ON COLUMN count_line.op_id IS 'The intent it is part of';
COMMENT ON COLUMN count_line.line IS 'Place in the request, from 1';
COMMENT ON COLUMN count_line.item_id IS 'The item';
COMMENT ON COLUMN count_line.location_id IS 'The place';
COMMENT ON COLUMN count_line.counted IS 'What a person saw, in the base unit; kept when it is what the book said';
COMMENT ON COLUMN count_line.expected IS 'What the book said for the moment of the count';
COMMENT ON COLUMN count_line.seq IS 'The movements of the shelf that were known when it was counted, the count''s own among them';

CREATE TABLE operation_result (
  shop_id uuid  NOT NULL,
  op_id   uuid  NOT NULL,
  answer  jsonb NOT NULL,
  CONSTRAINT operation_result_pk PRIMARY KEY (shop_id, op_id),
  CONSTRAINT operation_result_operation_fk FOREIGN KEY (shop_id, op_id) REFERENCES operation (shop_id, id)
);
COMMENT ON COLUMN operation_result.shop_id IS 'The shop';
COMMENT ON COLUMN operation_result.op_id IS 'The operation';
COMMENT ON COLUMN operation_result.answer IS 'What the first request was answered, so that its repeats are answered the same. jsonb because the database writes it, in the round trip of the post';
