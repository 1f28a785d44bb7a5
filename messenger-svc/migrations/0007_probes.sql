-- A number that receipts halted: Meta takes its messages and fails them later, so that being accepted says nothing.

ALTER TABLE number_state
    ADD COLUMN halted_by_receipt boolean NOT NULL DEFAULT false, -- only a receipt, or quiet, shows that it works again
    ADD COLUMN probe_message_id  uuid,                           -- the message that tried it last
    ADD COLUMN quiet_until       timestamptz;                    -- that one was accepted: until when its receipt is awaited
