"""What holds of every decision, by the policies and requests of the corpus and what becomes of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts, History
from rung.inputs.proposal import Proposal
from rung.policy import model
from tests.conformance.corpus import Case, cases
from tests.conformance.mutations import LISTS, TIMES, changed_facts
from tests.conformance.test_corpus import policy_of

CASES = {case.id: case for case in cases() if case.expected.kind == "decision"}
ALLOWED = [id for id, case in CASES.items() if case.expected.text.startswith("allowed")]
YEAR = 366 * 86_400
# In policies without these words nothing speaks against a fact: more of what is good never harms.
AGAINST = ("not ", "!=", "implies", "except", "deny", "owes", "disjoint", "single", "parity", "rollback ")

bounded = settings(max_examples=250, derandomize=True, deadline=None, database=None)
Draw = Callable[[st.SearchStrategy[Any]], Any]


@cache
def evaluator(id: str) -> Evaluator:
    return Evaluator(policy_of(CASES[id]))


def request(id: str) -> tuple[Proposal, Facts, int]:
    asked, at = CASES[id].request()
    return asked.proposal, asked.facts, at


def instants(draw: Draw, facts: Facts, at: int, until: int | None) -> list[int]:
    """Instants at which a decision is still valid: the last one, some when facts are dated, and any."""
    last = at + YEAR if until is None else until - 1
    dated = [time + later for time in times_of(facts) for later in (0, 1, 3600) if at <= time + later <= last]
    some = draw(st.lists(st.sampled_from(dated), max_size=4)) if dated else []
    return [last, *some, draw(st.integers(at, last))]


def times_of(facts: Facts) -> list[int]:
    """Every instant that the facts speak of."""
    records = [record for name in LISTS for record in getattr(facts, name)]
    records += facts.history.events if facts.history is not None else ()
    return [vars(record)[name] for record in records for name in TIMES if vars(record).get(name) is not None]


@pytest.mark.parametrize("id", CASES)
def test_a_decision_stays_as_it_is_while_it_is_valid(id: str) -> None:
    proposal, facts, at = request(id)
    first = evaluator(id).decide(proposal, facts, at)
    assert first.valid_until is None or first.valid_until > at
    draw = random.Random(id)  # any instants will do, and always the same
    last = at + YEAR if first.valid_until is None else first.valid_until - 1
    for moment in {last, (at + last) // 2, draw.randint(at, last)}:
        assert evaluator(id).decide(proposal, facts, moment).allowed == first.allowed


@bounded
@given(st.data())
def test_whatever_the_facts_a_decision_comes_and_stays_while_it_is_valid(data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(sorted(CASES)))
    proposal, facts, at = request(id)
    facts = data.draw(changed_facts(facts, at))
    first = evaluator(id).decide(proposal, facts, at)
    assert first.valid_until is None or first.valid_until > at
    for moment in instants(data.draw, facts, at, first.valid_until):
        assert evaluator(id).decide(proposal, facts, moment).allowed == first.allowed


def tied(history: History) -> bool:
    """Whether two events ended in one second: then the order of the log tells which came first."""
    ends = [(event.environment, event.finished) for event in history.events]
    return len(set(ends)) < len(ends)


@bounded
@given(st.data())
def test_the_order_in_which_facts_are_listed_says_nothing(data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(sorted(CASES)))
    proposal, facts, at = request(id)
    shuffled = facts.replace(
        **{name: tuple(data.draw(st.permutations(getattr(facts, name)))) for name in LISTS}
    )
    if facts.history is not None and not tied(facts.history):
        events = tuple(data.draw(st.permutations(facts.history.events)))
        shuffled = shuffled.replace(history=facts.history.replace(events=events))
    expected, found = (evaluator(id).decide(proposal, each, at) for each in (facts, shuffled))
    assert (found.allowed, found.valid_until) == (expected.allowed, expected.valid_until)


def speaks_against(case: Case) -> bool:
    assert case.policy is not None
    return any(word in block.text for block in (case.policy, *case.files) for word in AGAINST)


FRIENDLY = [id for id in ALLOWED if not speaks_against(CASES[id])]


def taken_away(draw: Draw, facts: Facts) -> Facts | None:
    """The facts without one that speaks for the release, or None when none is left."""
    good = [
        (name, index)
        for name in ("evidence", "approvals", "reviews", "builds", "changes", "health")
        for index, record in enumerate(getattr(facts, name))
        if vars(record).get("verdict") != "rejected" and vars(record).get("status") != "unhealthy"
    ]
    if not good:
        return None
    name, index = draw(st.sampled_from(good))
    records = getattr(facts, name)
    return facts.replace(**{name: records[:index] + records[index + 1 :]})


@bounded
@given(st.data())
def test_taking_away_what_speaks_for_a_release_never_lets_it_in(data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(FRIENDLY))
    proposal, facts, at = request(id)
    allowed = True
    left: Facts | None = facts
    while left is not None:
        now = evaluator(id).decide(proposal, left, at).allowed
        assert allowed or not now
        allowed, left = now, taken_away(data.draw, left)


@bounded
@given(st.data())
def test_a_waiver_never_keeps_a_release_out(data: st.DataObject) -> None:
    id = data.draw(st.sampled_from(sorted(CASES)))
    policy = evaluator(id).policy
    proposal, facts, at = request(id)
    begins = at + data.draw(st.integers(-100, 100))
    names = data.draw(st.sets(st.sampled_from(sorted(policy.gates)))) if policy.gates else ()
    places = tuple(policy.environments)
    waivers = [
        model.Waiver(f"W-{name}", name, places, "ana", begins, begins + 100, "reason", policy.span)
        for name in sorted(names)
    ]
    waived = Evaluator(replace(policy, waivers=(*policy.waivers, *waivers)))
    before, after = (each.decide(proposal, facts, at) for each in (evaluator(id), waived))
    assert after.allowed or not before.allowed
    for moment in instants(data.draw, facts, at, after.valid_until):
        assert waived.decide(proposal, facts, moment).allowed == after.allowed


def test_there_is_enough_to_draw_from() -> None:
    assert len(FRIENDLY) >= 30
