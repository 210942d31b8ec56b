"""Defines `expression`: a condition or value → its canonical text, as parts to lay out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from rung.syntax import tree
from rung.syntax.layout import Break, Group, Part, Token, group
from rung.syntax.pieces import (
    age_of,
    begin,
    braces,
    clause,
    end_of,
    is_one,
    name_of,
    one_or_braces,
    quoted,
    text_of,
    words_of,
)


def expression(node: tree.Expression, depth: int = 1) -> Part:
    """`depth` is how far the later lines of a chain are indented: not at all right inside parentheses."""
    match node:
        case tree.Literal():
            return words_of(node, quoted(node.text) if node.kind == "text" else node.text)
        case tree.TypedText():
            return words_of(node, f"{node.type.text} {quoted(node.text.text)}")
        case tree.Reference():
            return words_of(node, node.name.text)
        case tree.Attribute():
            return words_of(node, f"{node.owner.text}.{node.field.text}")
        case tree.Call():
            by = "" if node.lane is None else f" by {node.lane.text}"
            return words_of(node, f"{node.function.text}({node.argument.text}){by}")
        case tree.SetOf():
            if not node.elements:
                return words_of(node, "{}")
            return group(begin(node, ""), braces(map(expression, node.elements)))
        case tree.Parenthesised():
            inner = expression(node.inner, depth=0)
            return group(begin(node, "("), Break(""), inner, Break("", 0, closes=True), Token(")"))
        case tree.Negative():
            return group(begin(node, "-"), expression(node.operand))
        case tree.Sum():
            return _chain(node.first, node.rest, depth)
        case tree.Product():
            return _chain(node.factors[0], [("*", factor) for factor in node.factors[1:]], depth)
        case tree.Comparison():
            return group(expression(node.left), f" {node.operator.text} ", expression(node.right))
        case tree.Not():
            return group(begin(node, "not "), expression(node.operand))
        case tree.And():
            return _chain(node.operands[0], [("and", operand) for operand in node.operands[1:]], depth)
        case tree.Or():
            return _chain(node.operands[0], [("or", operand) for operand in node.operands[1:]], depth)
        case tree.Implies():
            return _chain(node.premise, [("implies", node.conclusion)], depth)
        case tree.People():
            return _people(node)
        case tree.Healthy():
            once = "once " if node.once else ""
            lasting = "" if node.duration is None else f" for {node.duration.text}"
            return words_of(node, f"{once}healthy in {node.place.text}{lasting}")
        case tree.Provenance():
            return group(
                begin(node, "provenance from "), one_or_braces([*map(text_of, node.builders)]), end_of(node)
            )
        case tree.ConfigurationHas():
            return group(
                begin(node, "configuration has "), one_or_braces([*map(text_of, node.keys)]), end_of(node)
            )
        case tree.Condition():
            return words_of(node, node.words)
        case tree.NoDrift():
            return words_of(node, f"no drift in {node.place.text}")
        case _:
            assert_never(node)


def _chain(first: tree.Expression, rest: Iterable[tuple[str, tree.Expression]], depth: int) -> Group:
    parts = (part for word, operand in rest for part in (Break(depth=depth), f"{word} ", expression(operand)))
    return group(expression(first), *parts)


def _people(node: tree.People) -> Group:
    kind = node.kind.text.removesuffix("s") + ("" if is_one(node.count.text) else "s")
    excepting = clause("except ", one_or_braces([*map(name_of, node.excepting)])) if node.excepting else ()
    age = clause(*age_of(node.age)) if node.age else ()
    head = begin(node, f"at least {node.count.text} {kind} from ")
    return group(head, one_or_braces([*map(name_of, node.groups)]), *excepting, *age, end_of(node))
