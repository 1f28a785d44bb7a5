-- What who reads messages has to know of a shop: what its items are called, and what was done last.
CREATE FUNCTION list_item_names(p_shop_id uuid, p_limit integer) RETURNS TABLE (
  item_id uuid,
  display_name text,
  aliases text[],
  units text[]
)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM open_shop(p_shop_id);
  RETURN QUERY
  SELECT
    i.id,
    i.display_name,
    ARRAY(
      SELECT k.key FROM item_key k
      WHERE k.shop_id = i.shop_id AND k.item_id = i.id AND k.kind = 'alias'
      ORDER BY k.key
    ),
    i.base_unit || ARRAY(
      SELECT u.unit FROM item_unit u WHERE u.shop_id = i.shop_id AND u.item_id = i.id ORDER BY u.unit
    )
  FROM (
    SELECT it.*, s.changed_at
    FROM item it
    LEFT JOIN (
      SELECT shelf.item_id, max(shelf.changed_at) AS changed_at FROM stock shelf WHERE shelf.shop_id = p_shop_id GROUP BY 1
    ) s ON s.item_id = it.id
    WHERE it.shop_id = p_shop_id AND it.archived_at IS NULL
    ORDER BY s.changed_at DESC NULLS LAST, it.sort_name, it.id
    LIMIT p_limit
  ) i
  ORDER BY i.changed_at DESC NULLS LAST, i.sort_name, i.id;
END
$$;
COMMENT ON FUNCTION list_item_names IS 'What the items of a shop are called and counted in, those that moved last first, in one round trip';

CREATE FUNCTION latest_operation(
  p_shop_id uuid,
  p_member_id uuid,
  p_item_ids uuid[],          -- only with a line of one of these; NULL: any
  p_since timestamptz         -- NULL: however old
) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
  found operation;
  newest operation;
BEGIN
  PERFORM open_shop(p_shop_id);
  PERFORM role_in_shop(p_shop_id, p_member_id);
  IF p_item_ids IS NULL THEN
    SELECT o.* INTO newest
    FROM operation o
    WHERE o.shop_id = p_shop_id AND o.member_id = p_member_id AND o.kind <> 'reversal'
      AND o.recorded_at >= coalesce(p_since, '-infinity')
      AND operation_stands(o.shop_id, o.id)
    ORDER BY o.recorded_at DESC, o.id DESC
    LIMIT 1;
  ELSE
    -- A loop, so that no more of a long history is read than it takes to find one that stands.
    FOR found IN
      SELECT o.*
      FROM movement m
      JOIN operation o ON o.shop_id = m.shop_id AND o.id = m.op_id
      WHERE m.shop_id = p_shop_id AND m.item_id = ANY (p_item_ids) AND m.kind <> 'reversal'
        AND o.member_id = p_member_id AND o.kind <> 'reversal'
        AND o.recorded_at >= coalesce(p_since, '-infinity')
      ORDER BY m.id DESC
    LOOP
      IF operation_stands(p_shop_id, found.id) THEN
        newest := found;
        EXIT;
      END IF;
    END LOOP;
    -- A count that found what the book said has no movement.
    FOR found IN
      SELECT o.*
      FROM count_line c
      JOIN operation o ON o.shop_id = c.shop_id AND o.id = c.op_id
      WHERE c.shop_id = p_shop_id AND c.item_id = ANY (p_item_ids) AND o.member_id = p_member_id
        AND o.recorded_at >= coalesce(p_since, '-infinity')
        AND (newest.id IS NULL OR (o.recorded_at, o.id) > (newest.recorded_at, newest.id))
      ORDER BY o.recorded_at DESC, o.id DESC
    LOOP
      IF operation_stands(p_shop_id, found.id) THEN
        newest := found;
        EXIT;
      END IF;
    END LOOP;
  END IF;
  IF newest.id IS NULL THEN
    PERFORM refuse('BR009', 'nothing of this member to reverse', jsonb_build_object('memberId', p_member_id));
  END IF;
  RETURN newest.id;
END
$$;
COMMENT ON FUNCTION latest_operation IS 'The newest operation of a member that stands and is no reversal itself';
