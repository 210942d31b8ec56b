SET search_path = catalogue, public;
ALTER TABLE books ADD COLUMN out_of_print boolean NOT NULL DEFAULT false;
UPDATE books SET out_of_print = true FROM authors a WHERE a.id = books.author AND a.died < date '1700-01-01';

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'books' AND column_name = 'pages') THEN
        ALTER TABLE books ADD COLUMN pages integer;
    END IF;
END
$$;
DELETE FROM order_lines WHERE quantity = 0;
DROP VIEW IF EXISTS open_orders;
ALTER TABLE orders ALTER COLUMN note TYPE varchar(500) USING left(note, 500);
ALTER SEQUENCE shelf_marks INCREMENT BY 2;
DROP INDEX cheap;
