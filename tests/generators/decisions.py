"""Defines drawn decisions: well-typed policies, and requests that they allow about as often as not.

What is drawn stands at, just below and just above the bounds that the policies name. A policy has gates on
evidence of every type, routes of every lane, actions, and bans; a request is a layer over the corpus's base.
Everything comes from one `Random`, so that a seed gives the same policies and requests again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

NOW = int(datetime(2026, 11, 24, 10, tzinfo=UTC).timestamp())  # a Tuesday
HOUR, DAY = 3600, 86_400

HEAD = """\
rung 1
policy "drawn"
environment qa
environment eu
environment prod after any of { qa, eu }
person "ana" accounts "github:ana"
group leads { "ana", "bo", "chen" }
group owners { "bo", "dee" }
group staff from facts
evidence tests about build {
    passed: int, planned: int, coverage: percent, started: time, took: duration, ok: bool,
    kind: one of { unit, smoke }, tool: text, tags: set of text, levels: set of int,
    version: version, score: decimal, base: digest
}
evidence scan about artifact { critical: int }
evidence lint about commit { warnings: int }
evidence audit about release { passed: bool }
evidence load about environment { errors: percent }
parameter lowest: percent = 80%
maintenance "Tuesdays" on prod tue 10:00..12:00 in "UTC"
"""
PLAIN = "admit build -> eu\n"

ORDERS = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1), "==": (0,), "!=": (-1, 1)}
BASE = "sha256:" + "0b" * 32
NEIGHBOURS: dict[str, tuple[str, str, str]] = {
    "tests.passed": ("9", "10", "11"),
    "tests.passed + 1": ("10", "11", "12"),
    "2 * tests.passed": ("19", "20", "21"),
    "tests.passed - tests.planned": ("-1", "0", "1"),
    "tests.coverage": ("79.999999999%", "80%", "80.000000001%"),
    "tests.coverage + lowest": ("159.999999999%", "160%", "160.000000001%"),
    "tests.score": ("0.499999999", "0.5", "0.500000001"),
    "tests.score * 3": ("1.499999999", "1.5", "1.500000001"),
    "tests.took": ("1799s", "30m", "1801s"),
    "tests.took - 10m": ("1199s", "20m", "1201s"),
    "tests.started": (
        'time "2026-11-24T08:59:59Z"', 'time "2026-11-24T09:00:00Z"', 'time "2026-11-24T09:00:01Z"',
    ),
    "now - tests.started": ("3599s", "1h", "3601s"),
    "tests.started + tests.took": (
        'time "2026-11-24T09:29:59Z"', 'time "2026-11-24T09:30:00Z"', 'time "2026-11-24T09:30:01Z"',
    ),
    "tests.version": ('version "1.2.0-rc.1"', 'version "1.2.0"', 'version "1.2.1"'),
}  # fmt: skip
"""Of each quantity, the value just below the usual one, the usual one, and the one just above."""
NOW_NEIGHBOURS = {
    "now": ('time "2026-11-24T09:59:59Z"', 'time "2026-11-24T10:00:00Z"', 'time "2026-11-24T10:00:01Z"'),
    "release.version": ('version "1.0.9"', 'version "1.1.0"', 'version "1.1.1-0"'),
}

# Of a gate that needs `tests`; most hold of what is usual.
ON_TESTS = [
    "tests.ok",
    "not tests.ok",
    "tests.kind == unit",
    "tests.kind != smoke",
    "tests.kind in { smoke }",
    "tests.kind not in { smoke }",
    'tests.tool == "jest"',
    'tests.tool != "je"',
    'tests.tool in { "jest", "mocha" }',
    'tests.tool not in { "je" }',
    'tests.tool starts with "je"',
    'tests.tool starts with "jest"',
    'not tests.tool ends with "est"',
    'tests.tool ends with "st" or tests.tool ends with "t"',
    'tests.tags subset of { "a", "b" }',
    '{ "a" } subset of tests.tags',
    'tests.tags disjoint from { "c" }',
    'tests.tags == { "a" }',
    'tests.tags != { "a", "c" }',
    '"a" in tests.tags',
    '"c" not in tests.tags',
    "3 in tests.levels",
    "tests.levels subset of { 1, 3 }",
    f'tests.base == digest "{BASE}"',
    f'tests.base != digest "{BASE}"',
    "tests.passed > 0 implies tests.coverage >= 50%",
    "tests.passed == tests.planned",
]
# Of a route, an action, or a gate: what mostly holds, and what does not.
USUAL = [
    "strategy != atomic",
    "strategy in { rolling, canary }",
    "strategy not in { blue_green, atomic }",
    "lane == promote",
    "lane != rollback",
    "action == deploy",
    "action in { deploy, advance }",
    'service == "shop"',
    'service starts with "sh"',
    f'release.configuration == digest "sha256:{"f1" * 32}"',
    f'release.configuration != digest "{BASE}"',
    "at least 1 approval from leads",
    "at least 1 approval from anyone except authors",
    "at least 1 approval from { leads, staff } except owners",
    "at least 1 review from anyone except authors",
    "not at least 2 approvals from leads",
    'actor != "bo"',
    'actor in { "ana", "bo" }',
    "actor is not delegate",
    "healthy in qa for 24h",
    "healthy in qa",
    "healthy in source for 3d",
    "once healthy in qa for 2d",
    'provenance from "ci"',
    'provenance from { "ci", "cd" }',
    'not provenance from "cd"',
    "rollback plan",
    "automatic rollback",
    'configuration has { "URL" }',
    '"URL" in configuration_keys',
    'configuration_keys subset of { "URL", "KEY" }',
    "new flags off",
    "no drift in target",
    "no drift in qa",
    "no drift in source",
    "not no drift in source",
    "inside maintenance",
    "contains open hotfixes",
    "migrations compatible",
    "dependencies met",
]
SELDOM = [
    "strategy == canary",
    "at least 2 approvals from { leads, owners }",
    "at least 2 approvals from anyone",
    "at least 1 approval from leads except { authors, actor } no older than 2h",
    "at least 2 reviews from leads no older than 2h",
    "at least 1 approval from staff",
    "not at least 1 review from staff",
    "actor in staff",
    "actor not in authors",
    "actor not in approvers",
    "not actor in reviewers",
    "actor in owners",
    'actor == "ana"',
    "actor is person",
    "actor is machine",
    "healthy in target for 1h",
    "once healthy in prod for 2d",
    "not healthy in qa for 3d",
    "not automatic rollback",
    "lock held",
]
ANYWHERE = [*USUAL, *USUAL, *USUAL, *SELDOM]
BANS = [
    'freeze "F" on prod from 2026-11-24 10:00 to 2026-11-25 in "UTC"',
    'freeze "F" on prod from 2026-11-23 to 2026-11-24 10:00 in "UTC"',
    'freeze "F" on prod from 2026-11-20 to 2026-11-25 in "UTC" sparing hotfix, promote',
    'freeze "F" on prod from 2026-11-20 to 2026-11-25 in "Europe/Berlin" when {condition}',
    'window "W" on prod tue 11:00..12:00 in "Europe/Berlin"',
    'window "W" on prod tue 08:00..11:00 in "Europe/Berlin"',
    'window "W" on prod mon 22:00..11:30 in "Europe/Berlin" sparing hotfix',
    'window "W" on prod sat..sun 09:00..17:00, mon 22:00..11:00 in "Europe/Berlin" sparing promote',
    'deny "D" on prod when {condition}',
    'deny "D" on prod sparing promote when not ({condition})',
    "single rollout on prod sparing hotfix",
    "single rollout on prod",
    "parity {{ qa, prod }} on os",
    "parity {{ qa, eu, prod }} on os, disk sparing hotfix",
    'configuration on prod has {{ "URL" }}',
    'configuration on prod has {{ "URL", "KEY" }} sparing promote',
]
STRATEGIES = [
    "strategy rolling on prod { max unavailable 25% }",
    "strategy canary on prod { step 10% hold 1h { require {condition} } step 50% step 100% }",
    "strategy blue_green on prod { keep 2h }",
]
ACTS = ["advance prod", "switch prod", "expose prod"]
INTO_PROD = [
    "promote qa -> prod",
    "promote eu -> prod",
    "promote any of { qa, eu } -> prod",
    "promote all of { qa, eu } -> prod",
    "promote at least 2 of { qa, eu } -> prod",
]
FITTING: list[dict[str, Any]] = [
    {"kind": "rolling", "max_unavailable": "25%"},
    {"kind": "canary", "steps": ["10%", "50%", "100%"]},
    {"kind": "blue_green"},
]
OWES = "    owes review within 48h { require at least 1 approval from owners }\n"
WAIVER = 'waive {gate} on prod as "W-1" by "ana" {lasting} because "outage"'
LASTING = (
    "from 2026-11-20 until 2026-11-25",
    "from 2026-11-20 until 2026-11-24 10:00",
    "from 2026-11-24 10:00 until 2026-11-25",
)


FIELDS: dict[str, tuple[Any, ...]] = {
    "passed": (10, 9, 11),
    "planned": (10, 9, 11),
    "coverage": ("80%", "79.999999999%", "80.000000001%"),
    "started": ("2026-11-24T09:00:00Z", "2026-11-24T08:59:59Z", "2026-11-24T09:00:01Z"),
    "took": ("30m", "1799s", "1801s"),
    "ok": (True, False),
    "kind": ("unit", "smoke"),
    "tool": ("jest", "je", "test", "other"),
    "tags": (["a"], [], ["a", "c"], ["z"], ["a", "b"]),
    "levels": ([3], [], [1, 3], [2, 3]),
    "version": ("1.2.0", "1.1.9", "1.2.0-rc.1", "1.2.1", "2.0.0"),
    "score": (Decimal("0.5"), Decimal("0.499999999"), Decimal("0.500000001")),
    "base": (BASE, "sha256:" + "a1" * 32),
}
"""The fields of `tests`: what is usual, and what else there may be."""


def digest(short: str) -> str:
    return "sha256:" + (short * 64)[:64]


def commit(short: str) -> str:
    return (short * 40)[:40]


def instant(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().replace("+00:00", "Z")


class Draw:
    """Draws from a seeded source of numbers."""

    def __init__(self, numbers: Random, strange: float = 0.2) -> None:
        self.numbers = numbers
        self.strange = strange  # how often something is not as usual

    def anew(self) -> Draw:
        """The same source, for a part that is as usual or is not."""
        return Draw(self.numbers, self.one((0.0, 0.0, 0.05, 0.3)))

    def one(self, among: Sequence[Any]) -> Any:
        return among[int(self.numbers.random() * len(among))]

    def chance(self, share: float) -> bool:
        return self.numbers.random() < share

    def usually(self, usual: Any, *others: Any) -> Any:
        """The usual value most of the time."""
        return self.one(others) if self.chance(self.strange) else usual

    def some(self, among: Sequence[Any], most: int) -> list[Any]:
        return self.numbers.sample(list(among), self.numbers.randint(0, most))

    def near(self, second: int) -> str:
        """A second, or one of its neighbours, as a document has it."""
        return instant(second + self.usually(0, -1, 1))

    # -- conditions

    def quantity(self, among: dict[str, tuple[str, str, str]]) -> str:
        """A comparison that most of the time holds of the usual value."""
        left = self.one(list(among))
        symbol = self.one(list(ORDERS))
        side = self.one(
            ORDERS[symbol] if self.chance(0.8) else (-1, 0, 1)
        )  # of the usual value, seen from the bound
        return f"{left} {symbol} {among[left][1 - side]}"

    def atom(self, atoms: list[str]) -> str:
        if atoms is ON_TESTS and self.chance(0.6):
            return self.quantity(NEIGHBOURS)
        if atoms is not ON_TESTS and self.chance(0.08):
            return self.quantity(NOW_NEIGHBOURS)
        return str(self.one(atoms))

    def condition(self, atoms: list[str], depth: int = 2) -> str:
        if depth == 0 or self.chance(0.75):
            return self.atom(atoms)
        inner = [self.condition(atoms, depth - 1) for _ in range(2)]
        shape = self.one(("({0}) and ({1})", "({0}) or ({1})", "not ({0})", "({0}) implies ({1})"))
        return str(shape.format(*inner))


# ---------------------------------------------------------------- policies


def policy(numbers: Random) -> str:
    """The text of a policy."""
    draw = Draw(numbers)
    gates = [
        ("tested", "tests" + draw.one(("", " no older than 1h", " no older than 2h")), ON_TESTS),
        ("scanned", "scan no older than 1d", ["scan.critical == 0", "scan.critical < 3", *ANYWHERE]),
        ("clean", "lint", ["lint.warnings <= 5", "lint.warnings < 5"]),
        ("audited", "audit no older than 1d", ["audit.passed", "not audit.passed", *ANYWHERE]),
        ("calm", "load in " + draw.one(("target", "qa", "source")), ["load.errors < 1%"]),
        ("signed", "", ANYWHERE),
    ]
    text = HEAD
    for name, needs, atoms in gates:
        several = draw.one((3, 4, 5) if atoms is ON_TESTS else (1, 1, 2))
        lines = [f"    require {draw.condition(atoms)}" for _ in range(several)]
        text += f"gate {name} {{\n" + (f"    needs {needs}\n" if needs else "") + "\n".join(lines) + "\n}\n"
    names = [name for name, *_ in gates]
    text += PLAIN + _block("admit build -> qa", draw, names)
    for head in draw.numbers.sample(INTO_PROD, draw.one((1, 1, 2))):
        text += _block(head, draw, names)
    owes = OWES if draw.chance(0.3) else ""
    text += _block("hotfix qa -> prod", draw, names, owes)
    text += _block(f"rollback prod within {draw.one((1, 2))} releases", draw, names)
    for rule in draw.some(STRATEGIES, 3) if draw.chance(0.6) else ():
        text += rule.replace("{condition}", draw.condition(ANYWHERE)) + "\n"
    for head in ACTS if draw.chance(0.6) else ():
        text += _block(head, draw, names)
    for ban in draw.some(BANS, 1):
        text += ban.format(condition=draw.condition(ANYWHERE)) + "\n"
    if draw.chance(0.5):
        text += WAIVER.format(gate=draw.one(names), lasting=draw.one(LASTING)) + "\n"
    return text


def _block(head: str, draw: Draw, names: list[str], owes: str = "") -> str:
    """A way in, or on, with what it requires."""
    wanted = draw.some(names[1:], draw.one((1, 2))) + names[:1] * draw.chance(0.5)
    if draw.chance(0.2):  # a gate stands under no negation
        wanted.append(f"{draw.one(names)} or {draw.one(ANYWHERE)}")
    wanted += [draw.condition(ANYWHERE) for _ in range(draw.one((0, 0, 0, 1, 1, 2)))]
    if head.startswith("admit"):
        wanted = [each for each in wanted if "source" not in each][:1]
    return head + " {\n" + "".join(f"    require {each}\n" for each in wanted) + owes + "}\n"


# ---------------------------------------------------------------- requests


def request(numbers: Random, policy: str) -> dict[str, Any]:
    """A layer of a request that a policy can judge."""
    draw = Draw(numbers, numbers.choice((0.0, 0.05, 0.2)))
    actions = [
        each for each in ("advance", "switch", "expose") if each != "advance" or "strategy canary" in policy
    ]
    action = draw.one(actions) if "expose" in policy and draw.chance(0.25) else "deploy"
    lane = draw.one(("promote", "promote", "promote", "hotfix", "rollback", "admit"))
    if action != "deploy":
        lane = draw.one(("promote", "hotfix"))
    target = "qa" if lane == "admit" else "prod"
    proposal = {
        "action": action,
        "lane": lane,
        "target": target,
        "service": draw.usually("shop", "sh", "bank"),
        "strategy": draw.usually(
            draw.one([each for each in FITTING if f"strategy {each['kind']}" in policy] or FITTING),
            {"kind": "rolling"},
            {"kind": "rolling", "max_unavailable": "26%"},
            {"kind": "canary", "steps": ["10%", "100%"]},
            {"kind": "atomic"},
            {"kind": "blue_green"},
            None,
        ),
        "rollback": draw.usually(
            {"to": digest("b0"), "automatic": True}, {"to": digest("b0")}, {"to": digest("0e")}, None
        ),
        "actor": draw.one(
            (
                {"machine": "deployer"},
                {"machine": "deployer", "on_behalf_of": "bo"},
                {"machine": "deployer", "on_behalf_of": "github:ana"},
                {"machine": None, "person": "ana"},
                {"machine": None, "person": draw.usually("eve", "zoe")},
            )
        ),
        "configuration_keys": draw.usually(["URL", "KEY"], ["URL"], [], ["URL", "MORE"], None),
        "flags": draw.usually({}, {"new": "on"}, {"new": "off"}, {"old": "on"}),
        "release": {
            "version": draw.usually("1.1.0", "1.0.9", "1.1.1-0", None),
            "configuration": draw.usually(digest("f1"), digest("0b"), None),
            "artifacts": {"app": {"digest": digest("a1")}},
        },
        "migrations": draw.usually(None, {"directory": "migrations", "from": "1", "to": "2"}),
    }
    if lane in ("promote", "hotfix") and action == "deploy":
        proposal["from"] = draw.usually([], ["qa"], ["eu"], ["qa", "eu"])
    elif lane == "admit":
        proposal["from"] = draw.usually(["build"], [], ["qa"])
    release = {"digests": [digest("a1")], "configuration": proposal["release"]["configuration"]}
    if draw.chance(0.1):
        proposal["release"]["artifacts"]["web"] = {"digest": digest("a2")}
        release["digests"] = [digest("a1"), digest("a2")]
    facts = {
        "builds": _builds(draw.anew(), len(release["digests"])),
        "changes": _changes(draw.anew()),
        "evidence": _evidence(draw.anew(), target, release),
        "approvals": _words(
            draw.anew(), ("ana", "bo", "dee", "eve", "github:ana"), {**release, "target": target}
        ),
        "reviews": _words(draw.anew(), ("ana", "bo", "eve"), None),
        "history": {"events": _events(draw.anew(), lane, action, release)},
        "health": _health(draw.anew(), release),
        "people": {"persons": {"eve": {"groups": ["staff"]}, "bo": {"groups": draw.usually(["staff"], [])}}},
        "environments": _environments(draw.anew()),
    }
    if draw.chance(0.05):
        facts["people"] = None
    if draw.chance(0.7):
        facts["manifests"] = {
            "m": {"digests": release["digests"], "requires": [{"component": "db", "at_least": "1.0.0"}]}
        }
    return {"at": draw.anew().near(NOW), "proposal": proposal, "facts": facts}


def _builds(draw: Draw, artifacts: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"b{number}": {"digest": digest(f"a{number}"), "builder": draw.usually("ci", "cd", "other")}
        for number in range(1, artifacts + 1)
    }
    if draw.chance(0.05):
        found["b1 again"] = {"digest": digest("a1"), "commit": commit("c2")}
    if draw.chance(0.05):
        del found["b1"]
    return found


def _changes(draw: Draw) -> dict[str, Any]:
    authors = draw.one(([], ["chen"], ["eve"], ["ana"], ["bo", "github:ana"]))
    complete = draw.usually(True, True, False)
    contains = draw.usually([commit("c9")], [])
    return {
        "since": {"authors": authors, "complete": complete, "contains": contains},
        "all": {"authors": authors, "base": None},
        "second": {"authors": ["bo"], "head": commit("c2")},
    }


def _evidence(draw: Draw, target: str, release: dict[str, Any]) -> dict[str, Any]:
    fields = {name: usual for name, (usual, *_) in FIELDS.items()}
    for name in draw.numbers.sample(list(FIELDS), draw.one((0, 0, 1, 2, 4))):
        fields[name] = draw.one(FIELDS[name][1:])
    if draw.chance(0.02):
        fields["coverage"] = "high"
    found: dict[str, Any] = {
        "tests": {"about": {"build": "b1"}, "time": draw.near(NOW - HOUR // 2), "fields": fields},
        "scan": {
            "about": {"artifact": digest("a1")},
            "time": draw.near(draw.usually(NOW - HOUR, NOW - DAY)),
            "fields": {"critical": draw.usually(0, 2, 3)},
        },
        "lint": {"about": {"commit": commit("c1")}, "fields": {"warnings": draw.usually(4, 5, 6)}},
        "audit": {
            "about": dict(release),
            "time": draw.near(draw.usually(NOW - HOUR, NOW - DAY)),
            "fields": {"passed": draw.usually(True, False)},
        },
        "load": {
            "about": {"environment": target},
            "fields": {"errors": draw.usually("0.999999999%", "1%", "1.000000001%")},
        },
        "load in qa": {
            "type": "load",
            "about": {"environment": "qa", **draw.usually(release, {})},
            "time": instant(NOW - 2 * HOUR),
            "fields": {"errors": draw.usually("0.5%", "1%")},
        },
    }
    if draw.chance(0.15):
        found["tests"]["time"] = draw.near(NOW - draw.one((0, HOUR, 2 * HOUR)))
    if draw.chance(0.1):  # another record, earlier or at once
        again = {**found["tests"], "type": "tests", "fields": {**fields, "passed": 9, "ok": False}}
        found["tests again"] = {**again, "time": draw.one((again["time"], instant(NOW - 3 * HOUR)))}
    if draw.chance(0.7):
        found["scan of 2"] = {**found["scan"], "type": "scan", "about": {"artifact": digest("a2")}}
        found["tests of 2"] = {**found["tests"], "type": "tests", "about": {"build": "b2"}}
    for name in list(found):
        if draw.chance(0.03):
            del found[name]
    return found


def _words(draw: Draw, who: tuple[str, ...], target: dict[str, Any] | None) -> dict[str, Any]:
    """What persons said of the release for a target, or of its change."""
    found: dict[str, Any] = {}
    said = draw.numbers.sample(who, draw.one((0, 1, 2, 2, 3, 3))) + draw.some(("nobody",), 1) * draw.chance(
        0.1
    )
    for number, by in enumerate([*said, *(said[:1] if draw.chance(0.1) else ())]):
        word: dict[str, Any] = {
            "by": by,
            "time": draw.near(NOW - draw.one((HOUR, HOUR, 2 * HOUR, 0))),
            "verdict": draw.usually("approved", "rejected"),
        }
        if target is not None:
            gate = draw.usually(None, "signed", "scanned")
            word["about"] = {**target, **({"gate": gate} if gate else {})}
        found[str(number)] = word
    return found


def _events(draw: Draw, lane: str, action: str, release: dict[str, Any]) -> dict[str, Any]:
    """What entered before: the release in qa and eu, another in prod, and perhaps the release itself."""
    mine = {**release, "started": instant(NOW - 5 * DAY), "finished": instant(NOW - 4 * DAY)}
    old = {"digests": [digest("b0")], "configuration": digest("f0"), "commit": commit("c0")}
    facets = {"os": "1", "disk": "1"}
    found: dict[str, Any] = {"qa": {**mine, "environment": "qa", "lane": "admit", "facets": facets}}
    if draw.chance(0.9):
        found["eu"] = {
            **mine,
            "environment": "eu",
            "lane": "admit",
            "facets": {**facets, "os": draw.usually("1", "2")},
        }
    if draw.chance(0.05):
        del found["qa"]
    begun = {"environment": "prod", "started": instant(NOW - 20 * DAY)}
    if lane == "rollback" and draw.chance(0.9):
        found["prod 0"] = {**begun, **release, "finished": instant(NOW - 18 * DAY)}
        if draw.chance(0.3):
            later = {"digests": [digest("b7")], "commit": commit("c7"), "finished": instant(NOW - 17 * DAY)}
            found["prod 1"] = {**begun, **later}
    if draw.chance(0.85):
        found["prod 2"] = {**begun, **old, "finished": instant(NOW - 14 * DAY)}
    if draw.chance(0.15):
        fix = {**old, "digests": [digest("b9")], "commit": commit("c9"), "lane": "hotfix"}
        started = instant(NOW - 3 * DAY)
        found["fix"] = {
            **begun,
            **fix,
            "started": started,
            "finished": draw.near(NOW - draw.one((2 * DAY, DAY))),
        }
    if draw.chance(0.1):
        switched = {**begun, **old, "started": instant(NOW - 3 * HOUR), "strategy": "blue_green"}
        found["switched"] = {**switched, "finished": draw.near(NOW - 2 * HOUR)}
    if action == "expose" and draw.chance(0.9):
        found["exposed"] = {
            **begun,
            **release,
            "lane": draw.usually(lane, "hotfix"),
            "finished": instant(NOW - DAY),
        }
    if action in ("advance", "switch") or draw.chance(0.08):
        share = draw.usually("10%", "50%", "0%") if action == "advance" else draw.usually("0%", "10%")
        rollout = {**begun, **release, "share": share, "lane": draw.usually(lane, "hotfix")}
        found["rollout"] = {**rollout, "started": instant(NOW - HOUR - 60), "finished": draw.near(NOW - HOUR)}
    if draw.chance(0.05):
        busy = {**begun, **old, "started": instant(NOW - 60)}
        failed = {"finished": instant(NOW - 30), "outcome": "failed"}
        found["begun"] = {**busy, **draw.one((failed, {"finished": None, "outcome": "in_progress"}))}
    return found


def _health(draw: Draw, release: dict[str, Any]) -> dict[str, Any]:
    seen = NOW - draw.usually(120, 299, 300, 301)
    lasted = max(0, draw.usually(3, 3, 3, 2, 2, 1, 0) * DAY + draw.usually(0, -1, 1))
    found = {
        place: {
            **release,
            "environment": place,
            "from": instant(seen - lasted),
            "observed_until": instant(seen),
            "status": "unhealthy" if draw.chance(0.03) else "healthy",
        }
        for place in ("qa", "eu")
    }
    earlier = NOW - 18 * DAY
    found["prod"] = {
        **release,
        "environment": "prod",
        "from": instant(earlier),
        "observed_until": instant(earlier + draw.usually(2 * DAY, 2 * DAY - 1, 2 * DAY + 1)),
    }
    if draw.chance(0.5):
        found["prod lately"] = {
            **found["prod"],
            "from": instant(NOW - HOUR),
            "observed_until": instant(NOW - 60),
        }
    if draw.chance(0.06):
        found["qa was bad"] = {**found["qa"], "from": instant(NOW - 4 * DAY), "status": "unhealthy"}
        found["qa was bad"]["observed_until"] = instant(seen - draw.one((DAY, 2 * DAY)))
    return found


def _environments(draw: Draw) -> dict[str, Any]:
    read = instant(NOW - draw.usually(60, 299, 300, 301))
    locks = [{"name": holder, "holder": holder} for holder in draw.some(("deployer", "bo", "github:ana"), 3)]
    found: dict[str, Any] = {
        place: {
            "read": read,
            "drift": draw.usually(False, True, None),
            "facets": {"os": draw.usually("1", "2"), "disk": "1"},
            "flags": {"old": "on"},
            "locks": locks,
            "components": draw.usually({"db": "1.0.0"}, {"db": "0.9.9"}, {}),
        }
        for place in ("qa", "prod", "eu")
    }
    if draw.chance(0.05):
        del found[draw.one(tuple(found))]
    return found
