"""Defines `is_read`: whether a quoted literal is surely one of a type, whatever value it has."""

from __future__ import annotations

import ipaddress
import json
import re

from rung.migrations.carriers import Carrier, Kind
from rung.migrations.values import day_and_time

_ESCAPED = re.compile(r"(?:[^\\]|\\\\|\\[0-3][0-7]{2})*", re.DOTALL)
_PART = re.compile(r"-?[0-9]{1,5} (second|minute|hour|day|week|month|year)s?")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?")
_ELEMENTS = re.compile(r"\{(?:[A-Za-z0-9_.:/-]+(?:,[A-Za-z0-9_.:/-]+)*)?\}")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]+(?:/(?:0|[1-9][0-9]{0,2}))?")
# Some servers refuse numbers as great as these, half of a pair of surrogates and a zero byte.
_HARD_JSON = re.compile(r"\\u|[eE][-+]?[0-9]{3}|[0-9]{300}")


def is_read(carrier: Carrier, written: str) -> bool:
    """False is also the answer where it is not known."""
    match carrier.kind:
        case Kind.TIMESTAMPTZ:
            # without a zone it is a time of the session's
            return day_and_time(written) is not None
        case Kind.BYTES:
            return not written.startswith("\\x") and _ESCAPED.fullmatch(written) is not None
        case Kind.OTHER if carrier.type.array:
            texts = carrier.type.schema is None and carrier.type.name == "text"
            return written == "{}" or (texts and _ELEMENTS.fullmatch(written) is not None)
        case Kind.OTHER if carrier.type.schema is None and not carrier.type.modifiers:
            return _is_other(carrier.type.name, written)
        case _:
            return False


def _is_other(name: str, written: str) -> bool:
    match name:
        case "json" | "jsonb":
            return _is_json(written)
        case "interval":
            return _is_interval(written)
        case "inet" | "cidr":
            return _ADDRESS.fullmatch(written) is not None and _is_address(written, name == "cidr")
        case _:
            return False


def _is_json(written: str) -> bool:
    try:
        json.loads(written, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return _HARD_JSON.search(written) is None


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_interval(written: str) -> bool:
    """Each unit may stand once, and a time of the day in place of its parts."""
    units = _PART.findall(written)
    rest = _PART.sub("", written).strip(" ")
    if rest and (not _CLOCK.fullmatch(rest) or not written.endswith(rest)):
        return False
    units += ["hour", "minute", "second"] if rest else []
    return 0 < len(units) == len(set(units))


def _is_address(written: str, whole: bool) -> bool:
    """A cidr names a network and no address within it."""
    try:
        ipaddress.ip_network(written, strict=whole)
    except ValueError:
        return False
    return True
