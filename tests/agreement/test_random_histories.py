"""Drawn policies: histories that the solver finds, allowed and denied, go in the evaluator as they were told.

`python -m tests.campaigns.telling 1000` is the long run of the same check.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.campaigns.telling import check, told
from tests.generators.decisions import Asked, decisions


@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(decisions())
def replayed(asked: Asked) -> None:
    check(asked)


def test_histories_go_as_they_were_told() -> None:
    told.clear()
    replayed()
    assert told["allowed"] >= 30
    assert told["denied"] >= 30
    assert not told["not encoded"]
