"""Decisions that tell different stories, from one small policy and the facts that allow it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rung.cli import starter
from rung.diagnostics import Source
from rung.evaluate.decide import Evaluator
from rung.explain.explanation import Explanation
from rung.explain.why import explain
from rung.inputs.load import load_request
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

NOW = 1_795_514_400  # 2026-11-24T10:00:00Z
HOUR = 3600

POLICY = """\
rung 1
policy "stories"
environment staging
environment prod after staging

person "ana@example.com" accounts "github:ana"
person "bo@example.com" accounts "github:bo"
group managers { "ana@example.com", "bo@example.com" }
parameter floor: percent = 80% may only rise
evidence unit_tests about build { passed: int, failed: int, coverage: percent }
evidence scan about artifact { critical: int, updated: time }

gate tests_pass "Unit tests pass" controls "SOC2 CC8.1" {
    needs unit_tests no older than 7d
    require unit_tests.failed == 0 and unit_tests.passed > 0
    require unit_tests.coverage >= floor
}
gate clean "Nothing critical" {
    needs scan no older than 2d
    require scan.critical == 0
    require now - scan.updated < 48h
}
gate signed "A manager approves" {
    require at least 2 approvals from managers except authors no older than 3d
}

promote staging -> prod {
    require tests_pass, clean, signed
    require healthy in staging for 4h
    require not strategy in { atomic, rolling }
    require rollback plan or actor is machine
}
hotfix staging -> prod {
    require tests_pass
    owes review within 48h { require at least 1 approval from managers }
}
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin" sparing rollback
window "Office hours" on prod mon..fri 09:00..16:00 in "Europe/Berlin" sparing rollback, hotfix
deny "by hand" on prod when actor is person
waive clean on prod as "W-1" by "ana@example.com" from 2026-11-20 until 2026-12-01 because "outage"
"""

Change = Callable[[dict[str, Any], dict[str, Any]], object]


@dataclass(frozen=True)
class Story:
    """What is different from the request that is allowed, and what comes of it."""

    name: str
    change: Change
    allowed: bool = False
    verdict: str = "not-permitted"
    seen: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    after: int = 0
    at: int = field(default=NOW)


def request() -> tuple[dict[str, Any], dict[str, Any]]:
    """The proposal and the facts that the policy allows."""
    files = starter.files(NOW)
    proposal, facts = json.loads(files["proposal.json"]), json.loads(files["facts.json"])
    proposal["strategy"] = {"kind": "canary"}
    scan = {
        "type": "scan",
        "about": {"artifact": starter.DIGEST},
        "time": "2026-11-24T06:00:00Z",
        "fields": {"critical": 0, "updated": "2026-11-24T02:00:00Z"},
        "source": "trivy",
    }
    facts["evidence"].append(scan)
    facts["approvals"].append({**facts["approvals"][0], "by": "github:bo"})
    return proposal, facts


def told(story: Story) -> tuple[Explanation, Mapping[str, Source]]:
    """The explanation of a story's decision, and the texts that it speaks of."""
    source = Source("policy.rung", POLICY)
    parsed = parse(source)
    assert parsed.file is not None
    policy = policy_from_syntax(parsed.file).policy
    assert policy is not None
    proposal, facts = copy.deepcopy(request())
    story.change(proposal, facts)
    documents = [Source(name, json.dumps(each)) for name, each in (("p.json", proposal), ("f.json", facts))]
    loaded, mistakes = load_request(documents)
    assert loaded is not None, mistakes
    decision = Evaluator(policy).decide(loaded.proposal, loaded.facts, story.at)
    return explain(decision, policy, {source.name: source}, False), {source.name: source}


def nothing(proposal: dict[str, Any], facts: dict[str, Any]) -> None:
    """The request as it is."""


def _evidence(index: int, **fields: object) -> Change:
    return lambda proposal, facts: facts["evidence"][index]["fields"].update(fields)


def _proposal(**values: object) -> Change:
    return lambda proposal, facts: proposal.update(values)


def _facts(**values: object) -> Change:
    return lambda proposal, facts: facts.update(values)


STORIES = (
    Story("allowed", nothing, True, "allowed"),
    Story(
        "coverage",
        _evidence(0, coverage="78.2%"),
        seen=("unit_tests.coverage is 78.2%", "floor is 80%"),
        steps=("unit_tests.coverage to be at least 80%: it is 78.2%",),
    ),
    Story(
        "failed tests",
        _evidence(0, failed=3),
        seen=("unit_tests.failed is 3",),
        steps=("unit_tests.failed to be 0: it is 3",),
    ),
    Story(
        "waived",
        _evidence(1, critical=2),
        True,
        "allowed",
        seen=("waived by W-1 until 2026-12-01 00:00 UTC",),
    ),
    Story(
        "absent evidence",
        lambda proposal, facts: facts["evidence"].pop(0),
        seen=("the facts hold no unit_tests",),
        steps=("a record of unit_tests about build run/1",),
    ),
    Story(
        "one approval",
        lambda proposal, facts: facts["approvals"].pop(),
        seen=("1 of 2: ana@example.com",),
        steps=("1 more approval from managers, not from authors",),
    ),
    Story(
        "unknown approver and rejection",
        lambda proposal, facts: (
            facts["approvals"][0].update(by="github:nobody"),
            facts["approvals"][1].update(verdict="rejected"),
        ),
        seen=(
            "0 of 2",
            "not counted: github:nobody (belongs to no known person), bo@example.com (rejected it)",
        ),
        steps=("2 more approvals from managers, not from authors",),
    ),
    Story(
        "unknown author",
        lambda proposal, facts: facts["changes"][0].update(authors=["github:who"]),
        seen=("cannot be counted: the author github:who belongs to no known person",),
        steps=("facts that make the approvals countable: the author github:who belongs to no known person",),
    ),
    Story(
        "short soak",
        lambda proposal, facts: facts["health"][0].update({"from": "2026-11-24T07:00:00Z"}),
        seen=("healthy in staging for 3h since 2026-11-24 07:00 UTC, 4h needed",),
        steps=("4h of health in staging: not before 2026-11-24 11:00 UTC",),
    ),
    Story(
        "never healthy",
        _facts(health=[]),
        seen=("not seen healthy in staging since its deployment",),
        steps=("health in staging: not seen healthy in staging since its deployment",),
    ),
    Story("strategy", _proposal(strategy={"kind": "rolling"}), seen=("strategy is rolling",)),
    Story("no strategy", _proposal(strategy=None), seen=("strategy is not stated",)),
    Story(
        "by hand",
        _proposal(actor={"person": "github:bo"}),
        verdict="forbidden",
        seen=("a person acts",),
        steps=('deny "by hand" not to apply: a person acts',),
    ),
    Story(
        "closed window",
        nothing,
        at=NOW + 9 * HOUR,
        verdict="forbidden",
        seen=("closed; opens at 2026-11-25 08:00 UTC; spares rollback, hotfix",),
        steps=('window "Office hours" to open: 2026-11-25 08:00 UTC',),
    ),
    Story(
        "freeze",
        nothing,
        at=NOW + 30 * 24 * HOUR,
        verdict="forbidden",
        seen=(
            "from 2026-12-18 17:00 UTC to 2027-01-04 07:00 UTC; spares rollback",
            "expired: 30d 4h old, at most 48h allowed, from trivy",
            "expired: 30d 6h old, at most 7d allowed, from ci",
        ),
        steps=(
            "a new record of unit_tests about build run/1",
            'freeze "Year end" to end: 2027-01-04 07:00 UTC',
        ),
    ),
    Story("hotfix", _proposal(lane="hotfix"), True, "allowed"),
    Story(
        "rollback of nothing",
        _proposal(lane="rollback"),
        seen=("nothing was ever deployed into prod",),
        steps=("another release to go back to in prod: nothing was ever deployed into prod",),
    ),
    Story("no route", _proposal(lane="admit"), verdict="no-rule"),
    Story("no environment", _proposal(target="moon"), verdict="no-rule"),
    Story("foreign source", _proposal(**{"from": "prod"}), seen=("the proposal comes from prod",)),
)
