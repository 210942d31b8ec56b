"""Defines the types of values in a policy, and how each is represented in every reading.

Numbers are integers everywhere: a decimal or percentage is scaled by 10**9, a duration is in
seconds, a time in seconds since 1970-01-01 UTC. So all readings calculate exactly, and alike.
"""

from __future__ import annotations

import re

from rung.frozen import frozen

SCALE = 10**9
INT_LIMIT = 2**63
DECIMAL_LIMIT = 10**27  # scaled: 18 digits before the point, 9 after
DURATION_LIMIT = 100 * 366 * 86_400
TIME_LIMIT = 253_402_300_800  # the year 10000
EXACT_LIMIT = 10**38  # no calculation may exceed 38 digits


@frozen
class Scalar:
    """A type without parts: its name is what a policy writes."""

    name: str

    def __str__(self) -> str:
        return self.name


@frozen
class EnumType:
    """A type of finitely many named values; `name` is for messages only."""

    members: tuple[str, ...]
    name: str = ""

    def __str__(self) -> str:
        return self.name or "one of { " + ", ".join(self.members) + " }"


@frozen
class SetType:
    element: Scalar | EnumType

    def __str__(self) -> str:
        return f"set of {self.element}"


Type = Scalar | EnumType | SetType

BOOL = Scalar("bool")
INT = Scalar("int")
DECIMAL = Scalar("decimal")
PERCENT = Scalar("percent")
DURATION = Scalar("duration")
TIME = Scalar("time")
TEXT = Scalar("text")
VERSION = Scalar("version")
DIGEST = Scalar("digest")
PERSON = Scalar("person")

SCALARS = (BOOL, INT, DECIMAL, PERCENT, DURATION, TIME, TEXT, VERSION, DIGEST, PERSON)

# The values that a well-formed document can hold, inclusive at both ends.
BOUNDS: dict[Type, tuple[int, int]] = {
    INT: (-INT_LIMIT, INT_LIMIT - 1),
    DECIMAL: (-DECIMAL_LIMIT, DECIMAL_LIMIT),
    PERCENT: (-DECIMAL_LIMIT, DECIMAL_LIMIT),
    DURATION: (-DURATION_LIMIT, DURATION_LIMIT),
    TIME: (0, TIME_LIMIT - 1),
}

# How a value is held: int for the numeric types, str for text, digest, person and enums, bool,
# a version key for versions, and a frozenset of these for sets.
Value = int | str | bool | tuple[object, ...] | frozenset["Value"]

UNIT_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_DURATION = re.compile(r"([0-9]{1,12})([smhdw])")
_NUMBER = re.compile(r"(-?)([0-9]{1,40})(?:\.([0-9]{1,40}))?")
_PERCENT = re.compile(_NUMBER.pattern + "%")
_PRE_RELEASE = r"(?:0|[1-9][0-9]{0,17}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION = re.compile(
    r"(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})\.(0|[1-9][0-9]{0,17})"
    rf"(?:-({_PRE_RELEASE}(?:\.{_PRE_RELEASE})*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_TIME = re.compile(r"[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}(?:Z|[+-][0-9]{2}:[0-9]{2})")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")


def parse_duration(text: str) -> int | None:
    """`24h` → seconds, or None for what is not a duration of at most a hundred years."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    seconds = int(match.group(1)) * UNIT_SECONDS[match.group(2)]
    return seconds if seconds <= DURATION_LIMIT else None


def parse_scaled(text: str) -> int | None:
    """`83.4` → 83400000000, or None for what is no number or has more than 9 decimal places."""
    return _scaled(_NUMBER.fullmatch(text))


def parse_percent(text: str) -> int | None:
    """`83.4%` → 83400000000, or None for what is not a percentage."""
    return _scaled(_PERCENT.fullmatch(text))


def _scaled(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    sign, whole, fraction = match.groups("")
    if len(fraction) > 9 and fraction[9:].strip("0"):
        return None
    scaled = int(sign + whole + fraction[:9].ljust(9, "0"))
    return scaled if abs(scaled) <= DECIMAL_LIMIT else None


def parse_version(text: str) -> tuple[object, ...] | None:
    """A key that orders as SemVer 2.0.0 section 11 says (build metadata ignored), or None."""
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    triple = tuple(int(part) for part in match.groups()[:3])
    pre = match.group(4)
    if pre is None:
        return (*triple, 1, ())
    identifiers = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split("."))
    return (*triple, 0, identifiers)


def parse_time(text: str) -> int | None:
    """The UTC seconds of an RFC 3339 time in whole seconds, from 1970 on, or None."""
    from datetime import datetime

    if _TIME.fullmatch(text) is None:
        return None
    try:
        seconds = int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        return None
    return seconds if 0 <= seconds < TIME_LIMIT else None


def parse_digest(text: str) -> str | None:
    """A sha256 or sha512 digest in lowercase hex, or None."""
    return text if _DIGEST.fullmatch(text) else None


def show_duration(seconds: int) -> str:
    """A duration for a reader, exact, such as `1d 6h`."""
    sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
    parts = []
    for unit in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, UNIT_SECONDS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return sign + " ".join(parts or ["0s"])


def write_duration(seconds: int) -> str:
    """A duration as a policy writes it: one number and unit, `24h`, `90m`, `3d`."""
    if seconds % UNIT_SECONDS["d"] == 0 and abs(seconds) > 2 * UNIT_SECONDS["d"]:
        return f"{seconds // UNIT_SECONDS['d']}d"
    unit = next(each for each in ("h", "m", "s") if seconds % UNIT_SECONDS[each] == 0)
    return f"{seconds // UNIT_SECONDS[unit]}{unit}"


def show_scaled(scaled: int) -> str:
    sign, scaled = ("-" if scaled < 0 else ""), abs(scaled)
    whole, fraction = divmod(scaled, SCALE)
    return f"{sign}{whole}" + (f".{fraction:09d}".rstrip("0") if fraction else "")


def show_time(seconds: int) -> str:
    """RFC 3339 in UTC, such as `2026-11-23T09:12:00Z`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_version(key: tuple[object, ...]) -> str:
    major, minor, patch, _, identifiers = key
    assert isinstance(identifiers, tuple)
    pre = ".".join(str(part[2] or part[1]) if part[0] else str(part[1]) for part in identifiers)
    return f"{major}.{minor}.{patch}" + (f"-{pre}" if pre else "")


def show_value(type: Type, value: Value) -> str:
    """A value for a reader: mostly as a policy would write it."""
    match type:
        case SetType(element):
            assert isinstance(value, frozenset)
            return (
                "{ " + ", ".join(sorted(show_value(element, each) for each in value)) + " }"
                if value
                else "{ }"
            )
        case EnumType():
            return str(value)
        case Scalar("bool"):
            return "true" if value else "false"
        case Scalar("decimal"):
            assert isinstance(value, int)
            return show_scaled(value)
        case Scalar("percent"):
            assert isinstance(value, int)
            return show_scaled(value) + "%"
        case Scalar("duration"):
            assert isinstance(value, int)
            return show_duration(value)
        case Scalar("time"):
            assert isinstance(value, int)
            return show_time(value)
        case Scalar("version"):
            assert isinstance(value, tuple)
            return show_version(value)
        case Scalar("text" | "person"):
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case _:
            return str(value)
