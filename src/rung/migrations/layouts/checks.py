"""Defines what is said of any layout's migrations: double versions, numbers left out, files passed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rung.diagnostics import Diagnostic
from rung.migrations.layouts import errors
from rung.migrations.layouts.model import File, Found, Layout, Migration, OrderKey

_SEQUENCE_DIGITS = 6
_MAX_GAP = 1000


def doubles(found: Found) -> Iterator[Diagnostic]:
    """Two migrations of one version have no order; every one of the tools refuses them."""
    by_key: dict[OrderKey, Migration] = {}
    for key, migration in found.migrations:
        other = by_key.setdefault(key, migration)
        if other is not migration:
            yield errors.migration_double(other.name, migration.name, migration.version, migration.path)


def gaps(found: Found, shown: str) -> Iterator[Diagnostic]:
    """Numbers left out of a run of small ones: a file may be missing. Timestamps have no gaps."""
    numbers = sorted(key[0][0] for key, _ in found.migrations if len(key[0]) == 1)
    if not numbers or numbers[-1] >= 10**_SEQUENCE_DIGITS:
        return
    missing = [str(n) for a, b in pairwise(numbers) if b - a < _MAX_GAP for n in range(a + 1, b)]
    if missing and len(missing) * 4 <= len(numbers):
        yield errors.migration_gap(some(missing), shown, found.migrations[0][1].path)


def unused(found: Found, files: Sequence[File], layout: Layout) -> Iterator[Diagnostic]:
    unused = [file for file in files if file.is_sql and file.path not in found.used]
    if unused:
        names = some([file.path for file in unused])
        yield errors.migration_ignored(names, len(unused), layout.name, unused[0].shown)


def some(words: Sequence[str], shown: int = 3) -> str:
    """The first few words in backticks, and how many more there are."""
    more = f" and {len(words) - shown} more" if len(words) > shown else ""
    return ", ".join(f"`{word}`" for word in words[:shown]) + more
