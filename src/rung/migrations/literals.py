"""Defines `is_written`, whether PostgreSQL reads a quoted literal as one of a type, and `is_read`, whether it
surely reads one as a column's, whatever value it has."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from datetime import date

from rung.migrations.carriers import Carrier, Kind
from rung.migrations.values import day_and_time

_INTEGERS = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
_INTEGER = re.compile(r"\s*[-+]?\d+\s*\Z", re.ASCII)
_LONGEST_NUMBER = 40
_OTHER_INTEGER = re.compile(r"0x[0-9a-f]+|[1-9][0-9]*(?:_[0-9]+)+", re.IGNORECASE)
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
_MOMENTS = {"now", "now()", "today", "tomorrow", "yesterday", "epoch", "infinity", "+infinity", "-infinity"}
_ZONES = {"UTC", "GMT", "Europe/Berlin", "Europe/London", "Europe/Paris", "America/New_York", "Asia/Tokyo"}
_UUID = re.compile(r"\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\}?\Z", re.IGNORECASE)
_TEXTS = {"char", "text", "varchar", "bpchar", "name", "unknown"}
_ESCAPED = re.compile(r"(?:[^\\]|\\\\|\\[0-3][0-7]{2})*", re.DOTALL)
_HEXADECIMAL = re.compile(r"\\x(?:[0-9a-fA-F]{2})*")
_PART = re.compile(r"-?[0-9]{1,5} (second|minute|hour|day|week|month|year)s?")
_CLOCK = re.compile(r"[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?")
_ELEMENT = r'(?:[A-Za-z0-9_.:/-]+|"[^"\\]*")'
_ELEMENTS = re.compile(rf"\{{(?:{_ELEMENT}(?:, *{_ELEMENT})*)?\}}")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]+(?:/(?:0|[1-9][0-9]{0,2}))?")
# Some servers refuse numbers as great as these, half of a pair of surrogates and a zero byte.
_HARD_NUMBER = re.compile(r"[eE][-+]?[0-9]{3}|[0-9]{300}")
_HARD_LETTER = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_JSON_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
_CLOCK_TIME = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?")
_POINT = r"\([0-9]+,[0-9]+\)"
_SHAPES = {
    "bit": re.compile(r"[01]+"),
    "box": re.compile(rf"\({_POINT},{_POINT}\)"),
    "money": re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,2})?"),
    "point": re.compile(_POINT),
    "tsvector": re.compile(r"[a-z0-9 ]*", re.IGNORECASE),
    "varbit": re.compile(r"[01]*"),
}
_RANGE = re.compile(r"[\[(]([0-9]*),([0-9]*)[\])]")
_MONTH_DAY = re.compile(
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (?:[1-9]|1[0-9]|2[0-8]), [12][0-9]{3}"
    r"|(?:0[1-9]|1[0-2])/(?:0[1-9]|1[0-2])/[12][0-9]{3}"
)
_CONFIGURATIONS = {"english", "french", "german", "italian", "portuguese", "russian", "simple", "spanish"}
_OTHERS = {"cidr", "inet", "interval", "json", "jsonb"}
_NO_ADDRESS = re.compile(r"[^0-9a-f:./]", re.IGNORECASE)


def is_written(literal: str, kind: str, labels: Sequence[str] | None = None) -> bool | None:
    """None where it is not known; `kind` is as in `resolution`, `labels` are an enum's."""
    word = literal.strip().lower()
    match kind:
        case _ if kind in _TEXTS:
            return True
        case _ if kind.startswith("_"):
            if word[:1] not in ("{", "["):
                return False
            return _is_array(literal, kind[1:], labels)
        case _ if kind.startswith("enum "):
            return None if labels is None else literal in labels
        case "int2" | "int4" | "int8":
            if len(literal) > _LONGEST_NUMBER:
                return None
            if _INTEGER.match(literal):
                top = _INTEGERS[kind]
                return -top <= int(literal) < top
            if _OTHER_INTEGER.fullmatch(literal):
                return int(literal, 0) < _INTEGERS[kind]
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
        case "interval":
            # a lone word is of no length of time
            known = _is_interval(literal) or (len(literal) < 5 and literal.isdecimal())
            return True if known else None if any(map(str.isdigit, word)) else False
        case "time" | "timetz":
            return True if _CLOCK_TIME.fullmatch(literal) else None
        case _ if kind in _SHAPES:
            return True if _SHAPES[kind].fullmatch(literal) else None
        case "int4range" | "int8range" | "numrange":
            bounds = _RANGE.fullmatch(literal)
            if len(literal) > _LONGEST_NUMBER:
                return None
            return True if bounds and (not bounds[2] or int(bounds[1] or 0) <= int(bounds[2])) else None
        case "inet" | "cidr":
            if _ADDRESS.fullmatch(literal) and _is_address(literal, kind == "cidr"):
                return True
            return False if not word or _NO_ADDRESS.search(literal) else None
        case "bytea":
            form = _HEXADECIMAL if literal.startswith("\\x") else _ESCAPED
            return True if form.fullmatch(literal) else None
        case "regclass" | "regtype" | "regnamespace":
            # that it is there is asked by its name
            return True
        case "regconfig":
            return True if literal in _CONFIGURATIONS else None
        case "date" | "timestamp" | "timestamptz":
            return _is_moment(literal, word)
        case _:
            return None


def _is_array(literal: str, kind: str, labels: Sequence[str] | None) -> bool | None:
    if not _ELEMENTS.fullmatch(literal):
        return None
    elements = [each for each in re.findall(_ELEMENT, literal) if each.lower() != "null"]
    written = {is_written(each.strip('"'), kind, labels) for each in elements}
    return False if False in written else None if None in written else True


def _is_json(literal: str) -> bool | None:
    try:
        json.loads(literal, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False if len(literal) < 1_000 else None
    return None if _HARD_LETTER.search(literal) or _HARD_NUMBER.search(_JSON_TEXT.sub("", literal)) else True


def _refuse(word: str) -> None:
    raise ValueError(word)


def _is_moment(literal: str, word: str) -> bool | None:
    if word in _MOMENTS:
        return True
    if _MONTH_DAY.fullmatch(literal):
        return True
    found = _DAY.match(literal)
    if found is None:
        # a lone word is a moment only where it is one of those; with others it may be a month's name
        return False if not word or (_WORD.match(word) and word not in _MOMENTS) else None
    try:
        date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None if found[1] == "0000" else False
    day, _, zone = literal.rpartition(" ")
    written = day if zone in _ZONES else literal
    return True if _WHOLE_DAY.match(written) or _TIME.match(written) else None


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


def is_read(carrier: Carrier, written: str) -> bool:
    """False is also the answer where it is not known."""
    match carrier.kind:
        case Kind.TIMESTAMPTZ:
            # without a zone it is a time of the session's
            return day_and_time(written) is not None
        case Kind.BYTES:
            return is_written(written, "bytea") is True
        case Kind.OTHER if carrier.type.schema is None:
            kind = f"_{carrier.type.name}" if carrier.type.array else carrier.type.name
            known = kind.startswith("_") or (kind in _OTHERS and not carrier.type.modifiers)
            return known and is_written(written, kind) is True
        case Kind.OTHER if carrier.type.array:
            return written == "{}"
        case _:
            return False
