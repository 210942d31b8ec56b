"""Changes requests of the corpus as the world might: facts missing, doubled, moved in time, or other.

What comes out is always well-formed, and nothing is promised of its verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from rung.inputs.facts import Facts, History, People
from rung.inputs.record import Record

MONTH = 31 * 86_400
LISTS = ("builds", "changes", "evidence", "reviews", "approvals", "health", "environments", "manifests")
TIMES = frozenset({"time", "from_", "observed_until", "started", "finished", "read"})
PERSONS = ("ana", "bo", "github:ana", "github:nobody")
PLACES = ("dev", "qa", "staging", "prod", "eu", "us")
WORDS: dict[str, Sequence[object]] = {
    "by": PERSONS,
    "environment": PLACES,
    "name": PLACES,
    "status": ("healthy", "unhealthy"),
    "verdict": ("approved", "rejected"),
    "lane": ("promote", "hotfix", "rollback", "admit"),
    "outcome": ("succeeded", "failed"),
    "action": ("deploy", "expose"),
    "complete": (True, False),
    "commit": ("c1" * 20, "e1" * 20, "abcdef0"),
    "head": ("c1" * 20, "e1" * 20),
    "base": ("c0" * 20, None),
    "authors": ((), ("ana",), ("github:nobody",)),
    "configuration": ("sha256:" + "f1" * 32, None),
    "builder": ("ci", "elsewhere"),
    "drift": (True, False, None),
}

Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def changed_facts(draw: Draw, facts: Facts, at: int) -> Facts:
    """The facts after one to four changes."""
    for _ in range(draw(st.integers(1, 4))):
        facts = _changed(draw, facts, at)
    return facts


def _changed(draw: Draw, facts: Facts, at: int) -> Facts:
    choices = [name for name in LISTS if getattr(facts, name)]
    choices += ["history"] if facts.history is not None else []
    choices += ["people"] if facts.people is not None else []
    if not choices:
        return facts
    name = draw(st.sampled_from(choices))
    if name == "history":
        return facts.replace(history=_changed_history(draw, facts.history, at))
    if name == "people":
        return facts.replace(people=_changed_people(draw, facts.people))
    changed = _changed_list(draw, getattr(facts, name), at)
    if name == "environments":  # an environment is described once
        changed = tuple({each.name: each for each in changed}.values())
    return facts.replace(**{name: changed})


def _changed_history(draw: Draw, history: History | None, at: int) -> History | None:
    assert history is not None
    kind = draw(st.sampled_from(["event", "event", "event", "since", "none"]))
    if kind == "none":
        return None
    if kind == "since" or not history.events:
        return history.replace(complete_since=at + draw(st.integers(-MONTH, MONTH)))
    return history.replace(events=_changed_list(draw, history.events, at))


def _changed_people(draw: Draw, people: People | None) -> People | None:
    assert people is not None
    if not people.persons or draw(st.booleans()):
        return None
    index = draw(st.integers(0, len(people.persons) - 1))
    return people.replace(persons=people.persons[:index] + people.persons[index + 1 :])


def _changed_list(draw: Draw, records: Sequence[Record], at: int) -> tuple[Record, ...]:
    """One record less, twice, elsewhere in the list, or other than it was."""
    index = draw(st.integers(0, len(records) - 1))
    record = records[index]
    others = (*records[:index], *records[index + 1 :])
    match draw(st.sampled_from(["drop", "move", "alter", "alter", "add"])):
        case "drop":
            return others
        case "move":
            return (record, *others)
        case "alter":
            return (*others, _altered(draw, record, at))
        case _:
            return (*records, _altered(draw, record, at))


def _altered(draw: Draw, record: Record, at: int) -> Record:
    names = [name for name in record.field_names if name in TIMES or name in WORDS]
    name = draw(st.sampled_from(names)) if names else None
    if name is None:
        return record
    if name in WORDS:
        return _consistent(record.replace(**{name: draw(st.sampled_from(WORDS[name]))}))
    moment = at + draw(st.one_of(st.integers(-3, 3), st.integers(-MONTH, MONTH)))
    return _consistent(record.replace(**{name: moment}))


def _consistent(record: Record) -> Record:
    """The record without what no observation could be: an end before its beginning, or none at all."""
    values = vars(record)
    if "observed_until" in values:
        return record.replace(observed_until=max(values["from_"], values["observed_until"]))
    if "outcome" in values:
        finished = values["finished"]
        return record.replace(finished=max(values["started"], finished or values["started"]))
    return record
