"""Defines where a policy asks for evidence, and where for the same twice on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rung.policy import model
from rung.policy.walk import gates_behind
from rung.prove.order import nearest


class AskedTwice(NamedTuple):
    """Evidence for which routes into two environments ask, of which `early` comes before `late`."""

    evidence: str
    late: str
    early: str
    later: list[model.Route]
    earlier: list[model.Route]


def asked_twice(policy: model.Policy) -> Iterator[AskedTwice]:
    """Each evidence with an environment into which it is asked for, and the nearest such before it.

    Those further away need no look: what the nearest accepts, these accept as well, or are found looser.
    """
    for evidence, routes in _asking(policy).items():
        for late in policy.environments if len(routes) > 1 else ():
            if late in routes:
                for early in nearest(policy, late, routes):
                    yield AskedTwice(evidence, late, early, routes[late], routes[early])


def _asking(policy: model.Policy) -> dict[str, dict[str, list[model.Route]]]:
    """The routes that ask for each evidence, if only in an alternative, by where they lead."""
    found: dict[str, dict[str, list[model.Route]]] = {name: {} for name in policy.evidence}
    for route in policy.routes:
        gates = gates_behind(route.requirements, policy)
        for evidence in {need.evidence for name in gates for need in policy.gates[name].needs}:
            found[evidence].setdefault(route.target, []).append(route)
    return found
