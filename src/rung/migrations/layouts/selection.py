"""Defines which migrations a rollout runs: those between two revisions, or what a folder adds to another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rung.diagnostics import Diagnostic
from rung.migrations.layouts import errors
from rung.migrations.layouts.checks import some
from rung.migrations.layouts.model import Migration

BASE, HEAD = "base", "head"

_MIN_PREFIX = 4


@dataclass(frozen=True, slots=True)
class Selection:
    """`before` has run where the rollout starts; `rollout` is what it runs. Both in order."""

    before: tuple[Migration, ...]
    rollout: tuple[Migration, ...]


def select(
    migrations: Sequence[Migration], from_revision: str | None, to_revision: str | None
) -> Selection | Diagnostic:
    """The migrations after `from_revision` up to and with `to_revision`.

    A revision is named by its version, its name, its path, the unique beginning of a version, or the folder
    of a version for the last one in it; `base` is before the first and `head` the last, which are also what
    None means.
    """
    start = _position(migrations, BASE if from_revision is None else from_revision)
    end = _position(migrations, HEAD if to_revision is None else to_revision)
    if isinstance(start, Diagnostic):
        return start
    if isinstance(end, Diagnostic):
        return end
    if start > end:
        return errors.revision_order(from_revision or BASE, to_revision or HEAD)
    return Selection(tuple(migrations[:start]), tuple(migrations[start:end]))


def difference(before: Sequence[Migration], after: Sequence[Migration]) -> Selection | list[Diagnostic]:
    """What `after` adds to `before`, two readings of one history: what ran may not change or vanish."""
    ran = {migration.version: migration for migration in before}
    still = {migration.version: migration for migration in after}
    diagnostics = [
        errors.migration_vanished(old.name, old.path) for old in before if old.version not in still
    ]
    for old in before:
        new = still.get(old.version)
        if new is not None and [script.text for script in old.up] != [script.text for script in new.up]:
            diagnostics.append(errors.migration_changed(new.name, new.path))
    if diagnostics:
        return diagnostics
    return Selection(tuple(before), tuple(new for new in after if new.version not in ran))


def _position(migrations: Sequence[Migration], revision: str) -> int | Diagnostic:
    """How many migrations have run at a revision."""
    if revision == BASE:
        return 0
    if revision == HEAD:
        return len(migrations)
    within = [i for i, migration in enumerate(migrations) if migration.name.startswith(f"{revision}/")]
    if within:
        return within[-1] + 1
    for matches in (_is_named, _has_number, _begins):
        found = [i for i, migration in enumerate(migrations) if matches(migration, revision)]
        if len(found) == 1:
            return found[0] + 1
        if found:
            return errors.revision_ambiguous(revision, some([migrations[i].name for i in found]), len(found))
    known = [word for migration in migrations for word in (migration.version, migration.name)]
    ends = (migrations[0].version, migrations[-1].version) if migrations else None
    return errors.revision_unknown(revision, known, ends)


def _is_named(migration: Migration, revision: str) -> bool:
    return revision in (migration.version, migration.name, migration.path)


def _has_number(migration: Migration, revision: str) -> bool:
    """Whether it is the same number written differently: `7` for `007`, `2024-01-31` for `20240131`."""
    return _digits(revision) != "" and _digits(revision) == _digits(migration.version)


def _begins(migration: Migration, revision: str) -> bool:
    return len(revision) >= _MIN_PREFIX and migration.version.startswith(revision)


def _digits(text: str) -> str:
    bare = re.sub(r"[-_]", "", text)
    return bare.lstrip("0") or "0" if re.fullmatch(r"[0-9]+", bare) else ""
