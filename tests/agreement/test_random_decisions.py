"""Drawn policies and requests: the encoder, its world fixed to the request, says what the evaluator says.

`python -m tests.campaigns.encoding 20000` is the same check with another seed.
"""

from __future__ import annotations

from tests.agreement import met
from tests.campaigns.encoding import agreements

SEED, COUNT = 2026, 20_000


def test_agreement_on_every_part_of_the_language_and_beside_every_bound() -> None:
    agreed = agreements(SEED, COUNT)
    assert agreed.verdicts.total() == COUNT
    assert 0.3 * COUNT <= agreed.verdicts[True] <= 0.7 * COUNT
    assert not met.expected() - set(agreed.met)
