"""Every `findings` of the corpus: what a solver finds; and that no decision contradicts any of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from rung.diagnostics import Diagnostic, Span
from rung.evaluate.decide import Decision, Evaluator
from rung.evaluate.outcome import Outcome
from rung.prove.lints import lint
from tests.conformance.corpus import Block, Case
from tests.conformance.render import diagnostics_text
from tests.conformance.test_corpus import CASES, checked, compare, ids

SECONDS = 60.0
DECIDED = [case for case in CASES if case.expected.kind == "decision"]


@cache
def found(policy: Block, files: tuple[Block, ...]) -> tuple[Diagnostic, ...]:
    read = checked(policy, files)
    assert read.policy is not None, diagnostics_text(read.found, read.sources)
    return lint(read.policy, read.found, SECONDS)


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "findings"], ids=ids)
def test_findings(case: Case, pytestconfig: pytest.Config) -> None:
    assert case.policy is not None
    sources = checked(case.policy, case.files).sources
    compare(case, diagnostics_text(found(case.policy, case.files), sources), pytestconfig)


@pytest.mark.parametrize("case", DECIDED, ids=ids)
def test_no_decision_does_what_a_solver_says_is_never_done(case: Case) -> None:
    assert case.policy is not None
    findings = found(case.policy, case.files)
    policy = checked(case.policy, case.files).policy
    assert policy is not None
    request, at = case.request()
    decision = Evaluator(policy).decide(request.proposal, request.facts, at)
    said = {
        code: {each.span for each in findings if each.code == code}
        for code in (each.code for each in findings)
    }
    if decision.allowed and decision.route is not None:
        assert decision.route.route.span not in said.get("route-never-usable", ())
    assert said.get("ban-never-applies", set()).isdisjoint(
        each.rule.span for each in decision.bans if not each.holds and hasattr(each.rule, "span")
    )
    outcomes = dict(_requirements(decision))
    assert not any(outcomes.get(span) is False for span in said.get("requirement-always-holds", ()))
    alone = {each.span for each in findings if each.code == "requirement-never-holds" and not each.related}
    assert not any(outcomes.get(span) for span in alone)


def _requirements(decision: Decision) -> Iterator[tuple[Span, bool]]:
    """Whether each condition held that was looked at."""
    pending: list[Outcome] = [each for route in decision.routes for each in route.requirements]
    while pending:
        outcome = pending.pop()
        pending += outcome.parts
        span = getattr(outcome.rule, "span", None)
        if span is not None:
            yield span, outcome.holds
