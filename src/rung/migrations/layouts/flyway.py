"""Flyway: versioned `V1_2__name.sql`, then repeatable `R__name.sql`; `U1_2__` undoes, `B1_2__` is a baseline.

Folders below the location count too. The newest baseline replaces all versions up to its own, as it does on a
new database. Java, Kotlin, Python and shell migrations are steps that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.files import MAX_DEPTH
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping

_VERSIONED = re.compile(
    r"(?P<kind>[VUB])(?P<version>[0-9]+(?:[._][0-9]+)*)__(?P<title>.*)\.(?P<suffix>sql|java|kt|py|sh|ps1)",
    re.ASCII,
)
_REPEATABLE = re.compile(r"(?P<kind>R)__(?P<title>.*)\.(?P<suffix>sql|java|kt|py|sh|ps1)", re.ASCII)
_MISNAMED = re.compile(r"(?:[VUB][0-9][0-9._]*_?|[VUB]__|R_?[0-9][0-9._]*__)[^_].*\.sql", re.ASCII)
_PLACEHOLDER = re.compile(r"\$\{[^}\n]+\}")
_NO_TRANSACTION = re.compile(r"^\s*executeInTransaction\s*=\s*false\s*$", re.MULTILINE | re.IGNORECASE)


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(_VERSIONED.fullmatch(file.name) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    by_path = {file.path: file for file in files}
    named: dict[str, list[tuple[tuple[int, ...], File, re.Match[str]]]] = {"V": [], "U": [], "B": []}
    for file in files:
        if match := _VERSIONED.fullmatch(file.name):
            named[match["kind"]].append((_numbers(match["version"]), file, match))
            found.use(file)
        elif _MISNAMED.fullmatch(file.name):
            message = f"Flyway does not run `{file.name}`: two underscores must follow the version"
            hint = "name it like `V1_2__what_it_does.sql`"
            found.diagnostics.append(migration_malformed(file.span(), message, hint))
            found.use(file)
    baselines = sorted(named["B"], key=lambda entry: entry[0])[-1:]
    replaced = baselines[-1][0] if baselines else ()
    versions = [entry for entry in named["V"] if entry[0] > replaced]
    undos = {numbers: file for numbers, file, _ in named["U"]}
    for numbers, file, match in chain(baselines, versions):
        version = match["version"].replace("_", ".")
        found.add((numbers, ""), _migration(file, match, version, by_path, undos.get(numbers)), file)
    last = max((key[0] for key, _ in found.migrations), default=())
    for file in files:
        if repeatable := _REPEATABLE.fullmatch(file.name):
            version = f"R__{repeatable['title']}"
            found.add(((*last, 1), version), _migration(file, repeatable, version, by_path, None), file)
    return found


def _migration(
    file: File, match: re.Match[str], version: str, by_path: dict[str, File], undo: File | None
) -> Migration:
    stem = file.name.rsplit(".", 1)[0]
    if not file.is_sql:
        return Migration(
            version, stem, file.shown, (), opaque_reason=f"it is a .{match['suffix']} step, not SQL"
        )
    configuration = by_path.get(f"{file.path}.conf")
    opted_out = configuration is not None and _NO_TRANSACTION.search(configuration.text)
    wrapping: Wrapping = "statements" if opted_out else "unless-forbidden"
    placeholder = _PLACEHOLDER.search(file.text)
    return Migration(
        version,
        stem,
        file.shown,
        (file.script(wrapping),),
        (undo.script(wrapping),) if undo is not None and undo.is_sql else (),
        f"the placeholder `{placeholder[0]}` is filled in when it runs" if placeholder else None,
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The parts of a version for comparison: 1.0 and 1 are the same to Flyway."""
    parts = [int(part) for part in re.split(r"[._]", version)]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


LAYOUT = Layout("flyway", "files like V1_2__name.sql", MAX_DEPTH, recognise, read)
