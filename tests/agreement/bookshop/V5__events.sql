CREATE TABLE events (
    at timestamptz NOT NULL,
    customer uuid,
    kind text NOT NULL,
    payload jsonb,
    PRIMARY KEY (at, kind)
) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE events_later PARTITION OF events DEFAULT;
CREATE INDEX events_by_customer ON events (customer) WHERE customer IS NOT NULL;

ALTER TYPE membership ADD VALUE IF NOT EXISTS 'friend' BEFORE 'patron';
ALTER TABLE customers RENAME COLUMN joined_at TO member_since;
