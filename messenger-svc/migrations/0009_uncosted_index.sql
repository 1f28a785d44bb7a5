-- no-transaction
-- What arrived under an older version, until housekeeping has filled the columns in; empty afterwards.
CREATE INDEX CONCURRENTLY IF NOT EXISTS message_uncosted
    ON message (id)
    WHERE delivered_month IS NULL AND state BETWEEN 5 AND 7;
