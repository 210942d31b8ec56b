"""What documents rarely have, as departures from the allowed request: long histories, ties, shared accounts.

Rung and the rules by hand are held against each other on these, untimed: what is timed has to do the
same work. The languages of the peers cannot find all of it.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator

from benchmarks.decide.requests import AT, BASE, COMMIT, CONFIGURATION, DIGEST, OLD, Request, allowed

ANOTHER = "sha256:" + "5a" * 32
TIMES = [
    "2026-11-16T10:20:00Z", "2026-11-21T00:00:00Z", "2026-11-22T09:28:00Z", "2026-11-22T09:30:00Z",
    "2026-11-22T12:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T09:58:00Z", AT,
]  # fmt: skip


def _event(request: Request, chance: random.Random) -> None:
    """Another event: of a rollout, a rollback, one that failed, at the same time as another."""
    started, finished = sorted(chance.choices(TIMES, k=2))
    event = {
        "environment": chance.choice(["staging", "staging", "prod"]),
        "digests": [chance.choice([DIGEST, OLD])],
        "configuration": chance.choice([CONFIGURATION, CONFIGURATION, None]),
        "commit": COMMIT,
        "lane": chance.choice(["promote", "rollback", "hotfix"]),
        "action": chance.choice(["deploy", "deploy", "deploy", "expose", "advance"]),
        "share": chance.choice([None, None, "0%", "10%", "100%"]),
        "started": started,
        "finished": finished,
        "outcome": chance.choice(["succeeded", "succeeded", "succeeded", "failed"]),
    }
    request["facts"]["history"]["events"].insert(chance.randrange(3), event)


def _health(request: Request, chance: random.Random) -> None:
    begin, end = sorted(chance.choices(TIMES, k=2))
    seen = {
        "environment": "staging",
        "digests": [DIGEST],
        "configuration": chance.choice([None, CONFIGURATION]),
        "status": chance.choice(["healthy", "healthy", "unhealthy"]),
        "from": begin,
        "observed_until": end,
        "source": "monitor",
    }
    request["facts"]["health"].append(seen)


def _reading(request: Request, chance: random.Random) -> None:
    """What was read of an environment, which its history may not say."""
    running = chance.choice([[DIGEST], [OLD], [DIGEST, OLD], []])
    name = chance.choice(["staging", "prod"])
    request["facts"]["environments"] = [{"name": name, "read": chance.choice(TIMES), "running": running}]


def _two_artifacts(request: Request, chance: random.Random) -> None:
    """A release of two artifacts, from one build or two, if the second is known."""
    facts = request["facts"]
    request["proposal"]["release"]["artifacts"]["web"] = {"kind": "oci", "digest": ANOTHER}
    for event in facts["history"]["events"]:
        event["digests"] = [DIGEST, ANOTHER] if event["digests"] == [DIGEST] else event["digests"]
    for each in (*facts["health"], *(approval["about"] for approval in facts["approvals"])):
        each["digests"] = [DIGEST, ANOTHER]
    [build] = facts["builds"]
    if chance.random() < 0.8:
        invocation = chance.choice(["ci:881/1", "ci:881/2"])
        facts["builds"].append({**build, "digest": ANOTHER, "invocation": invocation})
    tests, scan = facts["evidence"][0], facts["evidence"][-1]
    facts["evidence"] += [{**scan, "about": {"artifact": ANOTHER}}, {**tests, "about": {"build": "ci:881/2"}}]


def _another_record(request: Request, chance: random.Random) -> None:
    """A second record about the same, often of the same time."""
    records = request["facts"]["evidence"]
    record = copy.deepcopy(chance.choice(records))
    for name in record["fields"]:
        if chance.random() < 0.4:
            record["fields"][name] = chance.choice([0, 1, "2", "85%", "20%"])
    if chance.random() < 0.5:
        record["time"] = chance.choice(TIMES)
    records.insert(chance.randrange(2), record)


def _other_id(request: Request, chance: random.Random) -> None:
    """A manager whom the directory knows by another id than the policy."""
    person = chance.choice(request["facts"]["people"]["persons"])
    person["accounts"] = [*person["accounts"], person["id"]]
    person["id"] = "p:" + person["id"]


def _one_person(request: Request, chance: random.Random) -> None:
    """Two managers who are one person."""
    first, second, *others = request["facts"]["people"]["persons"]
    accounts = [*second["accounts"], first["id"], *first["accounts"]]
    request["facts"]["people"]["persons"] = [{**second, "accounts": accounts}, *others]


def _source(request: Request, chance: random.Random) -> None:
    request["proposal"]["from"] = chance.choice([[], ["dev"], ["staging", "dev"]])


def _another_word(request: Request, chance: random.Random) -> None:
    """Another verdict, perhaps on a gate alone, or of somebody whom nobody knows."""
    approval = copy.deepcopy(chance.choice(request["facts"]["approvals"]))
    approval["verdict"] = chance.choice(["approved", "rejected"])
    approval["by"] = chance.choice(["github:ana", "github:bo", "git:dee", "ana@example.com", "nobody"])
    if chance.random() < 0.4:
        approval["about"]["gate"] = "covered"
    if chance.random() < 0.5:
        approval["time"] = chance.choice(TIMES)
    request["facts"]["approvals"].append(approval)


def _coauthor(request: Request, chance: random.Random) -> None:
    [change] = request["facts"]["changes"]
    change["coauthors"] = [chance.choice(["ghost", "github:bo", "bo@example.com", "git:dee"])]


def _base(request: Request, chance: random.Random) -> None:
    request["facts"]["history"]["events"][0]["commit"] = chance.choice([None, COMMIT, BASE])


def _complete_since(request: Request, chance: random.Random) -> None:
    request["facts"]["history"]["complete_since"] = chance.choice(TIMES)


DEPARTURES = (
    _event, _event, _health, _health, _reading, _two_artifacts, _another_record, _other_id, _one_person,
    _source, _another_word, _coauthor, _base, _complete_since,
)  # fmt: skip
ONCE = (_two_artifacts, _one_person, _other_id)  # they look for what the others leave as it was


def rarer(count: int, seed: int = 1) -> Iterator[tuple[Request, str]]:
    """Requests with one to three departures each, and the time at which each is decided."""
    chance = random.Random(seed)
    for _ in range(count):
        request = copy.deepcopy(allowed())
        chosen = chance.sample(DEPARTURES, chance.randint(1, 3))
        for depart in sorted(chosen, key=lambda each: each not in ONCE):
            depart(request, chance)
        yield request, AT
