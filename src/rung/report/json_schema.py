"""Defines the JSON Schemas (2020-12) of the documents that the format `json` writes."""

from __future__ import annotations

from typing import Any, get_args

from rung.explain.standing import State

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339, in UTC"}
TEXTS: Schema = {"type": "array", "items": TEXT}
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}
VERDICT: Schema = {"enum": ["proved", "refuted", "unknown"]}


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def listed(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def object_of(description: str, properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


PLACE = object_of(
    "Characters of a file; lines and columns count from 1, the end is the column after the last.",
    {"file": TEXT, "line": COUNT, "column": COUNT, "end_line": COUNT, "end_column": COUNT},
)

LINE = object_of(
    "A rule and what was found for it. `mark` is `unknown` where it could not be told, which never allows.",
    {
        "kind": TEXT,
        "mark": {"enum": ["holds", "fails", "unknown"]},
        "rule": {**TEXT, "description": "what the policy says, or a name for it"},
        "place": or_null(ref("place")),
        "seen": {**TEXTS, "description": "what was found: for each finding a phrase with values and units"},
        "controls": {**TEXTS, "description": "the controls that a gate is tagged with"},
        "parts": listed(ref("line")),
    },
)

ACTOR = {"person": TEXT, "machine": TEXT, "on_behalf_of": TEXT}

PROPOSAL = object_of(
    "What was proposed.",
    {
        "service": TEXT,
        "action": TEXT,
        "lane": TEXT,
        "from": TEXTS,
        "target": TEXT,
        "release": object_of(
            "The release.",
            {"version": or_null(TEXT), "configuration": or_null(TEXT), "digests": TEXTS},
        ),
        "actor": object_of("A person, or a machine.", ACTOR, tuple(ACTOR)),
    },
)

OWED = object_of(
    "An obligation that the deployment raises.",
    {"name": TEXT, "due": or_null(INSTANT), "rules": TEXTS, "place": ref("place")},
)

WAIVER = object_of(
    "A waiver by which a gate holds.",
    {"id": TEXT, "gate": TEXT, "approver": TEXT, "until": INSTANT, "reason": TEXT, "place": ref("place")},
)

PROOF = object_of(
    "How the proof of what the policy demands stands; null where it demands nothing.",
    {
        "state": {"enum": list(get_args(State))},
        "file": or_null(TEXT),
        "said": TEXTS,
        "remedy": {**or_null(TEXT), "description": "a command that makes a proof, or shows what is wrong"},
    },
)

DECISION = object_of(
    "What a policy says of a proposal, with the whole reason.",
    {
        "schema": {"const": "rung.decision/1"},
        "hypothetical": {**TRUTH, "description": "decided as of a time that was asked for, not by the clock"},
        "allowed": TRUTH,
        "verdict": {
            "enum": ["allowed", "forbidden", "not-permitted", "no-rule", "undecided"],
            "description": "forbidden: a ban applies; not-permitted: a rule of every route fails; "
            "no-rule: the policy does not speak of such a deployment; "
            "undecided: its rules allow it, but it waits for a proof of the policy",
        },
        "reason": TEXT,
        "at": INSTANT,
        "valid_until": {
            **or_null(INSTANT),
            "description": "when time alone may change the verdict; null: never",
        },
        "policy": object_of("The policy.", {"name": TEXT, "file": TEXT}),
        "proof": or_null(PROOF),
        "proposal": PROPOSAL,
        "routes": {**listed(ref("line")), "description": "the routes of the lane, nearest to holding first"},
        "standing": {**listed(ref("line")), "description": "the rules that bind every route into the target"},
        "bans": {**listed(ref("line")), "description": "what forbids; each holds where it does not apply"},
        "missing": listed(
            object_of("A step towards the nearest route.", {"text": TEXT, "until": or_null(INSTANT)})
        ),
        "owes": listed(OWED),
        "waivers": listed(WAIVER),
    },
)

RELATED = object_of("Another place that it speaks of.", {"message": TEXT, "place": ref("place")})

DIAGNOSTIC = object_of(
    "One finding; `rung explain CODE` says more.",
    {
        "code": TEXT,
        "severity": {"enum": ["error", "warning"]},
        "message": TEXT,
        "file": or_null(TEXT),
        "place": or_null(ref("place")),
        "hint": or_null(TEXT),
        "related": listed(RELATED),
    },
)

DIAGNOSTICS = object_of(
    "What is wrong with policies or documents, or looks like it.",
    {
        "schema": {"const": "rung.diagnostics/1"},
        "about": {**TEXT, "description": "what was checked, or what follows"},
        "files": TEXTS,
        "errors": COUNT,
        "warnings": COUNT,
        "diagnostics": listed(DIAGNOSTIC),
    },
)

_DOCUMENTS: dict[str, tuple[Schema, Schema]] = {
    "decision": (DECISION, {"line": LINE, "place": PLACE}),
    "diagnostics": (DIAGNOSTICS, {"place": PLACE}),
}


def json_schema(name: str) -> Schema:
    """The schema of `decision`, `diagnostics`, `migrations`, `proofs`, `obligations` or `comparison`."""
    if name in ("proofs", "obligations"):
        from rung.report import proofs_schema

        document = proofs_schema.PROOFS if name == "proofs" else proofs_schema.OBLIGATIONS
        definitions = {**proofs_schema.DEFINITIONS, "place": PLACE}
    elif name == "comparison":
        from rung.report import comparison_schema

        document = comparison_schema.COMPARISON
        definitions = {**comparison_schema.DEFINITIONS, "place": PLACE}
    elif name == "migrations":
        from rung.report.migrations_schema import DEFINITIONS, MIGRATIONS

        document, definitions = MIGRATIONS, {**DEFINITIONS, "place": PLACE}
    else:
        document, definitions = _DOCUMENTS[name]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:rung:{name}:1",
        "title": f"rung.{name}/1",
        **document,
        "$defs": definitions,
    }
