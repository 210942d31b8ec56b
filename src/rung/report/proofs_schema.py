"""Defines the JSON Schemas (2020-12) of the documents `rung.proofs/1` and `rung.obligations/1`."""

from __future__ import annotations

from rung.report.json_schema import (
    COUNT,
    INSTANT,
    TEXT,
    TEXTS,
    TRUTH,
    VERDICT,
    Schema,
    listed,
    object_of,
    or_null,
    ref,
)

DIGEST: Schema = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}

CHAPTER = object_of(
    "Something that happens. A decision has its place in the policy, and a request for `rung decide`.",
    {
        "at": INSTANT,
        "text": TEXT,
        "allowed": TRUTH,
        "place": or_null(ref("place")),
        "request": {"type": "object", "description": "a document of the schema rung.request/1"},
    },
    ("allowed", "place", "request"),
)

PROOF = object_of(
    "What is known of a property.",
    {
        "property": TEXT,
        "demanded": {**TRUTH, "description": "whether the policy demands it; else it only applies to it"},
        "place": ref("place"),
        "verdict": VERDICT,
        "reason": {**TEXT, "description": "what is wrong, or why nothing is known"},
        "without_waivers": {**TEXTS, "description": "the waivers but for which it is proved"},
        "excepted_lanes": TEXTS,
        "findings": {**TEXTS, "description": "what a reader should know besides"},
        "assumptions": TEXTS,
        "obligations": {**COUNT, "description": "how many steps of the proof a solver has shown"},
        "seconds": {"type": "number"},
        "history": {
            **listed(ref("chapter")),
            "description": "the history that refutes it, or in which it has something to say",
        },
    },
)

RECHECK = object_of(
    "What a second solver said of all that was shown.",
    {
        "solver": TEXT,
        "asked": COUNT,
        "agreed": COUNT,
        "contradicted": TEXTS,
        "unknown": listed(object_of("A step that it could not tell.", {"shows": TEXT, "reason": TEXT})),
    },
)

PROOFS = object_of(
    "The verdicts on properties. The counts are of what the policy demands; if that is nothing, of all.",
    {
        "schema": {"const": "rung.proofs/1"},
        "properties": COUNT,
        "proved": COUNT,
        "refuted": COUNT,
        "unknown": COUNT,
        "verdicts": listed(PROOF),
        "recheck": or_null(RECHECK),
    },
)

STEP = object_of(
    "A step of a proof: `file` asks whether something can be, and its `unsat` shows what `shows` says.",
    {"file": TEXT, "shows": TEXT, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
)

OBLIGATIONS = object_of(
    "The manifest of an export. A property that needs no solver, or is shown by a history, has no steps.",
    {
        "schema": {"const": "rung.obligations/1"},
        "policy": TEXT,
        "digest": {**DIGEST, "description": "of all that the policy's decisions and proofs depend on"},
        "versions": {"type": "object", "additionalProperties": TEXT},
        "properties": listed(
            object_of(
                "A property and the steps of its proof.",
                {
                    "property": TEXT,
                    "verdict": VERDICT,
                    "without_waivers": TEXTS,
                    "excepted_lanes": TEXTS,
                    "assumptions": TEXTS,
                    "obligations": listed(STEP),
                },
            )
        ),
    },
)

DEFINITIONS = {"chapter": CHAPTER}
