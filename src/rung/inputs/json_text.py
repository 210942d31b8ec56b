"""Reads JSON strictly: no duplicate keys, no NaN, no number that a policy could not hold exactly.

The standard library's decoder reads. The text is read a second time, more slowly and with places, when
the decoder's hooks objected or when an error in its values is to be placed.
"""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out
from typing import Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.errors import malformed_document
from rung.inputs.located import (
    MAX_DEPTH,
    MAX_NODES,
    Entries,
    Items,
    Leaf,
    Node,
    number_or_refusal,
    refusals,
    too_large,
)
from rung.inputs.numbers import read_number
from rung.inputs.shown import shown

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[^ \t\n\r,\]}]+")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PROBLEMS = {
    "Expecting property name": "expected a key in double quotes",
    "Expecting ',' delimiter": "expected a comma or the end of the list or mapping",
    "Expecting ':' delimiter": "expected a colon after the key",
    "Expecting value": "expected a value",
    "Illegal trailing comma": "expected no comma before the end of the list or mapping",
    "Unterminated string": "expected a closing double quote",
    "Invalid control character": "expected `\\n`, `\\t` or the like in place of a control character",
    "Invalid \\": "expected an escape that JSON has after the backslash",
    "Extra data": "expected nothing after the end of the document",
}


def read_json(source: Source) -> tuple[Any, list[Diagnostic]]:
    """The data of one JSON text, or all that no document may have in it."""
    too_large = _too_large(source)
    if too_large:
        return None, [too_large]
    objections: list[str] = []

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            objections.append("a key stands twice")
        return made

    def number(text: str) -> Any:
        try:
            return read_number(text)
        except ValueError as error:
            objections.append(str(error))

    decoder = json.JSONDecoder(
        object_pairs_hook=mapping, parse_int=number, parse_float=number, parse_constant=objections.append
    )
    try:
        data = decoder.decode(source.text)
    except json.JSONDecodeError as error:
        return None, [_syntax_error(error, source)]
    if objections or _SURROGATE.search(source.text):
        return data, list(refusals(json_tree(source), source))
    return data, []


def json_tree(source: Source) -> Node:
    """The values of a text that the decoder took, with their places."""
    return _node(source.text, _after_space(source.text, 0))


def _node(text: str, start: int) -> Node:
    match text[start]:
        case "{":
            pairs = []
            position = _after_space(text, start + 1)
            while text[position] != "}":
                key = _string(text, position)
                value = _node(text, _after_space(text, _after_space(text, key.end) + 1))
                pairs.append((key, value))
                position = _after_comma(text, value.end)
            return Entries(start, position + 1, pairs)
        case "[":
            nodes = []
            position = _after_space(text, start + 1)
            while text[position] != "]":
                nodes.append(_node(text, position))
                position = _after_comma(text, nodes[-1].end)
            return Items(start, position + 1, nodes)
        case '"':
            return _string(text, start)
        case _:
            return _word(text, start)


def _string(text: str, start: int) -> Leaf:
    value, end = scanstring(text, start + 1, True)
    return Leaf(start, end, value)


def _word(text: str, start: int) -> Leaf:
    match = _WORD.match(text, start)
    assert match is not None, "the decoder found a value here"
    word = match[0]
    if word in ("true", "false", "null"):
        return Leaf(start, match.end(), {"true": True, "false": False, "null": None}[word])
    return Leaf(start, match.end(), number_or_refusal(word))


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    assert match is not None, "the pattern matches everywhere"
    return match.end()


def _after_comma(text: str, position: int) -> int:
    position = _after_space(text, position)
    return _after_space(text, position + 1) if text[position] == "," else position


def _too_large(source: Source) -> Diagnostic | None:
    """Counts brackets and commas outside of strings: the decoder recurses, and must not meet a deep text."""
    depth, nodes = 0, 1
    for token in _TOKEN.finditer(source.text):
        match token[0]:
            case "[" | "{":
                depth += 1
                nodes += 1
            case "]" | "}":
                depth -= 1
            case ",":
                nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            return too_large(Span(source.name, *token.span()), deep=depth > MAX_DEPTH)
    return None


def _syntax_error(error: json.JSONDecodeError, source: Source) -> Diagnostic:
    problem = next(
        (ours for theirs, ours in _PROBLEMS.items() if error.msg.startswith(theirs)), "expected JSON"
    )
    end = error.pos + 1
    found = shown(source.text[error.pos : end]) if error.pos < len(source.text) else "the end of the document"
    span = Span(source.name, min(error.pos, len(source.text)), min(end, len(source.text)))
    return malformed_document(span, f"{problem}, found {found}", None, source.name)
