"""Windows open and close exactly when a clock in their zone shows it, whatever clocks do meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rung.diagnostics import Span
from rung.evaluate.outcome import FOREVER
from rung.evaluate.windows import CLOCKS_END, is_open, next_change
from rung.policy import model

NOWHERE = Span("p.rung", 0, 0)
# Changes of clocks, by one hour and by half of one, at night, at midnight and at noon UTC.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
DAYS = ((3, 8), (3, 29), (4, 5), (10, 4), (10, 25), (11, 1))
CHANGES = [int(datetime(2026, month, day, tzinfo=UTC).timestamp()) for month, day in DAYS]
MINUTE = 60
QUARTER = 15 * MINUTE

minutes = st.integers(0, 95).map(lambda quarter: quarter * 15)
slots = st.builds(
    lambda days, opens, length: model.Slot(frozenset(days), opens, opens + length, NOWHERE),
    st.sets(st.integers(0, 6), min_size=1),
    minutes,
    st.integers(1, 96).map(lambda quarters: quarters * 15),
)
windows = st.builds(
    lambda slots, zone: model.Window("w", ("prod",), tuple(slots), zone, (), NOWHERE),
    st.lists(slots, min_size=1, max_size=3),
    st.sampled_from(ZONES),
)
instants = st.builds(
    lambda change, offset: change + offset * MINUTE, st.sampled_from(CHANGES), st.integers(-9 * 1440, 1440)
)


def shown_in_a_slot(window: model.Window, at: int) -> bool:
    """By the clock on the wall alone."""
    local = datetime.fromtimestamp(at, ZoneInfo(window.zone))
    minute = local.weekday() * 1440 + local.hour * 60 + local.minute
    return any(
        (minute - day * 1440 - slot.opens) % (7 * 1440) < slot.closes - slot.opens
        for slot in window.slots
        for day in slot.days
    )


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(windows, instants)
def test_a_window_is_open_when_the_local_clock_shows_a_slot(window: model.Window, at: int) -> None:
    assert is_open(window, at) == shown_in_a_slot(window, at)


@settings(max_examples=120, derandomize=True, deadline=None, database=None)
@given(windows, instants)
def test_the_next_change_is_the_first_minute_with_another_answer(window: model.Window, at: int) -> None:
    now = shown_in_a_slot(window, at)
    # Slots and clocks change at quarters of hours alone.
    quarters = range(at // QUARTER * QUARTER + QUARTER, at + 16 * 96 * QUARTER, QUARTER)
    changed = (quarter for quarter in quarters if shown_in_a_slot(window, quarter) != now)
    assert next_change(window, at, now) == next(changed, FOREVER)


def test_local_clocks_stand_still_at_the_end_of_the_calendar() -> None:
    every_day = model.Slot(frozenset(range(7)), 0, 720, NOWHERE)
    window = model.Window("w", ("prod",), (every_day,), "Pacific/Kiritimati", (), NOWHERE)
    for at in (CLOCKS_END, CLOCKS_END + 43_200, 253_402_300_799):
        assert is_open(window, at) == is_open(window, CLOCKS_END)
        assert next_change(window, at, is_open(window, at)) == FOREVER
    assert next_change(window, CLOCKS_END - 1, is_open(window, CLOCKS_END - 1)) > CLOCKS_END - 1
