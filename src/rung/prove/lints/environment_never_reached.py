"""Nothing can reach an environment, because of what the routes on the way there require.

    environment lab after prod
    promote staging -> prod { require once healthy in lab }
    promote prod -> lab

Each route could be taken by itself, but none can be the first: here what enters `prod` must have been in
`lab`, and what enters `lab` in `prod`. Environments into which no chain of routes leads are spoken of as
`unreachable-environment`. In a baseline, to which others add routes, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.prove.lints.readings import Readings, related, ways
from rung.prove.search import comes_from

CODE = "environment-never-reached"
KIN = ("route-never-usable", "unreachable-environment")

BAD = """
environment staging
environment prod after staging
environment lab after prod
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require once healthy in lab }
promote prod -> lab
"""

GOOD = """
environment staging
environment prod after staging
environment lab after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require once healthy in lab }
promote staging -> lab
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the environments from which all others could be reached, if only they could be."""
    policy = readings.policy
    if policy.is_baseline:
        return
    # A route that can never be taken is one mistake, what lies behind it is not another.
    routes = [each for each in ways(policy) if readings.usable(each)]
    reached = {each.target for each in ways(policy) if each not in routes}
    reached |= set(policy.environments) - _by_sources(policy)
    _spread(reached, routes, readings)
    for name, environment in policy.environments.items():
        if name in reached:
            continue
        asking = [each.span for each in routes if each.target == name]
        message = f"nothing can reach `{name}`: what its routes require comes only after it"
        hint = "require what a release can have done before"
        beside = related(asking, "cannot be taken before")
        yield Diagnostic(CODE, message, environment.span, hint, beside, "warning")
        reached.add(name)
        _spread(reached, routes, readings)


def _by_sources(policy: model.Policy) -> set[str]:
    """The environments into which a chain of routes leads."""
    found: set[str] = set()
    _add(found, list(ways(policy)), comes_from)
    return found


def _spread(reached: set[str], routes: list[model.Route], readings: Readings) -> None:
    """Add all that can be reached from what is."""
    _add(reached, routes, lambda each, been: comes_from(each, been) and readings.way(each).can_from(been))


def _add(
    reached: set[str], routes: list[model.Route], leads: Callable[[model.Route, Set[str]], bool]
) -> None:
    """Add where routes lead, from what is reached and from what is added."""
    before = -1
    while before < len(reached):
        before = len(reached)
        for each in routes:
            if each.target not in reached and leads(each, reached):
                reached.add(each.target)
