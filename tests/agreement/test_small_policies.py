"""Small policies, drawn: what is proved holds in all their histories, what is assumed in all their states.

`python -m tests.campaigns.enumeration 500` and `python -m tests.campaigns.walking 500` are the long runs.
"""

from __future__ import annotations

import pytest

from tests.campaigns import enumeration, walking


@pytest.mark.parametrize("seed", range(4))
def test_nothing_that_is_proved_is_broken_by_a_history(seed: int) -> None:
    found = enumeration.agreements(str(seed), 3)
    assert found["proved"] >= 15
    assert found["refuted"] >= 15
    assert found["refuted and broken"] >= 15
    assert found["states"] >= 1000


@pytest.mark.parametrize("seed", range(4))
def test_every_state_is_as_the_prover_takes_it_to_be(seed: int) -> None:
    found = walking.walked(str(seed), 6)
    assert sum(count for name, count in found.items() if name.endswith("True")) >= 50
    assert sum(count for name, count in found.items() if name.endswith("False")) >= 80
