"""Fixes a world to one concrete request, by asking the evaluator what each unknown stands for.

With all unknowns fixed, the encoder's term for a route must say what the evaluator says of it; and where two
policies share a world, what is said of both must be true of the request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import z3

from rung.evaluate import bans, conditions, evidence, rollouts
from rung.evaluate.decide import Evaluator
from rung.evaluate.expressions import condition
from rung.evaluate.history import earned
from rung.evaluate.outcome import Owing, Rollout
from rung.evaluate.rollouts import strategy
from rung.evaluate.situation import Situation
from rung.inputs.facts import Facts
from rung.inputs.proposal import PersonActor, Proposal
from rung.policy import model
from rung.policy.persons import declared_persons
from rung.policy.types import DIGEST, PERSON, TEXT, VERSION, EnumType, SetType, Type
from rung.prove import abreast
from rung.prove.claims import sources_of
from rung.prove.decide import Encoder
from rung.prove.doors import ways
from rung.prove.terms import Term, all_of, any_of
from rung.prove.world import OTHER, Key


class Encoded:
    """A policy's ways as terms, each made once for so many records of each evidence."""

    def __init__(self, policy: model.Policy) -> None:
        self.policy = policy
        self.known = declared_persons(policy)
        self._made: dict[Any, tuple[Encoder, Term, Term]] = {}

    def says(self, way: model.Route | model.Act, proposal: Proposal, facts: Facts, at: int) -> bool:
        """Whether the encoder allows a request by a way; AssertionError where its world leaves that open.

        What is not fixed by the request may be anything that the axioms let it be.
        """
        situation = Situation(self.policy, self.known, proposal, facts, at)
        encoder, term, axioms = self._encoded(way, _copies(self.policy, way, situation))
        fixed = fixing(encoder, way, situation)
        return _said(term, axioms, fixed)

    def _encoded(self, way: model.Route | model.Act, copies: dict[str, int]) -> tuple[Encoder, Term, Term]:
        key = way, tuple(sorted(copies.items()))
        if key not in self._made:
            encoder = Encoder(self.policy, copies=copies)
            term = encoder.allowed(way)
            self._made[key] = encoder, term, z3.And(encoder.world.axioms)
        return self._made[key]


class Abreast:
    """Two policies at one door in one world, each read once for so many records of each evidence."""

    def __init__(self, side: abreast.Abreast) -> None:
        self.side = side
        self.known = [declared_persons(each) for each in side.policies]
        self._made: dict[Any, tuple[Shared, Term, Term, Term]] = {}

    def say(self, proposal: Proposal, facts: Facts, at: int) -> tuple[bool, bool]:
        """Whether the encoder allows a request under each policy; AssertionError where that is left open.

        It is one as well where an unknown that is taken to mean the same under both does not.
        """
        policies = self.side.policies
        seen = [
            Situation(policy, known, proposal, facts, at)
            for policy, known in zip(policies, self.known, strict=True)
        ]
        copies: Counter[str] = Counter()
        for policy, situation in zip(policies, seen, strict=True):
            for way in ways(policy, self.side.door):
                copies |= Counter(_copies(policy, way, situation))
        shared, allowed, opens, axioms = self._encoded(copies)
        fixed = self._fixing(shared, seen)
        return _said(allowed, axioms, fixed), _said(opens, axioms, fixed)

    def _encoded(self, copies: Counter[str]) -> tuple[Shared, Term, Term, Term]:
        key = tuple(sorted(copies.items()))
        if key not in self._made:
            first, second = self.side.encoders(copies)
            shared = Shared(first, second, set(first.world.unknowns), set())
            mine, theirs = (world.known_as for world in (shared.first.world, shared.second.world))
            shared.first.world.known_as = lambda key: _noted(shared.mine, mine(key))
            shared.second.world.known_as = lambda key: _noted(shared.theirs, theirs(key))
            allowed = any_of(
                [shared.first.allowed(way) for way in ways(self.side.policies.first, self.side.door)]
            )
            shared.first.world.known_as = mine
            opens = self.side.opens(shared.second)
            axioms = all_of(*shared.first.world.axioms, *self.side.known(shared.first.world))
            self._made[key] = shared, allowed, opens, axioms
        return self._made[key]

    def _fixing(self, shared: Shared, seen: Sequence[Situation]) -> list[Fixing]:
        """Each unknown that a policy asks about, with its value; under both policies if both ask."""
        fixed = []
        for encoder, asked, policy, situation in zip(
            (shared.first, shared.second), (shared.mine, shared.theirs), self.side.policies, seen, strict=True
        ):
            way = next(iter(ways(policy, self.side.door)), None)
            fixed.append(Fixed(encoder, way, situation) if way is not None and asked else None)
        found = []
        for key, unknown in list(shared.first.world.unknowns.items()):
            plain = key[1:] if key[0] == OTHER else key
            values = {
                each.value(plain)
                for each, asked in zip(fixed, (shared.mine, shared.theirs), strict=True)
                if each is not None and key in asked
            } - {None}
            assert len(values) <= 1, f"{key} is not the same under both policies: {values}"
            found += [_fixing(unknown, value) for value in values]
        return found


class Shared(NamedTuple):
    """Two encoders of one world, and the unknowns that each has asked for."""

    first: Encoder
    second: Encoder
    mine: set[Key]
    theirs: set[Key]


def _noted(asked: set[Key], key: Key) -> Key:
    asked.add(key)
    return key


Fixing = tuple[Term, Term]


def _fixing(unknown: Term, value: int | bool) -> Fixing:
    return unknown, z3.BoolVal(value) if isinstance(value, bool) else z3.IntVal(value)


def _said(term: Term, axioms: Term, fixed: Sequence[Fixing]) -> bool:
    """The truth of a term, where nothing but what is fixed and what follows from the axioms is known."""
    allowed, possible = (z3.simplify(z3.substitute(each, *fixed)) for each in (term, axioms))
    if z3.is_true(possible) and (z3.is_true(allowed) or z3.is_false(allowed)):
        return bool(z3.is_true(allowed))
    solver = z3.Solver()
    solver.add(possible)
    assert solver.check() == z3.sat, "a concrete request contradicts an axiom"
    verdicts = [each for each in (True, False) if solver.check(allowed == each) != z3.unsat]
    free = {str(each) for each in _unknowns(allowed)}
    assert len(verdicts) == 1, f"the world is not fixed: {sorted(free)}"
    return verdicts[0]


def _unknowns(term: Term) -> Iterator[Term]:
    if z3.is_const(term) and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
        yield term
    for each in term.children():
        yield from _unknowns(each)


def fixing(encoder: Encoder, way: model.Route | model.Act, situation: Situation) -> list[Fixing]:
    """Each unknown of an encoder's world that a situation gives a value, with that value."""
    fixed = Fixed(encoder, way, situation)
    found = []
    for key, unknown in list(encoder.world.unknowns.items()):
        value = fixed.value(key)
        if value is not None:
            found.append(_fixing(unknown, value))
    return found


def _sources(way: model.Route | model.Act, proposal: Proposal) -> tuple[str, ...]:
    """Where the evaluator takes the release to come from."""
    names = sources_of(way)
    return (proposal.from_ or names) if names else ()


def _copies(policy: model.Policy, way: model.Route | model.Act, situation: Situation) -> dict[str, int]:
    """How many records of each evidence the situation has."""
    situation.come_from(_sources(way, situation.proposal))
    copies: dict[str, int] = {}
    for gate in policy.gates.values():
        for each in gate.needs:
            _, choices = evidence.need(each, policy.evidence[each.evidence])(situation)
            copies[each.evidence] = max(copies.get(each.evidence, 1), len(choices))
    return copies


class Fixed:
    """The values of a world's unknowns for one situation, on one way."""

    def __init__(self, encoder: Encoder, way: model.Route | model.Act, situation: Situation) -> None:
        self.encoder = encoder
        self.policy = encoder.policy
        self.situation = situation
        self.sources = _sources(way, situation.proposal)
        self.persons = self._persons()

    def _persons(self) -> list[str]:
        named = self.encoder.persons.ids
        everyone = {each for each in self.situation.directory.persons.values() if each is not None}
        found = [*named, *sorted(everyone.difference(named))]
        assert len(found) <= len(self.encoder.persons.numbers), "more persons than the bound"
        return found

    def value(self, key: tuple[Any, ...]) -> Any:
        """A python bool or int; None for an unknown that the situation leaves open."""
        situation, proposal = self.situation, self.situation.proposal
        situation.come_from(self.sources)
        match key:
            case ("at",):
                return situation.at
            case ("local", str()):
                shift = datetime.fromtimestamp(situation.at, ZoneInfo(key[1])).utcoffset()
                assert shift is not None, "zones have an offset at all times"
                return situation.at + int(shift.total_seconds())
            case ("person of", str(account)):
                person = situation.directory.person(account)
                return -1 if person is None else self.persons.index(person)
            case ("stated", str(name)):
                return conditions.REQUEST_VALUES[name](situation) is not None
            case ("request", str(name)):
                return self._coded(self._request_type(name), conditions.REQUEST_VALUES[name](situation))
            case ("request", str(name), *rest):
                return _predicate(conditions.REQUEST_VALUES[name](situation), rest)
            case ("field", str(kind), place, int(copy), str(name)):
                found = self._field(kind, place, copy, name)
                return self._coded(dict(self.policy.evidence[kind].fields)[name], found)
            case ("field", str(kind), place, int(copy), str(name), *rest):
                return _predicate(self._field(kind, place, copy, name), rest)
            case ("record", str(kind), place):
                outcomes, _ = self._found(kind, place)
                return all(each.seen.problem in (None, "expired") for each in outcomes)
            case ("record age", str(kind), place):
                outcomes, _ = self._found(kind, place)
                times = [each.seen.time for each in outcomes if each.seen.time is not None]
                return situation.at - min(times) if times else None
            case ("actor",):
                return None if situation.actor is None else self.persons.index(situation.actor)
            case ("actor known",):
                return situation.actor is not None
            case ("kind of actor",):
                actor = proposal.actor
                return 0 if isinstance(actor, PersonActor) else 1 if actor.on_behalf_of is None else 2
            case ("known", str(name)):
                return conditions._persons_of(name, situation)[1] is None
            case ("person in", str(name), int(number)):
                return self._person(number) in set(conditions._persons_of(name, situation)[0])
            case ("said", str(kind), gate, int(number)):
                return self._word(kind, gate, number) is not None
            case ("said ago", str(kind), gate, int(number)):
                return self._word(kind, gate, number)
            case ("doubted", str(kind), gate):
                return any(conditions._latest(each, situation)[1] for each in self._subjects(kind, gate))
            case ("commits known",):
                return situation.origin.problem is None
            case ("built by", tuple(builders)):
                return all(
                    build.builder in builders
                    for builds in situation.origin.builds.values()
                    for build in builds
                )
            case ("stated source", str(name)):
                return name in proposal.from_
            case ("no source stated",):
                return not proposal.from_
            case ("from elsewhere", tuple(names)):
                return not set(proposal.from_) <= set(names)
            case ("from build",):
                return set(proposal.from_) <= {"build"}
            case ("healthy for" | "healthy as candidate", str(place)):
                seen = conditions._healthy_now(situation, place, 0)[0]
                return -1 if seen.problem is not None else seen.until - seen.since
            case ("earned for", str(place)):
                return self._earned_for(place)
            case ("deployed", str(place)):
                return conditions.deployed(situation, place).problem is None
            case ("ever earned", str(place)):
                return any(each.healthy for each in situation.fared(place))
            case ("entered by", str(place), str(lane)):
                stays = situation.past(place).episodes
                return any((each.release, each.event.lane) == (situation.release, lane) for each in stays)
            case ("guess" | "role" | "role filled", *_):
                return None
            case ("candidate", str(target), int(within)):
                before, found = situation.past(target), conditions.candidates(situation, target, within)
                unfinished = before.candidate is not None or before.under_way or before.failed
                gives_up = bool(unfinished) and before.running is not None
                if gives_up and before.running.release == situation.release:
                    return True
                return any(each.release == situation.release for each in found)
            case ("brings migrations",):
                return proposal.migrations is not None
            case ("flag", node, _, bool(sign)):
                return condition(node, {}, sign)(situation).holds
            case ("goes on", "expose", _):
                rule = Rollout("expose", proposal.target, None)
                return rollouts._exposes(rule, situation).holds
            case ("goes on", str(action), str(target)):
                act = model.Act(action, target, (), self.policy.span)
                return rollouts._candidate(act, situation)[0] is not None
            case ("share", str(place)):
                candidate = situation.past(place).candidate
                return None if candidate is None else rollouts.share_of(candidate)
            case ("held for", str(place)):
                candidate = situation.past(place).candidate
                return None if candidate is None else situation.at - (candidate.finished or candidate.started)
            case ("unlike", _, kind):
                if conditions.REQUEST_VALUES["strategy"](situation) != kind:
                    return None
                return not strategy(proposal.target, self.policy)(situation).holds
            case ("unequal", str(), str(place), str(facet)):
                parity = model.Parity((place,), (facet,), (), self.policy.span)
                return bans._unequal(parity, place, situation) is not None
            case ("busy", str(target)):
                return self._stands(model.Single, target)
            case ("overdue", str(target)):
                return self._stands(Owing, target)
            case _:
                raise AssertionError(f"nothing fixes {key}")

    def _stands(self, kind: type, target: str) -> bool:
        """Whether a rule of a kind stands in the way."""
        rules = Evaluator(self.policy).rules["deploy", self.situation.proposal.lane, target]
        outcomes = (check(self.situation) for check in rules.bans)
        return any(isinstance(each.rule, kind) and not each.holds for each in outcomes)

    def _request_type(self, name: str) -> Type:
        return model.REQUEST_TYPES[name]

    def _coded(self, type: Type, value: Any) -> Any:
        world = self.encoder.world
        if value is None or isinstance(type, SetType):
            return None
        if isinstance(type, EnumType):
            return type.members.index(value)
        if type in (TEXT, DIGEST, PERSON):
            return world.code(value)
        return world.rank(value) if type == VERSION else value

    def _found(self, kind: str, place: Any) -> evidence.Found:
        """The records that a need of this evidence finds; places were told apart by the encoder."""
        if isinstance(place, tuple):
            self.situation.come_from(self.situation.proposal.from_ or place)
            place = "source"
        elif any(each.evidence == kind and each.place == "target" for each in self._needs()):
            place = "target" if place == self.situation.proposal.target else place
        need = model.Need(kind, place, None, self.policy.span)
        return evidence.need(need, self.policy.evidence[kind])(self.situation)

    def _needs(self) -> list[model.Need]:
        return [need for gate in self.policy.gates.values() for need in gate.needs]

    def _field(self, kind: str, place: Any, copy: int, name: str) -> Any:
        _, choices = self._found(kind, place)
        return choices[copy][kind][name] if copy < len(choices) else None

    def _person(self, number: int) -> str | None:
        return self.persons[number] if number < len(self.persons) else None

    def _subjects(self, kind: str, gate: str | None) -> list[Any]:
        if kind == "approval":
            return [conditions._on_gate(gate, self.situation)]
        return conditions._on_commits(self.situation)[0]

    def _word(self, kind: str, gate: str | None, number: int) -> int | None:
        """How long ago a person last said yes to every subject, None when he did not."""
        person = self._person(number)
        words = [
            conditions._latest(each, self.situation)[0].get(person) for each in self._subjects(kind, gate)
        ]
        if not words or any(word is None or word.verdict != "approved" for word in words):
            return None
        return max(self.situation.at - word.time for word in words if word is not None)

    def _earned_for(self, place: str) -> int:
        fared = self.situation.fared(place)
        lengths = {each.end - each.start for seen in fared for each in seen.healthy}
        return max((length for length in lengths if earned(fared, length) is not None), default=-1)


def _predicate(value: Any, rest: list[Any]) -> bool | None:
    if value is None:
        return None
    match rest:
        case ["has", member]:
            return member in value
        case ["has other than", members]:
            return bool(value - members)
        case ["starts", affix]:
            return bool(value.startswith(affix))
        case ["ends", affix]:
            return bool(value.endswith(affix))
        case _:
            raise AssertionError(f"nothing fixes {rest}")
