"""Defines the JSON Schema (2020-12) of the document `rung.migrations/1`."""

from __future__ import annotations

from typing import Any

from rung.report.json_schema import (
    COUNT,
    DIAGNOSTIC,
    TEXT,
    TEXTS,
    TRUTH,
    VERDICT,
    listed,
    object_of,
    or_null,
    ref,
)

LEVELS = ("name", "type", "write", "read", "data")

EVENT = object_of(
    "A statement, and whose it is: a row that is there, the migration's, live code's, or a question.",
    {"role": {"enum": ["setup", "migration", "live", "check"]}, "sql": TEXT, "code": or_null(TEXT)},
)

WITNESS = object_of(
    "What happens, from the schema before the rollout on. Without `contrast` and `differs`, all of `events` "
    "succeed but the last; with `contrast`, they all do, and the last of `contrast` fails; with `differs`, a "
    "query, it answers otherwise after the last of `events` than before it.",
    {
        "row": TEXT,
        "events": listed(ref("event")),
        "contrast": listed(ref("event")),
        "differs": or_null(TEXT),
        "replayed": {**TRUTH, "description": "it was run on a real PostgreSQL, and failed as foretold"},
    },
)

FINDING = object_of(
    "The answer to one question, in all the states that share it.",
    {
        "level": {"enum": list(LEVELS)},
        "verdict": VERDICT,
        "subject": {**TEXT, "description": "a table, or a column or constraint of one"},
        "message": TEXT,
        "code": {**or_null(TEXT), "description": "the version of the code; null: the migration itself"},
        "direction": or_null({"enum": ["backward", "forward"]}),
        "states": TEXTS,
        "place": or_null(ref("place")),
        "witness": or_null(ref("witness")),
        "reasons": {**TEXTS, "description": "what is not understood, where it is unknown"},
        "assumptions": {**TEXTS, "description": "what a proof rests on"},
        "repair": {**TEXTS, "description": "the steps that would be safe, in order"},
    },
)

STAGE = object_of(
    "A state of the rollout, or the running of a migration; a level at which nothing is asked is null.",
    {
        "name": TEXT,
        "kind": {"enum": ["state", "migration"]},
        "schema_version": TEXT,
        "live": TEXTS,
        "returning": {**TEXTS, "description": "the code that a rollback may bring back"},
        "verdict": VERDICT,
        "levels": object_of("The verdict of each level.", {level: or_null(VERDICT) for level in LEVELS}),
    },
)

MIGRATION = object_of(
    "A migration of the rollout.",
    {
        "version": TEXT,
        "name": TEXT,
        "path": TEXT,
        "runs": {"enum": ["before deployment", "after deployment"]},
    },
)

_properties: dict[str, Any] = DIAGNOSTIC["properties"]
HAZARD = object_of(
    "What waits, fails or breaks whatever the rows are; it is no part of the verdict.",
    {"kind": {"enum": ["blocking", "failing", "breaking", "style"]}, **_properties},
)

MIGRATIONS = object_of(
    "Whether the migrations of a rollout are safe at every step and after a rollback.",
    {
        "schema": {"const": "rung.migrations/1"},
        "verdict": VERDICT,
        "layout": TEXT,
        "dialect": {"enum": ["postgres", "mysql", "sqlite"]},
        "strategy": {"enum": ["rolling", "canary", "blue_green", "atomic"]},
        "window": {**COUNT, "description": "how many releases a rollback may go back"},
        "assumes": {**or_null(TEXT), "description": "what is taken for granted of the server"},
        "migrations": listed(MIGRATION),
        "directions": object_of(
            "Backward: new code meets old data. Forward: old code meets the new schema and its data.",
            {"backward": VERDICT, "forward": VERDICT},
        ),
        "stages": listed(STAGE),
        "checks": object_of(
            "How many findings there are.",
            {"total": COUNT, "proved": COUNT, "refuted": COUNT, "unknown": COUNT},
        ),
        "findings": listed(FINDING),
        "hazards": listed(HAZARD),
        "diagnostics": {**listed(DIAGNOSTIC), "description": "of the files; an error leaves nothing proved"},
    },
)

DEFINITIONS = {"event": EVENT, "witness": WITNESS}
