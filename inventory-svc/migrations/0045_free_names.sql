-- A name that is free says so in its own row.
--
-- Whether the item that holds a name is archived was read beside the claim of the name, so a claim that waited for
-- somebody who brought the item back took the name from it nevertheless: an item in the lists without its name. A claim
-- that waited sees the row it waited for, and nothing else, as it is now.
ALTER TABLE item_key ADD COLUMN is_free boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN item_key.is_free IS 'Whether another item may take it, because the one that has it is archived';
UPDATE item_key k SET is_free = true
FROM item i
WHERE i.shop_id = k.shop_id AND i.id = k.item_id AND i.archived_at IS NOT NULL;

CREATE FUNCTION item_free_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE item_key k SET is_free = NEW.archived_at IS NOT NULL
  WHERE k.shop_id = NEW.shop_id AND k.item_id = NEW.id;
  RETURN NULL;
END
$$;
CREATE TRIGGER item_free_names AFTER UPDATE OF archived_at ON item
FOR EACH ROW WHEN ((OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL)) EXECUTE FUNCTION item_free_names();

CREATE FUNCTION item_key_is_taken() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.is_free := false;
  RETURN NEW;
END
$$;
CREATE TRIGGER item_key_is_taken BEFORE UPDATE OF item_id ON item_key
FOR EACH ROW WHEN (NEW.item_id <> OLD.item_id) EXECUTE FUNCTION item_key_is_taken();

-- What claims names, as it was otherwise.
CREATE OR REPLACE FUNCTION change_item(
  p_shop_id uuid,
  p_source text,
  p_request_id text,
  p_request_hash bytea,
  p_member_id uuid,
  p_item_id uuid,
  p_change jsonb,             -- store::items::ItemChange
  p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  asking_role text;
  changed item;
  holder uuid;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  asking_role := role_in_shop(p_shop_id, p_member_id);
  -- Clerks may teach the names and packs they meet in their work; what the shop keeps and warns of is not theirs.
  IF asking_role = 'viewer' OR (asking_role = 'clerk' AND p_change ->> 'kind' NOT IN ('add_name', 'set_pack')) THEN
    PERFORM refuse('BR016', 'the role may not change this of an item', jsonb_build_object('role', asking_role));
  END IF;
  -- What was merged into another is meant as that one.
  SELECT it.* INTO changed
  FROM item named
  JOIN item it ON it.shop_id = named.shop_id AND it.id = coalesce(named.merged_into, named.id)
  WHERE named.shop_id = p_shop_id AND named.id = p_item_id AND it.archived_at IS NULL
  FOR UPDATE OF it;
  IF NOT FOUND THEN
    PERFORM refuse('BR007', 'no such item', jsonb_build_object('itemId', p_item_id));
  END IF;

  IF p_change ->> 'kind' IN ('rename', 'add_name') THEN
    -- The name of what was put away is free again. A name the item has already is its name or alias from now on, and a
    -- barcode stays one.
    INSERT INTO item_key AS k (shop_id, key, item_id, kind)
    VALUES (p_shop_id, p_change ->> 'key', changed.id, p_change ->> 'key_kind')
    ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE
    SET item_id = excluded.item_id,
        kind = CASE WHEN k.item_id = excluded.item_id AND excluded.kind = 'alias' THEN k.kind ELSE excluded.kind END
    WHERE k.item_id = excluded.item_id OR k.is_free;
    IF NOT FOUND THEN
      SELECT k.item_id INTO holder FROM item_key k WHERE k.shop_id = p_shop_id AND k.key = p_change ->> 'key';
      PERFORM refuse('BR020', 'the name is another item''s', jsonb_build_object('itemId', holder));
    END IF;
  END IF;
  CASE p_change ->> 'kind'
    WHEN 'rename' THEN
      UPDATE item_key k SET kind = 'alias'
      WHERE k.shop_id = p_shop_id AND k.item_id = changed.id AND k.kind = 'name' AND k.key <> p_change ->> 'key';
      UPDATE item i SET display_name = p_change ->> 'display_name'
      WHERE i.shop_id = p_shop_id AND i.id = changed.id
      RETURNING * INTO changed;
    WHEN 'add_name' THEN
      NULL;
    WHEN 'archive' THEN
      UPDATE item i SET archived_at = p_now WHERE i.shop_id = p_shop_id AND i.id = changed.id RETURNING * INTO changed;
    WHEN 'set_low_level' THEN
      IF round((p_change ->> 'low_level')::numeric, changed.scale) <> (p_change ->> 'low_level')::numeric THEN
        PERFORM refuse('BR014', 'the item is kept in fewer decimals', jsonb_build_object('field', 'low_level'));
      END IF;
      UPDATE item i SET low_at = (p_change ->> 'low_level')::numeric
      WHERE i.shop_id = p_shop_id AND i.id = changed.id
      RETURNING * INTO changed;
    WHEN 'set_pack' THEN
      IF p_change ->> 'unit' = changed.base_unit THEN
        PERFORM refuse('BR001', 'is what the item is kept in', jsonb_build_object('field', 'unit'));
      END IF;
      INSERT INTO item_unit (shop_id, item_id, unit, factor)
      VALUES (p_shop_id, changed.id, p_change ->> 'unit', (p_change ->> 'factor')::numeric)
      ON CONFLICT ON CONSTRAINT item_unit_pk DO UPDATE SET factor = excluded.factor;
  END CASE;

  answer := jsonb_build_object(
    'id', changed.id, 'display_name', changed.display_name, 'base_unit', changed.base_unit, 'scale', changed.scale,
    'low_at', changed.low_at::text);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

CREATE OR REPLACE FUNCTION create_item(
  p_shop_id uuid, p_source text, p_request_id text, p_request_hash bytea, p_member_id uuid, p_item_id uuid,
  p_display_name text, p_key text, p_unit text, p_scale integer, p_low_at numeric, p_now timestamptz
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  answer jsonb;
  created item;
  holder uuid;
BEGIN
  PERFORM open_shop(p_shop_id);
  answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
  IF answer IS NOT NULL THEN
    RETURN answer;
  END IF;
  PERFORM require_role(p_shop_id, p_member_id, 'create_item');
  IF round(p_low_at, p_scale) <> p_low_at THEN
    PERFORM refuse('BR014', 'the item is kept in fewer decimals', jsonb_build_object('field', 'low_level'));
  END IF;
  INSERT INTO item_key AS k (shop_id, key, item_id, kind)
  VALUES (p_shop_id, p_key, p_item_id, 'name')
  ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE
  SET item_id = excluded.item_id, kind = excluded.kind
  WHERE k.is_free;
  IF NOT FOUND THEN
    SELECT k.item_id INTO holder FROM item_key k WHERE k.shop_id = p_shop_id AND k.key = p_key;
    -- The holder may be a twin of this request, whose answer is there by now.
    answer := find_kept_answer(p_shop_id, p_source, p_request_id, p_request_hash);
    IF answer IS NOT NULL THEN
      RETURN answer;
    END IF;
    PERFORM refuse('BR020', 'the name is another item''s', jsonb_build_object('itemId', holder));
  END IF;
  INSERT INTO item (shop_id, id, display_name, base_unit, scale, low_at, created_at)
  VALUES (p_shop_id, p_item_id, p_display_name, p_unit, p_scale, p_low_at, p_now)
  RETURNING * INTO created;
  answer := item_json(created);
  PERFORM keep_answer(p_shop_id, p_source, p_request_id, p_request_hash, answer, p_now);
  RETURN answer;
END
$$;

CREATE OR REPLACE FUNCTION create_items(p_shop_id uuid, p_now timestamptz, p_work post_line[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  claimed_count integer;
  wanted_count integer;
BEGIN
  SELECT count(DISTINCT w.item_id) INTO wanted_count
  FROM unnest(p_work) w
  WHERE w.new_item IS NOT NULL AND w.outcome = 'posted';

  WITH claimed AS (
    INSERT INTO item_key (shop_id, key, item_id, kind)
    SELECT p_shop_id, said.key, said.item_id, CASE said.place WHEN 1 THEN 'name' ELSE 'alias' END
    FROM (
      SELECT DISTINCT ON (k.key) k.key, k.place, w.item_id
      FROM unnest(p_work) w
      CROSS JOIN LATERAL jsonb_array_elements_text(w.new_item -> 'keys') WITH ORDINALITY AS k (key, place)
      WHERE w.new_item IS NOT NULL AND w.outcome = 'posted'
      ORDER BY k.key, k.place
    ) said
    ORDER BY said.key
    -- The name of what was put away is free again.
    ON CONFLICT ON CONSTRAINT item_key_pk DO UPDATE
    SET item_id = excluded.item_id, kind = excluded.kind
    WHERE item_key.is_free
    RETURNING kind
  )
  SELECT count(*) INTO claimed_count FROM claimed WHERE kind = 'name';
  IF claimed_count < wanted_count THEN
    RAISE EXCEPTION 'a new item was created by a twin meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;

  INSERT INTO item (shop_id, id, display_name, base_unit, scale, created_at)
  SELECT DISTINCT ON (w.item_id) p_shop_id, w.item_id, w.display_name, w.base_unit, w.scale, p_now
  FROM unnest(p_work) w
  WHERE w.new_item IS NOT NULL AND w.outcome = 'posted'
  ORDER BY w.item_id, w.line;
END
$$;
