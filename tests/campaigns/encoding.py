"""Any policy and request: the encoder, fixed to it, says what the evaluator says. `… encoding 20000`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import NamedTuple

from rung.diagnostics import Source
from rung.evaluate.decide import Decision, Evaluator
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse
from tests.agreement import met
from tests.agreement.fixed_world import Encoded
from tests.campaigns.run import seeded
from tests.conformance.corpus import request_from
from tests.generators import decisions

REQUESTS = 50  # of each policy, as a rule
SHARE = 1000  # of a process, before it reports


class Agreed(NamedTuple):
    """How many decisions were agreed on, by their verdict; and how often each thing was met in them."""

    verdicts: Counter[bool]
    met: Counter[met.Met]


def policy_of(text: str) -> model.Policy:
    file, broken = parse(Source("p.rung", text))
    assert file is not None
    policy, mistakes = policy_from_syntax(file)
    assert policy is not None
    assert not broken, broken
    assert not mistakes, mistakes
    return policy


def agreements(seed: int, count: int) -> Agreed:
    """So many decisions in all processes that there are; AssertionError where the readings do not agree."""
    agreed = Agreed(Counter(), Counter())
    seeds = [f"{seed} {number}" for number in range(-(-count // SHARE))]
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as processes:
        for verdicts, found in processes.map(some, seeds):
            agreed.verdicts.update(verdicts)
            agreed.met.update(found)
    return agreed


def some(seed: str, count: int = SHARE) -> Agreed:
    agreed = Agreed(Counter(), Counter())
    for policy, decision in decided(seed, count):
        agreed.verdicts[decision.allowed] += 1
        agreed.met.update({*met.met(decision), *met.waivers_met(policy, decision)})
    return agreed


def decided(seed: str, count: int, each: int = REQUESTS) -> Iterator[tuple[model.Policy, Decision]]:
    """So many decisions that evaluator and encoder agree on; AssertionError at one where they do not."""
    numbers = Random(seed)
    for _ in range(count // each):
        text = decisions.policy(numbers)
        policy = policy_of(text)
        evaluator, encoded = Evaluator(policy), Encoded(policy)
        for _ in range(each):
            request, at = request_from(decisions.request(numbers, text))
            decision = evaluator.decide(request.proposal, request.facts, at)
            assert says(encoded, decision) == decision.allowed, f"{text}\n{request!r}\nat {at}"
            yield policy, decision


def says(encoded: Encoded, decision: Decision) -> bool:
    """Whether the encoder allows what was decided, by any way."""
    proposal = decision.proposal
    ways: list[model.Route | model.Act] = [*encoded.policy.acts]
    if proposal.action == "deploy":
        ways = [each for each in encoded.policy.routes if each.lane == proposal.lane]
    return any(
        encoded.says(each, proposal, decision.facts, decision.at)
        for each in ways
        if each.target == proposal.target and getattr(each, "action", "deploy") == proposal.action
    )


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.encoding")
    agreed = agreements(number, limit)
    print(f"{agreed.verdicts.total()} agreements, {agreed.verdicts[True]} of them allowed")
    print(f"not met: {sorted(met.expected() - set(agreed.met), key=str) or 'nothing'}")
