-- What a shop keeps, what people call it, and the packs it comes in.
CREATE TABLE item (
  shop_id      uuid           NOT NULL,
  id           uuid           NOT NULL,
  display_name text           NOT NULL,
  base_unit    text           NOT NULL DEFAULT 'each',
  scale        smallint       NOT NULL DEFAULT 0,
  low_at       numeric(18, 3),
  merged_into  uuid,
  archived_at  timestamptz,
  created_at   timestamptz    NOT NULL,
  -- A column and not an expression in the index: under row security, lower() might tell what it is not asked to, so
  -- the planner would not use it to find where a page begins.
  sort_name    text           COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(display_name)) STORED,
  CONSTRAINT item_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT item_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT item_merged_into_fk FOREIGN KEY (shop_id, merged_into) REFERENCES item (shop_id, id),
  CONSTRAINT item_display_name_is_given CHECK (display_name <> ''),
  CONSTRAINT item_scale_is_in_range CHECK (scale BETWEEN 0 AND 3),
  CONSTRAINT item_low_at_is_not_negative CHECK (low_at >= 0),
  CONSTRAINT item_merged_is_archived CHECK (merged_into IS NULL OR archived_at IS NOT NULL)
);
CREATE INDEX item_by_name ON item (shop_id, sort_name, id);
COMMENT ON COLUMN item.shop_id IS 'The shop';
COMMENT ON COLUMN item.id IS 'UUID v7';
COMMENT ON COLUMN item.display_name IS 'As the shop wrote it first, or renamed it';
COMMENT ON COLUMN item.base_unit IS 'The unit all quantities of the item are kept in, singular: each, kg, loaf';
COMMENT ON COLUMN item.scale IS 'Decimals a quantity may have';
COMMENT ON COLUMN item.low_at IS 'Level at which to warn, in the base unit';
COMMENT ON COLUMN item.merged_into IS 'The item that took over; both histories stay';
COMMENT ON COLUMN item.archived_at IS 'Since when the item is out of the lists; items are never deleted';
COMMENT ON COLUMN item.created_at IS 'When it was first mentioned';
COMMENT ON COLUMN item.sort_name IS 'Order of lists: the same on every machine';

-- Names, aliases and barcodes share one key space, so that a word means at most one item of a shop.
CREATE TABLE item_key (
  shop_id uuid NOT NULL,
  key     text NOT NULL,
  item_id uuid NOT NULL,
  kind    text NOT NULL,
  CONSTRAINT item_key_pk PRIMARY KEY (shop_id, key),
  -- Looked at on commit: who claims the name creates the item, the twin that waited for the claim does not.
  CONSTRAINT item_key_item_fk FOREIGN KEY (shop_id, item_id) REFERENCES item (shop_id, id)
    DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT item_key_is_trimmed CHECK (key = btrim(key) AND key <> ''),
  CONSTRAINT item_key_kind_is_known CHECK (kind IN ('name', 'alias', 'barcode'))
);
CREATE INDEX item_key_by_item ON item_key (shop_id, item_id);
COMMENT ON COLUMN item_key.shop_id IS 'The shop';
COMMENT ON COLUMN item_key.key IS 'The name in the one spelling of domain::key: small letters, singular, sizes last';
COMMENT ON COLUMN item_key.item_id IS 'What it means';
COMMENT ON COLUMN item_key.kind IS 'Where it is from';

CREATE TABLE item_unit (
  shop_id uuid           NOT NULL,
  item_id uuid           NOT NULL,
  unit    text           NOT NULL,
  factor  numeric(18, 6) NOT NULL,
  CONSTRAINT item_unit_pk PRIMARY KEY (shop_id, item_id, unit),
  CONSTRAINT item_unit_item_fk FOREIGN KEY (shop_id, item_id) REFERENCES item (shop_id, id),
  CONSTRAINT item_unit_factor_is_positive CHECK (factor > 0)
);
COMMENT ON COLUMN item_unit.shop_id IS 'The shop';
COMMENT ON COLUMN item_unit.item_id IS 'The item';
COMMENT ON COLUMN item_unit.unit IS 'Singular: case, box, tray';
COMMENT ON COLUMN item_unit.factor IS 'Base units in one of it; a change counts for new lines only, lines keep the factor they were posted with';
