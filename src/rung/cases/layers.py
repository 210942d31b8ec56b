"""Defines how cases are laid over each other, so that one says only what it has of its own."""

from __future__ import annotations

from rung.diagnostics import Source
from rung.inputs.document import Document
from rung.inputs.located import Entries, Leaf, Node, plain


class Layered(Document):
    """A document made of layers of one text: every value knows where it was written."""

    def __init__(self, source: Source, root: Node) -> None:
        super().__init__(source, plain(root), is_json=False)
        self.root = root


def layered(below: Node | None, above: Node) -> Node:
    """Mappings merge key by key, null takes away, anything else replaces."""
    if not isinstance(above, Entries):
        return above
    pairs = {key.value: (key, value) for key, value in below.pairs} if isinstance(below, Entries) else {}
    for key, value in above.pairs:
        if isinstance(value, Leaf) and value.value is None:
            pairs.pop(key.value, None)
        else:
            under = pairs.get(key.value)
            pairs[key.value] = (key, layered(under and under[1], value))
    return Entries(above.start, above.end, list(pairs.values()))


def entry(node: Node | None, name: str) -> Node | None:
    """The value of a key, None without one."""
    pairs = node.pairs if isinstance(node, Entries) else []
    return next((value for key, value in pairs if key.value == name), None)


def without(node: Node, names: frozenset[str]) -> Node:
    """A mapping without some of its keys."""
    if not isinstance(node, Entries):
        return node
    return Entries(node.start, node.end, [pair for pair in node.pairs if pair[0].value not in names])
