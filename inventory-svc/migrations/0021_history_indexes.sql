-- What lists of movements and reports read along. Measured on two million movements: docs/data-model.md.
CREATE INDEX movement_by_time ON movement (shop_id, occurred_at, id);
-- Sales and receipts are nearly everything, so whoever looks for them finds some without an index, and they pay nothing.
CREATE INDEX movement_of_rare_kind ON movement (shop_id, kind, id) WHERE kind NOT IN ('sale', 'receipt');
-- Takes the place of operation_latest_of_member: history tells of reversals too, and one index costs what the other did.
CREATE INDEX operation_of_member ON operation (shop_id, member_id, recorded_at DESC, id DESC);
DROP INDEX operation_latest_of_member;
