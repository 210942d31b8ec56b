"""Defines `is_written`: whether PostgreSQL reads a quoted literal as a value of a type."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date

_INTEGERS = {"int2": 2**15, "int4": 2**31, "int8": 2**63, "oid": None}
_INTEGER = re.compile(r"\s*[-+]?\d+\s*\Z", re.ASCII)
_NUMBER = re.compile(r"\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*\Z", re.ASCII | re.IGNORECASE)
_WORD = re.compile(r"[-+]?[a-z_]+\Z", re.ASCII)
_NO_NUMBERS = {"nan", "inf", "+inf", "-inf", "infinity", "+infinity", "-infinity"}
_BOOLEANS = {"t", "tr", "tru", "true", "y", "ye", "yes", "on", "1"}
_BOOLEANS |= {"f", "fa", "fal", "fals", "false", "n", "no", "of", "off", "0"}
_DAY = re.compile(r"\s*(\d{4})-(\d\d?)-(\d\d?)\s*(?:\Z|[ T])", re.ASCII)
_WHOLE_DAY = re.compile(r"\s*\d{4}-\d\d?-\d\d?\s*\Z", re.ASCII)
_TIME = re.compile(
    r"\s*\d{4}-\d\d?-\d\d?[ T]([01]?\d|2[0-3]):[0-5]?\d(:[0-5]?\d(\.\d+)?)?\s*(Z|[-+]\d\d(:?\d\d)?)?\s*\Z"
)
_MOMENTS = {"now", "today", "tomorrow", "yesterday", "epoch", "infinity", "+infinity", "-infinity"}
_UUID = re.compile(r"\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?\Z", re.IGNORECASE)
_TEXTS = {"text", "varchar", "bpchar", "name", "unknown"}


def is_written(literal: str, kind: str, labels: Sequence[str] | None = None) -> bool | None:
    """None where it is not known; `labels` are an enum's."""
    word = literal.strip().lower()
    match kind:
        case _ if kind in _TEXTS:
            return True
        case _ if kind.startswith("_"):
            return None if word[:1] in ("{", "[") else False
        case _ if kind.startswith("enum "):
            return None if labels is None else literal in labels
        case "int2" | "int4" | "int8":
            if _INTEGER.match(literal):
                top = _INTEGERS[kind]
                return top is None or -top <= int(literal) < top
            # other notations begin with a digit
            return None if word[:1].isdigit() or word[1:2].isdigit() else False
        case "numeric" | "float4" | "float8":
            if _NUMBER.match(literal) or word in _NO_NUMBERS:
                return True
            return None if word[:1].isdigit() or word[1:2].isdigit() else False
        case "bool":
            return word in _BOOLEANS
        case "uuid":
            return _UUID.match(literal) is not None
        case "json" | "jsonb":
            return _is_json(literal)
        case "date" | "timestamp" | "timestamptz":
            return _is_moment(literal, word)
        case _:
            return None


def _is_json(literal: str) -> bool | None:
    try:
        json.loads(literal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False if len(literal) < 1_000 else None
    # what Python takes and the server may not: half of a pair of surrogates, a zero byte
    return None if "\\u" in literal else True


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_moment(literal: str, word: str) -> bool | None:
    if word in _MOMENTS:
        return True
    found = _DAY.match(literal)
    if found is None:
        # a lone word is a moment only where it is one of those; with others it may be a month's name
        return False if not word or (_WORD.match(word) and word not in _MOMENTS) else None
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None if found[1] == "0000" else False
    return True if _WHOLE_DAY.match(literal) or _TIME.match(literal) else None
