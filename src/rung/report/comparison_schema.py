"""Defines the JSON Schema (2020-12) of the document `rung.comparison/1`."""

from __future__ import annotations

from rung.report.json_schema import COUNT, INSTANT, TEXT, TEXTS, TRUTH, listed, object_of, or_null, ref

POLICY = object_of(
    "A policy, by the name that it has and the file that it is in.", {"policy": TEXT, "file": TEXT}
)

DOOR = {"action": TEXT, "lane": or_null(TEXT), "target": TEXT}

WITNESS = object_of(
    "A request that one policy allows and the other does not, decided at an instant.",
    {
        "at": INSTANT,
        "request": {"type": "object", "description": "a document of the schema rung.request/1"},
    },
)

FAILS = object_of(
    "A rule by which the other policy denies it, and what stands in its place in the one that allows it.",
    {
        "rule": TEXT,
        "place": or_null(ref("place")),
        "gate": or_null(TEXT),
        "seen": TEXTS,
        "instead": TEXT,
        "instead_place": or_null(ref("place")),
    },
)

DIFFERENCE = object_of(
    "What one policy allows and the other does not; a reason where no witness shows it.",
    {
        "way": TEXT,
        "place": ref("place"),
        "in_files_that_use_it": {**TRUTH, "description": "whether files that use the policy let it in"},
        "witness": or_null(ref("witness")),
        "history": listed(object_of("What happened before.", {"at": INSTANT, "text": TEXT})),
        "denied_because": TEXT,
        "failing": listed(ref("fails")),
        "reason": TEXT,
    },
)

OBLIGATION = object_of(
    "What an entry owes.", {"name": TEXT, "seconds": COUNT, "rules": TEXTS, "place": ref("place")}
)

OWING = object_of(
    "An entry that owes otherwise: each obligation as it was and as it is, null where there is none.",
    {
        "way": TEXT,
        "place": ref("place"),
        "obligations": listed(
            object_of("One of them.", {"old": or_null(ref("obligation")), "new": or_null(ref("obligation"))})
        ),
        "witness": or_null(ref("witness")),
    },
)

COMPARISON = object_of(
    "What a policy newly allows, newly denies and demands, against another.",
    {
        "schema": {"const": "rung.comparison/1"},
        "old": ref("policy"),
        "new": ref("policy"),
        "relation": {"enum": ["same", "tighter", "looser", "incomparable", "unknown"]},
        "looser": {**TRUTH, "description": "whether something is newly allowed, or owed less"},
        "newly_allowed": listed(ref("difference")),
        "newly_denied": listed(ref("difference")),
        "owed_otherwise": listed(OWING),
        "opened": {**TEXTS, "description": "what files that use it may now change"},
        "closed": TEXTS,
        "unknown": listed(object_of("A way of which it cannot be told.", {**DOOR, "reason": TEXT})),
        "notes": TEXTS,
        "assumptions": TEXTS,
        "broken": {**TEXTS, "description": "what went otherwise than it was told: mistakes of Rung"},
        "ways": COUNT,
        "same": {**COUNT, "description": "how many of the ways are as they were"},
    },
)

DEFINITIONS = {
    "policy": POLICY,
    "witness": WITNESS,
    "fails": FAILS,
    "difference": DIFFERENCE,
    "obligation": OBLIGATION,
}
