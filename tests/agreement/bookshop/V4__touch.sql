ALTER TABLE orders ADD COLUMN updated_at timestamptz;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;
CREATE TRIGGER touched BEFORE UPDATE OF state, note ON orders
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION touch();

UPDATE orders SET updated_at = placed_at WHERE updated_at IS NULL;
ALTER TABLE orders ALTER COLUMN updated_at SET NOT NULL, ALTER COLUMN updated_at SET DEFAULT now();
