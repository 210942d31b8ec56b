"""Any policy and request: the encoder, fixed to it, says what the evaluator says. `… encoding 20000`."""

from __future__ import annotations

from collections import Counter

from rung.diagnostics import Source
from rung.evaluate.decide import Evaluator
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse
from tests.agreement.fixed_world import says
from tests.campaigns.run import campaign
from tests.conformance.corpus import request_of
from tests.generators.decisions import Asked, decisions

verdicts: Counter[str] = Counter()


def policy_of(text: str) -> model.Policy:
    parsed = parse(Source("p.rung", text))
    assert parsed.file is not None, parsed.diagnostics
    policy, mistakes = policy_from_syntax(parsed.file)
    assert policy is not None, mistakes
    return policy


def check(asked: Asked) -> None:
    policy = policy_of(asked.policy)
    request, at = request_of(asked.layer)
    decision = Evaluator(policy).decide(request.proposal, request.facts, at)
    routes = [
        each
        for each in policy.routes
        if (each.lane, each.target) == (request.proposal.lane, request.proposal.target)
    ]
    said = any(says(policy, route, request.proposal, request.facts, at) for route in routes)
    assert said == decision.allowed
    verdicts["allowed" if decision.allowed else "denied"] += 1


if __name__ == "__main__":
    campaign(check, decisions(), "python -m tests.campaigns.encoding")
    print(dict(verdicts))
