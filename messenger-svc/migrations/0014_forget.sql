-- Forgetting a person: what was written to them loses its words and names, and stays for the books.

ALTER TABLE message ADD COLUMN forgotten_at timestamptz;    -- when words and names were taken out of it; NULL: they were not

-- What is there holds by the rule of before, which is the stricter one, so nothing is looked at while the table is locked.
ALTER TABLE message
    DROP CONSTRAINT message_has_recipient,
    ADD CONSTRAINT message_has_recipient
        CHECK (recipient_user_id IS NOT NULL OR recipient_phone IS NOT NULL OR forgotten_at IS NOT NULL) NOT VALID;
