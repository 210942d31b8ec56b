"""Defines the JSON Schemas (2020-12) of the documents that the format `json` writes."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339, in UTC"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _object(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


PLACE = _object(
    "Characters of a file; lines and columns count from 1, the end is the column after the last.",
    {"file": TEXT, "line": COUNT, "column": COUNT, "end_line": COUNT, "end_column": COUNT},
)

LINE = _object(
    "A rule and what was found for it. `mark` is `unknown` where it could not be told, which never allows.",
    {
        "kind": TEXT,
        "mark": {"enum": ["holds", "fails", "unknown"]},
        "rule": {**TEXT, "description": "what the policy says, or a name for it"},
        "place": _or_null(_ref("place")),
        "seen": {**TEXTS, "description": "what was found: for each finding a phrase with values and units"},
        "controls": {**TEXTS, "description": "the controls that a gate is tagged with"},
        "parts": _list(_ref("line")),
    },
)

ACTOR = {"person": TEXT, "machine": TEXT, "on_behalf_of": TEXT}

PROPOSAL = _object(
    "What was proposed.",
    {
        "service": TEXT,
        "action": TEXT,
        "lane": TEXT,
        "from": TEXTS,
        "target": TEXT,
        "release": _object(
            "The release.",
            {"version": _or_null(TEXT), "configuration": _or_null(TEXT), "digests": TEXTS},
        ),
        "actor": _object("A person, or a machine.", ACTOR, tuple(ACTOR)),
    },
)

OWED = _object(
    "An obligation that the deployment raises.",
    {"name": TEXT, "due": _or_null(INSTANT), "rules": TEXTS, "place": _ref("place")},
)

WAIVER = _object(
    "A waiver by which a gate holds.",
    {"id": TEXT, "gate": TEXT, "approver": TEXT, "until": INSTANT, "reason": TEXT, "place": _ref("place")},
)

DECISION = _object(
    "What a policy says of a proposal, with the whole reason.",
    {
        "schema": {"const": "rung.decision/1"},
        "hypothetical": {**TRUTH, "description": "decided as of a time that was asked for, not by the clock"},
        "allowed": TRUTH,
        "verdict": {
            "enum": ["allowed", "forbidden", "not-permitted", "no-rule"],
            "description": "forbidden: a ban applies; not-permitted: a rule of every route fails; "
            "no-rule: the policy does not speak of such a deployment",
        },
        "reason": TEXT,
        "at": INSTANT,
        "valid_until": {
            **_or_null(INSTANT),
            "description": "when time alone may change the verdict; null: never",
        },
        "policy": _object("The policy.", {"name": TEXT, "file": TEXT}),
        "proposal": PROPOSAL,
        "routes": {**_list(_ref("line")), "description": "the routes of the lane, nearest to holding first"},
        "standing": {**_list(_ref("line")), "description": "the rules that bind every route into the target"},
        "bans": {**_list(_ref("line")), "description": "what forbids; each holds where it does not apply"},
        "missing": _list(
            _object("A step towards the nearest route.", {"text": TEXT, "until": _or_null(INSTANT)})
        ),
        "owes": _list(OWED),
        "waivers": _list(WAIVER),
    },
)

RELATED = _object("Another place that it speaks of.", {"message": TEXT, "place": _ref("place")})

DIAGNOSTIC = _object(
    "One finding; `rung explain CODE` says more.",
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "message": TEXT,
        "file": _or_null(TEXT),
        "place": _or_null(_ref("place")),
        "hint": _or_null(TEXT),
        "related": _list(RELATED),
    },
)

DIAGNOSTICS = _object(
    "What is wrong with policies or documents, or looks like it.",
    {
        "schema": {"const": "rung.diagnostics/1"},
        "about": {**TEXT, "description": "what was checked, or what follows"},
        "files": TEXTS,
        "errors": COUNT,
        "warnings": COUNT,
        "diagnostics": _list(DIAGNOSTIC),
    },
)

_DOCUMENTS: dict[str, tuple[Schema, Schema]] = {
    "decision": (DECISION, {"line": LINE, "place": PLACE}),
    "diagnostics": (DIAGNOSTICS, {"place": PLACE}),
}


def json_schema(name: str) -> Schema:
    """The schema of `decision` or `diagnostics`."""
    document, definitions = _DOCUMENTS[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rung:{name}:1",
        "title": f"rung.{name}/1",
        **document,
        "$defs": definitions,
    }
