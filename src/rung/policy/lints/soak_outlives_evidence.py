"""A release must wait longer than its evidence stays fresh, so no release can ever pass.

Evidence that is `produced once` is not renewed. Where it had to be there before the release entered
`staging`, a day of health in `staging` makes it a day old:

    evidence unit_tests about build produced once { failed: int }
    gate tests_pass {
        needs unit_tests no older than 12h
        require unit_tests.failed == 0
    }
    admit build -> staging { require tests_pass }
    promote staging -> prod { require tests_pass, healthy in staging for 24h }

Waits along the way add up.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rung.diagnostics import Diagnostic, Related
from rung.policy import model, walk
from rung.policy.types import write_duration

CODE = "soak-outlives-evidence"

BAD = """
environment staging
environment prod after staging
evidence unit_tests about build produced once { failed: int }
gate tests_pass {
    needs unit_tests no older than 12h
    require unit_tests.failed == 0
}
admit build -> staging { require tests_pass }
promote staging -> prod { require tests_pass, healthy in staging for 24h }
"""

GOOD = """
environment staging
environment prod after staging
evidence unit_tests about build produced once { failed: int }
gate tests_pass {
    needs unit_tests no older than 2d
    require unit_tests.failed == 0
}
admit build -> staging { require tests_pass }
promote staging -> prod { require tests_pass, healthy in staging for 24h }
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A route, for how long it asks for health in each place, and the needs of the gates that it requires."""

    route: model.Route
    soaks: dict[str, int]
    needs: dict[str, list[model.Need]]

    @property
    def before(self) -> tuple[str, ...]:
        """The places in which a release was before it takes the route."""
        return (*self.soaks, *(self.route.sources.names if self.route.sources else ()))


class Ways:
    """The routes of a policy but its rollbacks, by where they lead and what they need."""

    def __init__(self, policy: model.Policy) -> None:
        self.into: dict[str, list[Entry]] = {}
        self.out_of: dict[str, list[str]] = {}
        self.needing: dict[str, list[Entry]] = {}
        for route in policy.routes:
            if route.lane != "rollback":
                entry = _entry(route, policy)
                self.into.setdefault(route.target, []).append(entry)
                for place in entry.before:
                    self.out_of.setdefault(place, []).append(route.target)
                for evidence in entry.needs:
                    self.needing.setdefault(evidence, []).append(entry)


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the routes that need older evidence than they accept."""
    once = {evidence.name for evidence in policy.evidence.values() if evidence.once}
    needs = [need for gate in policy.gates.values() for need in gate.needs]
    limited = [need.evidence for need in needs if need.max_age is not None and need.evidence in once]
    if limited:
        ways = Ways(policy)
        for evidence in dict.fromkeys(limited):
            yield from _too_late(evidence, ways)


def _entry(route: model.Route, policy: model.Policy) -> Entry:
    soaks: dict[str, int] = {}
    needs: dict[str, list[model.Need]] = {}
    for condition, _ in walk.demands(route.requirements, policy):
        if isinstance(condition, model.Healthy):
            soaks[condition.place] = max(soaks.get(condition.place, 0), condition.seconds)
        elif isinstance(condition, model.GateHolds):
            for need in policy.gates[condition.gate].needs:
                needs.setdefault(need.evidence, []).append(need)
    return Entry(route, soaks, needs)


def _too_late(evidence: str, ways: Ways) -> Iterator[Diagnostic]:
    ages = _ages(evidence, ways)
    for entry in ways.needing.get(evidence, ()):
        age = _age_on(entry, ages)
        limits = [(need.max_age, need) for need in entry.needs[evidence] if need.max_age is not None]
        if age is None or not limits:
            continue
        limit, need = min(limits, key=lambda each: each[0])
        if age >= limit:
            message = (
                f"`{evidence}` is at least {write_duration(age)} old here, "
                f"and may be no older than {write_duration(limit)}"
            )
            related = (Related(need.span, "needed here, and produced once"),)
            hint = "let it be older, or wait less on the way"
            yield Diagnostic(CODE, message, entry.route.span, hint, related, "warning")


def _ages(evidence: str, ways: Ways) -> dict[str, int]:
    """How old the evidence is at the least when a release enters each place that it is needed before.

    At any time these are lower bounds, which further rounds can only raise; so the number of rounds, which a
    circle of waits would make endless, can be limited.
    """
    ages: dict[str, int] = {}
    pending = deque(entry.route.target for entry in ways.needing.get(evidence, ()))
    for _ in range(4 * len(ways.into)):
        if not pending:
            break
        target = pending.popleft()
        known = []
        for entry in ways.into[target]:
            age = _age_on(entry, ages)
            if age is not None or evidence in entry.needs:
                known.append(age or 0)
        if len(known) == len(ways.into[target]) and min(known) != ages.get(target):
            ages[target] = min(known)
            pending.extend(ways.out_of.get(target, ()))
    return ages


def _age_on(entry: Entry, ages: Mapping[str, int]) -> int | None:
    """How old the evidence is at the least on a route, by where the release was before; None: unknown."""
    known = [ages[place] + seconds for place, seconds in entry.soaks.items() if place in ages]
    sources = entry.route.sources
    if sources is not None:
        entered = sorted(ages.get(name, -1) for name in sources.names)
        surely = entered[sources.count - 1]  # the freshest choice of sources still has one of this age
        if surely >= 0:
            known.append(surely + entry.soaks.get("source", 0))
    return max(known, default=None)
