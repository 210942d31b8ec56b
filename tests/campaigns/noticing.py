"""Defines what notices a mistake in the prover: its quick tests, and a small share of the agreement tests."""

from __future__ import annotations

from collections import deque

import pytest

from tests.campaigns import beside, comparing, enumeration, telling, walking
from tests.campaigns.encoding import decided

QUICK = (
    "agreement/test_evaluator_and_encoder.py",
    "conformance/test_proofs.py",
    "conformance/test_findings.py",
    "conformance/test_comparisons.py",
    "unit/prove/test_apart.py",
    "unit/prove/test_applicable.py",
    "unit/prove/test_compare.py",
    "unit/prove/test_envelope.py",
    "unit/prove/test_lints.py",
    "unit/prove/test_obligation.py",
    "unit/prove/test_order.py",
    "unit/prove/test_terms.py",
)


def notice() -> None:
    """Fail where the prover is not as it should be; what is quick, and likely to fail, comes first."""
    _agree(60, 3)
    beside.agreements("mistake", 3, 20)
    tests = [f"tests/{each}" for each in QUICK]
    assert (
        pytest.main(["--exitfirst", "--assert=plain", "-p", "no:cacheprovider", *tests]) == pytest.ExitCode.OK
    )
    _agree(600, 10)
    beside.agreements("mistakes", 10)
    walking.walked("mistake", 2)
    telling.told("mistake", 4)
    enumeration.agreements("mistake", 1)
    comparing.compared("mistake", 8)


def _agree(count: int, each: int) -> None:
    deque(decided("mistake", count, each), maxlen=0)
