"""Scalars: what each text means, and which texts mean nothing."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rung.inputs.numbers import read_number
from rung.inputs.scalars import (
    LAST_INSTANT,
    format_instant,
    parse_duration,
    parse_instant,
    parse_percent,
    parse_raw,
    parse_share,
    parse_version,
)


@given(st.integers(0, LAST_INSTANT))
def test_an_instant_survives_being_written(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant


@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30)), st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_an_instant_means_what_its_zone_says_floored_to_the_second(moment: datetime, offset: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    since = aware - datetime(1970, 1, 1, tzinfo=UTC)  # exact, where a timestamp is a float
    assert parse_instant(aware.isoformat()) == since // timedelta(seconds=1)


def test_an_instant_is_written_in_utc() -> None:
    written = format_instant(parse_instant("2026-11-23T10:12:00.999+01:00"))
    assert written == "2026-11-23T09:12:00Z"
    assert datetime.fromisoformat(written) == datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-11-23T09:12:00", "with its zone"),
        ("2026-11-23", "with its zone"),
        ("2026-11-23 09:12:00Z", "with its zone"),
        ("2026-11-23T09:12Z", "with its zone"),
        ("2026-11-23T24:00:00Z", "with its zone"),
        ("2026-11-23T09:12:00+24:00", "with its zone"),
        ("2026-11-23T09:12:00Z\n", "with its zone"),
        ("\uff12026-11-23T09:12:00Z", "with its zone"),
        ("1969-12-31T23:59:59Z", "with its zone"),
        ("2016-12-31T23:59:60Z", "without a leap second"),
        ("2026-02-29T00:00:00Z", "a day that the calendar has"),
        ("1970-01-01T00:00:00+01:00", "in the years 1970 to 9999"),
        ("9999-12-31T23:59:59-00:01", "in the years 1970 to 9999"),
    ],
)
def test_what_is_no_instant_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_instant(text)


def test_a_duration_is_one_number_with_one_unit() -> None:
    durations = ["30s", "90m", "24h", "7d", "2w", "0s"]
    assert [parse_duration(text) for text in durations] == [30, 5400, 86_400, 604_800, 1_209_600, 0]


@pytest.mark.parametrize(
    "text", ["", "24", "h", "1h30m", "-1h", "1.5h", "1 h", "1H", "٣h", "1h\n", "9999999999s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a duration"):
        parse_duration(text)


def test_a_percent_is_exact_and_may_be_any_size() -> None:
    texts = ["83.4%", "0%", "120%", "-0.5%"]
    assert [parse_percent(text) for text in texts] == [Decimal(text[:-1]) for text in texts]


@pytest.mark.parametrize("text", ["83.4", "83.4 %", "083%", ".5%", "5.%", "+5%", "1e1%", "%", "٣%", "5%\n"])
def test_what_is_no_percent_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a percent"):
        parse_percent(text)


@pytest.mark.parametrize("text", ["100.1%", "101%", "-1%", "100.0000000001%"])
def test_a_share_is_between_none_and_all(text: str) -> None:
    assert (parse_share("0%"), parse_share("100%"), parse_share("33.3%")) == (0, 100, Decimal("33.3"))
    with pytest.raises(ValueError, match="from `0%` to `100%`"):
        parse_share(text)


def test_versions_are_ordered_as_semantic_versioning_orders_them() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]
    ordered += ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0-0", "2.0.0"]
    assert all(parse_version(lower) < parse_version(higher) for lower, higher in pairwise(ordered))


def test_build_metadata_does_not_order_versions() -> None:
    assert parse_version("1.0.0-rc.1+build.5") == parse_version("1.0.0-rc.1")
    assert parse_version("1.0.0+a-b") == parse_version("1.0.0")


@pytest.mark.parametrize(
    "text", ["1.0", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0-é"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a version"):
        parse_version(text)


def test_numbers_keep_their_digits() -> None:
    assert read_number("9223372036854775807") == 2**63 - 1
    exact = "1234567890123456789012345678901234.567890"
    assert str(read_number(exact)) == exact
    assert read_number("1e3") == Decimal(1000)
    assert isinstance(read_number("1.0"), Decimal)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "9223372036854775808",
            "-9223372036854775809",
            "1e999",
            "1e-999",
            "1E+41",
            "1e99999999999999999999",
        ],
        *["NaN", "Infinity", "01", "+1", ".5", "1.", "٣"],
        *["", "1" * 5000, "0." + "1" * 41],
    ],
)
def test_numbers_that_cannot_be_held_exactly_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected a"):
        read_number(text)


@pytest.mark.parametrize("value", [None, {}, [[1]], [None], "\x1b[1m", "a\u202eb", "x" * 5000, 2**63])
def test_a_raw_value_is_a_scalar_or_a_list_of_scalars(value: object) -> None:
    assert parse_raw([True, 1, Decimal("1.5"), ""]) == (True, 1, Decimal("1.5"), "")
    with pytest.raises(ValueError, match="expected"):
        parse_raw(value)
