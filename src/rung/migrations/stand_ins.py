"""Defines `write_extensions`: extensions that migrations make and the embedded server lacks, in a small form.

They hold only functions whose results are random anyway, so that no replay passes or fails otherwise by them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_RANDOM = "LANGUAGE sql VOLATILE PARALLEL SAFE AS"
_BYTES = "substring(decode(repeat(md5(random()::text), $1 / 16 + 1), 'hex') FOR $1)"
_CONTENTS: Mapping[str, tuple[str, ...]] = {
    "pgcrypto": (f"CREATE FUNCTION gen_random_bytes(int) RETURNS bytea {_RANDOM} $$SELECT {_BYTES}$$;",),
    "uuid-ossp": tuple(
        f"CREATE FUNCTION {name}() RETURNS uuid {_RANDOM} $$SELECT gen_random_uuid()$$;"
        for name in ("uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4")
    ),
}


def write_extensions(folder: Path) -> None:
    """Write them where `extension_control_path` names the folder."""
    home = folder / "extension"
    home.mkdir(parents=True)
    for name, statements in _CONTENTS.items():
        (home / f"{name}.control").write_text("default_version = '1'\nrelocatable = true\n", encoding="utf-8")
        (home / f"{name}--1.sql").write_text("\n".join(statements), encoding="utf-8")
