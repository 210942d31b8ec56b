"""Defines `CATALOG`: the query whose rows (kind, name, facts as JSON) are a database's objects.

The facts stand in the order in which `catalog` gives those of the model.
"""

from __future__ import annotations

CATALOG = """
WITH places AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
), brought AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relations AS (
    SELECT c.*, n.nspname || '.' || c.relname AS name, n.nspname
    FROM pg_class c JOIN places n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM brought b WHERE b.classid = 'pg_class'::regclass AND b.objid = c.oid)
), types AS (
    SELECT t.*, n.nspname || '.' || t.typname AS name
    FROM pg_type t JOIN places n ON n.oid = t.typnamespace
    WHERE NOT EXISTS (SELECT FROM brought b WHERE b.classid = 'pg_type'::regclass AND b.objid = t.oid)
), formatted AS (
    -- a user's type gets its schema's name; format_type leaves it out where the search path finds it
    SELECT t.oid, CASE WHEN n.nspname = 'pg_catalog' THEN NULL ELSE n.nspname || '.' || e.typname END
        || CASE WHEN t.typcategory = 'A' THEN '[]' ELSE '' END AS own
    FROM pg_type t
    JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
    JOIN pg_namespace n ON n.oid = e.typnamespace
)
SELECT 'table', name, json_build_array(relkind = 'p', relispartition)
FROM relations WHERE relkind IN ('r', 'p', 'f')
UNION ALL
SELECT 'column', r.name || '.' || a.attname, json_build_array(
    row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum) - 1,
    coalesce(f.own, format_type(a.atttypid, a.atttypmod)),
    a.attnotnull,
    NOT EXISTS (
        SELECT FROM pg_constraint k
        WHERE k.conrelid = r.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] AND NOT k.convalidated
    ),
    a.atthasdef AND a.attgenerated = '',
    CASE a.attidentity WHEN 'a' THEN 'always' WHEN 'd' THEN 'by default' ELSE '' END,
    CASE a.attgenerated WHEN 's' THEN 'stored' WHEN 'v' THEN 'virtual' ELSE '' END
)
FROM relations r
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN formatted f ON f.oid = a.atttypid
WHERE r.relkind IN ('r', 'p', 'f')
UNION ALL
SELECT
    CASE k.contype WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique'
        WHEN 'f' THEN 'foreign key' ELSE 'exclusion' END,
    r.name || '.' || k.conname,
    CASE k.contype
        WHEN 'c' THEN json_build_array(
            (SELECT coalesce(json_agg(name ORDER BY name COLLATE "C"), '[]') FROM unnest(keys.own) name),
            k.convalidated, k.conenforced, k.connoinherit)
        WHEN 'p' THEN json_build_array(keys.own, k.condeferrable)
        WHEN 'u' THEN json_build_array(keys.own, k.condeferrable, NOT i.indnullsnotdistinct)
        WHEN 'f' THEN json_build_array(
            keys.own, (SELECT name FROM relations WHERE oid = k.confrelid), keys.other,
            actions.words ->> k.confdeltype::text, actions.words ->> k.confupdtype::text,
            CASE k.confmatchtype WHEN 'f' THEN 'full' ELSE 'simple' END,
            k.condeferrable, k.convalidated, k.conenforced)
        ELSE (
            SELECT json_agg(coalesce(a.attname, '') ORDER BY part.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS part (number, place)
            LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = part.number AND part.number > 0
        )
    END
FROM pg_constraint k
JOIN relations r ON r.oid = k.conrelid
LEFT JOIN pg_index i ON i.indexrelid = k.conindid
CROSS JOIN (VALUES ('{"a": "no action", "r": "restrict", "c": "cascade", "n": "set null",
    "d": "set default"}'::jsonb)) AS actions (words)
CROSS JOIN LATERAL (
    SELECT
        (SELECT array_agg(a.attname::text ORDER BY part.place)
         FROM unnest(k.conkey) WITH ORDINALITY AS part (number, place)
         JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = part.number) AS own,
        (SELECT array_agg(a.attname::text ORDER BY part.place)
         FROM unnest(k.confkey) WITH ORDINALITY AS part (number, place)
         JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = part.number) AS other
) AS keys
LEFT JOIN pg_constraint above ON above.oid = k.conparentid
WHERE k.contype IN ('c', 'p', 'u', 'f', 'x')
    -- a key to a partitioned table has a row more for each partition that it leads to
    AND (above.oid IS NULL OR above.conrelid <> k.conrelid)
UNION ALL
SELECT 'index', t.nspname || '.' || c.relname, json_build_array(
    t.name, i.indisunique, NOT i.indnullsnotdistinct,
    (SELECT json_agg(coalesce(a.attname, '') ORDER BY part.place)
     FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS part (number, place)
     LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = part.number AND part.number > 0
     WHERE part.place <= i.indnkeyatts),
    (SELECT coalesce(json_agg(a.attname ORDER BY part.place), '[]')
     FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS part (number, place)
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = part.number
     WHERE part.place > i.indnkeyatts),
    i.indpred IS NOT NULL,
    (SELECT amname FROM pg_am WHERE oid = c.relam)
)
FROM pg_index i
JOIN relations t ON t.oid = i.indrelid
JOIN pg_class c ON c.oid = i.indexrelid
WHERE t.relkind IN ('r', 'p', 'm')
    AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
UNION ALL
SELECT 'trigger', r.name || '.' || g.tgname, json_build_array(
    CASE WHEN g.tgtype & 2 > 0 THEN 'before' WHEN g.tgtype & 64 > 0 THEN 'instead of' ELSE 'after' END,
    array_remove(ARRAY[
        CASE WHEN g.tgtype & 4 > 0 THEN 'insert' END, CASE WHEN g.tgtype & 16 > 0 THEN 'update' END,
        CASE WHEN g.tgtype & 8 > 0 THEN 'delete' END, CASE WHEN g.tgtype & 32 > 0 THEN 'truncate' END
    ], NULL),
    (SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE p.oid = g.tgfoid)
)
FROM pg_trigger g JOIN relations r ON r.oid = g.tgrelid
WHERE NOT g.tgisinternal AND r.relkind IN ('r', 'p', 'f') AND g.tgparentid = 0
UNION ALL
SELECT 'view', r.name, json_build_array(
    relkind = 'm',
    (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
     WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
)
FROM relations r WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'enum', t.name, (
    SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]')
    FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM types t WHERE t.typtype = 'e'
UNION ALL
SELECT 'domain', t.name, json_build_array(
    coalesce(f.own, format_type(t.typbasetype, t.typtypmod)), t.typnotnull, t.typdefault IS NOT NULL,
    (SELECT coalesce(json_agg(
        json_build_array(k.conname, k.convalidated) ORDER BY k.conname COLLATE "C"), '[]')
     FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c')
)
FROM types t JOIN formatted f ON f.oid = t.typbasetype WHERE t.typtype = 'd'
UNION ALL
SELECT 'composite', r.name, (
    SELECT coalesce(json_agg(
        json_build_array(a.attname, coalesce(f.own, format_type(a.atttypid, a.atttypmod)))
        ORDER BY a.attnum), '[]')
    FROM pg_attribute a JOIN formatted f ON f.oid = a.atttypid
    WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
FROM relations r WHERE r.relkind = 'c'
UNION ALL
SELECT 'sequence', r.name, json_build_array(
    format_type(s.seqtypid, NULL),
    (SELECT t.name || '.' || a.attname FROM pg_depend d
     JOIN relations t ON t.oid = d.refobjid
     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
     WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i'))
)
FROM relations r JOIN pg_sequence s ON s.seqrelid = r.oid
UNION ALL
SELECT 'schema', nspname, '[]' FROM places
"""
