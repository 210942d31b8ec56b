"""Defines the world of one decision: an unknown for all that rules can ask of proposal, facts and clock.

Each unknown is made when a rule first asks for it, with the axioms that every well-formed request fulfils.
Where facts can leave something untold there are two unknowns, or one with a flag: what cannot be told
counts as what does not allow. An unknown is known by its key: a word for its kind, then what it is of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

from rung.policy import model
from rung.policy.moments import BEGIN, END
from rung.policy.types import (
    BOUNDS,
    DIGEST,
    PERSON,
    TEXT,
    VERSION,
    EnumType,
    Scalar,
    SetType,
    Type,
)
from rung.prove.errors import NotEncodedError
from rung.prove.terms import FALSE, TRUE, Term, below, from_, integer, number, truth

Key = tuple[Any, ...]

OTHER = "under the other policy"
"""The first word of the keys of unknowns that only the second of two policies has."""


def is_lasting(key: Key) -> bool:
    """Whether an unknown belongs to the release or its people, and so is the same at each of its steps."""
    match key:
        case ("request" | "stated", "service" | "release.version" | "release.configuration", *_):
            return True
        case ("person in", "approvers" | "reviewers", _):
            return False
        case ("built by" | "builder" | "person in" | "person of" | "known", *_):
            return True
        case _:
            return False


class Vocabulary:
    """Which number stands for a text or a version; worlds that share one agree on it."""

    def __init__(self, versions: tuple[tuple[object, ...], ...], texts: dict[str, int] | None = None) -> None:
        self.versions = versions
        self.texts: dict[str, int] = {} if texts is None else texts


class World:
    """The unknowns of one decision under a policy, and the axioms among them."""

    def __init__(self, policy: model.Policy, name: str = "", vocabulary: Vocabulary | None = None) -> None:
        self.policy = policy
        self.name = name
        self.known_as: Callable[[Key], Key] = lambda key: key
        self.axioms: list[Term] = []
        self.unknowns: dict[Key, Term] = {}
        vocabulary = vocabulary or Vocabulary(version_ranks(policy))
        self.texts = vocabulary.texts
        self.versions = vocabulary.versions
        self.at = self.integer(("at",), BEGIN, END - 1)

    def beside(self, policy: model.Policy, known_as: Callable[[Key], Key]) -> World:
        """The same world under another policy, whose rules know unknowns as `known_as` says."""
        other = copy(self)
        other.policy = policy
        other.known_as = known_as
        return other

    # -- making unknowns

    def boolean(self, key: Key) -> Term:
        return self._unknown(key, truth)

    def integer(self, key: Key, low: int | None = None, high: int | None = None) -> Term:
        """An integer in [low, high]."""
        before = len(self.unknowns)
        term = self._unknown(key, integer)
        if len(self.unknowns) > before:
            self.axioms += [from_(term, low)] if low is not None else []
            self.axioms += [below(term, high + 1)] if high is not None else []
        return term

    def _unknown(self, key: Key, make: Callable[[str], Term]) -> Term:
        key = self.known_as(key)
        found = self.unknowns.get(key)
        if found is None:
            name = "" if is_lasting(key) else self.name
            found = self.unknowns[key] = make(name + ".".join([str(part) for part in key]))
        return found

    def assume(self, axiom: Term) -> None:
        """What every well-formed request fulfils."""
        self.axioms.append(axiom)

    # -- values

    def value(self, key: Key, type: Type) -> Term:
        """An unknown of a type that is a single term; sets are known by their members instead."""
        match type:
            case EnumType(members):
                return self.integer(key, 0, len(members) - 1)
            case Scalar("bool"):
                return self.boolean(key)
            case Scalar() if type in (TEXT, DIGEST, PERSON):
                return self.integer(key, 0)
            case Scalar() if type == VERSION:
                return self.integer(key, 0, 2 * len(self.versions))
            case Scalar():
                return self.integer(key, *BOUNDS[type])
            case _:
                raise NotEncodedError("a set as a value")

    def code(self, text: str) -> int:
        """Texts are numbers: equal texts have the same, others another."""
        return self.texts.setdefault(text, len(self.texts))

    def rank(self, version: tuple[object, ...]) -> int:
        """Versions by their place among those that the policy names: odd for one named, even between."""
        below = sum(each < version for each in self.versions)
        return 2 * below + (1 if version in self.versions else 0)

    def constant(self, type: Type, value: Any) -> Term:
        """A fixed value in the representation of `value`."""
        match type:
            case EnumType(members):
                return number(members.index(value))
            case Scalar("bool"):
                return TRUE if value else FALSE
            case Scalar() if type in (TEXT, DIGEST, PERSON):
                return number(self.code(value))
            case Scalar() if type == VERSION:
                return number(self.rank(value))
            case _:
                return number(value)


def version_ranks(*policies: model.Policy) -> tuple[tuple[object, ...], ...]:
    """Every version that the policies name, in order."""
    return tuple(sorted({version for policy in policies for version in _versions(policy)}))


def _versions(policy: model.Policy) -> set[tuple[object, ...]]:
    found: set[tuple[object, ...]] = set()
    conditions = [each.condition for route in policy.routes for each in route.requirements]
    conditions += [each.condition for gate in policy.gates.values() for each in gate.requirements]
    conditions += [each.when for each in policy.denies]
    conditions += [each.when for each in policy.freezes if each.when is not None]
    conditions += [each.condition for act in policy.acts for each in act.requirements]
    conditions += [
        each.condition for rule in policy.strategies for step in rule.steps for each in step.requirements
    ]
    for condition in conditions:
        for type, value in _constants(condition):
            if type == VERSION:
                found.add(value)
            elif isinstance(type, SetType) and type.element == VERSION:
                found.update(value)
    return found


def _constants(node: model.Expression) -> Iterable[tuple[Type, Any]]:
    match node:
        case model.Constant(type, value) | model.ParameterValue(_, type, value):
            yield type, value
        case model.Compare(_, left, right) | model.Arithmetic(_, _, left, right) | model.Implies(left, right):
            yield from _constants(left)
            yield from _constants(right)
        case model.And(several) | model.Or(several) | model.SetExpression(_, several):
            for each in several:
                yield from _constants(each)
        case model.Not(one) | model.Truth(one):
            yield from _constants(one)
        case _:
            return
