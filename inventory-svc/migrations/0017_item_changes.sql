-- What may change about an item: its name, its other names, its level, its packs, whether it is in the lists.
GRANT UPDATE (display_name, low_at, archived_at) ON item TO backroom_inventory;

CREATE FUNCTION change_item(
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
    WHERE k.item_id = excluded.item_id OR EXISTS (
      SELECT FROM item i WHERE i.shop_id = k.shop_id AND i.id = k.item_id AND i.archived_at IS NOT NULL
    );
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
COMMENT ON FUNCTION change_item IS 'Changes one thing about an item, once for each request';
