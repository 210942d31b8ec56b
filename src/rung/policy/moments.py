"""Defines how local dates and clock times become UTC, with the tz database of the `tzdata` package."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import pairwise
from pkgutil import get_data
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60

# The horizon, [BEGIN, END): proofs speak of decisions at these instants.
BEGIN = 1_735_689_600  # 2025-01-01T00:00:00Z
END = 2_082_758_400  # 2036-01-01T00:00:00Z, eleven years later


@cache
def zone_names() -> frozenset[str]:
    return frozenset(_tzdata("zones").decode().split())


def tzdata_version() -> str:
    """The version of the tz database."""
    import tzdata

    return str(tzdata.__version__)


@cache
def zone(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None. Read from the package, never from the machine's files."""
    if name not in zone_names():
        return None
    return ZoneInfo.from_file(BytesIO(_tzdata(f"zoneinfo/{name}")), key=name)


def _tzdata(path: str) -> bytes:
    data = get_data("tzdata", path)
    assert data is not None, "the loader of an installed package gives data"
    return data


def local_datetime(date: str, clock: str | None) -> datetime | None:
    """A naive local time, or None where the calendar does not have it; `24:00` is the end of the day."""
    hours, minutes = (int(part) for part in (clock or "00:00").split(":"))
    if minutes > 59 or hours > 24 or (hours == 24 and minutes):
        return None
    try:
        day = datetime.strptime(date, "%Y-%m-%d")
        moment = day + timedelta(hours=hours, minutes=minutes)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year < 9999 else None


def clock_minutes(clock: str) -> int | None:
    """`09:30` → 570, `24:00` → 1440, or None."""
    hours, minutes = (int(part) for part in clock.split(":"))
    total = hours * 60 + minutes
    return total if minutes <= 59 and total <= DAY_MINUTES else None


def readings(local: datetime, where: ZoneInfo) -> tuple[int, ...]:
    """The UTC seconds at which clocks in a zone show a naive local time.

    Two in an hour that repeats (earlier first); in one that is skipped, the instant of the change.
    """
    both = sorted({int(local.replace(tzinfo=where, fold=fold).timestamp()) for fold in (0, 1)})
    if len(both) == 1:
        return tuple(both)
    shown = [datetime.fromtimestamp(second, UTC).astimezone(where).replace(tzinfo=None) for second in both]
    if all(each == local for each in shown):
        return tuple(both)
    return (_change(both[0], both[1], where),)


def offset_changes(where: ZoneInfo, begin: int, end: int) -> list[int]:
    """The instants in (begin, end] at which clocks in a zone change, at least a day apart."""
    days = [(second, _offset(second, where)) for second in (*range(begin, end, 86_400), end)]
    return [_change(low, high, where) for (low, before), (high, after) in pairwise(days) if before != after]


@cache
def offsets(name: str) -> tuple[tuple[int, int], ...]:
    """A zone's offsets from UTC in seconds over the horizon, each with the instant from which it holds."""
    where = zone(name)
    assert where is not None, "the zone was found when the policy was read"
    instants = [BEGIN, *offset_changes(where, BEGIN, END)]
    return tuple((each, _seconds(each, where)) for each in instants)


def _seconds(second: int, where: ZoneInfo) -> int:
    shift = _offset(second, where)
    assert shift is not None, "zones have an offset at all times"
    return int(shift.total_seconds())


def _change(low: int, high: int, where: ZoneInfo) -> int:
    """The instant in (low, high] at which the offset from UTC changes."""
    before = _offset(low, where)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, where) == before else (low, middle)
    return high


def _offset(second: int, where: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(second, UTC).astimezone(where).utcoffset()
