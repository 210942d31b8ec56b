CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer uuid NOT NULL REFERENCES customers ON DELETE CASCADE,
    placed_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid', 'sent')),
    note text
);
CREATE TABLE order_lines (
    order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    line smallint NOT NULL,
    isbn char(13) NOT NULL REFERENCES catalogue.books (isbn),
    quantity integer NOT NULL DEFAULT 1,
    PRIMARY KEY (order_id, line),
    CONSTRAINT some_but_not_all CHECK (quantity BETWEEN 1 AND 100)
);
CREATE VIEW open_orders AS
    SELECT o.id, o.customer, c.email, count(l.line) AS lines, sum(l.quantity * b.price) AS total
    FROM orders o
    JOIN customers c ON c.id = o.customer
    LEFT JOIN order_lines l ON l.order_id = o.id
    LEFT JOIN catalogue.books b USING (isbn)
    WHERE o.state = 'open'
    GROUP BY o.id, o.customer, c.email;
