"""Every `comparison` of the corpus, whose requests are decided again by both policies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.evaluate.decide import Evaluator
from rung.explain import words
from rung.explain.claims import judge_of
from rung.explain.comparison import Comparison, Shown, comparison
from rung.policy import model
from rung.prove.compare import compare_all
from tests.conformance.corpus import Case
from tests.conformance.test_corpus import CASES, checked, compare, ids, policy_of

SECONDS = 60.0


def comparison_text(found: Comparison) -> Iterator[str]:
    """The verdict, then each difference with the rules at fault; requests are the solver's choice."""
    yield found.relation
    for mark, several in (("+", found.allowed), ("-", found.denied)):
        for each in several:
            yield f"{mark} {words.route_head(each.way)}{', in a file that uses it' if each.used else ''}"
            yield from (f"    ? {each.reason}" for _ in range(each.decision is None))
            yield from (f"    {line}" for line in _fails(each))
    for owes in found.owing:
        yield f"~ {words.route_head(owes.way)}"
        for pair in owes.pairs:
            yield "    " + " > ".join("nothing" if one is None else _owed(one) for one in pair)
    yield from (f"opened: {kind} {name}" for kind, name in found.opened)
    yield from (f"closed: {kind} {name}" for kind, name in found.closed)
    yield from (f"? {reason}" for _, reason in found.unknown)
    yield from found.notes


def _fails(each: Shown) -> Iterator[str]:
    if each.decision is not None and not each.fails:
        yield each.denial
    for fails in each.fails:
        within = f"{fails.within.split()[0]}: " if fails.within else ""
        text = fails.instead.text
        instead = {None: " > nothing", "": ""}.get(text, f" > {text}")
        yield f"{within}{fails.line.text}{instead}"


def _owed(each: model.Obligation) -> str:
    return f"{each.name} within {words.duration(each.seconds)}"


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "comparison"], ids=ids)
def test_comparison(case: Case, pytestconfig: pytest.Config) -> None:
    old = policy_of(case)
    assert case.policy is not None
    assert case.edited is not None
    edited = checked(case.edited, case.files)
    assert edited.policy is not None, edited.found
    new = edited.policy
    sources = {each.name: each for each in (*checked(case.policy, case.files).sources, *edited.sources)}
    found = comparison(old, new, compare_all(old, new, SECONDS, 1), sources)
    assert not found.broken
    for allows, denies, several in ((new, old, found.allowed), (old, new, found.denied)):
        for each in several:
            if each.decision is not None and not each.used:
                proposal, facts, at = each.decision.proposal, each.decision.facts, each.decision.at
                said = [
                    Evaluator(one).decide(proposal, facts, at, judge_of(one)).allowed
                    for one in (allows, denies)
                ]
                assert said == [True, False]
    compare(case, "".join(f"{line}\n" for line in comparison_text(found)), pytestconfig)
