"""Defines `same_meaning`: whether two syntax trees say the same, wherever and however it is written."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

from rung.syntax import tree

_LAYOUT = frozenset({"span", "comments"})


def same_meaning(a: tree.PolicyFile, b: tree.PolicyFile) -> bool:
    """Whether the trees are equal but for spans, comments, and `approval` against `approvals`."""
    return bool(_meaning(a) == _meaning(b))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in _LAYOUT)


def _meaning(node: Any) -> Any:
    if isinstance(node, tuple):
        return tuple(map(_meaning, node))
    if isinstance(node, tree.People):
        words = (node.count.text, node.kind.text.removesuffix("s"))
        return (tree.People, words, *map(_meaning, (node.groups, node.excepting, node.age)))
    if is_dataclass(node):
        kind: type = type(node)
        return (kind, *(_meaning(getattr(node, name)) for name in _fields(kind)))
    return node
