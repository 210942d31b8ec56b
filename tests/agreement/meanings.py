"""Defines what properties mean of a history that was made, without anything of the prover or the evaluator.

A history is a log of who entered where, and of what was seen healthy or not. Of each property there is a
function that says whether an entry, or a state, breaks it; `Facts` are what was known throughout.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal, NamedTuple

from tests.generators.small import AUTHORS, COMMITS, GROUPS, Route, Signed, Small, Tested

Kind = Literal["person", "machine", "delegate"]


class Actor(NamedTuple):
    """Who acts; a machine may do so for nobody."""

    kind: Kind
    person: str | None


@dataclass(frozen=True)
class Facts:
    """What is known of each release: how many tests its build passed, who approved it for the last place."""

    passed: dict[int, int]
    approved: dict[int, frozenset[str]]
    contains: frozenset[tuple[int, int]]  # the second is contained in the first


class Entered(NamedTuple):
    at: int
    release: int
    target: str
    lane: str
    actor: Actor


class Seen(NamedTuple):
    at: int
    place: str
    healthy: bool


@dataclass(frozen=True)
class Log:
    """What happened, in order."""

    steps: tuple[Entered | Seen, ...] = ()
    # Computed: what ran in each place, in order, each with what was seen of it.
    stays: dict[str, tuple[tuple[int, str, tuple[bool, ...]], ...]] = field(default_factory=dict)

    def then(self, step: Entered | Seen) -> Log:
        stays = dict(self.stays)
        if isinstance(step, Entered):
            stays[step.target] = (*stays.get(step.target, ()), (step.release, step.lane, ()))
        else:
            *others, (release, lane, seen) = stays[step.place]
            told = seen if seen[-1:] == (step.healthy,) else (*seen, step.healthy)
            stays[step.place] = (*others, (release, lane, told))
        return Log((*self.steps, step), stays)

    def running(self, place: str) -> int | None:
        stays = self.stays.get(place, ())
        return stays[-1][0] if stays else None

    def was(self, release: int, place: str) -> bool:
        return any(each == release for each, _, _ in self.stays.get(place, ()))

    def earned(self, release: int, place: str) -> bool:
        """Whether it was ever seen healthy there."""
        return any(each == release and True in seen for each, _, seen in self.stays.get(place, ()))

    def candidates(self, place: str, within: int) -> set[int]:
        """What may be gone back to: it was healthy there, and neither unhealthy nor rolled back since."""
        stays = self.stays.get(place, ())
        running = self.running(place)
        others = list(dict.fromkeys(each for each, _, _ in reversed(stays) if each != running))[:within]
        return {each for each in others if self._good(each, place)}

    def _good(self, release: int, place: str) -> bool:
        good, stays = False, self.stays.get(place, ())
        for index, (each, _, seen) in enumerate(stays):
            if each == release:
                for healthy in seen:
                    good = healthy
                replaced_by = stays[index + 1] if index + 1 < len(stays) else None
                if replaced_by is not None and replaced_by[1] == "rollback" and replaced_by[0] != release:
                    good = False
        return good


class Known(NamedTuple):
    """A small policy, what is known of its releases, and the history before an entry or of a state."""

    small: Small
    facts: Facts
    log: Log

    def holds(self, name: str, release: int, target: str) -> bool:
        """Whether a gate holds by itself."""
        gate = self.small.gate(name)
        if isinstance(gate, Tested):
            return all(each >= gate.least for each in self.records(release)) and bool(self.records(release))
        return len(self.counted(gate, release, target)) >= gate.count

    def records(self, release: int) -> list[int]:
        """What the records say that count for a release."""
        if self.small.about == "build":
            return [self.facts.passed[release]] if release in self.facts.passed else []
        return [passed for each, passed in self.facts.passed.items() if COMMITS[each] == COMMITS[release]]

    def counted(self, gate: Signed, release: int, target: str) -> set[str]:
        approved = self.facts.approved.get(release, frozenset()) if target == self.small.last else frozenset()
        excluded = self.authors(release, target) if gate.spares_authors else set()
        return {each for each in approved if each in GROUPS[gate.group] and each not in excluded}

    def authors(self, release: int, target: str) -> set[str]:
        """Who wrote what is new to the target."""
        runs = self.log.running(target)
        if runs is not None and COMMITS[runs] == COMMITS[release]:
            return set()
        return {AUTHORS[COMMITS[release]]}

    def waived(self, name: str, target: str, at: int) -> bool:
        return any(each.gate == name and each.place == target and each.at(at) for each in self.small.waivers)

    def by(self, entry: Entered) -> list[Route]:
        """The routes that an entry may have come by."""
        return [each for each in self.small.routes if (each.lane, each.target) == (entry.lane, entry.target)]


Broken = Callable[[Known, Entered], bool]


# ---------------------------------------------------------------- of entries


def skips(known: Known, entry: Entered, spared: tuple[str, ...] = ()) -> bool:
    after = known.small.environments[entry.target]
    if after is None or entry.lane in (*spared, "rollback"):
        return False
    return sum(known.log.earned(entry.release, name) for name in after.names) < after.count


def one_person(known: Known, entry: Entered, roles: tuple[str, ...]) -> bool:
    if entry.target != known.small.last or entry.lane == "rollback":
        return False
    # The history does not say by which of several routes it came.
    return all(_one_person(known, entry, route, roles) for route in known.by(entry))


def _one_person(known: Known, entry: Entered, route: Route, roles: tuple[str, ...]) -> bool:
    approvers: set[str | None] = set()
    for name in route.gates:
        gate = known.small.gate(name)
        if isinstance(gate, Signed):
            approvers |= known.counted(gate, entry.release, entry.target)
    persons: dict[str, set[str | None]] = {
        "author": set(known.authors(entry.release, entry.target)),
        "approver": approvers or {None},
        "deployer": {entry.actor.person} if entry.actor.person else set(),
    }
    for first, second in combinations(roles, 2):
        if (
            "approver" in (first, second)
            and None in persons["approver"]
            and (persons[first] and persons[second])
        ):
            return True
        if persons[first] & persons[second]:
            return True
    return False


def lacks_gate(known: Known, entry: Entered, gate: str) -> bool:
    if entry.target != known.small.last or entry.lane == "rollback":
        return False
    waived = known.waived(gate, entry.target, entry.at)
    return not (waived or known.holds(gate, entry.release, entry.target))


def rides(known: Known, entry: Entered) -> bool:
    """It enters on tests, of which none are of its own build."""
    if known.small.about == "build" or entry.release in known.facts.passed:
        return False
    for route in known.by(entry):
        tested = [each for each in route.gates if isinstance(known.small.gate(each), Tested)]
        if not any(not known.waived(each, entry.target, entry.at) for each in tested):
            return False
    return True


def looser(known: Known, entry: Entered) -> bool:
    """It enters on tests with which it could enter nothing before that also asks for tests."""
    small = known.small

    def asks(route: Route) -> list[Tested]:
        found = [small.gate(each) for each in route.gates]
        return [each for each in found if isinstance(each, Tested)]

    if any(not asks(route) for route in known.by(entry)) or small.waivers:
        return False
    for place in _before(small, entry.target):
        into = [asks(each) for each in small.routes if each.target == place and asks(each)]
        for passed in known.records(entry.release) if into else ():
            if not any(all(passed >= gate.least for gate in gates) for gates in into):
                return True
    return False


def _before(small: Small, place: str) -> set[str]:
    after = small.environments[place]
    found = set(after.names) if after is not None else set()
    return found.union(*(_before(small, each) for each in found))


def by_hand(known: Known, entry: Entered) -> bool:
    return entry.target == known.small.last and entry.actor.kind == "person"


def overwrites(known: Known, entry: Entered) -> bool:
    """An ordinary release that lacks a hotfix which none has brought back."""
    if entry.lane not in ("admit", "promote"):
        return False
    stays = known.log.stays.get(entry.target, ())
    for index, (release, lane, _) in enumerate(stays):
        later = stays[index + 1 :]
        undone = any(
            each[1] == "rollback" and before[0] == release
            for before, each in zip(stays[index:], later, strict=False)
        )
        back = any(each[1] == "promote" and contains(known.facts, each[0], release) for each in later)
        if lane == "hotfix" and not undone and not back and not contains(known.facts, entry.release, release):
            return True
    return False


def contains(facts: Facts, release: int, other: int) -> bool:
    return COMMITS[release] == COMMITS[other] or (release, other) in facts.contains


# ---------------------------------------------------------------- by what is written


def broken(property: str) -> Broken | None:
    """What breaks a property by an entry, by how it is written; None for one that no entry breaks."""
    place = r"\((\w+)\)"
    named = re.search(r"\{ (.*?) \}", property)
    names = tuple(named.group(1).split(", ")) if named else ()
    match property.split()[0]:
        case "no-environment-skipped":
            spared = ("hotfix",) if "except hotfix" in property else ()
            return lambda known, entry: skips(known, entry, spared)
        case "separation-of-duties":
            return lambda known, entry: one_person(known, entry, names)
        case "every-gate-counted":
            return lambda known, entry: lacks_gate(known, entry, names[0])
        case "built-once":
            return rides
        case "strictness-rises":
            return looser
        case "no-manual-change":
            return by_hand
        case "hotfix-comes-home":
            return overwrites
        case "rollback-possible" | "responders-not-locked-out" | "possible:":
            return None
    if "by hotfix" in property:
        return lambda known, entry: entry.target == known.small.last and entry.lane == "hotfix"
    if "not in authors" in property:
        return lambda known, entry: (
            _enters(known, entry)
            and entry.actor.person in {None, *known.authors(entry.release, entry.target)}
        )
    if found := re.search(rf"implies earned{place}", property):
        earlier = found.group(1)
        return lambda known, entry: _enters(known, entry) and not known.log.earned(entry.release, earlier)
    found = re.search(rf"implies deployed{place}", property)
    assert found is not None, property
    earlier = found.group(1)
    return lambda known, entry: _enters(known, entry) and not known.log.was(entry.release, earlier)


def _enters(known: Known, entry: Entered) -> bool:
    return entry.target == known.small.last and entry.lane != "rollback"
