"""Defines `decisions`: well-typed policies with a request each, made so that either verdict is common.

Values stand at and beside the bounds that the policy names. A policy has one way of each lane into `prod`,
gates on evidence of every type, and bans; a request is a layer over the corpus's base.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

NOW = "2026-11-24T10:00:00Z"  # a Tuesday
HEAD = """\
rung 1
policy "drawn"
environment qa
environment prod after qa
person "ana" accounts "github:ana"
group leads { "ana", "bo", "chen" }
group owners { "bo", "dee" }
group staff from facts
evidence tests about build {
    passed: int, coverage: percent, started: time, took: duration, ok: bool, kind: { unit, smoke },
    tool: text, tags: set of text, version: version, score: decimal
}
evidence scan about artifact { critical: int }
evidence load about environment { errors: percent }
maintenance "Tuesdays" on prod tue 10:00..12:00 in "UTC"
admit build -> qa
"""

# Of a gate that needs `tests`.
ON_TESTS = [
    "tests.passed > 0",
    "tests.passed >= 10",
    "tests.passed + 1 == 11",
    "2 * tests.passed != 20",
    "tests.coverage >= 80%",
    "tests.coverage < 80%",
    "now - tests.started < 2d",
    "tests.took <= 30m",
    "tests.ok",
    "not tests.ok",
    "tests.kind == unit",
    "tests.kind in { smoke }",
    'tests.tool == "jest"',
    'tests.tool starts with "je"',
    'not tests.tool ends with "st"',
    'tests.tags subset of { "a", "b" }',
    'tests.tags disjoint from { "c" }',
    '"a" in tests.tags',
    'tests.version >= version "1.2.0"',
    'tests.version < version "2.0.0"',
    "tests.score >= 0.5",
    "tests.passed > 0 implies tests.coverage >= 50%",
]
# Of a route, or of a gate.
ANYWHERE = [
    "strategy == canary",
    "strategy in { rolling, canary }",
    "not strategy == atomic",
    'service == "shop"',
    'release.version >= version "1.1.0"',
    'release.version == version "1.1.0"',
    "at least 1 approval from leads",
    "at least 2 approvals from { leads, owners }",
    "at least 1 approval from anyone except authors",
    "at least 1 approval from leads except { authors, actor } no older than 2h",
    "at least 1 review from anyone except authors",
    "at least 1 approval from staff",
    "not at least 2 approvals from leads",
    "actor in staff",
    "actor not in authors",
    'actor == "ana"',
    "actor is person",
    "not actor is delegate",
    "actor is machine",
    "healthy in qa for 24h",
    "healthy in source for 3d",
    "once healthy in qa for 2d",
    "not healthy in qa for 3d",
    'provenance from "ci"',
    'provenance from { "ci", "cd" }',
    "rollback plan",
    "automatic rollback",
    'configuration has { "URL" }',
    '"URL" in configuration_keys',
    "new flags off",
    "no drift in target",
    "lock held",
    "inside maintenance",
    "contains open hotfixes",
    'now < time "2026-11-24T10:00:01Z"',
]
BANS = [
    'freeze "F" on prod from 2026-11-24 10:00 to 2026-11-25 in "UTC"',
    'freeze "F" on prod from 2026-11-23 to 2026-11-24 10:00 in "UTC"',
    'freeze "F" on prod from 2026-11-20 to 2026-11-25 in "UTC" sparing hotfix, promote',
    'freeze "F" on prod from 2026-11-20 to 2026-11-25 in "Europe/Berlin" when {condition}',
    'window "W" on prod tue 11:00..12:00 in "Europe/Berlin"',
    'window "W" on prod mon 22:00..11:30 in "Europe/Berlin" sparing hotfix',
    'deny "D" on prod when {condition}',
    'deny "D" on prod sparing promote when not ({condition})',
    "single rollout on prod sparing hotfix",
    "parity {{ qa, prod }} on os",
    'configuration on prod has "URL"',
    "strategy rolling on prod {{ max unavailable 25% }}",
    "strategy canary on prod {{ step 10% hold 1h step 100% }}",
    "strategy blue_green on prod {{ keep 2h }}",
]
WAIVER = 'waive {gate} on prod as "W-1" by "ana" from 2026-11-20 until {end} because "outage"'


class Asked(NamedTuple):
    """The text of a policy, and a layer of a request."""

    policy: str
    layer: str


@st.composite
def _condition(draw: Draw, atoms: list[str], depth: int = 2) -> str:
    if depth == 0 or draw(st.integers(0, 3)) > 0:
        return str(draw(st.sampled_from(atoms)))
    inner = [draw(_condition(atoms, depth - 1)) for _ in range(2)]
    shape = draw(st.sampled_from(["({0}) and ({1})", "({0}) or ({1})", "not ({0})", "({0}) implies ({1})"]))
    return str(shape.format(*inner))


@st.composite
def _policy(draw: Draw) -> str:
    gates = [
        (
            "tested",
            "needs tests" + draw(st.sampled_from(["", " no older than 1h", " no older than 2h"])),
            ON_TESTS,
        ),
        ("scanned", "needs scan no older than 1d", ["scan.critical == 0", "scan.critical < 3", *ANYWHERE]),
        ("calm", "needs load in target", ["load.errors < 1%"]),
        ("signed", "", ANYWHERE),
    ]
    text = HEAD
    for name, needs, atoms in gates:
        lines = [f"    require {draw(_condition(atoms))}" for _ in range(draw(st.integers(1, 2)))]
        text += f"gate {name} {{\n    {needs}\n" + "\n".join(lines) + "\n}\n"
    names = [name for name, *_ in gates]
    for head in ("promote qa -> prod", "hotfix qa -> prod", "rollback prod within 2 releases"):
        wanted = draw(st.lists(st.sampled_from(names), max_size=2, unique=True))
        if draw(st.integers(0, 3)) == 0:  # a gate stands under no negation
            wanted.append(f"{draw(st.sampled_from(names))} or {draw(st.sampled_from(ANYWHERE))}")
        wanted += [draw(_condition(ANYWHERE)) for _ in range(draw(st.integers(0, 2)))]
        text += head + " {\n" + "".join(f"    require {each}\n" for each in wanted) + "}\n"
    for ban in draw(st.lists(st.sampled_from(BANS), max_size=1)):
        text += ban.format(condition=draw(_condition(ANYWHERE))) + "\n"
    if draw(st.booleans()):
        end = draw(st.sampled_from(["2026-11-24 10:00", "2026-11-25"]))
        text += WAIVER.format(gate=draw(st.sampled_from(names)), end=end) + "\n"
    return text


def _maybe(draw: Draw, usual: Any, *others: Any) -> Any:
    """The usual value most of the time."""
    return usual if not others or draw(st.integers(0, 5)) else draw(st.sampled_from(others))


@st.composite
def _layer(draw: Draw) -> str:
    lane = _maybe(draw, "promote", "hotfix", "rollback")
    hour = "2026-11-24T09:{:02}:00Z"
    old = "2026-11-24T08:00:00Z"
    evidence = {
        "tests": {
            "about": {"build": "b1"},
            "time": _maybe(draw, hour.format(30), hour.format(0), old, "2026-11-24T10:00:01Z"),
            "fields": {
                "passed": _maybe(draw, 10, 0, 9, 11),
                "coverage": _maybe(draw, "80%", "79.99%", "50%", "high"),
                "started": _maybe(draw, "2026-11-24T09:00:00Z", "2026-11-22T10:00:00Z"),
                "took": _maybe(draw, "30m", "31m"),
                "ok": _maybe(draw, True, False),
                "kind": _maybe(draw, "unit", "smoke"),
                "tool": _maybe(draw, "jest", "je", "other"),
                "tags": _maybe(draw, ["a"], [], ["a", "c"], ["z"]),
                "version": _maybe(draw, "1.2.0", "1.1.9", "2.0.0", "1.2.0-rc.1"),
                "score": _maybe(draw, 0.5, 0.4),
            },
        },
        "scan": {
            "about": {"artifact": "sha256:a1…"},
            "time": _maybe(draw, hour.format(0), "2026-11-23T10:00:00Z"),
            "fields": {"critical": _maybe(draw, 0, 2, 3)},
        },
        "load": {
            "about": {"environment": "prod"},
            "fields": {"errors": _maybe(draw, "0.5%", "1%")},
        },
    }
    for name in list(evidence):
        if not draw(st.integers(0, 9)):
            evidence[name] = None  # type: ignore[assignment]  # takes the record away
    approvals = {
        who: {"time": _maybe(draw, hour.format(0), old), "verdict": _maybe(draw, "approved", "rejected")}
        for who in draw(
            st.lists(st.sampled_from(["ana", "bo", "dee", "eve", "github:ana"]), max_size=3, unique=True)
        )
    }
    reviews = {
        who: {} for who in draw(st.lists(st.sampled_from(["ana", "bo", "eve"]), max_size=2, unique=True))
    }
    authors = draw(st.lists(st.sampled_from(["ana", "bo", "github:ana"]), max_size=2, unique=True))
    actor = draw(
        st.sampled_from(
            [
                {"machine": "deployer"},
                {"machine": "deployer", "on_behalf_of": "bo"},
                {"machine": None, "person": "ana"},
                {"machine": None, "person": "zoe"},
            ]
        )
    )
    since = _maybe(draw, "2026-11-21T08:00:00Z", "2026-11-23T10:00:00Z", "2026-11-24T09:00:00Z")
    previous = _maybe(draw, True, False)
    events: dict[str, Any] = {"qa": {"finished": "2026-11-21T08:00:00Z", "facets": {"os": "1"}}}
    if previous:
        events["prod"] = {"digests": ["sha256:b0…"], "commit": "c0…", "finished": "2026-11-10T08:00:00Z"}
        if lane == "rollback":
            events["prod"] |= {"digests": ["sha256:a1…"], "commit": "c1…"}
            events["prod "] = {"environment": "prod", "digests": ["sha256:b0…"], "commit": "c0…"}
    health = {
        "qa": {"from": since, "status": _maybe(draw, "healthy", "unhealthy")},
        "prod": {"from": "2026-11-10T08:00:00Z", "observed_until": "2026-11-12T08:00:00Z"},
    }
    proposal = {
        "lane": lane,
        "from": _maybe(draw, ["qa"], []),
        "strategy": _maybe(
            draw,
            {"kind": "rolling", "max_unavailable": "25%"},
            {"kind": "canary", "steps": ["10%", "100%"]},
            {"kind": "atomic"},
            {"kind": "blue_green"},
            None,
        ),
        "rollback": _maybe(draw, {"to": "sha256:b0…", "automatic": True}, {"to": "sha256:b0…"}, None),
        "actor": actor,
        "configuration_keys": _maybe(draw, ["URL"], [], None),
        "flags": _maybe(draw, {}, {"new": "on"}),
        "release": {"version": _maybe(draw, "1.1.0", "1.0.9", None)},
    }
    if lane == "rollback":
        proposal["from"] = []
    state = {"running": ["sha256:b0…"] if previous else [], "facets": {"os": _maybe(draw, "1", "2")}}
    facts = {
        "builds": {"b1": {"builder": _maybe(draw, "ci", "cd", "other")}},
        "changes": {
            "since": {"authors": authors, "complete": _maybe(draw, True, False)},
            "all": {"authors": authors, "base": None},
        },
        "evidence": evidence,
        "approvals": approvals,
        "reviews": reviews,
        "history": {"complete_since": "2026-01-01T00:00:00Z", "source": "log", "events": events},
        "health": health,
        "people": {
            "source": "directory",
            "persons": {"eve": {"groups": ["staff"]}, "bo": {"groups": _maybe(draw, ["staff"], [])}},
        },
        "environments": {
            "prod": {
                **state,
                "drift": _maybe(draw, False, True, None),
                "locks": _maybe(draw, [{"name": "l", "holder": "deployer"}], []),
            },
            "qa": {"facets": {"os": "1"}, "running": ["sha256:a1…"]},
        },
    }
    at = _maybe(draw, NOW, "2026-11-24T09:59:59Z", "2026-11-24T10:00:01Z")
    return json.dumps({"at": at, "proposal": proposal, "facts": facts}, ensure_ascii=False)


def decisions() -> st.SearchStrategy[Asked]:
    """A policy and a request by which it is judged."""
    return st.builds(Asked, _policy(), _layer())
