"""Any policy and an edited copy, read in one world: fixed to a request, each says what its evaluator says.

What is said of both, and of what means the same under both, must be true of the request. `… beside 2000`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random

from rung.evaluate.decide import Evaluator
from rung.prove import abreast
from rung.prove.compare import Comparer
from rung.prove.doors import Door, Policies, doors
from rung.prove.obligation import Docket
from rung.prove.solve import Clock
from tests.agreement.fixed_world import Abreast
from tests.campaigns.comparing import known_to_all, policy_of
from tests.campaigns.run import seeded
from tests.conformance.corpus import request_from
from tests.generators import decisions
from tests.generators.pairs import pair

REQUESTS = 40  # of each pair, as a rule
SECONDS = 60.0


def agreements(seed: str, count: int, each: int = REQUESTS) -> Counter[tuple[bool, bool]]:
    """What both policies of so many pairs say of requests; AssertionError where their encoders disagree."""
    found: Counter[tuple[bool, bool]] = Counter()
    numbers = Random(seed)
    while count:
        drawn = pair(numbers)
        old, new = (policy_of(text) for text in drawn)
        if old is not None and new is not None:  # an edit can make what is no policy
            comparer = Comparer(old, new)
            found.update(_said(Policies(comparer.old, comparer.new), drawn, numbers, each))
            count -= 1
    return found


def _said(
    policies: Policies, drawn: tuple[str, str], numbers: Random, count: int
) -> Iterator[tuple[bool, bool]]:
    known = {door: _abreast(policies, door) for door in doors(*policies)}
    evaluators = [Evaluator(each) for each in policies]
    for _ in range(count):
        request, at = request_from(decisions.request(numbers, numbers.choice(drawn)))
        proposal, facts = request.proposal, known_to_all(request.facts, *policies)
        door = Door(proposal.action, proposal.lane if proposal.action == "deploy" else None, proposal.target)
        if door in known and facts is not None:
            said = tuple(each.decide(proposal, facts, at).allowed for each in evaluators)
            text = "\n".join((*drawn, repr(request), f"at {at}"))
            assert known[door].say(proposal, facts, at) == said, text
            yield said


def _abreast(policies: Policies, door: Door) -> Abreast:
    return Abreast(abreast.Abreast(policies, door, Docket(Clock(SECONDS), {})))


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.beside")
    print(dict(agreements(str(number), limit)))
