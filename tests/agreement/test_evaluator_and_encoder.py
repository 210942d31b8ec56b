"""The evaluator and the encoder say the same of every request of the corpus, with the world fixed to it."""

from __future__ import annotations

import pytest

from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.prove.doors import Door, door_of
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
    ways: list[model.Route | model.Act] = [*policy.routes, *policy.acts]
    claimed = Door(proposal.action, proposal.lane if proposal.action == "deploy" else None, proposal.target)
    if not BEGIN <= at < END:
        return  # past the horizon of proofs
    said, not_read = encoded(policy, [way for way in ways if door_of(way) == claimed], proposal, facts, at)
    assert said == decision.allowed or not_read in NOT_READ


def encoded(
    policy: model.Policy, ways: list[model.Route | model.Act], proposal: Proposal, facts: Facts, at: int
) -> tuple[bool | None, str | None]:
    """What the encoder says of a request, or what of the policy it does not read."""
    said, terms = False, Encoded(policy)
    for way in ways:
        try:
            said = terms.says(way, proposal, facts, at) or said
        except NotEncodedError as error:
            return None, str(error)
    return said, None
