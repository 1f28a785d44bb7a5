-- What surrounds the lanes in the gateway.

-- Values that belong to this deployment and are made once.
CREATE TABLE deployment (
    only_row  boolean NOT NULL DEFAULT true,           -- there is one row
    lane_salt bytea   NOT NULL,                        -- keys the hashes that name lanes, so that they hold no phone number
    CONSTRAINT deployment_pkey PRIMARY KEY (only_row),
    CONSTRAINT deployment_one_row CHECK (only_row)
);
INSERT INTO deployment (lane_salt) VALUES (sha256(gen_random_uuid()::text::bytea || gen_random_uuid()::text::bytea));

-- Notifications that are kept as they came: fields and message types that no flow of this version reads.
CREATE TABLE kept_event (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    dedup_key   text        NOT NULL,                  -- the same notification again is a no-op
    field       text        NOT NULL,                  -- Meta's name of the field or message type
    payload     bytea       NOT NULL,                  -- exactly what came
    received_at timestamptz NOT NULL DEFAULT now(),    -- when it came
    CONSTRAINT kept_event_pkey PRIMARY KEY (id),
    CONSTRAINT kept_event_dedup_key_unique UNIQUE (dedup_key)
);
CREATE INDEX kept_event_received_at ON kept_event (received_at);
