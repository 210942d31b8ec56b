"""Prisma: a folder for each migration, `20240131120000_name/migration.sql`.

Prisma runs SQL alone; where a tool around it runs a `migration.ts` in between, that is a step in code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength

_CODE = re.compile(r"migration\.(?:ts|mts|js|mjs|cjs)")


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.name == "migration.sql" and file.folder for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    by_path = {file.path: file for file in files}
    for file in files:
        name = file.folder.rsplit("/", 1)[-1]
        if _CODE.fullmatch(file.name) and name and f"{file.folder}/migration.sql" not in by_path:
            reason = "it is a step in code"
            migration = Migration(name.split("_", 1)[0], name, file.shown, (), opaque_reason=reason)
            found.add(((), name), migration, file)
        if file.name != "migration.sql" or not name:
            continue
        # a convention for `prisma migrate diff`; Prisma itself never runs it
        down = by_path.get(f"{file.folder}/down.sql")
        migration = Migration(
            name.split("_", 1)[0],
            name,
            file.shown,
            (file.script("batch"),),
            (down.script("batch"),) if down is not None else (),
        )
        found.add(((), name), migration, file, down)
    return found


LAYOUT = Layout("prisma", "folders that hold a migration.sql", 1, recognise, read)
