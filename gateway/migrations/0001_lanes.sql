-- The durable queue: jobs in lanes, strict order within a lane, lanes in parallel.
-- Copied verbatim into the migrations of each service that keeps a queue; a test holds the copies equal.

-- A lane: everything that must be handled one after the other, for example the messages of one sender.
CREATE TABLE lane (
    name        text        NOT NULL,                    -- what the jobs of this lane have in common; holds no phone number
    pending     integer     NOT NULL DEFAULT 0,          -- jobs that are neither done nor dead
    ready_at    timestamptz NOT NULL DEFAULT 'infinity', -- when a worker may claim it; a lease while one holds it; infinity at rest
    token       bigint      NOT NULL DEFAULT 0,          -- fencing: raised by each claim, a worker with an older one is refused
    held        boolean     NOT NULL DEFAULT false,      -- claimed and not yet settled; ready_at is then the end of the lease
    woken       boolean     NOT NULL DEFAULT false,      -- somebody asked for it while it was held: no delay when it is settled
    head_claims integer     NOT NULL DEFAULT 0,          -- claims since the lane last moved on; high when its head kills workers
    CONSTRAINT lane_pkey PRIMARY KEY (name),
    CONSTRAINT lane_pending_not_negative CHECK (pending >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 200);

-- Lanes at rest fall out of it, so a claim looks at work alone.
CREATE INDEX lane_ready_at ON lane (ready_at) WHERE ready_at < 'infinity';

CREATE SEQUENCE job_id_seq AS bigint;

-- One job. It stays as a tombstone after it is done, so that a late repeat of its key is still recognised.
CREATE TABLE job (
    id          bigint      NOT NULL,                    -- from job_id_seq, in the order of arrival
    lane        text        NOT NULL,                    -- the lane it belongs to
    dedup_key   text        NOT NULL,                    -- a second job with this key is a no-op
    kind        text        NOT NULL,                    -- what kind of work it is
    payload     bytea,                                   -- the work itself; erased when it is done
    progress    bytea,                                   -- what is already settled, so that a retry does not decide again; erased when done
    sort_key    bigint      NOT NULL,                    -- order within the lane among jobs that wait: unix milliseconds of the event
    attempts    integer     NOT NULL DEFAULT 0,          -- failed attempts
    last_error  text,                                    -- why the last attempt failed, for an operator; holds no text of a message
    traceparent text,                                    -- W3C trace context of whoever put it in
    created_at  timestamptz NOT NULL DEFAULT now(),      -- when it was put in
    settled_at  timestamptz,                             -- when it was done or given up
    dead        boolean     NOT NULL DEFAULT false,      -- given up: payload and progress are kept for a replay
    CONSTRAINT job_pkey PRIMARY KEY (id),
    CONSTRAINT job_dedup_key_unique UNIQUE (dedup_key)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- The head of a lane.
CREATE INDEX job_waiting ON job (lane, sort_key, id) WHERE settled_at IS NULL;
-- Dead letters, for the operator.
CREATE INDEX job_dead ON job (settled_at) WHERE dead;
-- What the purge looks for.
CREATE INDEX job_settled_at ON job (settled_at) WHERE settled_at IS NOT NULL AND NOT dead;
