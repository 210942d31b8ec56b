"""Defines which server a file is for, by its folders and its name: `mysql/1_a.sql`, `1_a.mysql.up.sql`.

A file that names no server is for all of them, except where one of the same name is for the server meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Literal, get_args

from rung.diagnostics import Diagnostic
from rung.migrations.layouts import errors
from rung.migrations.layouts.checks import some
from rung.migrations.layouts.model import File

Dialect = Literal["postgres", "mysql", "sqlite"]
DIALECTS: Mapping[str, Dialect] = {dialect: dialect for dialect in get_args(Dialect)}

_SERVERS: Mapping[str, str] = {
    **DIALECTS,
    "postgresql": "postgres",
    "mariadb": "mysql",
    "sqlite3": "sqlite",
    "cockroachdb": "cockroach",
    **{
        name: name
        for name in (
            "bigquery", "cassandra", "clickhouse", "cockroach", "db2", "duckdb", "h2", "hsqldb", "mssql",
            "oracle", "redshift", "snowflake", "spanner", "sqlserver",
        )
    },
}  # fmt: skip
_WORD = re.compile(rf"\.({'|'.join(_SERVERS)})(?=\.|\Z)", re.IGNORECASE)


def server_of(path: PurePath, *, folders: bool = True) -> str | None:
    """The server that the name of a file is for, or else the nearest of its folders."""
    word = _WORD.search(path.name)
    if word is not None:
        return _SERVERS[word[1].lower()]
    parts = [part.lower() for part in reversed(path.parts)] if folders else []
    return next((_SERVERS[part] for part in parts if part in _SERVERS), None)


def without_server(name: str) -> str:
    """The name of a file, or its path, as it would be if it were for every server."""
    return _WORD.sub("", name)


def for_server(
    files: Sequence[File], paths: Sequence[Path], dialect: Dialect | None, shown: str
) -> list[File] | Diagnostic:
    """The files that run on the server meant, by the names they would have alone; or why none is meant."""
    served = [(file, server_of(PurePath(file.path), folders=not file.listed)) for file in files]
    servers = sorted({server for file, server in served if server is not None and _is_sql(file)})
    if dialect is None:
        refused = _refused(served, servers, paths, shown)
        if refused is not None:
            return refused
    meant = dialect or (servers[0] if servers else None)
    own = {_key(file) for file, server in served if server == meant} if meant else set()
    return [
        replace(file, path=without_server(file.path))
        for file, server in served
        if server == meant or (server is None and _key(file) not in own)
    ]


def _refused(
    served: Sequence[tuple[File, str | None]], servers: Sequence[str], paths: Sequence[Path], shown: str
) -> Diagnostic | None:
    """Why the files are not those of one server that is known."""
    own = {_key(file) for file, server in served if server is not None}
    twins = any(server is None and _key(file) in own for file, server in served)
    known = [server for server in DIALECTS if server in servers]
    if known and (len(servers) > 1 or twins):
        message = f"the migrations in {shown} are for several servers: {some(servers, 6)}"
        if len(servers) == 1:
            message = f"some migrations in {shown} are for {some(servers)} alone, in place of others"
        return errors.layout_ambiguous(message, f"name one of them: --dialect {known[0]}")
    itself = _SERVERS.get(paths[0].name.lower()) if len(paths) == 1 else None
    strange = [server for server in (*servers, itself) if server is not None and server not in DIALECTS]
    if strange and not known:
        message = f"the migrations in {shown} are for `{strange[0]}`, whose rules are not known"
        hint = "name their own folder and the server whose rules come closest: --dialect postgres"
        return errors.layout_unknown(message, hint)
    return None


def _is_sql(file: File) -> bool:
    return file.source is not None and without_server(file.name).lower().endswith(".sql")


def _key(file: File) -> str:
    """What two files for different servers have in common; `.autocommit` says how, not where, a file runs."""
    return without_server(file.path).replace(".autocommit.", ".")
