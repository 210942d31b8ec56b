"""Every decision of the conformance corpus can be explained and printed, and its explanation agrees."""

from __future__ import annotations

import json

import jsonschema
import pytest

from rung.evaluate.decide import Evaluator
from rung.explain.why import explain
from rung.report import Look, text
from rung.report import json as format_json
from rung.report.json_schema import json_schema
from rung.report.plain import width
from tests.conformance.corpus import Case, cases
from tests.conformance.test_corpus import checked

DECISIONS = [case for case in cases() if case.expected.kind == "decision"]
VALIDATOR = jsonschema.Draft202012Validator(json_schema("decision"))


@pytest.mark.parametrize("case", DECISIONS, ids=lambda case: case.id)
def test_it_is_explained(case: Case) -> None:
    assert case.policy is not None
    policy, texts, _ = checked(case.policy, case.files)
    assert policy is not None
    request, at = case.request()
    decision = Evaluator(policy).decide(request.proposal, request.facts, at)
    sources = {each.name: each for each in texts}
    explanation = explain(decision, policy, sources, True)

    assert explanation.allowed == decision.allowed
    assert bool(explanation.steps) == (explanation.verdict in ("forbidden", "not-permitted"))
    rules = (*explanation.standing, *explanation.bans)
    routes = explanation.routes[:1]
    assert decision.allowed == (bool(routes) and all(each.mark == "holds" for each in (*routes, *rules)))

    VALIDATOR.validate(json.loads(format_json.decision(explanation, sources, Look())))
    for verbose in (False, True):
        printed = text.decision(explanation, sources, Look(80, False, verbose))
        head, *_ = printed.splitlines()
        assert head.startswith("ALLOWED" if decision.allowed else "DENIED")
        assert "hypothetical" in printed.splitlines()[0] + printed.splitlines()[1]
        wide = [line for line in printed.splitlines() if width(line) > 80]
        assert all(len(line.split()) < 4 for line in wide), wide
