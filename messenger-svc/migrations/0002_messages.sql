-- Messages on their way to people. The lane job of a message has the message's id as its key and no payload: what is sent stands here.

-- One random key of this deployment. Lane names are digests of who a message goes to; without a key a list of all
-- phone numbers would undo them.
CREATE TABLE lane_key (
    id  smallint NOT NULL DEFAULT 1,                        -- there is one row
    key bytea    NOT NULL,                                  -- 32 random bytes
    CONSTRAINT lane_key_pkey PRIMARY KEY (id),
    CONSTRAINT lane_key_single CHECK (id = 1)
);
INSERT INTO lane_key (key) VALUES (decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

CREATE TABLE message (
    id                uuid        NOT NULL,                 -- ours; travels to Meta as biz_opaque_callback_data
    request_id        text        NOT NULL,                 -- the request that created it
    request_hash      bytea       NOT NULL,                 -- SHA-256 of what was asked: the same id with other content is refused
    lane              text        NOT NULL,                 -- lane of the person and number; the pair limit counts by it, too
    phone_number_id   text        NOT NULL,                 -- business number it is sent from, Meta's id
    recipient_user_id text,                                 -- business-scoped user id
    recipient_phone   text,                                 -- digits of the WhatsApp id
    content           jsonb,                                -- what is sent; erased some time after the state is settled
    quoted_message_id text,                                 -- WhatsApp id of the message it quotes
    state             smallint    NOT NULL DEFAULT 1,       -- as in the proto: 1 queued, 2 in doubt, 3 accepted, 4 sent, 5 delivered, 6 read, 7 played, 8 failed
    whatsapp_id       text,                                 -- WhatsApp's id, of the newest send that was accepted
    attempts          integer     NOT NULL DEFAULT 0,       -- times it was handed to the Graph API; guards each hand-over
    refusals          integer     NOT NULL DEFAULT 0,       -- of these, answered with an error that passes
    in_doubt_since    timestamptz,                          -- when it was last handed over
    error_code        integer     NOT NULL DEFAULT 0,       -- Meta's code of the last error
    error_detail      text        NOT NULL DEFAULT '',      -- the last error in words; no text of the message, no number
    pricing           jsonb,                                -- what it costs, as the first receipt that says so has it
    traceparent       text,                                 -- W3C trace context of whoever put it in
    created_at        timestamptz NOT NULL,                 -- when it was put in
    updated_at        timestamptz NOT NULL,                 -- when the state last changed
    CONSTRAINT message_pkey PRIMARY KEY (id),
    CONSTRAINT message_request_id_unique UNIQUE (request_id),
    CONSTRAINT message_state_known CHECK (state BETWEEN 1 AND 8),
    CONSTRAINT message_has_recipient CHECK (recipient_user_id IS NOT NULL OR recipient_phone IS NOT NULL)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- Receipts ask by it. Not unique: one answer repeated by a broken proxy must not stop the recording of others.
CREATE INDEX message_whatsapp_id ON message (whatsapp_id) WHERE whatsapp_id IS NOT NULL;
-- What still has to go out: the outbox counts it, a number that resumes wakes its lanes by it.
CREATE INDEX message_pending ON message (phone_number_id) WHERE state <= 2;
-- What the eraser looks for.
CREATE INDEX message_erasable ON message (updated_at) WHERE state > 2 AND content IS NOT NULL;
