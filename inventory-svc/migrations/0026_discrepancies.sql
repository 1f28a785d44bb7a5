-- For whoever looks over all shops, one at a time, whether the alarm is silent.
CREATE FUNCTION list_shop_ids(p_after uuid, p_limit integer) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id FROM shop s WHERE s.id > p_after ORDER BY s.id LIMIT p_limit
$$;
REVOKE EXECUTE ON FUNCTION list_shop_ids FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_shop_ids TO backroom_inventory;
COMMENT ON FUNCTION list_shop_ids IS 'Ids of shops and nothing else of them, whatever shop is open';
