"""Checks what no single value shows: records that contradict themselves, or each other."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rung.inputs.facts import Event, Facts, Person
from rung.inputs.shown import shown


class Place(NamedTuple):
    """A path within one of several facts."""

    part: int
    path: tuple[str | int, ...]


class Contradiction(NamedTuple):
    """What cannot be, and where; `other` is the place of what it contradicts, unless that is itself."""

    place: Place
    problem: str
    other: Place | None = None


def contradictions(parts: Sequence[Facts]) -> Iterator[Contradiction]:
    """Every contradiction within and between the facts of several documents."""
    for index, facts in enumerate(parts):
        yield from _impossible_records(index, facts)
    yield from _environments_read_twice(parts)
    yield from _people_mistaken(parts)


def _impossible_records(part: int, facts: Facts) -> Iterator[Contradiction]:
    for index, interval in enumerate(facts.health):
        if interval.observed_until < interval.from_:
            place = Place(part, ("health", index, "observed_until"))
            yield Contradiction(place, "the interval ends before it begins")
    for index, event in enumerate(facts.history.events if facts.history else ()):
        problem = _impossible_event(event)
        if problem:
            yield Contradiction(Place(part, ("history", "events", index, problem[0])), problem[1])


def _impossible_event(event: Event) -> tuple[str, str] | None:
    """The field at fault and what is wrong."""
    if event.outcome == "in_progress":
        return ("finished", "what is in progress has not finished") if event.finished is not None else None
    if event.finished is None:
        return "outcome", f"what has {event.outcome} must say when it `finished`"
    if event.finished < event.started:
        return "finished", "the deployment finished before it started"
    return None


def _environments_read_twice(parts: Sequence[Facts]) -> Iterator[Contradiction]:
    first: dict[str, Place] = {}
    for part, facts in enumerate(parts):
        for index, environment in enumerate(facts.environments):
            place = Place(part, ("environments", index, "name"))
            other = first.setdefault(environment.name, place)
            if other is not place:
                yield Contradiction(
                    place, f"the environment {shown(environment.name)} is described twice", other
                )


def _people_mistaken(parts: Sequence[Facts]) -> Iterator[Contradiction]:
    """One person is listed once, and each account, and each id used as one, means one person."""
    persons = [
        (Place(part, ("people", "persons", index)), person)
        for part, facts in enumerate(parts)
        for index, person in enumerate(facts.people.persons if facts.people else ())
    ]
    first: dict[str, tuple[Place, Person]] = {}
    for place, person in persons:
        at_id = Place(place.part, (*place.path, "id"))
        other, _ = first.setdefault(person.id, (at_id, person))
        if other is not at_id:
            yield Contradiction(at_id, f"the person {shown(person.id)} is listed twice", other)
    for place, person in persons:
        for index, account in enumerate(person.accounts):
            at_account = Place(place.part, (*place.path, "accounts", index))
            other, owner = first.setdefault(account, (at_account, person))
            if owner.id != person.id:
                problem = f"{shown(account)} also means the person {shown(owner.id)}"
                yield Contradiction(at_account, problem, other)
