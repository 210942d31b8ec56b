"""goose: `00001_name.sql` with sections `-- +goose Up`, `-- +goose Down`; steps in Go are `00002_name.go`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rung.migrations.layouts.errors import migration_malformed
from rung.migrations.layouts.model import File, Found, Layout, Migration, OrderKey, Strength, Wrapping

_NAMED = re.compile(r"(?P<version>[0-9]+)_.*\.(?:sql|go)", re.ASCII)
_ANNOTATION = re.compile(r"^[ \t]*--.*?\+goose[ \t]*(?P<words>.*?)[ \t]*\r?(?:\n|\Z)", re.MULTILINE)
_UP = re.compile(r"^-- *\+goose +up\b", re.MULTILINE | re.IGNORECASE)
_KNOWN = ("up", "down", "statementbegin", "statementend", "no transaction", "envsub on", "envsub off")


def recognise(files: Sequence[File]) -> Strength:
    return 2 if any(file.is_sql and _UP.search(file.text) for file in files) else 0


def read(files: Sequence[File]) -> Found:
    found = Found()
    for file in files:
        match = _NAMED.fullmatch(file.name)
        version = match["version"] if match else file.name.rsplit(".", 1)[0]
        key: OrderKey = ((int(version),), "") if match else ((), version)
        name = file.name.rsplit(".", 1)[0]
        if match and file.name.endswith(".go") and not file.name.endswith("_test.go"):
            reason = "it is a step in Go code"
            found.add(key, Migration(version, name, file.shown, (), opaque_reason=reason), file)
        elif file.is_sql and (match or file.listed):
            migration = _parse(file, version, name, found)
            found.use(file)
            if migration is not None:
                found.add(key, migration, file)
    return found


def _parse(file: File, version: str, name: str, found: Found) -> Migration | None:
    """Walk the annotations in their order, as goose's own state machine does."""
    up = down = None  # where the section's text begins
    up_end = len(file.text)
    wrapping: Wrapping = "transaction"
    in_statement = substitutes = False
    problem = None
    for mark in _ANNOTATION.finditer(file.text):
        words = mark["words"].lower()
        match words:
            case _ if words not in _KNOWN:
                problem = (mark, f"goose knows no annotation `{mark['words']}`")
            case "up" if up is None:
                up = mark.end()
            case "down" if up is not None and down is None and not in_statement:
                up_end, down = mark.start(), mark.end()
            case "statementbegin" if up is not None and not in_statement:
                in_statement = True
            case "statementend" if in_statement:
                in_statement = False
            case "no transaction":
                wrapping = "statements"
            case "envsub on":
                substitutes = True
            case "envsub off":
                pass
            case _:
                problem = (mark, f"the annotation `{mark['words']}` is out of place")
        if problem is not None:
            mark, message = problem
            found.diagnostics.append(migration_malformed(file.span(mark.start(), mark.end()), message))
            return None
    if up is None or in_statement:
        message = (
            "a StatementBegin is never ended" if in_statement else "there is no `-- +goose Up` annotation"
        )
        found.diagnostics.append(migration_malformed(file.span(0, 0), message))
        return None
    return Migration(
        version,
        name,
        file.shown,
        (file.script(wrapping, up, up_end),),
        (file.script(wrapping, down),) if down is not None else (),
        "it substitutes environment variables" if substitutes else None,
    )


LAYOUT = Layout("goose", "the annotation `-- +goose Up`", 0, recognise, read)
