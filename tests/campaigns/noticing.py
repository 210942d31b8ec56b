"""Defines what notices a mistake in the prover: a small, fast part of the agreement tests and the corpus."""

from __future__ import annotations

from collections import deque

from rung.diagnostics import Source
from tests.campaigns import enumeration, telling, walking
from tests.campaigns.encoding import decided
from tests.conformance.corpus import Case
from tests.conformance.test_corpus import CASES, checked, policy_of
from tests.conformance.test_proofs import proof_text, proved

PROOFS = [case for case in CASES if case.expected.kind == "proof"]


def notice() -> None:
    """Fail where the prover is not as it should be; what is quick, and likely to fail, comes first."""
    _agree(60, 3)
    for case in PROOFS:
        _proves(case)
    _agree(400, 10)
    walking.walked("mistake", 2)
    telling.told("mistake", 4)
    enumeration.agreements("mistake", 1)


def _agree(count: int, each: int) -> None:
    deque(decided("mistake", count, each), maxlen=0)


def _proves(case: Case) -> None:
    assert case.policy is not None
    policy = policy_of(case)
    sources: dict[str, Source] = {source.name: source for source in checked(case.policy, case.files).sources}
    found = proved(policy, sources, case.files)
    assert all(each.broken is None for each in found)
    assert proof_text(found) == case.expected.text
