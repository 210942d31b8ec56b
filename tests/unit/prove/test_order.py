"""The order of many environments is proved, whatever keeps it, and one route past it is found."""

from __future__ import annotations

import pytest

from rung import engine
from rung.diagnostics import Source
from rung.policy import model
from rung.prove.claims import routes_into
from rung.prove.invariants import consecution, is_kept, kept, pairs
from rung.prove.obligation import Docket
from rung.prove.prover import Prover
from rung.prove.solve import Answer, Clock
from rung.prove.verdict import Decides, Recorded, Verdict
from tests.generators.ordered_policy import SHAPES, Shape, ordered_policy

SECONDS = 600.0


def policy(environments: int, shape: Shape, skipped: int | None = None) -> model.Policy:
    text = Source("order.rung", ordered_policy(environments, shape, skipped))
    loaded = engine.load(engine.PolicyText(text, "", ""))
    assert loaded.policy is not None, loaded.mistakes
    return loaded.policy


def proved(given: model.Policy) -> Verdict:
    return Prover(given).prove(given.properties[0], SECONDS)


@pytest.mark.parametrize("environments", [4, 20])
@pytest.mark.parametrize("shape", SHAPES)
def test_an_order_that_is_kept_is_proved(shape: Shape, environments: int) -> None:
    verdict = proved(policy(environments, shape))
    assert (verdict.outcome, verdict.findings) == ("proved", ())
    assert verdict.story is not None


@pytest.mark.parametrize("environments", [4, 20])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_route_past_it_is_told(shape: Shape, environments: int) -> None:
    last = environments - 1
    verdict = proved(policy(environments, shape, skipped=last))
    assert verdict.outcome == "refuted"
    assert verdict.story is not None
    targets = [each.proposal.target for each in verdict.story.steps if isinstance(each, Decides)]
    assert targets == ["e0", f"e{last}"]


@pytest.mark.parametrize("skipped", [None, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_as_much_is_kept_as_can_be(shape: Shape, skipped: int | None) -> None:
    """What is looked for where it is needed is the largest order that every route keeps."""
    given = policy(6, shape, skipped)
    docket = Docket(Clock(SECONDS), {})
    largest = pairs(given.environments, list(given.environments))
    while broken := {
        pair
        for pair in largest
        if any(docket.ask(step) is not Answer.IMPOSSIBLE for step in consecution(given, pair, largest))
    }:
        largest -= broken
    for pair in pairs(given.environments, list(given.environments)):
        fresh = Docket(Clock(SECONDS), docket.answers)
        found = kept(given, frozenset({pair}), fresh)
        assert (pair in found) == (pair in largest)
        assert found <= largest
        # What is found stands on its own.
        for each in found:
            steps = list(consecution(given, each, found))
            assert all(docket.ask(step) is Answer.IMPOSSIBLE for step in steps)
            assert len(steps) == len(list(routes_into(given, (each[1],))))


def test_an_order_of_which_one_pair_is_not_kept_is_none() -> None:
    """What somebody claims to be kept is kept in each pair, whatever the others are."""
    given = policy(4, SHAPES[0])
    kept_ones = {("e0", "e1"), ("e1", "e2"), ("e2", "e3")}
    assert is_kept(given, frozenset(kept_ones), Docket(Clock(SECONDS), {}))
    for wrong in (("e2", "e1"), ("e3", "e1"), ("e3", "e0")):
        assert not is_kept(given, frozenset({*kept_ones, wrong}), Docket(Clock(SECONDS), {}))
        recorded = Recorded(frozenset({*kept_ones, wrong}), frozenset())
        assert Prover(given).check(given.properties[0], recorded, SECONDS).outcome == "unknown"
