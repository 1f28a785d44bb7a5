-- More kinds of messages, what is sent when the 24 hours are over, and several messages that go out as one.

ALTER TABLE message
    ADD COLUMN fallback    jsonb,                           -- template that is sent in place of the content when the 24 hours are over; erased with it
    ADD COLUMN merged_into uuid;                            -- the message that carries the words of this one; its own state says nothing more then

-- The bytes of a document that is to be sent, and what Meta calls them once they are uploaded. Erased with the content.
CREATE TABLE message_document (
    message_id uuid        NOT NULL,                        -- whose document
    content    bytea       NOT NULL,                        -- the bytes, at most 3 MiB
    media_id   text,                                        -- Meta's id of them, so that a retry uploads nothing again; good for 30 days
    CONSTRAINT message_document_pkey PRIMARY KEY (message_id),
    CONSTRAINT message_document_of_message FOREIGN KEY (message_id) REFERENCES message (id) ON DELETE CASCADE
);
-- Files that are compressed already would only cost time.
ALTER TABLE message_document ALTER COLUMN content SET STORAGE EXTERNAL;

-- When a person last wrote to a business number, by the lane of the pair: for 24 hours from then anything may be sent.
CREATE TABLE service_window (
    lane       text        NOT NULL,                        -- lane of the pair
    inbound_at timestamptz,                                 -- the person's newest message by Meta's clock, a minute behind at most; NULL: not known
    closed_at  timestamptz,                                 -- when Meta said that it is closed; a message written later opens it again
    CONSTRAINT service_window_pkey PRIMARY KEY (lane)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
