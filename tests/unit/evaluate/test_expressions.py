"""When a comparison with the time changes, and what cannot be asked of a single request."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rung.diagnostics import Span
from rung.evaluate.expressions import condition, now_factor, seconds_until_flip
from rung.policy import model
from rung.policy.operators import BY_NAME
from rung.policy.types import DURATION, INT, TIME, SetType

NOWHERE = Span("p.rung", 0, 0)
NOW = model.RequestValue("now", TIME, NOWHERE)
ORDERS = ("equal", "unequal", "less", "at_most", "more", "at_least")


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(
    st.sampled_from(ORDERS),
    st.integers(-60, 60),
    st.integers(-5, 5).filter(bool),
)
def test_a_comparison_flips_after_the_seconds_said(operator: str, difference: int, growth: int) -> None:
    holds = BY_NAME[operator].meaning
    flips = (
        seconds
        for seconds in range(1, 200)
        if holds(difference + seconds * growth, 0) != holds(difference, 0)
    )
    assert seconds_until_flip(operator, difference, growth) == next(flips, None)


def constant(value: int, type: model.Type = DURATION) -> model.Constant:
    return model.Constant(type, value, NOWHERE)


def arithmetic(operator: str, left: model.Operand, right: model.Operand) -> model.Arithmetic:
    return model.Arithmetic(operator, DURATION, left, right, NOWHERE)


@pytest.mark.parametrize(
    ("value", "factor"),
    [
        (constant(3), 0),
        (NOW, 1),
        (arithmetic("subtract", NOW, constant(3, TIME)), 1),
        (arithmetic("subtract", constant(3, TIME), NOW), -1),
        (arithmetic("add", arithmetic("subtract", NOW, NOW), constant(3)), 0),
        # What grows faster than time is not told how fast: a decision by it holds for a second at a time.
        (arithmetic("multiply", arithmetic("subtract", NOW, constant(3, TIME)), constant(2, INT)), None),
        (arithmetic("multiply", constant(3), constant(2, INT)), 0),
        (model.SetExpression(SetType(TIME), (NOW,), NOWHERE), None),
        (model.SetExpression(SetType(TIME), (constant(3, TIME),), NOWHERE), 0),
    ],
)
def test_how_a_value_grows_with_time(value: model.Operand, factor: int | None) -> None:
    assert now_factor(value) == factor


@pytest.mark.parametrize(
    "node",
    [
        model.Happened("deployed", "prod", None, NOWHERE),
        model.Held("signed", NOWHERE),
        model.Before(
            model.Happened("deployed", "qa", None, NOWHERE),
            model.Happened("deployed", "prod", None, NOWHERE),
            NOWHERE,
        ),
    ],
)
def test_a_single_request_has_no_history_to_ask_properties_of(node: model.Condition) -> None:
    with pytest.raises(AssertionError, match="properties"):
        condition(node, {})
