-- A one-time code that waits in the outbox is sealed there, and forgotten with the state that ends the waiting, whatever statement
-- sets it.

CREATE FUNCTION message_forgets_its_code() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.content := NULL;
    RETURN NEW;
END
$$;
CREATE TRIGGER message_forgets_its_code BEFORE UPDATE OF state ON message
    FOR EACH ROW WHEN (OLD.state <= 2 AND NEW.state > 2 AND NEW.content ? 'sealed')
    EXECUTE FUNCTION message_forgets_its_code();
