"""Reads JSON strictly: no duplicate keys, no NaN, no number that a policy could not hold exactly.

This is the quick way, which only takes a text or does not; `json_tree` says what is wrong, and where.
"""

import json
import re
from typing import Any

from rung.inputs.numbers import read_number

MAX_DEPTH = 64
MAX_NODES = 1_000_000
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(text: str) -> Any:
    """The data of one JSON text; ValueError when it is none, or has in it what no document may have."""
    if excess(text):
        raise ValueError("too large")
    data = _DECODER.decode(text)
    if _SURROGATE.search(text):
        # Half of a pair cannot be encoded, and everything else can.
        json.dumps(data, ensure_ascii=False, default=str).encode()
    return data


def excess(text: str) -> tuple[int, bool] | None:
    """The offset where a text has too many levels or values, and whether it is levels.

    Brackets and commas outside of strings are counted before the decoder sees the text: it recurses.
    """
    depth, nodes = 0, 1
    for token in _TOKEN.finditer(text):
        match token[0]:
            case "[" | "{":
                depth += 1
                nodes += 1
            case "]" | "}":
                depth -= 1
            case ",":
                nodes += 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            return token.start(), depth > MAX_DEPTH
    return None


def _mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a key stands twice")
    return made


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_mapping, parse_int=read_number, parse_float=read_number, parse_constant=_constant
)
