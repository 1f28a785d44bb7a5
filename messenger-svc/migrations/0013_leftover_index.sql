-- no-transaction
-- Fallbacks that the eraser of the version before, which does not know them, left behind; empty otherwise.
CREATE INDEX CONCURRENTLY IF NOT EXISTS message_leftover
    ON message (updated_at)
    WHERE state > 2 AND content IS NULL AND fallback IS NOT NULL;
