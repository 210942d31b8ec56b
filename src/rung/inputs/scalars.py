"""Defines the scalars of the documents: how each is written, what is expected, and what it becomes.

A scalar is an annotated type (`Instant`, `Digest`, …) whose `Scalar` says all of it; the validator and
the JSON Schema both read it from there. The `parse_…` functions serve other layers as well: they take a
text and raise ValueError with a message fit for a user.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypeAlias

MAX_TEXT = 4096
LAST_INSTANT = 253_402_300_799  # 9999-12-31T23:59:59Z
INT_MIN, INT_MAX = -(2**63), 2**63 - 1
UNIX_EPOCH_DAY = 719_163  # date(1970, 1, 1).toordinal()
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}

# The patterns are read by three engines (Python's, pydantic's Rust and JSON Schema's ECMA): only
# what means the same in all of them may stand here, and every one is anchored at both ends.
NAME = r"^[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*$"
DIGEST = r"^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$"
COMMIT = r"^[0-9a-f]{7,64}$"
# No C0 or C1 control, no line or paragraph separator, nothing that turns the direction of writing.
PLAIN = r"[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"
TEXT = f"^{PLAIN}+$"
NUMERIC = r"(0|[1-9][0-9]{0,17})"
PRE_RELEASE = r"(0|[1-9][0-9]{0,17}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
BUILD = r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*"
VERSION = rf"^{NUMERIC}\.{NUMERIC}\.{NUMERIC}(-{PRE_RELEASE}(\.{PRE_RELEASE})*)?(\+{BUILD})?$"
SHARE = r"^(100(\.0{1,9})?|(0|[1-9][0-9]?)(\.[0-9]{1,9})?)%$"
INSTANT = (
    r"^(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(\.[0-9]{1,9})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_INSTANT = re.compile(INSTANT)
_PERCENT = r"-?(0|[1-9][0-9]{0,28})(\.[0-9]{1,9})?%"
_DURATION = r"([0-9]{1,9})([smhdw])"

RawScalar: TypeAlias = bool | int | Decimal | str
RawValue: TypeAlias = RawScalar | tuple[RawScalar, ...]
VersionKey: TypeAlias = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


class Scalar(NamedTuple):
    """How a scalar is written. `parse` may add what `pattern` cannot say; without it the text stays."""

    expected: str
    pattern: str
    limit: int = MAX_TEXT
    parse: Callable[[Any], Any] | None = None
    write: Callable[[Any], str] | None = None


class Raw(NamedTuple):
    """A value that stays as it is written, until a policy gives it a type."""

    parse: Callable[[Any], Any]


def parse_instant(text: str) -> int:
    """The UTC epoch seconds of an RFC 3339 instant, its fraction floored; ValueError when it is none."""
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        has_leap_second = isinstance(text, str) and re.search("T[0-9]{2}:[0-9]{2}:60", text)
        which = "without a leap second" if has_leap_second else "with its zone"
        raise ValueError(f"expected an instant {which}, such as `2026-11-23T09:12:00Z`")
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    try:
        days = date(year, month, day).toordinal() - UNIX_EPOCH_DAY
    except ValueError:
        raise ValueError("expected a day that the calendar has") from None
    # The fraction is dropped: after 1970 that is the floor.
    instant = days * 86_400 + hour * 3600 + minute * 60 + second - _ahead_of_utc(match[8])
    if not 0 <= instant <= LAST_INSTANT:
        raise ValueError("expected an instant in the years 1970 to 9999")
    return instant


def _ahead_of_utc(zone: str) -> int:
    """The seconds that clocks with this offset, such as `+02:00` or `Z`, are ahead of UTC."""
    if zone == "Z":
        return 0
    ahead = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
    return -ahead if zone[0] == "-" else ahead


def format_instant(seconds: int) -> str:
    """The RFC 3339 text, in UTC, of an instant that `parse_instant` may return."""
    days, rest = divmod(seconds, 86_400)
    day = date.fromordinal(days + UNIX_EPOCH_DAY)
    return f"{day.isoformat()}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def parse_duration(text: str) -> int:
    """The seconds of a duration of one token, such as `90m`; ValueError when it is none."""
    match = re.fullmatch(_DURATION, text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("expected a duration, such as `30s`, `90m`, `24h`, `7d` or `2w`")
    return int(match[1]) * SECONDS[match[2]]


def parse_percent(text: str) -> Decimal:
    """The percentage points of a percent: `83.4%` is Decimal("83.4"); ValueError when it is none."""
    if not isinstance(text, str) or not re.fullmatch(_PERCENT, text):
        raise ValueError("expected a percent, such as `83.4%`")
    return Decimal(text[:-1])


def parse_share(text: str) -> Decimal:
    """The percentage points of a share of a whole, from `0%` to `100%`; ValueError when it is none."""
    if not isinstance(text, str) or not re.fullmatch(SHARE[1:-1], text):
        raise ValueError("expected a percent from `0%` to `100%`")
    return Decimal(text[:-1])


def parse_version(text: str) -> VersionKey:
    """A key that orders versions by SemVer 2.0.0 precedence (build metadata counts for nothing)."""
    match = re.fullmatch(VERSION[1:-1], text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("expected a version of three numbers, such as `4.12.0` or `4.12.0-rc.1`")
    core, _, pre_release = text.partition("+")[0].partition("-")
    major, minor, patch = map(int, core.split("."))
    # A pre-release comes before its release; in it, numbers come before words and compare as numbers.
    words = pre_release.split(".") if pre_release else []
    identifiers = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in words)
    return major, minor, patch, 0 if identifiers else 1, identifiers


def parse_raw(value: object) -> RawValue:
    """A boolean, number, text, or list of these, as it is; a list becomes a tuple."""
    if isinstance(value, list | tuple):
        return tuple(_parse_raw_scalar(item) for item in value)
    return _parse_raw_scalar(value)


def _parse_raw_scalar(value: object) -> RawScalar:
    match value:
        case bool() | Decimal():
            return value
        case int() if INT_MIN <= value <= INT_MAX:
            return value
        case str() if len(value) <= MAX_TEXT and re.fullmatch(f"{PLAIN}*", value):
            return value
        case str():
            raise ValueError(f"expected at most {MAX_TEXT} characters, none of them a control character")
        case _:
            raise ValueError("expected a boolean, a number, a text or a list of these")


Name = Annotated[str, Scalar("a name: letters, digits, `_`, and `-` between them", NAME, 200)]
Text = Annotated[str, Scalar(f"a text of 1 to {MAX_TEXT} characters, none of them a control character", TEXT)]
Digest = Annotated[str, Scalar("a digest: `sha256:` and 64 lowercase hexadecimal digits", DIGEST)]
CommitId = Annotated[str, Scalar("a commit: 7 to 64 lowercase hexadecimal digits", COMMIT)]
Version = Annotated[str, Scalar("a version, such as `4.12.0` or `4.12.0-rc.1`", VERSION, 256)]
Instant = Annotated[
    int, Scalar("an instant, such as `2026-11-23T09:12:00Z`", INSTANT, 40, parse_instant, format_instant)
]
Share = Annotated[
    Decimal, Scalar("a percent from `0%` to `100%`", SHARE, 20, parse_share, lambda x: f"{x:f}%")
]
Value = Annotated[RawValue, Raw(parse_raw)]
