"""Folders named for versions, `27/`, `0.27/` or `v1.4/`, of SQL files that run in the order of their names.

A `manifest.json` that names all the files of its folder tells their order instead. Code among them is a step
that cannot be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts import errors
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength

VERSION = re.compile(r"[vV]?(?P<numbers>[0-9]+(?:[._][0-9]+)*)", re.ASCII)
_NUMBERED = re.compile(r"(?P<number>[0-9]+)(?P<title>.*)", re.ASCII)
_CODE = re.compile(r"[^_.].*\.(?P<suffix>py|go|ts|js|rb|java|kt|php|sh)")
_BACK = re.compile(r"(.*[._-])?(down|rollback|undo|revert)\.sql", re.ASCII | re.IGNORECASE)


def recognise(files: Sequence[File]) -> Strength:
    return 1 if any(file.is_sql and VERSION.fullmatch(file.folder) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    folders: dict[str, list[File]] = {}
    paths = {file.path for file in files}
    for file in files:
        if not VERSION.fullmatch(file.folder):
            continue
        if _BACK.fullmatch(file.name):
            if file.path.removesuffix("down.sql") + "up.sql" in paths:
                found.use(file)
        else:
            folders.setdefault(file.folder, []).append(file)
    for folder, inside in folders.items():
        version = VERSION.fullmatch(folder)
        assert version is not None
        # the -1 keeps all of 1.2 before 1.2.1
        numbers = (*(int(number) for number in re.split(r"[._]", version["numbers"])), -1)
        manifest = next((file.text for file in inside if file.name == "manifest.json"), "")
        steps = [file for file in inside if file.is_sql or _CODE.fullmatch(file.name)]
        listed = all(f'"{file.name}"' in manifest for file in steps)
        steps.sort(key=lambda file: (manifest.index(f'"{file.name}"'),) if listed else _by_name(file))
        for place, file in enumerate(steps):
            found.add(((*numbers, place), ""), _step(folder, file), file)
        if not listed and sum(not _NUMBERED.match(file.name) for file in steps) > 1:
            found.diagnostics.append(errors.migration_order(folder, steps[0].shown))
    return found


def _by_name(file: File) -> tuple[int | str, ...]:
    match = _NUMBERED.fullmatch(file.name)
    return (0, int(match["number"]), match["title"]) if match else (1, file.name)


def _step(folder: str, file: File) -> Migration:
    name = f"{folder}/{file.name.rsplit('.', 1)[0]}"
    if file.is_sql:
        return Migration(name, name, file.shown, (file.script("statements"),))
    suffix = file.name.rsplit(".", 1)[-1]
    return Migration(name, name, file.shown, (), opaque_reason=f"it is a .{suffix} step, not SQL")


LAYOUT = Layout("versions", "folders like 0.27 or v1.4 that hold files of SQL", 1, recognise, read)
