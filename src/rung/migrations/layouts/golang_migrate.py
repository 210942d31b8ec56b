"""golang-migrate, and the tools that name files alike: `000001_name.up.sql` and `000001_name.down.sql`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping

PAIRED = re.compile(r"(?P<version>[0-9]+)_(?P<title>.*)\.(?P<direction>up|down)\.sql", re.ASCII)


def recognise(files: Sequence[File]) -> Strength:
    return 1 if any(PAIRED.fullmatch(file.name) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    add_pairs(found, files, lambda _: "batch")
    return found


def add_pairs(found: Found, files: Sequence[File], wrapping_of: Callable[[File], Wrapping]) -> None:
    """Add the migration of each `.up.sql` file with its down file; a lone down file is an error."""
    named = [(file, match) for file in files if (match := PAIRED.fullmatch(file.name)) and file.is_sql]
    downs = {
        (file.folder, int(match["version"])): file for file, match in named if match["direction"] == "down"
    }
    for up, match in named:
        if match["direction"] == "down":
            continue
        down = downs.get((up.folder, int(match["version"])))
        migration = Migration(
            match["version"],
            up.name.removesuffix(".up.sql"),
            up.shown,
            (up.script(wrapping_of(up)),),
            (down.script(wrapping_of(down)),) if down is not None else (),
        )
        found.add(((int(match["version"]),), ""), migration, up, down)
    for down, match in named:
        if down.path not in found.used:
            message = f"`{down.name}` undoes version `{match['version']}`, which has no up file"
            found.diagnostics.append(down.diagnostic("migration-malformed", message))
            found.use(down)


LAYOUT = Layout("golang-migrate", "files like 000001_name.up.sql", 0, recognise, read)
