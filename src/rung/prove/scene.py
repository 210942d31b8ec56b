"""Defines the scene of an encoding: where a route leads, which gate is looked at, and who there can be.

Persons are numbers: those whom the policy names first, in its order, then strangers up to a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from rung.policy import model
from rung.policy.operators import BY_NAME
from rung.policy.persons import declared_persons, strangers_of
from rung.prove.terms import Term, all_of, implies, no
from rung.prove.world import Key, World


@dataclass
class Persons:
    """The persons of a world; `named` maps the policy's accounts to its persons, some of them declared."""

    bound: int
    named: Mapping[str, str]
    declared: frozenset[str]
    ids: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = list(dict.fromkeys(self.named.values()))

    @property
    def numbers(self) -> range:
        return range(max(self.bound, len(self.ids)))

    def number(self, account: str) -> int | None:
        """The number of a person whom the policy names."""
        person = self.named.get(account)
        return None if person is None else self.ids.index(person)


@dataclass(frozen=True)
class Scene:
    """What a condition is read for: a target, sources, and a gate (None in a route's own requirements).

    `sources` are those of the route, none for actions and lanes that have none; None over every route.

    `records` names, for each evidence, the record that a gate looks at. With `goes_on`, an action goes on
    with a rollout: what is healthy in the target is its candidate, which is not deployed there yet.
    """

    world: World
    persons: Persons
    target: str
    sources: tuple[str, ...] | None
    gate_name: str | None
    gates: Callable[[Scene, str], Term]
    records: Mapping[str, Key] = field(default_factory=dict)
    affixes: dict[Key, dict[tuple[str, str], Term]] = field(default_factory=dict)
    entry: model.Route | None = None  # the entry that a property's claim speaks of
    goes_on: bool = False

    def gate(self, name: str) -> Term:
        """When a gate holds, or is waived, for this target and these sources."""
        return self.gates(self, name)

    def inside(self, gate: str) -> Scene:
        return replace(self, gate_name=gate)

    def looking_at(self, records: Mapping[str, Key]) -> Scene:
        return replace(self, records=records)

    def field(self, evidence: str, name: str) -> Key:
        """The key of a field of the record that is looked at."""
        return ("field", *self.records[evidence], name)

    def affix(self, key: Key, operator: str, affix: str, predicate: Term, text: Term) -> None:
        """Relate a text's affixes to each other and to the texts that the policy names."""
        known = self.affixes.setdefault(key, {})
        if (operator, affix) in known:
            return
        meaning = BY_NAME[operator].meaning
        for (other_operator, other), term in known.items():
            if other_operator != operator:
                continue
            if meaning(affix, other):
                self.world.assume(implies(predicate, term))
            elif meaning(other, affix):
                self.world.assume(implies(term, predicate))
            else:
                self.world.assume(no(all_of(term, predicate)))
        known[operator, affix] = predicate
        for named, code in list(self.world.texts.items()):
            self.world.assume(implies(text == code, predicate == meaning(named, affix)))


def persons_of(*policies: model.Policy, strangers: int | None = None) -> Persons:
    """Enough persons for one decision: all named, and for every count in the policies as many strangers.

    The bound is the sum of thresholds, those of bans and of what is claimed included, and one each for
    author, actor, reviewer and approver, so that whoever must differ can. An account to which policies give
    different persons is the first one's.
    """
    named: dict[str, str] = {}
    for policy in policies:
        named = declared_persons(policy) | named
    if strangers is None:
        strangers = sum(strangers_of(policy) for policy in policies)
    persons = (person for policy in policies for person in policy.persons)
    declared = frozenset(account for each in persons for account in (each.id, *each.accounts))
    return Persons(len(set(named.values())) + strangers, named, declared)
