"""Defines what whoever proposes a deployment can choose, to ask of rules whether some choice will do.

Facts, and what the release is, are not theirs to choose; a release that does not exist yet is. Nor is the
service: what cannot go on is the one that runs there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import compress, product
from math import prod
from typing import Any

import z3

from rung.policy import model
from rung.policy.persons import declared_persons
from rung.policy.types import TEXT
from rung.prove.claims import routes_into
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import Docket, obligation
from rung.prove.solve import Answer
from rung.prove.terms import FALSE, TRUE, Term, any_of, from_, given, no, same
from rung.prove.world import Key, Vocabulary, World, version_ranks

MOST_CHOICES = 4000
Choice = list[tuple[Term, Term]]


def choices(policy: model.Policy, encoder: Encoder, lane: model.Lane) -> Iterator[Callable[[Term], Term]]:
    """For each choice that whoever proposes a deployment by a lane has, how a term reads when it is made.

    The encoder may be of a part of the policy: whom that part leaves out can act all the same.
    """
    parts = [_fixed(encoder.world.unknowns, lane), *_alternatives(policy, encoder, lane)]
    if prod(len(part) for part in parts) > MOST_CHOICES:
        raise NotEncodedError(f"there are more than {MOST_CHOICES} ways to propose a {lane}")
    for chosen in product(*parts):
        yield _made([pair for part in chosen for pair in part])


def certain(encoder: Encoder) -> list[Term]:
    """That whoever the policy names is somebody certain."""
    return [
        term == encoder.persons.number(key[1])
        for key, term in encoder.world.unknowns.items()
        if key[0] == "person of" and encoder.persons.number(key[1]) is not None
    ]


def can_run(policy: model.Policy, place: str, encoder: Encoder, docket: Docket) -> Term:
    """That the service proposed is one of which a release can come to a place by some route.

    Any, where none can: a place that lets nothing in is not open to responders.
    """
    service = encoder.world.unknowns.get(("request", "service"))
    routes = list(routes_into(policy, (place,)))
    if service is None or not routes:
        return TRUE
    part = cone(policy, routes)
    vocabulary = Vocabulary(version_ranks(part), encoder.world.texts)
    entering = Encoder(part, world=World(part, "entering ", vocabulary), guess=True)
    enters = any_of([entering.allowed(each) for each in routes])
    own = entering.world.value(("request", "service"), TEXT)
    texts = dict(encoder.world.texts)
    kinds = [(f"`{text}`", same(own, code), same(service, code)) for text, code in texts.items()]
    kinds.append(("any other", from_(own, len(texts)), from_(service, len(texts))))
    cannot = []
    for name, enters_as, runs_as in kinds:
        shows = f"no release of the service {name} can come to `{place}`"
        step = obligation(shows, *entering.world.axioms, enters, enters_as)
        if docket.meet(step) is Answer.IMPOSSIBLE:
            cannot.append(runs_as)
    return TRUE if len(cannot) == len(kinds) else no(any_of(cannot))


def _made(choice: Choice) -> Callable[[Term], Term]:
    return lambda term: given(term, choice)


def _fixed(unknowns: dict[Key, Term], lane: model.Lane) -> list[Choice]:
    chosen: Choice = []
    for key, term in unknowns.items():
        match key:
            case ("request", "action"):
                chosen.append((term, z3.IntVal(model.ACTIONS.index("deploy"))))
            case ("request", "lane"):
                chosen.append((term, z3.IntVal(model.LANES.index(lane))))
            case ("stated source", _):  # where the release comes from, a proposal may leave out
                chosen.append((term, FALSE))
            case ("no source stated",):
                chosen.append((term, TRUE))
            case _:
                pass
    return [chosen]


def _alternatives(policy: model.Policy, encoder: Encoder, lane: model.Lane) -> Iterator[list[Choice]]:
    """For each thing to choose that the rules ask about, the choices."""
    unknowns = encoder.world.unknowns
    actor = [unknowns.get(key) for key in (("kind of actor",), ("actor",), ("actor known",))]
    if any(term is not None for term in actor):
        left_out = not set(encoder.persons.ids).issuperset(declared_persons(policy).values())
        # To the rules, all whom they leave out are like one person whom they do not name.
        named = encoder.persons.numbers[: len(encoder.persons.ids) + left_out]
        whos = [(1, 0, False), *((kind, number, True) for kind in (0, 1, 2) for number in named)]
        if not named:
            whos += [(0, 0, False), (2, 0, False)]
        yield [_pairs(actor, who) for who in whos]
    if ("stated", "strategy") in unknowns:
        stated, kind = unknowns["stated", "strategy"], unknowns.get(("request", "strategy"))
        kinds = range(len(model.STRATEGIES))
        as_declared = [(term, FALSE) for key, term in unknowns.items() if key[0] == "unlike"]
        yield [
            [*_pairs([stated, kind], (False, 0)), *as_declared],
            *([*_pairs([stated, kind], (True, each)), *as_declared] for each in kinds),
        ]
    plans = [(term, key) for key, term in unknowns.items() if _is_plan(key)]
    if plans:
        # No plan, one back to something else or to what runs, and an automatic one; what runs there is known.
        yield [
            [(term, z3.BoolVal(not key[3])) for term, key in plans],
            [(term, FALSE) for term, key in plans],
            [(term, z3.BoolVal(not key[1].automatic)) for term, key in plans],
            [(term, TRUE) for term, key in plans],
        ]
    migrates = unknowns.get(("brings migrations",))
    judged = [term for key, term in unknowns.items() if _judges_migrations(key)]
    if migrates is not None or judged:
        # None, or else those that go with what runs, or those that do not; whoever goes back brings none.
        ways = [(False, True)] if lane == "rollback" else [(False, True), (True, True), (True, False)]
        yield [_pairs([migrates, *judged], (some, *[fits] * len(judged))) for some, fits in ways]
    keys = {key: term for key, term in unknowns.items() if key[1:2] == ("configuration_keys",)}
    if keys:
        yield [[(term, FALSE) for term in keys.values()], *_configurations(keys)]
    configuration, stated = (unknowns.get((word, "release.configuration")) for word in ("request", "stated"))
    if configuration is not None and lane != "rollback":
        codes = range(len(encoder.world.texts) + 1)
        yield [_pairs([configuration, stated], (code, True)) for code in codes]
    version, stated = (unknowns.get((word, "release.version")) for word in ("request", "stated"))
    if version is not None and lane != "rollback":  # whoever goes back has no other release to offer
        ranks = range(2 * len(encoder.world.versions) + 1)
        yield [_pairs([version, stated], (rank, True)) for rank in ranks]


def _configurations(keys: dict[Key, Term]) -> Iterator[Choice]:
    """For each selection of the keys that the rules name, and of one that they do not, how they read."""
    named = {key[-1] for key in keys if key[-2] == "has"}
    named = named.union(*(key[-1] for key in keys if key[-2] == "has other than"))
    every = [*sorted(named), None]
    if 2 ** len(every) > MOST_CHOICES:
        raise NotEncodedError(f"there are more than {MOST_CHOICES} ways to choose a configuration's keys")
    selections = (set(compress(every, chosen)) for chosen in product((False, True), repeat=len(every)))
    for reads in dict.fromkeys(tuple(_reads(key, each) for key in keys) for each in selections):
        yield _pairs(list(keys.values()), reads)


def _reads(key: Key, selected: set[str | None]) -> bool:
    match key[-2:]:
        case ("has", member):
            return member in selected
        case ("has other than", members):
            return not selected <= members
        case _:
            return True  # that keys are stated


def _is_plan(key: Key) -> bool:
    return key[0] == "flag" and isinstance(key[1], model.RollbackPlan)


def _judges_migrations(key: Key) -> bool:
    return key[0] == "flag" and isinstance(key[1], model.MigrationsCompatible)


def _pairs(terms: list[Term | None], values: tuple[Any, ...]) -> Choice:
    made = (z3.BoolVal(each) if isinstance(each, bool) else z3.IntVal(each) for each in values)
    return [(term, value) for term, value in zip(terms, made, strict=True) if term is not None]
