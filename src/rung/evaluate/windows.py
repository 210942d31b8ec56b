"""Defines when windows are open: recurring hours by the local clock of their zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from rung.evaluate.outcome import FOREVER, Outcome, Seen
from rung.evaluate.situation import Situation
from rung.policy import model
from rung.policy.moments import DAY_MINUTES, offset_changes, readings, zone

DAY = 86_400
MONDAY = 3  # 1970-01-01 was a Thursday, the fourth day of its week
EIGHT_DAYS = 8 * DAY  # every weekly slot begins and ends within this, unless clocks change
DAYS_AHEAD = 16  # clocks that change skip a weekly slot once, and not a week later again
# Local calendars end within the year 9999: from its beginning on, their clocks stand still.
CLOCKS_END = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())


def inside_maintenance(node: model.InsideMaintenance) -> Callable[[Situation], Outcome]:
    """Whether a maintenance window of the target is open; where there is none, nothing is inside."""

    def check(situation: Situation) -> Outcome:
        target, at = situation.proposal.target, situation.at
        windows = [each for each in situation.policy.maintenance if target in each.places]
        if not windows:
            return Outcome(node, False, FOREVER, Seen(f"{target} has no maintenance window"))
        open_now = [each for each in windows if is_open(each, at)]
        changes = [next_change(each, at, each in open_now) for each in windows]
        if open_now:
            lasting = max(change for each, change in zip(windows, changes, strict=True) if each in open_now)
            return Outcome(node, True, lasting, Seen(f"inside {open_now[0].name}"))
        return Outcome(node, False, min(changes), Seen("no maintenance window is open"))

    return check


def window(window: model.Window, situation: Situation) -> Outcome:
    """Open while the local clock shows a slot; the local reading is that of each instant itself."""
    open_now = is_open(window, situation.at)
    return Outcome(window, open_now, next_change(window, situation.at, open_now))


def is_open(window: model.Window, at: int) -> bool:
    local = datetime.fromtimestamp(min(at, CLOCKS_END), UTC).astimezone(zone(window.zone))
    day, minute = local.weekday(), local.hour * 60 + local.minute
    return any(
        (day in slot.days and slot.opens <= minute < slot.closes)
        or ((day - 1) % 7 in slot.days and minute + DAY_MINUTES < slot.closes)
        for slot in window.slots
    )


def next_change(window: model.Window, at: int, now: bool) -> int:
    """The next instant at which the window opens or closes: at a slot's edge, or where clocks change."""
    where = zone(window.zone)
    assert where is not None, "the zone was found when the policy was read"
    if at >= CLOCKS_END:
        return FOREVER
    offset = _offset(at, where)
    if offset == _offset(at + EIGHT_DAYS, where) and not offset_changes(where, at, at + EIGHT_DAYS):
        return _next_edge(window, at, now, offset)
    midnight = (
        datetime.fromtimestamp(at, UTC).astimezone(where).replace(tzinfo=None, hour=0, minute=0, second=0)
    )
    edges = set(offset_changes(where, at, at + DAYS_AHEAD * DAY))
    for days in range(-1, DAYS_AHEAD + 1):
        for slot in window.slots:
            for minutes in (slot.opens, slot.closes):
                edges.update(readings(midnight + timedelta(days=days, minutes=minutes), where))
    following = (edge for edge in sorted(edges) if edge > at and is_open(window, edge) != now)
    return next(following, FOREVER)


def _offset(at: int, where: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(at, UTC).astimezone(where).utcoffset()
    assert offset is not None, "zones have an offset at all times"
    return int(offset.total_seconds())


def _next_edge(window: model.Window, at: int, now: bool, offset: int) -> int:
    """The next change where clocks stay as they are: local time is then the time with an offset."""
    local = at + offset
    week = local - (local // DAY + MONDAY) % 7 * DAY - local % DAY  # this local week's Monday, 00:00
    edges = sorted(
        week + (weeks * 7 + day) * DAY + minutes * 60
        for slot in window.slots
        for day in slot.days
        for minutes in (slot.opens, slot.closes)
        for weeks in (-1, 0, 1)
    )
    following = (edge - offset for edge in edges if edge > local and is_open(window, edge - offset) != now)
    return next(following, FOREVER)
