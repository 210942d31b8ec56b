"""Defines claims: what must hold whenever a release enters by a route. Data only, without a solver.

A claim is a condition of the language, read at the entry: what happened before it is the state, roles
are the persons on whom it rests. Nothing else about a history matters, since what held at entry is
remembered for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.diagnostics import Span
from rung.frozen import frozen
from rung.policy import model
from rung.policy.walk import parts

FILLED = {"approver": "approval", "reviewer": "review"}
"""The roles that somebody must have for a claim about them to hold, each with what they say."""


@frozen
class Equal:
    """A claim that the facets of a parity do not differ, now or when the release was validated."""

    parity: model.Parity
    span: Span


@frozen
class Claim:
    """What must hold of every entry by `route`, or of every action; `broken` says in words that it does not.

    It speaks only of entries of which `given` holds. `others` are the routes by which other releases must
    have entered before, where the claim is about these.
    """

    route: model.Route | model.Act
    holds: model.Condition | Equal
    broken: str
    given: model.Condition | None = None
    others: tuple[model.Route, ...] = ()

    @property
    def conditions(self) -> tuple[model.Condition, ...]:
        """The conditions of the language in it."""
        given = () if self.given is None else (self.given,)
        return given if isinstance(self.holds, Equal) else (self.holds, *given)


def routes_into(policy: model.Policy, places: tuple[str, ...]) -> Iterator[model.Route]:
    """The routes by which something can enter these places for the first time."""
    for route in policy.routes:
        if route.target in places and route.lane != "rollback":
            yield route


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
