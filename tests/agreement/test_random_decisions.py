"""Drawn policies and requests: the encoder, its world fixed to the request, says what the evaluator says.

`python -m tests.campaigns.encoding 20000` is the long run of the same check.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.campaigns.encoding import check, verdicts
from tests.generators.decisions import Asked, decisions


@settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(decisions())
def agreement(asked: Asked) -> None:
    check(asked)


def test_agreement_on_either_verdict() -> None:
    verdicts.clear()
    agreement()
    total = sum(verdicts.values())
    assert verdicts["allowed"] >= 0.3 * total
    assert verdicts["denied"] >= 0.3 * total
