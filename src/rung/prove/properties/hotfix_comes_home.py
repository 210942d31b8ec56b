"""Defines the property `hotfix-comes-home`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim

ORDINARY = ("admit", "promote")


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: while a hotfix into an environment was not brought back, no ordinary release, promoted or
    admitted from a build, enters there that lacks it.

    That nothing is promoted while an obligation is overdue holds of every policy.
    """
    for hotfix in _first_of_each(policy):
        for route in policy.routes:
            if route.lane in ORDINARY and route.target == hotfix.target:
                text = f"an ordinary release overwrites a hotfix in `{route.target}` that it lacks"
                yield Claim(route, model.ContainsOpenHotfixes(route.span), text, others=(hotfix,))


def _first_of_each(policy: model.Policy) -> Iterator[model.Route]:
    """A hotfix route into each environment that has one."""
    seen: set[str] = set()
    for route in policy.routes:
        if route.lane == "hotfix" and route.target not in seen:
            seen.add(route.target)
            yield route
