"""Any two policies, one edited: what is said of both holds of every request. `… comparing 2000`."""

from __future__ import annotations

from collections import Counter
from random import Random

from rung.diagnostics import Source
from rung.evaluate.decide import Evaluator
from rung.explain.claims import judge_of
from rung.explain.replay import replay
from rung.inputs.facts import Facts, Person
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.policy.persons import declared_persons
from rung.prove.compare import Comparer
from rung.prove.comparison import Compared, Difference, relation
from rung.prove.doors import Door, doors
from rung.syntax.parse import parse
from tests.campaigns.run import seeded
from tests.conformance.corpus import request_from
from tests.generators import decisions
from tests.generators.pairs import Pair, pair

REQUESTS = 40  # of each pair
SECONDS = 60.0


def compared(seed: str, count: int) -> Counter[str]:
    """How so many pairs stand to each other; AssertionError where a request or a story says otherwise."""
    found: Counter[str] = Counter()
    numbers = Random(seed)
    while count:
        drawn = pair(numbers)
        old, new = (policy_of(each) for each in drawn)
        if old is not None and new is not None:  # an edit can make what is no policy
            _check(drawn, old, new, numbers, found)
            count -= 1
    return found


def policy_of(text: str) -> model.Policy | None:
    file, broken = parse(Source("p.rung", text))
    return None if file is None or broken else policy_from_syntax(file)[0]


def _check(drawn: Pair, old: model.Policy, new: model.Policy, numbers: Random, found: Counter[str]) -> None:
    comparer = Comparer(old, new)
    told = {door: _told(comparer, door, found) for door in doors(comparer.old, comparer.new)}
    found[relation(list(told.values()))] += 1
    for _ in range(REQUESTS):
        request, at = request_from(decisions.request(numbers, numbers.choice(drawn)))
        proposal, facts = request.proposal, known_to_all(request.facts, old, new)
        if facts is None:
            continue
        said = [Evaluator(each).decide(proposal, facts, at).allowed for each in (old, new)]
        if said[0] == said[1]:
            continue
        lane = proposal.lane if proposal.action == "deploy" else None
        here = told[Door(proposal.action, lane, proposal.target)]
        newly = "allowed" if said[1] else "denied"
        found["seen"] += 1
        known = here.unknown or [each for each in here.differences if each.newly == newly]
        assert known, f"newly {newly}, and nobody says so:\n{drawn.old}\n{drawn.new}\n{request!r}\nat {at}"


def _told(comparer: Comparer, door: Door, found: Counter[str]) -> Compared:
    compared = Compared(door) if comparer.same(door) else comparer.compare(door, SECONDS)
    for each in compared.differences:
        if each.story is None:
            found[each.reason] += 1
        else:
            found["shown" if _shown(each, comparer) else "not shown"] += 1
    return compared


def _shown(difference: Difference, comparer: Comparer) -> bool:
    """Whether a story shows what it was told for; where it is certain that it does, it must."""
    assert difference.story is not None
    allows, denies = (comparer.new, comparer.old)[:: 1 if difference.newly == "allowed" else -1]
    last = next(each for each in reversed(replay(difference.story, allows)) if each.decision is not None)
    assert last.decision is not None
    assert last.facts is not None
    assert last.decision.allowed
    proposal, at = last.decision.proposal, last.decision.at
    again = Evaluator(denies).decide(proposal, last.facts, at, judge_of(denies))
    assert not again.allowed or not difference.story.certain
    return not again.allowed


def known_to_all(facts: Facts, *policies: model.Policy) -> Facts | None:
    """The facts with all persons whom only some of the policies name; None where they list nobody at all."""
    named = [declared_persons(policy).keys() for policy in policies]
    if named[0] == named[1]:
        return facts
    if facts.people is None:
        return None
    listed = {account for each in facts.people.persons for account in (each.id, *each.accounts)}
    some = sorted((named[0] ^ named[1]) - listed)
    more = tuple(Person(id=each, groups=()) for each in some if ":" not in each)
    return facts.replace(people=facts.people.replace(persons=(*facts.people.persons, *more)))


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.comparing")
    print(dict(compared(str(number), limit)))
