CREATE TABLE orders (
    id bigint PRIMARY KEY,
    email text,
    total integer NOT NULL CHECK (total >= 0)
);
