"""Requests for the twelve conditions: one that is allowed, and random departures from it, as plain data."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

AT = "2026-11-24T10:00:00Z"
DIGEST, CONFIGURATION, OLD = ("sha256:" + pair * 32 for pair in ("9f", "77", "e0"))
COMMIT, BASE = "ab12" * 10, "90fe" * 10
BUILDER = "https://ci.example.com/release@v2"
Request = dict[str, Any]


def allowed() -> Request:
    """A request that fulfils all twelve conditions."""
    release = {"digests": [DIGEST], "configuration": CONFIGURATION}
    approval = {"verdict": "approved", "about": {**release, "target": "prod"}, "source": "desk"}
    people = [
        ("ana@example.com", "github:ana"),
        ("bo@example.com", "github:bo"),
        ("dee@example.com", "git:dee"),
    ]
    return {
        "schema": "rung.request/1",
        "proposal": {
            "service": "payments-api", "lane": "promote", "from": ["staging"], "target": "prod",
            "release": {
                "version": "4.12.0", "configuration": CONFIGURATION,
                "artifacts": {"api": {"kind": "oci", "digest": DIGEST}},
            },
            "strategy": {"kind": "canary", "steps": ["5%", "50%", "100%"]},
            "rollback": {"to": [OLD], "automatic": True},
            "actor": {"machine": "ci:release"},
            "configuration_keys": ["DATABASE_URL", "SMTP_URL", "LOG_LEVEL"],
        },
        "facts": {
            "builds": [{
                "digest": DIGEST, "commit": COMMIT, "builder": BUILDER, "invocation": "ci:881/1",
                "finished": "2026-11-22T09:12:00Z", "source": "provenance",
            }],
            "changes": [{
                "base": BASE, "head": COMMIT, "complete": True, "authors": ["git:dee"], "coauthors": [],
                "contains": [BASE, COMMIT], "source": "git",
            }],
            "evidence": [
                {
                    "type": "unit_tests", "about": {"build": "ci:881/1"}, "time": "2026-11-22T09:10:00Z",
                    "fields": {"passed": 812, "failed": 0, "coverage": "83.4%"}, "source": "junit",
                },
                {
                    "type": "vulnerability_scan", "about": {"artifact": DIGEST},
                    "time": "2026-11-22T09:20:00Z", "fields": {"critical": 0, "high": 2}, "source": "scanner",
                },
            ],
            "approvals": [
                {**approval, "by": "github:ana", "time": "2026-11-23T08:55:00Z"},
                {**approval, "by": "github:bo", "time": "2026-11-24T07:40:00Z"},
            ],
            "history": {
                "complete_since": "2026-08-01T00:00:00Z", "source": "log",
                "events": [
                    {
                        "environment": "prod", "digests": [OLD], "commit": BASE, "lane": "promote",
                        "started": "2026-11-16T10:00:00Z", "finished": "2026-11-16T10:20:00Z",
                        "outcome": "succeeded",
                    },
                    {
                        "environment": "staging", **release, "commit": COMMIT, "lane": "promote",
                        "started": "2026-11-22T09:28:00Z", "finished": "2026-11-22T09:30:00Z",
                        "outcome": "succeeded",
                    },
                ],
            },
            "health": [{
                "environment": "staging", "digests": [DIGEST], "status": "healthy",
                "from": "2026-11-22T09:35:00Z", "observed_until": "2026-11-24T09:58:00Z", "source": "monitor",
            }],
            "people": {
                "source": "directory",
                "persons": [{"id": id, "accounts": [account], "groups": []} for id, account in people],
            },
        },
    }  # fmt: skip


Change = Callable[[Request, random.Random], None]


def _field(record: int, field: str, values: list[Any]) -> Change:
    def change(request: Request, chance: random.Random) -> None:
        request["facts"]["evidence"][record]["fields"][field] = chance.choice(values)

    return change


def _proposal(field: str, values: list[Any]) -> Change:
    def change(request: Request, chance: random.Random) -> None:
        request["proposal"][field] = chance.choice(values)

    return change


def _drop(*path: str) -> Change:
    def change(request: Request, chance: random.Random) -> None:
        records = request
        for key in path:
            records = records[key]
        if records:
            records.pop(chance.randrange(len(records)))  # type: ignore[call-arg]  # a list of records

    return change


def _set(values: list[Any], *path: Any) -> Change:
    def change(request: Request, chance: random.Random) -> None:
        place: Any = request
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = chance.choice(values)

    return change


def _unhealthy(request: Request, chance: random.Random) -> None:
    """What was observed as healthy, observed as unhealthy for a time as well."""
    [seen] = request["facts"]["health"][:1] or [{}]
    if seen:
        times = chance.choice([("2026-11-22T12:00:00Z", "2026-11-22T12:30:00Z"), (AT, AT)])
        unhealthy = {**seen, "status": "unhealthy", "from": times[0], "observed_until": times[1]}
        request["facts"]["health"].append(unhealthy)


CHANGES: list[Change] = [
    _unhealthy,
    _field(0, "coverage", ["a lot", "85", "85.0%"]),
    _field(1, "high", ["2", 3]),
    _set([None, "10%", "100%"], "facts", "history", "events", 1, "share"),
    _field(0, "failed", [0, 1, 7]),
    _field(0, "coverage", ["79.9%", "80%", "80.1%", "12%"]),
    _field(1, "critical", [0, 1]),
    _proposal("strategy", [None, {"kind": "rolling"}, {"kind": "blue_green"}, {"kind": "atomic"}]),
    _proposal("rollback", [None, {"to": [DIGEST]}, {"to": [OLD]}]),
    _proposal("configuration_keys", [None, [], ["DATABASE_URL"], ["SMTP_URL", "DATABASE_URL"]]),
    _set(
        ["2026-11-21T10:00:00Z", "2026-11-21T10:00:01Z", "2026-11-24T08:00:00Z"],
        "facts",
        "approvals",
        0,
        "time",
    ),
    _set(["rejected", "approved"], "facts", "approvals", 1, "verdict"),
    _set(["github:ana", "git:dee", "github:bo"], "facts", "approvals", 0, "by"),
    _set(["git:dee", "github:ana"], "facts", "changes", 0, "authors", 0),
    _set([True, False], "facts", "changes", 0, "complete"),
    _set([BUILDER, "https://laptop.example.com"], "facts", "builds", 0, "builder"),
    _set(["2026-11-23T09:58:00Z", "2026-11-23T09:58:01Z"], "facts", "health", 0, "from"),
    _set(["2026-11-24T09:55:00Z", "2026-11-24T09:55:01Z"], "facts", "health", 0, "observed_until"),
    _set(["2026-11-17T10:00:00Z", "2026-11-17T10:00:01Z"], "facts", "evidence", 0, "time"),
    _drop("facts", "approvals"),
    _drop("facts", "builds"),
    _drop("facts", "changes"),
    _drop("facts", "health"),
]
TIMES = [AT, AT, AT, AT, "2026-11-27T10:00:00Z", "2026-12-20T10:00:00Z"]


def varied(count: int, seed: int = 1) -> list[tuple[Request, str]]:
    """Requests with up to three changes each, and the time at which each is decided; the first is allowed."""
    chance = random.Random(seed)
    found = [(allowed(), AT)]
    while len(found) < count:
        request = copy.deepcopy(allowed())
        for change in chance.sample(CHANGES, chance.randint(0, 3)):
            try:
                change(request, chance)
            except IndexError:
                continue  # what was to be changed has been dropped
        if request["proposal"].get("strategy", 0) is None:
            del request["proposal"]["strategy"]
        for optional in ("rollback", "configuration_keys"):
            if request["proposal"].get(optional, 0) is None:
                del request["proposal"][optional]
        found.append((request, chance.choice(TIMES)))
    return found
