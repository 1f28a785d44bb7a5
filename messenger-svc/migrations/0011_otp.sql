-- One-time codes, kept for a day: what was sent and what was tried. Phones and codes stand here as keyed hashes alone.

CREATE TABLE otp_code (
    id           uuid        NOT NULL,                      -- the message that carries it
    request_id   text        NOT NULL,                      -- the request that had it sent
    request_hash bytea       NOT NULL,                      -- keyed hash of what was asked: the same id with other content is refused
    caller       text        NOT NULL,                      -- who asked
    phone_hash   bytea       NOT NULL,                      -- keyed hash of the phone number
    purpose      text        NOT NULL,                      -- what it counts for
    code_hash    bytea       NOT NULL,                      -- keyed hash of id, phone number, purpose and code
    tries        integer     NOT NULL DEFAULT 0,            -- codes that were compared with it
    created_at   timestamptz NOT NULL,                      -- when it was asked for
    expires_at   timestamptz NOT NULL,                      -- from when it does not count
    ended_at     timestamptz,                               -- when it was used up, tried too often, or replaced
    CONSTRAINT otp_code_pkey PRIMARY KEY (id),
    CONSTRAINT otp_code_request_id_unique UNIQUE (request_id)
);
-- The limits of a phone and of a caller, and what the purge looks for.
CREATE INDEX otp_code_phone ON otp_code (phone_hash, created_at);
CREATE INDEX otp_code_caller ON otp_code (caller, created_at);
CREATE INDEX otp_code_created_at ON otp_code (created_at);
-- One code of a phone and purpose counts.
CREATE UNIQUE INDEX otp_code_live ON otp_code (phone_hash, purpose) WHERE ended_at IS NULL;

-- A code that somebody typed, right or wrong.
CREATE TABLE otp_try (
    request_id   text        NOT NULL,                      -- the request that brought it
    request_hash bytea       NOT NULL,                      -- keyed hash of what was asked
    caller       text        NOT NULL,                      -- who asked
    phone_hash   bytea       NOT NULL,                      -- keyed hash of the phone number, which need not have got a code
    code_id      uuid,                                      -- the code that it used up; NULL: it was rejected
    tried_at     timestamptz NOT NULL,                      -- when
    CONSTRAINT otp_try_pkey PRIMARY KEY (request_id)
);
CREATE INDEX otp_try_phone ON otp_try (phone_hash, tried_at);
CREATE INDEX otp_try_caller ON otp_try (caller, tried_at);
CREATE INDEX otp_try_tried_at ON otp_try (tried_at);
