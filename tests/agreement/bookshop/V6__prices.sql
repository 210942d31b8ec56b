ALTER TABLE catalogue.books
    ADD COLUMN currency char(3) NOT NULL DEFAULT 'EUR',
    ADD CONSTRAINT known_currency CHECK (currency IN ('EUR', 'USD', 'CHF')) NOT VALID;
ALTER TABLE catalogue.books VALIDATE CONSTRAINT known_currency;

CREATE TABLE catalogue.prices AS
    SELECT isbn, price AS amount, currency, current_date AS since FROM catalogue.books;
ALTER TABLE catalogue.prices ADD PRIMARY KEY (isbn, since);
ALTER TABLE catalogue.prices ADD FOREIGN KEY (isbn) REFERENCES catalogue.books (isbn) ON UPDATE CASCADE;

INSERT INTO catalogue.authors (name, born) VALUES ('Anonymous', NULL) ON CONFLICT DO NOTHING;
INSERT INTO customers (email, name) SELECT 'counter@example.com', 'Counter'
    WHERE NOT EXISTS (SELECT 1 FROM customers WHERE name = 'Counter');
