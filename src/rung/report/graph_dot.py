"""Defines a policy's graph in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator

from rung.explain.graph import Graph
from rung.report.plain import plain

_STYLES = {"admit": "solid", "promote": "solid", "hotfix": "dashed", "rollback": "dotted"}
_SHAPES = {"build": " shape=ellipse", "environment": "", "join": " shape=plain"}


def drawn(graph: Graph) -> str:
    """A directed graph; each lane has a line of its own style."""
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    yield "digraph policy {"
    yield f"    label={_quoted(graph.title)} labelloc=t rankdir=LR fontname=sans"
    yield "    node [shape=box style=rounded fontname=sans]; edge [fontname=sans fontsize=10]"
    for node in graph.nodes:
        yield f"    {node.id} [label={_quoted(node.label)}{_SHAPES[node.kind]}]"
    for edge in graph.edges:
        label = f" label={_quoted(*edge.labels)}" if edge.labels else ""
        yield f"    {edge.start} -> {edge.end} [style={_STYLES[edge.lane]}{label}]"
    yield "}"


def _quoted(*lines: str) -> str:
    """A string of Graphviz: a backslash begins an escape there, `\\n` ends a line."""
    escaped = (plain(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'
