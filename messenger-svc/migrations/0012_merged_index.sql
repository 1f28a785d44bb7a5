-- no-transaction
-- Whose words a message carries: they follow it when it is merged itself.
CREATE INDEX CONCURRENTLY IF NOT EXISTS message_merged_into
    ON message (merged_into)
    WHERE merged_into IS NOT NULL;
