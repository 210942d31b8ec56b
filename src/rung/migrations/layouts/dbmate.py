"""dbmate: `20240131120000_name.sql` with sections `-- migrate:up` and `-- migrate:down`.

A section marked `transaction:false` runs without one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.model import File, Found, Layout, Migration, Script, Strength, Wrapping

_NAMED = re.compile(r"(?P<version>[0-9]+).*\.sql", re.ASCII)
_SECTION = re.compile(
    r"^--[ \t]*migrate:(?P<direction>up|down)(?P<options>(?:[ \t]+[^\n]*)?)\r?(?:\n|\Z)", re.MULTILINE
)
_STATEMENT_LINE = re.compile(r"^[ \t]*(?!--)[^\s]", re.MULTILINE)


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.is_sql and _SECTION.search(file.text) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    for file in files:
        match = _NAMED.fullmatch(file.name)
        if not file.is_sql or not (match or file.listed):
            continue
        stem = file.name.removesuffix(".sql")
        found.use(file)
        sections = list(_SECTION.finditer(file.text))
        problem = _problem(file.text, sections)
        if problem:
            found.diagnostics.append(migration_malformed(file.span(), problem))
            continue
        scripts: dict[str, list[Script]] = {"up": [], "down": []}
        for i, section in enumerate(sections):
            end = sections[i + 1].start() if i + 1 < len(sections) else None
            wrapping: Wrapping = (
                "batch" if "transaction:false" in section["options"].split() else "transaction"
            )
            scripts[section["direction"]].append(file.script(wrapping, section.end(), end))
        version = match["version"] if match else stem
        # the last section is undone first
        migration = Migration(
            version, stem, file.shown, tuple(scripts["up"]), tuple(reversed(scripts["down"]))
        )
        # dbmate orders by the whole file name, as text
        found.add(((), file.name), migration, file)
    return found


def _problem(text: str, sections: Sequence[re.Match[str]]) -> str | None:
    """What dbmate would refuse: sections come in pairs, up then down, with no statement before them."""
    directions = [section["direction"] for section in sections]
    if "up" not in directions:
        return "there is no `-- migrate:up` section"
    if directions != ["up", "down"] * (len(directions) // 2):
        return "each `-- migrate:up` section needs a `-- migrate:down` section after it"
    if _STATEMENT_LINE.search(text, 0, sections[0].start()):
        return "there is a statement before the first `-- migrate:up`"
    return None


LAYOUT = Layout("dbmate", "the comment `-- migrate:up`", 0, recognise, read)
