"""Reads JSON slowly, with the places of its values, to say what is wrong with them."""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # typeshed leaves it out

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.errors import malformed_document
from rung.inputs.json_text import excess
from rung.inputs.located import (
    Entries,
    Items,
    Leaf,
    Node,
    in_order,
    number_or_refusal,
    refusals,
    too_large,
)
from rung.inputs.shown import shown

_SPACE = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"[^ \t\n\r,\]}]+")
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


def json_problems(source: Source) -> list[Diagnostic]:
    """All that is wrong with a text that `read_json` does not take."""
    beyond = excess(source.text)
    if beyond:
        offset, is_deep = beyond
        return [too_large(Span(source.name, offset, offset + 1), deep=is_deep)]
    try:
        # Numbers stay text here: some cannot be read, which is not for the decoder to say.
        json.loads(source.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        return [_syntax_error(error, source)]
    return in_order(list(refusals(json_tree(source), source)), source)


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


def _syntax_error(error: json.JSONDecodeError, source: Source) -> Diagnostic:
    problem = next(
        (ours for theirs, ours in _PROBLEMS.items() if error.msg.startswith(theirs)), "expected JSON"
    )
    end = error.pos + 1
    found = shown(source.text[error.pos : end]) if error.pos < len(source.text) else "the end of the document"
    span = Span(source.name, min(error.pos, len(source.text)), min(end, len(source.text)))
    return malformed_document(span, f"{problem}, found {found}", None, source.name)
