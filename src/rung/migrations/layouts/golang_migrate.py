"""golang-migrate, and the tools that name files alike: `000001_name.up.sql` and `000001_name.down.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping

PAIRED = re.compile(
    r"(?P<version>[0-9]+)_(?P<title>.*)\.(?P<direction>up|down)\.(?P<suffix>[a-z]+)", re.ASCII
)


def recognise(files: Sequence[File]) -> Strength:
    return 1 if any(file.is_sql and PAIRED.fullmatch(file.name) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    add_pairs(found, files, _wrapping)
    return found


def _wrapping(file: File) -> Wrapping:
    # Ory's pop sends such a file without a transaction around it
    return "statements" if ".autocommit." in file.name else "batch"


def add_pairs(found: Found, files: Sequence[File], wrapping_of: Callable[[File], Wrapping]) -> None:
    """Add the migration of each `.up.sql` file with its down file; a lone down file is an error."""
    named = [(file, match) for file in files if (match := PAIRED.fullmatch(file.name))]
    ups = [(file, match) for file, match in named if match["direction"] == "up"]
    downs = [(file, match) for file, match in named if match["direction"] == "down"]
    down_of = {int(match["version"]): file for file, match in downs if file.is_sql}
    for up, match in ups:
        down = down_of.get(int(match["version"]))
        migration = Migration(
            match["version"],
            f"{match['version']}_{match['title']}",
            up.shown,
            (up.script(wrapping_of(up)),) if up.is_sql else (),
            (down.script(wrapping_of(down)),) if down is not None else (),
            None if up.is_sql else f"it is a .{match['suffix']} step, not SQL",
        )
        found.add(((int(match["version"]),), ""), migration, up)
    raised = {int(match["version"]) for _, match in ups}
    for down, match in downs:
        found.use(down)
        if int(match["version"]) not in raised:
            message = f"`{down.name}` undoes version `{match['version']}`, which has no up file"
            found.diagnostics.append(migration_malformed(down.span(), message))


LAYOUT = Layout("golang-migrate", "files like 000001_name.up.sql", 0, recognise, read)
