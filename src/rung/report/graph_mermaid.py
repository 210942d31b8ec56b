"""Defines a policy's graph in the language of Mermaid."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rung.explain.graph import Graph
from rung.report.plain import plain

_ARROWS = {"admit": "-->", "promote": "-->", "hotfix": "-.->", "rollback": "-.->"}
_SHAPES = {"build": ("([", "])"), "environment": ("[", "]"), "join": ("{{", "}}")}


def drawn(graph: Graph) -> str:
    """A flowchart; ordinary lanes are solid lines, hotfixes and rollbacks are dotted."""
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    # The front matter is YAML, of which JSON is a part.
    yield from ("---", f"title: {json.dumps(plain(graph.title))}", "---", "flowchart LR")
    for node in graph.nodes:
        before, after = _SHAPES[node.kind]
        yield f'    {node.id}{before}"{_escaped(node.label)}"{after}'
    for edge in graph.edges:
        label = f'|"{"<br>".join(map(_escaped, edge.labels))}"|' if edge.labels else ""
        yield f"    {edge.start} {_ARROWS[edge.lane]}{label} {edge.end}"


def _escaped(text: str) -> str:
    """A text within quotes: everything but letters, digits and a few marks as the code of a character."""
    return "".join(each if each.isalnum() or each in " _-.,:" else f"#{ord(each)};" for each in plain(text))
