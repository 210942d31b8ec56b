"""Defines which properties of the library apply to a policy that does not demand them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rung.diagnostics import Span
from rung.policy import model
from rung.policy.walk import demands
from rung.prove.asking import asked_twice
from rung.prove.claims import routes_into

Applies = Iterator[tuple[Span, tuple[str, ...], tuple[str, ...]]]
"""The statement for which a property applies, the environments that it is about, and its other names."""


def applicable(policy: model.Policy) -> tuple[model.NamedProperty, ...]:
    """What a policy has something to say about without demanding it, each at the statement that does.

    What is demanded in any form is not asked about in another.
    """
    demanded = {
        each.name if isinstance(each, model.NamedProperty) else each.modality for each in policy.properties
    }
    return tuple(
        model.NamedProperty(name, SPARED.get(name, ()), places, names, None, span)
        for name, applies in APPLIES.items()
        if name not in demanded
        for span, places, names in applies(policy)
    )


SPARED: dict[str, tuple[model.Lane, ...]] = {
    "no-environment-skipped": ("hotfix",),
    "migrations-in-order": ("hotfix",),
}
"""Lanes that are there to skip; whether they do is asked by who demands the property."""


def _ordered(policy: model.Policy) -> Applies:
    for route in policy.routes:
        if policy.environments[route.target].after is not None and route.lane not in ("hotfix", "rollback"):
            yield route.span, (), ()
            return


def _on_evidence(policy: model.Policy) -> Applies:
    for gate in policy.gates.values():
        if gate.needs:
            yield gate.span, (), ()
            return


def _on_evidence_twice(policy: model.Policy) -> Applies:
    for found in asked_twice(policy):
        yield found.later[0].span, (), ()
        return


def _by_lane(lane: model.Lane, *, each: bool) -> Callable[[model.Policy], Applies]:
    """Where there is a route of a lane: for each target of one, or once."""

    def applies(policy: model.Policy) -> Applies:
        first: dict[str, model.Route] = {}
        for route in policy.routes:
            if route.lane == lane:
                first.setdefault(route.target if each else "", route)
        return ((route.span, (place,) if each else (), ()) for place, route in first.items())

    return applies


def _closed_at_times(policy: model.Policy) -> Applies:
    rules: tuple[model.Freeze | model.Window, ...] = (*policy.freezes, *policy.windows)
    for place in policy.environments:
        for rule in rules:
            if place in rule.places and next(routes_into(policy, (place,)), None) is not None:
                yield rule.span, (place,), ()
                break


def _required(kind: type[model.Condition]) -> Callable[[model.Policy], Applies]:
    """Into which environments some route requires a kind of condition."""

    def applies(policy: model.Policy) -> Applies:
        for place in policy.environments:
            for route in routes_into(policy, (place,)):
                if any(isinstance(condition, kind) for condition, _ in demands(route.requirements, policy)):
                    yield route.span, (place,), ()
                    break

    return applies


def _looked_at_by_others(policy: model.Policy) -> Applies:
    """Into which environments every route requires a word of somebody who is no author."""
    for place in policy.environments:
        routes = list(routes_into(policy, (place,)))
        for role, kind in (("approver", "approval"), ("reviewer", "review")):
            if routes and all(_asks_others(route, kind, policy) for route in routes):
                yield routes[0].span, (place,), ("author", role)


def _asks_others(route: model.Route, kind: str, policy: model.Policy) -> bool:
    return any(
        isinstance(condition, model.People) and condition.kind == kind and "authors" in condition.excluding
        for condition, _ in demands(route.requirements, policy)
    )


def _in_parity(policy: model.Policy) -> Applies:
    return ((each.span, (), ()) for each in policy.parities[:1])


def _at_once(policy: model.Policy) -> Applies:
    return ((each.span, (), ()) for each in policy.strategies if each.kind == "atomic")


def _ways(policy: model.Policy) -> Applies:
    return ((each.span, (), ()) for each in policy.routes[:1])


APPLIES: dict[str, Callable[[model.Policy], Applies]] = {
    "no-environment-skipped": _ordered,
    "built-once": _on_evidence,
    "separation-of-duties": _looked_at_by_others,
    "strictness-rises": _on_evidence_twice,
    "rollback-possible": _by_lane("rollback", each=True),
    "responders-not-locked-out": _closed_at_times,
    "hotfix-comes-home": _by_lane("hotfix", each=False),
    "expand-before-contract": _required(model.MigrationsCompatible),
    "migrations-in-order": _required(model.MigrationsCompatible),
    "parity-before-production": _in_parity,
    "atomic-only-in-window": _at_once,
    "dormant-first": _required(model.NewFlagsOff),
    "possible": _ways,
}
