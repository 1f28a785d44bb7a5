-- What the service's role may do: read and add, in one shop at a time.
GRANT SELECT ON shop, location, member, stock, ledger_discrepancy TO backroom_inventory;
GRANT SELECT, INSERT ON item, item_key, item_unit, operation, movement, count_line, operation_result
  TO backroom_inventory;
GRANT UPDATE (factor) ON item_unit TO backroom_inventory;
GRANT UPDATE (item_id, kind) ON item_key TO backroom_inventory;

REVOKE EXECUTE ON FUNCTION lock_shelf FROM PUBLIC;
GRANT EXECUTE ON FUNCTION lock_shelf TO backroom_inventory;

-- The owner is not held by the policies: migrations and the triggers above work across them.
-- No policy and no grant on identity: it is read by identify_member alone.
ALTER TABLE identity ENABLE ROW LEVEL SECURITY;

ALTER TABLE shop ENABLE ROW LEVEL SECURITY;
ALTER TABLE location ENABLE ROW LEVEL SECURITY;
ALTER TABLE member ENABLE ROW LEVEL SECURITY;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE item_unit ENABLE ROW LEVEL SECURITY;
ALTER TABLE operation ENABLE ROW LEVEL SECURITY;
ALTER TABLE stock ENABLE ROW LEVEL SECURITY;
ALTER TABLE movement ENABLE ROW LEVEL SECURITY;
ALTER TABLE count_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE operation_result ENABLE ROW LEVEL SECURITY;

CREATE POLICY one_shop ON shop TO backroom_inventory USING (id = scope_shop_id());
CREATE POLICY one_shop ON location TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON member TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON item TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON item_key TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON item_unit TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON operation TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON stock TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON movement TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON count_line TO backroom_inventory USING (shop_id = scope_shop_id());
CREATE POLICY one_shop ON operation_result TO backroom_inventory USING (shop_id = scope_shop_id());
