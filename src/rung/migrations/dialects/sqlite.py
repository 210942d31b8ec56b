"""Defines `read`: an SQLite file → `Script`."""

from __future__ import annotations

from rung.diagnostics import Source
from rung.migrations.dialects import sqlglot_statements
from rung.migrations.steps import Script


def read(source: Source, start: int = 0, end: int | None = None) -> Script:
    """Reads the SQLite statements in the characters [start, end) of a file; spans are the file's own."""
    return sqlglot_statements.read(source, "sqlite", start, end)
