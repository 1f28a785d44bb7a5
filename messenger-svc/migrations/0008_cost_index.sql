-- no-transaction
-- The cost report reads nothing else. Built beside the sending: under a lock of the table the outbox would stand still.
CREATE INDEX CONCURRENTLY IF NOT EXISTS message_cost
    ON message (delivered_month, phone_number_id, price_category, price_type, market)
    WHERE delivered_month IS NOT NULL;
