"""Defines a policy as a graph: environments, the routes between them, and the gates on these."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from rung.policy import model


class Node(NamedTuple):
    """A place, or a join of several sources; `id` is a word that no language of graphs gives a meaning."""

    id: str
    kind: Literal["build", "environment", "join"]
    label: str


class Edge(NamedTuple):
    """A route, or its part up to a join, by the ids of its ends; `labels` are the lane, then the gates."""

    start: str
    end: str
    lane: model.Lane
    labels: tuple[str, ...]


class Graph(NamedTuple):
    """The nodes and edges in the order of the policy; the build comes first, where anything is admitted."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(policy: model.Policy) -> Graph:
    """The graph of a policy."""
    places = {name: Node(f"e{index}", "environment", name) for index, name in enumerate(policy.environments)}
    nodes = [*places.values()]
    if any(route.lane == "admit" for route in policy.routes):
        nodes.insert(0, BUILD)
    edges: list[Edge] = []
    for route in policy.routes:
        target = places[route.target].id
        labels = tuple(dict.fromkeys(_gates(route.requirements)))
        match route.sources:
            case None if route.lane == "admit":
                edges.append(Edge(BUILD.id, target, route.lane, (route.lane, *labels)))
            case None:
                edges.append(Edge(target, target, route.lane, (f"rollback within {route.within}", *labels)))
            case model.Sources(names=(name,)):
                edges.append(Edge(places[name].id, target, route.lane, (route.lane, *labels)))
            case model.Sources(names, count):
                how = {len(names): "all of", 1: "any of"}.get(count, f"at least {count} of")
                join = Node(f"j{len(nodes)}", "join", how)
                nodes.append(join)
                edges += [Edge(places[name].id, join.id, route.lane, ()) for name in names]
                edges.append(Edge(join.id, target, route.lane, (route.lane, *labels)))
    return Graph(policy.name, tuple(nodes), tuple(edges))


BUILD = Node("b", "build", "build")


def _gates(requirements: tuple[model.Requirement, ...]) -> Iterator[str]:
    for requirement in requirements:
        yield from _named(requirement.condition)


def _named(condition: model.Condition) -> Iterator[str]:
    match condition:
        case model.GateHolds(gate):
            yield gate
        case model.And(operands) | model.Or(operands):
            for operand in operands:
                yield from _named(operand)
        case model.Implies(_, conclusion):
            yield from _named(conclusion)
        case _:
            return
