-- Who is in the middle of a stock-take, so that nobody has to be asked about it before a message is read. The stock-take itself
-- is in the ledger.
CREATE TABLE counting (
    member_id  uuid        NOT NULL, -- who counts
    session_id uuid        NOT NULL, -- the stock-take in the ledger
    started_at timestamptz NOT NULL, -- when it began
    expires_at timestamptz NOT NULL, -- when it is over unless it goes on before
    CONSTRAINT counting_pkey PRIMARY KEY (member_id)
);
