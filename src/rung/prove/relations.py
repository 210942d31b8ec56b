"""Defines how the unknowns of two policies in one world go together: what is true of every request.

Two rules can ask about the same in different words: for other builders, for more releases, for longer
texts. The rules of one policy seldom do; those of a policy and its edited copy always do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from rung.policy import model
from rung.policy.operators import BY_NAME
from rung.policy.walk import gone_back
from rung.prove.joint import AGED, identities, strategy_in
from rung.prove.terms import Term, all_of, any_of, implies, no, same
from rung.prove.world import OTHER, Key, World

AFFIXES = ("starts", "ends")


def relations(world: World, first: model.Policy, second: model.Policy) -> Iterator[Term]:
    """Axioms on the unknowns that are in a world by now; the second policy's own have keys after OTHER."""
    yield from _candidates(world)
    yield from _sources(world)
    yield from _builders(world)
    yield from sets_and_texts(world)
    yield from _records(world)
    yield from words_for_all(world)
    for key, term in list(world.unknowns.items()):
        if key[0] == OTHER and key[1:] in world.unknowns:
            yield from _apart(key[1:], world.unknowns[key[1:]], term, first, second)


def sets_and_texts(world: World) -> Iterator[Term]:
    """Axioms on what is asked of one set, or of one text, in several ways."""
    yield from _sets(world)
    yield from _affixes(world)


def _of(world: World, word: str) -> list[tuple[Key, Term]]:
    return [(key, term) for key, term in world.unknowns.items() if key[0] == word]


# ---------------------------------------------------------------- unknowns of one meaning


def _candidates(world: World) -> Iterator[Term]:
    """What may be gone back to within some releases may be within more."""
    found = sorted(_of(world, "candidate"), key=lambda each: each[0])  # all are of one door
    for (_, few), (_, many) in pairwise(found):
        yield implies(few, many)


def _sources(world: World) -> Iterator[Term]:
    """A proposal comes from elsewhere if it names any source but those of the route."""
    stated = {key[1]: term for key, term in _of(world, "stated source")}
    another = world.boolean(("another source",))
    for key, term in _of(world, "from elsewhere"):
        yield same(term, any_of(another, *[each for name, each in stated.items() if name not in key[1]]))


def _builders(world: World) -> Iterator[Term]:
    """Everything is built by some builders where nothing is built by any other."""
    asked = _of(world, "built by")
    builds = {name: world.boolean(("builds", name)) for key, _ in asked for name in sorted(key[1])}
    another = world.boolean(("another builds",))
    for key, term in asked:
        yield same(term, no(any_of(another, *[each for name, each in builds.items() if name not in key[1]])))
    for _, told in _of(world, "commits known"):
        yield implies(told, any_of(another, *builds.values()))


def _asked(world: World, words: tuple[str, ...]) -> list[tuple[Key, str, object, Term]]:
    """Unknowns about a set or a text: whose, the word, what it is asked for."""
    several = world.unknowns.items()
    return [(key[:-2], key[-2], key[-1], term) for key, term in several if len(key) > 3 and key[-2] in words]


def _sets(world: World) -> Iterator[Term]:
    """A set has members other than some where it has one of the rest, or one that nobody names."""
    others = _asked(world, ("has other than",))
    named: dict[Key, set[object]] = {base: set() for base, *_ in others}
    for base, _, members, _ in others:
        named[base] |= members  # type: ignore[arg-type]  # a frozen set
    for base, _, member, _ in _asked(world, ("has",)):
        named.get(base, set()).add(member)
    for base, _, members, term in others:
        beyond = world.boolean(("beyond", *base))
        rest = sorted(named[base] - members, key=repr)  # type: ignore[operator]  # a frozen set
        yield same(term, any_of(beyond, *[world.boolean((*base, "has", each)) for each in rest]))


def _affixes(world: World) -> Iterator[Term]:
    """What begins (or ends) a text, by itself and for each text that a policy names."""
    asked = _asked(world, AFFIXES)
    for base, operator, affix, term in asked:
        meaning = BY_NAME[operator].meaning
        for named, code in world.texts.items():
            yield implies(same(world.unknowns[base], code), same(term, bool(meaning(named, affix))))
        for other, word, longer, implied in asked:
            if (other, word) != (base, operator):
                continue
            if meaning(longer, affix):
                yield implies(implied, term)
            elif not meaning(affix, longer):
                yield no(all_of(term, implied))


def _records(world: World) -> Iterator[Term]:
    """What is known of the source is known of the place, where that is the one source."""
    for key, term in _of_sources(world):
        there = world.unknowns.get((*key[:2], *key[2], *key[3:]))  # none where there are several
        if there is not None:
            yield any_of(world.boolean(("from elsewhere", key[2])), same(term, there))
    for one, other in alike_in_sources(world):
        yield any_of(world.boolean(("no source stated",)), same(one, other))


def _of_sources(world: World) -> list[tuple[Key, Term]]:
    """Unknowns about records of the sources of a route."""
    words = ("record", "record age", "field")
    return [
        (key, term) for key, term in world.unknowns.items() if key[0] in words and isinstance(key[2], tuple)
    ]


def alike_in_sources(world: World) -> Iterator[tuple[Term, Term]]:
    """Unknowns about records of the sources of several routes: the same where a proposal states any."""
    found: dict[Key, Term] = {}
    for key, term in _of_sources(world):
        first = found.setdefault((*key[:2], *key[3:]), term)
        if first is not term:
            yield first, term


def words_for_all(world: World) -> Iterator[Term]:
    """An approval for no gate in particular is one for each."""
    for key, term in _of(world, "said"):
        _, kind, gate, number = key
        general = world.unknowns.get(("said", kind, None, number))
        if general is not None:
            ago, mine = (world.integer(("said ago", kind, each, number), 0) for each in (None, gate))
            yield implies(general, all_of(term, mine <= ago))


# ---------------------------------------------------------------- unknowns of two meanings


def _apart(key: Key, one: Term, two: Term, first: model.Policy, second: model.Policy) -> Iterator[Term]:
    """How the first policy's unknown goes with the second's of the same key."""
    longer = first.health_age > second.health_age
    long, short = (one, two) if longer else (two, one)
    match key:
        case ("healthy for" | "healthy as candidate", _):
            yield any_of(same(short, long), same(short, -1))  # stale
        case ("flag", node, _, bool(sign)) if isinstance(node, AGED) and identities(first) == identities(
            second
        ):
            yield implies(short, long) if sign else implies(long, short)
        case ("unequal", *_):
            yield implies(long, short)
        case ("flag", model.MigrationsCompatible(), str(target), True):
            more = gone_back(first, target) > gone_back(second, target)
            yield implies(one, two) if more else implies(two, one)
        case ("unlike", str(target), str(kind)):
            mine, theirs = (strategy_in(policy, target, kind) for policy in (first, second))
            assert mine is not None, "it is asked about"
            assert theirs is not None, "it is asked about"
            yield _unlike(one, two, mine, theirs)
        case ("record", str(name), _):
            evidence = first.evidence[name], second.evidence[name]
            if evidence[0].about == evidence[1].about:
                fields = [set(each.fields) for each in evidence]
                if fields[0] >= fields[1]:
                    yield implies(one, two)
                elif fields[0] <= fields[1]:
                    yield implies(two, one)
        case _:
            return


def _unlike(one: Term, two: Term, first: model.Strategy, second: model.Strategy) -> Term:
    """A strategy proposed that is not what one policy wants may be what the other does."""
    if first.kind == "canary":
        return any_of(one, two)  # nothing has the steps of both
    kept = first.kind == "blue_green"
    looser = first.keep < second.keep if kept else _most(first) > _most(second)
    return implies(one, two) if looser else implies(two, one)


def _most(rolling: model.Strategy) -> float:
    return math.inf if rolling.max_unavailable is None else rolling.max_unavailable
