-- An open question to a person: at most one, answered at most once.
CREATE TABLE question (
    id          uuid        NOT NULL,                  -- made from the id of the message that led to it, so a replay makes the same
    member_id   uuid        NOT NULL,                  -- who is asked
    shop_id     uuid        NOT NULL,                  -- where
    draft       jsonb       NOT NULL,                  -- what will be done with each answer
    expires_at  timestamptz NOT NULL,                  -- later answers are told that it is too late
    resolved_at timestamptz,                           -- when it was answered, dropped or replaced
    resolution  text,                                  -- how it ended: answered, replaced, expired
    answer      text,                                  -- the message that answered it, so that its replay is let through
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT question_pkey PRIMARY KEY (id),
    CONSTRAINT question_resolution_known CHECK (resolution IN ('answered', 'replaced', 'expired'))
);
CREATE UNIQUE INDEX question_one_open ON question (member_id) WHERE resolved_at IS NULL;
CREATE INDEX question_expires_at ON question (expires_at);
