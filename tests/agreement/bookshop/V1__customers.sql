CREATE TYPE membership AS ENUM ('none', 'reader', 'patron');
CREATE DOMAIN mail AS text CHECK (value LIKE '%@%');

CREATE TABLE customers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email mail NOT NULL UNIQUE,
    name varchar(120) NOT NULL,
    membership membership NOT NULL DEFAULT 'none',
    joined_at timestamptz NOT NULL DEFAULT now(),
    settings jsonb NOT NULL DEFAULT '{}'::jsonb,
    CONSTRAINT named CHECK (char_length(name) > 0)
);
CREATE INDEX customers_by_name ON customers (lower(name));
CREATE INDEX customers_by_settings ON customers USING gin (settings);
COMMENT ON TABLE customers IS 'Who has ever ordered.';
