-- Meta's limits, kept where all replicas see them.

-- A business number: how fast it may send, and whether it may send at all.
CREATE TABLE number_state (
    phone_number_id  text        NOT NULL,                  -- Meta's id of the number
    next_slot_at     timestamptz NOT NULL,                  -- when its next message may go out; slots are handed out one rate period apart
    halted_at        timestamptz,                           -- since when nothing is sent but probes; NULL while it sends
    halt_code        integer     NOT NULL DEFAULT 0,        -- Meta's code that halted it
    probe_at         timestamptz,                           -- when the next message may be tried
    resumed_at       timestamptz,                           -- when it last went from halted to sending; a failure from before it is old news
    token_digest     bytea,                                 -- digest of the access token that was refused; another token is tried at once
    CONSTRAINT number_state_pkey PRIMARY KEY (phone_number_id),
    CONSTRAINT number_state_halt_whole CHECK ((halted_at IS NULL) = (probe_at IS NULL))
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);

-- A pair of business number and person, by lane: a generic cell rate.
CREATE TABLE pair_limit (
    lane           text        NOT NULL,                    -- lane of the pair
    full_at        timestamptz NOT NULL,                    -- theoretical arrival time: when everything borrowed is paid back
    CONSTRAINT pair_limit_pkey PRIMARY KEY (lane)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
-- What the cleaner looks for: a pair that paid everything back is as good as one never seen.
CREATE INDEX pair_limit_full_at ON pair_limit (full_at);
