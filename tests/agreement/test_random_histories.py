"""Drawn policies: histories that the solver finds, allowed and denied, go in the evaluator as they were told.

`python -m tests.campaigns.telling 1000` is the long run of the same check.
"""

from __future__ import annotations

import pytest

from tests.campaigns.telling import told

POLICIES = 12


@pytest.mark.parametrize("seed", range(5))
def test_histories_go_as_they_were_told(seed: int) -> None:
    found = told(str(seed), POLICIES)
    assert found["allowed"] >= 2 * POLICIES
    assert found["denied"] >= 2 * POLICIES
