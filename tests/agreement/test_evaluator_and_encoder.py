"""The evaluator and the encoder say the same of every request of the corpus, with the world fixed to it."""

from __future__ import annotations

import pytest

from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.prove.errors import NotEncodedError
from rung.prove.world import BEGIN, END
from tests.agreement.fixed_world import Encoded
from tests.conformance.corpus import Case
from tests.conformance.test_corpus import CASES, ids, policy_of

DECISIONS = [case for case in CASES if case.expected.kind == "decision"]
# What the encoder says that it does not read; proofs about such rules are unknown.
NOT_READ = {
    "a varying element of a varying set",
    "a person named by evidence",
    "a comparison of two sets that both vary",
}


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
    if not BEGIN <= at < END:
        return  # past the horizon of proofs
    said, not_read = encoded(policy, routes, proposal, facts, at)
    assert said == decision.allowed or not_read in NOT_READ


def encoded(
    policy: model.Policy, routes: list[model.Route], proposal: Proposal, facts: Facts, at: int
) -> tuple[bool | None, str | None]:
    """What the encoder says of a request, or what of the policy it does not read."""
    said, terms = False, Encoded(policy)
    for route in routes:
        try:
            said = terms.says(route, proposal, facts, at) or said
        except NotEncodedError as error:
            return None, str(error)
    return said, None
