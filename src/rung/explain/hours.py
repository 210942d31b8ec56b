"""Defines how moments and weekly hours are told by the local clock and by UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from rung.explain.words import clock as utc
from rung.policy import model, moments

__all__ = ["both_clocks", "slots", "utc"]
YEAR = 366 * 86_400
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def both_clocks(seconds: int, zone: str) -> str:
    """An instant by the clock of a zone and by UTC, which may be one."""
    where = moments.zone(zone)
    assert where is not None, "the zone was found when the policy was read"
    local = datetime.fromtimestamp(seconds, UTC).astimezone(where)
    if zone == "UTC":
        return utc(seconds)
    return f"{local:%Y-%m-%d %H:%M} {zone} ({utc(seconds)})"


def slots(window: model.Window, now: int) -> Iterator[str]:
    """The hours of a window by its clock, and by UTC for each offset of the clock in the coming year."""
    where = moments.zone(window.zone)
    assert where is not None, "the zone was found when the policy was read"
    changes = moments.offset_changes(where, now, now + YEAR)
    offsets = {
        _minutes(datetime.fromtimestamp(each, UTC).astimezone(where).utcoffset()) for each in (now, *changes)
    }
    for slot in window.slots:
        local = f"{_days(slot.days)} {_time(slot.opens)} to {_time(slot.closes)} {window.zone}"
        others = [
            f"{_time(slot.opens - offset)} to {_time(slot.closes - offset)} UTC at {_offset(offset)}"
            for offset in sorted(offsets)
            if window.zone != "UTC"
        ]
        yield local + (f" ({', '.join(others)})" if others else "")


def _minutes(offset: timedelta | None) -> int:
    assert offset is not None, "zones have an offset at all times"
    return int(offset.total_seconds()) // 60


def _time(minutes: int) -> str:
    """A time of day, with the day where it is another than that of the slot."""
    days, rest = divmod(minutes, moments.DAY_MINUTES)
    if days == 1 and rest == 0:
        return "24:00"
    day = {-1: " the day before", 0: "", 1: " the next day"}[days]
    return f"{rest // 60:02}:{rest % 60:02}{day}"


def _offset(minutes: int) -> str:
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60}" + (f":{abs(minutes) % 60:02}" if minutes % 60 else "")


def _days(days: frozenset[int]) -> str:
    """`Monday to Thursday`, `Sunday`, `Monday and Wednesday`."""
    ordered = sorted(days)
    if len(ordered) == 7:
        return "every day"
    # Days in a row may run over the end of the week.
    first = next((day for day in ordered if (day - 1) % 7 not in days), ordered[0])
    row = [(first + step) % 7 for step in range(len(ordered))]
    if len(row) > 2 and set(row) == days:
        return f"{_DAYS[row[0]]} to {_DAYS[row[-1]]}"
    *others, last = [_DAYS[day] for day in ordered]
    return f"{', '.join(others)} and {last}" if others else last
