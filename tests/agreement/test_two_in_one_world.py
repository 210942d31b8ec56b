"""Drawn policies and edited copies in one world: fixed to a request, each says what its evaluator says.

`just beside` is the same check with another seed.
"""

from __future__ import annotations

from tests.campaigns.beside import agreements

SEED, COUNT = "2026", 40


def test_what_is_said_of_two_policies_is_true_of_every_request() -> None:
    found = agreements(SEED, COUNT)
    assert found.total() > 20 * COUNT
    for said in ((True, True), (False, False), (True, False), (False, True)):
        assert found[said], f"no request is decided so: {said}"
