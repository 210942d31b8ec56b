"""A route can never be taken: what it requires and the rules that bind its lane never let a release in.

    promote staging -> prod { require strategy == canary }
    deny "no canaries" on prod when strategy == canary

The solver has shown that no release, no facts and no time will do. Where one block contradicts itself, that
is spoken of as `requirement-never-holds`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.prove.claims import head
from rung.prove.lints.readings import Readings, related

CODE = "route-never-usable"
KIN = (
    *("requirement-never-holds", "contradictory-requirements", "constant-comparison", "too-few-in-group"),
    *("soak-outlives-evidence", "clashing-windows", "endless-freeze", "empty-gate"),
)

BAD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require strategy == canary }
deny "no canaries" on prod when strategy == canary
"""

GOOD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require strategy == rolling }
deny "no canaries" on prod when strategy == canary
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the routes on which what must hold never holds together."""
    for route in readings.policy.routes:
        if readings.usable(route):
            continue
        way = readings.way(route)
        conflict = [way.parts[each] for each in way.conflict(range(len(way.parts)))]
        if readings.rests_on_broken(conflict):
            continue  # that is said of the gate
        message = f"nothing can ever take {head(route)}"
        hint = "look at what it requires, and at what bans it"
        yield Diagnostic(
            CODE,
            message,
            route.span,
            hint,
            related([each.span for each in conflict], "in the way"),
            "warning",
        )
