"""The values of a policy: how they are read, shown, ordered and calculated with."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rung.inputs.scalars import parse_instant
from rung.policy import types
from rung.policy.operators import BY_NAME, BY_SYMBOL, OPERATORS
from rung.policy.types import (
    BOOL,
    DECIMAL,
    DECIMAL_LIMIT,
    DURATION,
    DURATION_LIMIT,
    INT,
    PERCENT,
    SCALARS,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    SetType,
)
from tests.unit.policy.reading import steady

# The chain of section 11 of SemVer 2.0.0, and more of what it says.
ORDERED_VERSIONS = [
    *("0.0.0-0", "0.0.0", "0.0.1", "0.9.10", "0.10.0", "1.0.0--", "1.0.0-0a"),
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.1.0", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "10.0.0"),
]


class TestVersions:
    def test_they_order_as_semver_says(self) -> None:
        keys = [types.parse_version(text) for text in ORDERED_VERSIONS]
        assert None not in keys
        for lower, higher in pairwise(keys):
            assert lower is not None
            assert higher is not None
            assert lower < higher

    def test_numeric_identifiers_are_lower_than_others(self) -> None:
        numeric, letters = types.parse_version("1.0.0-999"), types.parse_version("1.0.0-a")
        assert numeric is not None
        assert letters is not None
        assert numeric < letters

    def test_build_metadata_does_not_count(self) -> None:
        assert (
            types.parse_version("1.0.0+a.1") == types.parse_version("1.0.0+b") == types.parse_version("1.0.0")
        )

    @pytest.mark.parametrize("text", ORDERED_VERSIONS)
    def test_they_are_shown_as_written(self, text: str) -> None:
        key = types.parse_version(text)
        assert key is not None
        assert types.show_version(key) == text

    @pytest.mark.parametrize(
        "text",
        [
            *("", "1", "1.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "1.0.0 "),
            *("1.0.0\n", "1.0.٣", "-1.0.0", "1.0.0-" + "9" * 5000, "9" * 19 + ".0.0"),
        ],
    )
    def test_what_is_none(self, text: str) -> None:
        assert types.parse_version(text) is None


class TestNumbers:
    @steady
    @given(st.decimals(min_value=-(10**18), max_value=10**18, places=9))
    def test_decimals_are_exact(self, number: Decimal) -> None:
        text = f"{number:f}"
        assert types.parse_scaled(text) == int(number.scaleb(9))
        assert types.parse_percent(text + "%") == int(number.scaleb(9))

    @steady
    @given(st.integers(-DECIMAL_LIMIT, DECIMAL_LIMIT))
    def test_what_is_shown_reads_the_same(self, scaled: int) -> None:
        assert types.parse_scaled(types.show_scaled(scaled)) == scaled

    @pytest.mark.parametrize(
        "text",
        ["", "-", ".5", "5.", "1e3", "+1", "1,0", "٣", "0.1234567891", "1" + "0" * 18 + ".1", "5%", "--5"],
    )
    def test_what_is_no_decimal(self, text: str) -> None:
        assert types.parse_scaled(text) is None

    def test_zeros_at_the_end_do_not_count(self) -> None:
        assert types.parse_scaled("0.10000000000000000000") == types.parse_scaled("0.1")

    def test_a_percentage_has_its_sign(self) -> None:
        assert types.parse_percent("80") is None


class TestDurations:
    @steady
    @given(st.integers(0, DURATION_LIMIT))
    def test_what_is_written_reads_the_same(self, seconds: int) -> None:
        assert types.parse_duration(types.write_duration(seconds)) == seconds

    @steady
    @given(st.integers(-DURATION_LIMIT, DURATION_LIMIT))
    def test_what_is_shown_is_exact(self, seconds: int) -> None:
        shown = types.show_duration(seconds)
        parts = [types.parse_duration(part) for part in shown.removeprefix("-").split()]
        total = sum(part for part in parts if part is not None)
        assert (-total if shown.startswith("-") else total) == seconds

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0, "0h"), (90, "90s"), (5400, "90m"), (86_400, "24h"), (172_800, "48h"), (259_200, "3d")],
    )
    def test_the_unit_is_the_one_that_people_write(self, seconds: int, text: str) -> None:
        assert types.write_duration(seconds) == text

    @pytest.mark.parametrize(
        "text", ["", "5", "h", "1.5h", "-1h", "1h30m", "36601d", "9999999999999s", "٣h", "1H"]
    )
    def test_what_is_none(self, text: str) -> None:
        assert types.parse_duration(text) is None


class TestTimes:
    @steady
    @given(
        st.datetimes().map(lambda moment: moment.replace(microsecond=0).isoformat()),
        st.sampled_from(["Z", "+00:00", "-00:00", "+05:45", "-12:00", "+23:59", "", "+24:00", "z"]),
    )
    def test_they_are_those_of_documents(self, local: str, zone: str) -> None:
        expected: int | None
        try:
            expected = parse_instant(local + zone)
        except ValueError:
            expected = None
        assert types.parse_time(local + zone) == expected

    @steady
    @given(st.integers(0, types.TIME_LIMIT - 1))
    def test_what_is_shown_reads_the_same(self, seconds: int) -> None:
        assert types.parse_time(types.show_time(seconds)) == seconds

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "2026-01-01",
                "2026-01-01T00:00:00",
                "2026-01-01 00:00:00Z",
                "20260101T000000Z",
                "2026-W01-1T00:00:00Z",
            ),
            *(
                "2026-02-30T00:00:00Z",
                "2026-01-01T24:00:00Z",
                "2026-01-01T00:00:60Z",
                "2026-01-01T00:00:00.5Z",
            ),
            *("1969-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "2026-01-01T00:00Z"),
        ],
    )
    def test_what_is_none(self, text: str) -> None:
        assert types.parse_time(text) is None


ENUM, OTHER_ENUM = EnumType(("green", "red")), EnumType(("yes", "no"))
ALL_TYPES = [*SCALARS, ENUM, OTHER_ENUM, SetType(TEXT), SetType(INT), SetType(ENUM)]


class TestOperators:
    @pytest.mark.parametrize("left", ALL_TYPES, ids=str)
    @pytest.mark.parametrize("right", ALL_TYPES, ids=str)
    def test_types_never_convert(self, left: types.Type, right: types.Type) -> None:
        for each in OPERATORS:
            if each.result(left, right) is None or left == right:
                continue
            if each.symbol in ("in", "not in"):
                assert right == SetType(left)  # type: ignore[arg-type]  # sets of sets do not exist
            elif each.symbol in ("+", "-"):
                assert {left, right} == {TIME, DURATION}
            else:
                assert each.symbol == "*"
                assert INT in (left, right)

    def test_truth_values_are_not_compared(self) -> None:
        assert all(each.result(BOOL, BOOL) is None for each in OPERATORS)

    def test_only_what_has_an_order_is_ordered(self) -> None:
        ordered = {type for type in ALL_TYPES if BY_SYMBOL["<"].result(type, type) is not None}
        assert ordered == {INT, DECIMAL, PERCENT, DURATION, TIME, VERSION}

    def test_a_duration_is_taken_from_a_time_and_not_the_reverse(self) -> None:
        minus = BY_SYMBOL["-"]
        assert (minus.result(TIME, TIME), minus.result(TIME, DURATION)) == (DURATION, TIME)
        assert minus.result(DURATION, TIME) is None

    @steady
    @given(st.frozensets(st.text(max_size=2), max_size=4), st.frozensets(st.text(max_size=2), max_size=4))
    def test_sets(self, left: frozenset[str], right: frozenset[str]) -> None:
        assert BY_NAME["subset"].meaning(left, right) == left.issubset(right)
        assert BY_NAME["disjoint"].meaning(left, right) is left.isdisjoint(right)

    def test_names_and_symbols_are_one_to_one(self) -> None:
        assert len(BY_NAME) == len(BY_SYMBOL) == len(OPERATORS)


@pytest.mark.parametrize(
    ("type", "value", "shown"),
    [
        (BOOL, True, "true"),
        (PERCENT, 83_400_000_000, "83.4%"),
        (DECIMAL, -500_000_000, "-0.5"),
        (DURATION, 108_000, "1d 6h"),
        (TIME, 0, "1970-01-01T00:00:00Z"),
        (TEXT, 'say "hi" \\', '"say \\"hi\\" \\\\"'),
        (ENUM, "red", "red"),
        (SetType(INT), frozenset({3, 20}), "{ 20, 3 }"),
        (SetType(TEXT), frozenset(), "{ }"),
        (INT, -5, "-5"),
    ],
)
def test_values_as_shown(type: types.Type, value: types.Value, shown: str) -> None:
    assert types.show_value(type, value) == shown
