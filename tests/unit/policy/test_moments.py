"""Local times become UTC as a search through all instants says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rung.policy import moments
from rung.policy.week import WHOLE_WEEK, open_minutes
from tests.unit.policy.reading import policy, steady

DAY = 86_400
ZONES = [
    *("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("Africa/Casablanca", "Pacific/Apia", "Pacific/Kwajalein", "America/Caracas", "Asia/Pyongyang"),
    *("Antarctica/Troll", "Europe/Dublin", "Asia/Gaza", "America/St_Johns"),
]
# Half an hour, since that is the finest change of any clock in these years and zones.
STEP = 1800


def zone(name: str) -> ZoneInfo:
    found = moments.zone(name)
    assert found is not None
    return found


def shown(second: int, where: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(second, UTC).astimezone(where).replace(tzinfo=None)


def searched(local: datetime, where: ZoneInfo) -> tuple[int, ...]:
    """Every instant that a clock shows as `local`; else the first at which it shows something later."""
    middle = int(local.replace(tzinfo=UTC).timestamp())
    instants = range(middle - 2 * DAY, middle + 2 * DAY, STEP)
    found = tuple(second for second in instants if shown(second, where) == local)
    return found or (next(second for second in instants if shown(second, where) > local),)


LOCALS = st.datetimes(datetime(1975, 1, 1), datetime(2036, 1, 1)).map(
    lambda moment: moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
)


@steady
@given(LOCALS, st.sampled_from(ZONES))
@example(datetime(2026, 3, 29, 2, 30), "Europe/Berlin")
@example(datetime(2026, 3, 29, 2, 0), "Europe/Berlin")
@example(datetime(2026, 3, 29, 3, 0), "Europe/Berlin")
@example(datetime(2026, 10, 25, 2, 0), "Europe/Berlin")
@example(datetime(2026, 10, 25, 2, 30), "Europe/Berlin")
@example(datetime(2026, 10, 25, 3, 0), "Europe/Berlin")
@example(datetime(2026, 3, 8, 2, 30), "America/New_York")
@example(datetime(2026, 4, 5, 1, 30), "Australia/Lord_Howe")
@example(datetime(2026, 10, 4, 2, 0), "Australia/Lord_Howe")
@example(datetime(2018, 11, 4, 0, 0), "America/Sao_Paulo")
@example(datetime(2011, 12, 30, 12, 0), "Pacific/Apia")
@example(datetime(1993, 8, 21, 12, 0), "Pacific/Kwajalein")
@example(datetime(2015, 8, 14, 23, 30), "Asia/Pyongyang")
def test_readings_are_all_instants_that_show_it(local: datetime, name: str) -> None:
    where = zone(name)
    assert moments.readings(local, where) == searched(local, where)


@pytest.mark.parametrize("name", ZONES)
def test_changes_are_where_the_offset_changes(name: str) -> None:
    where = zone(name)
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2027))
    offsets = [
        shown(second, where) - shown(0, where) - timedelta(seconds=second)
        for second in range(begin, end, STEP)
    ]
    expected = [
        begin + index * STEP
        for index in range(1, len(offsets))
        if offsets[index] != offsets[index - 1]
    ]  # fmt: skip
    assert moments.offset_changes(where, begin, end) == expected


@pytest.mark.parametrize(
    ("date", "clock", "moment"),
    [
        ("2026-12-18", None, datetime(2026, 12, 18)),
        ("2026-12-18", "18:05", datetime(2026, 12, 18, 18, 5)),
        ("2026-12-31", "24:00", datetime(2027, 1, 1)),
        ("2028-02-29", "00:00", datetime(2028, 2, 29)),
        ("2026-02-29", None, None),
        ("2026-13-01", None, None),
        ("2026-00-10", None, None),
        ("2026-12-18", "24:01", None),
        ("2026-12-18", "25:00", None),
        ("2026-12-18", "12:60", None),
        ("0000-01-01", None, None),
        ("1969-12-31", None, None),
        ("9999-12-31", "24:00", None),
    ],
)
def test_the_calendar(date: str, clock: str | None, moment: datetime | None) -> None:
    assert moments.local_datetime(date, clock) == moment


@pytest.mark.parametrize("name", ["", "Berlin", "europe/berlin", "../UTC", "Europe", "Europe/", "UTC\n"])
def test_what_is_no_zone(name: str) -> None:
    assert moments.zone(name) is None


@pytest.mark.parametrize("name", sorted(moments.zone_names())[::40])
def test_every_zone_can_be_read(name: str) -> None:
    assert zone(name).key == name


CLOCKS = st.integers(0, 24 * 60).map(lambda minutes: f"{minutes // 60:02}:{minutes % 60:02}")
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


@steady
@given(st.sampled_from(DAYS), st.sampled_from(DAYS), CLOCKS, CLOCKS)
def test_open_minutes_are_those_of_the_slots(first: str, last: str, opens: str, closes: str) -> None:
    begin, end = moments.clock_minutes(opens), moments.clock_minutes(closes)
    assert begin is not None
    assert end is not None
    if begin in (end, moments.DAY_MINUTES):
        return
    slot = f"{first}..{last} {opens}..{closes}"
    text = f'environment prod\nadmit build -> prod\nwindow "w" on prod {slot} in "UTC"\n'
    (window,) = policy(text).windows
    days, day = [DAYS.index(first)], DAYS.index(first)
    while day != DAYS.index(last):
        day = (day + 1) % 7
        days.append(day)
    length = end - begin if end > begin else end - begin + moments.DAY_MINUTES
    expected = {(day * moments.DAY_MINUTES + begin + minute) % (7 * moments.DAY_MINUTES)
                for day in days for minute in range(length)}  # fmt: skip
    mask = open_minutes(window)
    assert mask & ~WHOLE_WEEK == 0
    assert mask == sum(1 << minute for minute in expected)
