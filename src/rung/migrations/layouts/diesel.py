"""Diesel: a folder for each migration, `2024-01-31-120000_name/`: up.sql, down.sql, perhaps metadata.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.model import File, Found, Layout, Migration, Strength, Wrapping


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.name == "up.sql" and file.folder for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    by_path = {file.path: file for file in files}
    for folder in sorted({file.folder for file in files if file.folder}):
        up, down, metadata = (
            by_path.get(f"{folder}/{name}") for name in ("up.sql", "down.sql", "metadata.toml")
        )
        if up is None:
            shown = next(file.shown for file in files if file.folder == folder)
            if down is not None:
                message = f"the migration `{folder}` has no up.sql"
                found.diagnostics.append(migration_malformed(down.span(), message))
                found.use(down)
            elif metadata is not None:
                message = f"`{shown}` stands in a folder without up.sql"
                found.diagnostics.append(migration_malformed(metadata.span(), message))
            continue
        name = folder.rsplit("/", 1)[-1]
        version = name.split("_", 1)[0].replace("-", "")
        wrapping = _wrapping(metadata, found)
        migration = Migration(
            version,
            name,
            up.shown,
            (up.script(wrapping),),
            (down.script(wrapping),) if down is not None else (),
        )
        # Diesel compares versions as text, so that 10 comes before 9
        found.add(((), version), migration, up, down, metadata)
    return found


def _wrapping(metadata: File | None, found: Found) -> Wrapping:
    if metadata is None:
        return "transaction"
    try:
        parsed = tomllib.loads(metadata.text)
    except tomllib.TOMLDecodeError as error:
        message = f"not valid TOML: {str(error).lower()}"
        found.diagnostics.append(migration_malformed(metadata.span(), message))
        return "transaction"
    except (ValueError, RecursionError):
        # numbers too long and brackets too deep for the reader, which has no error of its own for them
        found.diagnostics.append(migration_malformed(metadata.span(), "not valid TOML"))
        return "transaction"
    # a metadata.toml that does not say means false to Diesel, though no metadata.toml means true
    value = parsed.get("run_in_transaction", False)
    if not isinstance(value, bool):
        message = "`run_in_transaction` is neither `true` nor `false`"
        found.diagnostics.append(migration_malformed(metadata.span(), message))
    return "transaction" if value else "batch"


LAYOUT = Layout("diesel", "folders that hold an up.sql", 1, recognise, read)
