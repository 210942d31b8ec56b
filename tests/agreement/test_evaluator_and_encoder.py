"""The evaluator and the encoder say the same of every request of the corpus, with the world fixed to it."""

from __future__ import annotations

import pytest

from rung.evaluate.decide import Evaluator
from rung.prove.errors import NotEncodedError
from tests.agreement.fixed_world import says
from tests.conformance.corpus import Case
from tests.conformance.test_corpus import CASES, ids, policy_of

DECISIONS = [case for case in CASES if case.expected.kind == "decision"]
# What the encoder says that it does not read; proofs about such rules are unknown.
NOT_READ = {"a varying element of a varying set", "a person named by evidence"}


@pytest.mark.parametrize("case", DECISIONS, ids=ids)
def test_corpus(case: Case) -> None:
    policy = policy_of(case)
    request, at = case.request()
    proposal, facts = request.proposal, request.facts
    decision = Evaluator(policy).decide(proposal, facts, at)
    routes = [
        route
        for route in policy.routes
        if (route.target, route.lane, "deploy") == (proposal.target, proposal.lane, proposal.action)
    ]
    if proposal.action != "deploy":
        return  # the encoder reads deployments; actions are read with the steps of histories
    try:
        said = any([says(policy, route, proposal, facts, at) for route in routes])
    except NotEncodedError as error:
        assert str(error) in NOT_READ
        return
    assert said == decision.allowed
