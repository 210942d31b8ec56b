"""Defines `tables`: what the catalog of a real PostgreSQL says of its own types, operators, functions …

Run as a module, it writes them where `rung.migrations.server` reads them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.migrations import oracle, server

_OWN = "p.pronamespace = 'pg_catalog'::regnamespace"
# how volatile a call is; that of an SQL function that is not IMMUTABLE is that of its body
_VOLATILITY = "CASE WHEN p.prolang = 14 AND p.provolatile <> 'i' THEN '?' ELSE p.provolatile::text END"

_SECTIONS = {
    "type": """
        SELECT concat_ws(' ', t.typname, t.typcategory, CASE WHEN t.typispreferred THEN 'p' ELSE '-' END,
            taken.provolatile, given.provolatile)
        FROM pg_type t JOIN pg_proc taken ON taken.oid = t.typinput
        JOIN pg_proc given ON given.oid = t.typoutput
        WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typrelid = 0 AND t.typcategory <> 'A'""",
    "cast": f"""
        SELECT concat_ws(' ', source.typname, target.typname, c.castcontext,
            CASE WHEN c.castmethod = 'b' THEN 'b' WHEN c.castmethod = 'i' THEN 'o' ELSE {_VOLATILITY} END)
        FROM pg_cast c JOIN pg_type source ON source.oid = c.castsource
        JOIN pg_type target ON target.oid = c.casttarget LEFT JOIN pg_proc p ON p.oid = c.castfunc""",
    "operator": f"""
        SELECT concat_ws(
            ' ', o.oprname, coalesce(one.typname, '-'), other.typname, given.typname, {_VOLATILITY})
        FROM pg_operator o LEFT JOIN pg_type one ON one.oid = o.oprleft
        JOIN pg_type other ON other.oid = o.oprright
        JOIN pg_type given ON given.oid = o.oprresult JOIN pg_proc p ON p.oid = o.oprcode""",
    "range": """
        SELECT concat_ws(' ', kind.typname, element.typname)
        FROM pg_range r JOIN pg_type element ON element.oid = r.rngsubtype
        JOIN pg_type kind ON kind.oid IN (r.rngtypid, r.rngmultitypid)
        WHERE kind.typnamespace = 'pg_catalog'::regnamespace""",
    "method": """
        SELECT concat_ws(' ', amname, CASE WHEN pg_indexam_has_property(oid, 'can_order') THEN 'order' END,
            CASE WHEN pg_indexam_has_property(oid, 'can_unique') THEN 'unique' END,
            CASE WHEN pg_indexam_has_property(oid, 'can_multi_col') THEN 'several' END,
            CASE WHEN pg_indexam_has_property(oid, 'can_include') THEN 'include' END)
        FROM pg_am WHERE amtype = 'i'""",
    "class": """
        SELECT concat_ws(' ', a.amname, o.opcname, t.typname, CASE WHEN o.opcdefault THEN 'default' END)
        FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod JOIN pg_type t ON t.oid = o.opcintype""",
    # with what a key of a type may be compared: the equal signs in the family of its class
    "equal": """
        SELECT concat_ws(' ', key.typname, string_agg(other.typname, ' ' ORDER BY other.typname COLLATE "C"))
        FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod AND a.amname = 'btree'
        JOIN pg_type key ON key.oid = o.opcintype
        JOIN pg_amop p ON p.amopfamily = o.opcfamily AND p.amoplefttype = o.opcintype AND p.amopstrategy = 3
        JOIN pg_type other ON other.oid = p.amoprighttype
        WHERE o.opcdefault GROUP BY key.typname""",
    # the parameters of a session: their type, when they can be set, and what they can be
    "setting": """
        SELECT concat_ws(' ', lower(name), vartype, context, coalesce(unit, '-'),
            coalesce(array_to_string(enumvals, ','), concat_ws(' ', min_val, max_val)))
        FROM pg_settings WHERE name !~ '[.]'""",
    "function": f"""
        SELECT p.proname || ' ' || string_agg(
            p.prokind::text || {_VOLATILITY} || CASE WHEN p.proretset THEN 's' ELSE '-' END
            || CASE WHEN p.provariadic <> 0 THEN 'v' ELSE p.pronargdefaults::text END
            || ':' || coalesce((
                SELECT string_agg(t.typname, ',' ORDER BY part.place)
                FROM unnest(p.proargtypes) WITH ORDINALITY AS part (kind, place)
                JOIN pg_type t ON t.oid = part.kind
            ), '') || ':' || given.typname, ' ' ORDER BY p.oid)
        FROM pg_proc p JOIN pg_type given ON given.oid = p.prorettype
        WHERE {_OWN} AND NOT p.proargtypes::oid[] && ARRAY['internal'::regtype::oid, 'cstring'::regtype::oid]
            AND p.prorettype NOT IN ('internal'::regtype, 'cstring'::regtype)
        GROUP BY p.proname""",
}

# what each extension brings; of those that the server does not have, as their manuals list it
_BRINGS = """
    SELECT concat_ws(' ', '{0}', string_agg(DISTINCT name, ' ' ORDER BY name))
    FROM (
        SELECT p.proname COLLATE "C" AS name FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE e.extname = '{0}' AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
            AND NOT p.proargtypes::oid[] && ARRAY['internal'::regtype::oid, 'cstring'::regtype::oid]
        UNION SELECT o.opcname FROM pg_depend d JOIN pg_opclass o ON o.oid = d.objid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE e.extname = '{0}' AND d.classid = 'pg_opclass'::regclass AND d.deptype = 'e'
        UNION SELECT a.amname FROM pg_depend d JOIN pg_am a ON a.oid = d.objid
        JOIN pg_extension e ON e.oid = d.refobjid
        WHERE e.extname = '{0}' AND d.classid = 'pg_am'::regclass AND d.deptype = 'e'
    ) AS brought"""
_ELSEWHERE = (
    "pgcrypto armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv fips_mode gen_random_bytes"
    " gen_random_uuid gen_salt hmac pgp_armor_headers pgp_key_id pgp_pub_decrypt pgp_pub_decrypt_bytea"
    " pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt"
    " pgp_sym_encrypt_bytea",
    "uuid-ossp uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5"
    " uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500",
)


def tables(database: oracle.Database) -> str:
    """One line for each: its section, its name, and what is so of it."""
    found = {section: [row[0] for row in database.rows(query)] for section, query in _SECTIONS.items()}
    found["extension"] = [*_ELSEWHERE, *_extensions(database)]
    return "".join(f"{section} {text}\n" for section, texts in found.items() for text in sorted(texts))


def _extensions(database: oracle.Database) -> Iterator[str]:
    besides = {"plpgsql", *(each.partition(" ")[0] for each in _ELSEWHERE)}
    for (name,) in database.rows("SELECT name FROM pg_available_extensions"):
        if name in besides:
            continue
        with database.attempt():
            if database.execute(f'CREATE EXTENSION "{name}" CASCADE') is None:
                yield from (row[0] for row in database.rows(_BRINGS.format(name)))


def _write() -> None:
    with oracle.start() as started:
        assert not isinstance(started, Diagnostic), started.message
        with started.database() as database:
            server.TABLES.write_text(tables(database), encoding="utf-8")


if __name__ == "__main__":
    _write()
