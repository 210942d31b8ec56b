CREATE SCHEMA catalogue;
CREATE SEQUENCE catalogue.shelf_marks START 1000;

CREATE TABLE catalogue.authors (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    born date,
    died date,
    CHECK (died IS NULL OR died > born)
);
CREATE TABLE catalogue.books (
    isbn char(13) PRIMARY KEY,
    title text NOT NULL,
    author bigint NOT NULL REFERENCES catalogue.authors (id) ON DELETE RESTRICT,
    price numeric(8, 2) NOT NULL CHECK (price >= 0),
    pages integer,
    tags text[] NOT NULL DEFAULT '{}',
    shelf_mark integer NOT NULL DEFAULT nextval('catalogue.shelf_marks'),
    search tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED,
    UNIQUE (title, author)
);
CREATE INDEX ON catalogue.books USING gin (search);
CREATE INDEX cheap ON catalogue.books (price, title) WHERE price < 10;
