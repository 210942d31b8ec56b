"""Drawn policies: no history that is tried breaks what was proved of them, and each refutation replays.

`python -m tests.campaigns.proving 1000` is the long run of the same check.
"""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.campaigns.proving import check, verdicts
from tests.generators.claims import Claimed, claimed


@settings(
    max_examples=12,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(claimed())
def tried(asked: Claimed) -> None:
    check(asked)


def test_no_history_breaks_what_was_proved() -> None:
    verdicts.clear()
    tried()
    assert verdicts["proved"] >= 5
    assert verdicts["refuted"] >= 20
    assert verdicts["entries"] >= 200
