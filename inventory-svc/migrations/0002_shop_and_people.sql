-- Shops, their places and their people.
CREATE TABLE shop (
  id                  uuid        NOT NULL,
  display_name        text        NOT NULL DEFAULT '',
  currency            text        NOT NULL DEFAULT 'ZAR',
  time_zone           text        NOT NULL DEFAULT 'Africa/Johannesburg',
  shortage_policy     text        NOT NULL DEFAULT 'warn',
  default_location_id uuid        NOT NULL,
  created_at          timestamptz NOT NULL,
  CONSTRAINT shop_pk PRIMARY KEY (id),
  CONSTRAINT shop_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
  CONSTRAINT shop_shortage_policy_is_known CHECK (shortage_policy IN ('warn', 'block'))
);
COMMENT ON COLUMN shop.id IS 'UUID v7; leads the key of every other table, so that the data can be split by shop';
COMMENT ON COLUMN shop.display_name IS 'Empty until the owner gives one';
COMMENT ON COLUMN shop.currency IS 'ISO 4217';
COMMENT ON COLUMN shop.time_zone IS 'IANA name; decides what "yesterday" is';
COMMENT ON COLUMN shop.shortage_policy IS 'Below zero: warn posts it, block refuses it';
COMMENT ON COLUMN shop.default_location_id IS 'Where stock is when nobody says where';
COMMENT ON COLUMN shop.created_at IS 'When the shop signed up';

CREATE TABLE location (
  shop_id      uuid NOT NULL,
  id           uuid NOT NULL,
  display_name text NOT NULL,
  CONSTRAINT location_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT location_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id)
);
CREATE UNIQUE INDEX location_display_name_key ON location (shop_id, lower(display_name));
COMMENT ON COLUMN location.shop_id IS 'The shop';
COMMENT ON COLUMN location.id IS 'UUID v7';
COMMENT ON COLUMN location.display_name IS 'As the shop calls it';

-- Shop and default place come together, so one of the two references is looked at on commit.
ALTER TABLE shop ADD CONSTRAINT shop_default_location_fk
  FOREIGN KEY (id, default_location_id) REFERENCES location (shop_id, id) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE member (
  shop_id       uuid        NOT NULL,
  id            uuid        NOT NULL,
  role          text        NOT NULL,
  display_name  text        NOT NULL DEFAULT '',
  language_code text        NOT NULL DEFAULT '',
  created_at    timestamptz NOT NULL,
  CONSTRAINT member_pk PRIMARY KEY (shop_id, id),
  CONSTRAINT member_shop_fk FOREIGN KEY (shop_id) REFERENCES shop (id),
  CONSTRAINT member_role_is_known CHECK (role IN ('owner', 'manager', 'clerk', 'viewer'))
);
COMMENT ON COLUMN member.shop_id IS 'The shop';
COMMENT ON COLUMN member.id IS 'UUID v7';
COMMENT ON COLUMN member.role IS 'What the person may do';
COMMENT ON COLUMN member.display_name IS 'The name on the WhatsApp profile when the person came, or given since';
COMMENT ON COLUMN member.language_code IS 'BCP 47, of the last message; empty until one was recognised';
COMMENT ON COLUMN member.created_at IS 'When the person joined';

-- The names WhatsApp has for a person, apart from the member: this is the one table that is looked up before the shop
-- is known, so only identify_member reads it, and a person can be forgotten here while the ledger keeps the member.
CREATE TABLE identity (
  kind      text        NOT NULL,
  value     text        NOT NULL,
  shop_id   uuid        NOT NULL,
  member_id uuid        NOT NULL,
  linked_at timestamptz NOT NULL,
  CONSTRAINT identity_pk PRIMARY KEY (kind, value),
  CONSTRAINT identity_kind_is_known CHECK (kind IN ('phone', 'user_id')),
  CONSTRAINT identity_phone_is_digits CHECK (kind <> 'phone' OR value ~ '^[1-9][0-9]{5,14}$'),
  -- Looked at on commit: a newcomer claims the names first and gets shop and member when the claim holds.
  CONSTRAINT identity_member_fk FOREIGN KEY (shop_id, member_id) REFERENCES member (shop_id, id)
    DEFERRABLE INITIALLY DEFERRED
);
CREATE UNIQUE INDEX identity_one_of_a_kind ON identity (shop_id, member_id, kind);
COMMENT ON COLUMN identity.kind IS 'user_id: business-scoped user id, case kept. phone: digits of the WhatsApp id, without +';
COMMENT ON COLUMN identity.value IS 'The name itself; it means one person in all shops together';
COMMENT ON COLUMN identity.shop_id IS 'The shop the person is in now';
COMMENT ON COLUMN identity.member_id IS 'The person in that shop';
COMMENT ON COLUMN identity.linked_at IS 'When the name was learned';
