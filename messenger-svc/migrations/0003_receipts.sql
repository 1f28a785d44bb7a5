-- What happened to messages.

-- One step of a message's way. Rows are added and never changed. No foreign key: an event is only written beside an
-- update of its message, and the check would cost the busiest statement a lookup for each row.
CREATE TABLE delivery_event (
    message_id  uuid        NOT NULL,                       -- whose way
    state       smallint    NOT NULL,                       -- the state that was reached, numbered as in message
    occurred_at timestamptz NOT NULL,                       -- by the clock of whoever reported it
    recorded_at timestamptz NOT NULL,                       -- by our clock
    error_code  integer     NOT NULL DEFAULT 0,             -- Meta's code, when it failed
    CONSTRAINT delivery_event_pkey PRIMARY KEY (message_id, state) -- the same report twice is one event
);

CREATE FUNCTION delivery_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'delivery events are never changed' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER delivery_event_append_only BEFORE UPDATE ON delivery_event
    FOR EACH STATEMENT EXECUTE FUNCTION delivery_event_is_append_only();

-- A receipt of a message whose WhatsApp id is not known yet. It is matched once the id is, or forgotten after a month:
-- by then Meta has dropped the message itself.
CREATE TABLE parked_receipt (
    whatsapp_id text        NOT NULL,                       -- the message it speaks of
    status      text        NOT NULL,                       -- Meta's word
    occurred_at timestamptz NOT NULL,                       -- by Meta's clock
    error_code  integer     NOT NULL DEFAULT 0,             -- Meta's code, when it failed
    pricing     jsonb,                                      -- what it costs, when the receipt says so
    parked_at   timestamptz NOT NULL,                       -- when it came
    CONSTRAINT parked_receipt_pkey PRIMARY KEY (whatsapp_id, status)
);
CREATE INDEX parked_receipt_parked_at ON parked_receipt (parked_at);
