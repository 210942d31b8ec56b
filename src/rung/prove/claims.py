"""Defines claims: what must hold whenever a release enters by a route. Data only, without a solver.

A claim is a condition of the language, read at the entry: what happened before it is the state, roles
are the persons on whom it rests. Nothing else about a history matters, since what held at entry is
remembered for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Literal

from rung.diagnostics import Span
from rung.frozen import frozen
from rung.policy import model
from rung.policy.walk import parts
from rung.prove.errors import NotEncodedError

MOST_CHOICES = 200
FILLED = {"approver": "approval", "reviewer": "review"}
"""The roles that somebody must have for a claim about them to hold, each with what they say."""


@frozen
class Equal:
    """A claim that the facets of a parity do not differ, now or when the release was validated."""

    parity: model.Parity
    span: Span


@frozen
class Allowed:
    """A claim that another policy allows the entry as well."""

    policy: model.Policy
    span: Span


@frozen
class Claim:
    """What must hold of every entry by `route`, or of every action; `broken` says in words that it does not.

    It speaks only of entries of which `given` holds. `others` are the routes by which other releases must
    have entered before, where the claim is about these. `becomes` is what must have become of the release
    since then, each with its place: `running`, `earned` or `bad`. With `alike`, a release is taken to bring
    migrations by each way in, or by none.
    """

    route: model.Route | model.Act
    holds: model.Condition | Equal | Allowed
    broken: str
    given: model.Condition | None = None
    others: tuple[model.Route, ...] = ()
    becomes: tuple[tuple[str, str], ...] = ()
    alike: bool = False

    @property
    def conditions(self) -> tuple[model.Condition, ...]:
        """The conditions of the language in it."""
        given = () if self.given is None else (self.given,)
        return given if isinstance(self.holds, Equal | Allowed) else (self.holds, *given)


def routes_into(policy: model.Policy, places: tuple[str, ...]) -> Iterator[model.Route]:
    """The routes by which something can enter these places for the first time."""
    for route in policy.routes:
        if route.target in places and route.lane != "rollback":
            yield route


def come_through(
    event: Literal["deployed", "earned"], after: model.Sources, route: model.Route
) -> model.Condition:
    """That a release was deployed, or has earned health, in as many places as an environment is after."""
    been = [model.Happened(event, name, None, after.span) for name in after.names]
    choices = list(combinations(been, after.count))
    if len(choices) > MOST_CHOICES:
        raise NotEncodedError(f"an environment after {after.count} of {len(after.names)} others")
    ways = tuple(each[0] if len(each) == 1 else model.And(each, route.span) for each in choices)
    return ways[0] if len(ways) == 1 else model.Or(ways, route.span)


def listed(after: model.Sources) -> str:
    """What an environment is after, in words: all of `eu`, `us`."""
    names = ", ".join(f"`{name}`" for name in after.names)
    if len(after.names) == 1:
        return names
    how = {1: "any of", len(after.names): "all of"}.get(after.count, f"{after.count} of")
    return f"{how} {names}"


def head(way: model.Route | model.Act) -> str:
    """A way by its lane, or action, and its places: `promote qa -> prod`, in backticks."""
    if isinstance(way, model.Act):
        return f"`{way.action} {way.target}`"
    origin = {"admit": "build", "rollback": ""}.get(way.lane, ", ".join(sources_of(way)))
    return f"`{way.lane} {origin} -> {way.target}`" if origin else f"`{way.lane} {way.target}`"


def sources_of(way: model.Route | model.Act) -> tuple[str, ...]:
    """The places that a route leads from."""
    return way.sources.names if isinstance(way, model.Route) and way.sources is not None else ()


def roles_in(conditions: Iterable[model.Condition]) -> list[str]:
    """The roles, other than who acts, that conditions speak of."""
    nodes = (node for each in conditions for node in parts(each))
    found = (node.name for node in nodes if isinstance(node, model.Role))
    return sorted({name for name in found if name != "actor"})
