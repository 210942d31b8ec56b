"""Measures decisions: Rung, the same rules by hand, and three other engines, over the same requests.

From validated documents to the verdict with every failing rule. All must agree on every request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.decide import by_hand
from benchmarks.decide.peers import cedar, prepared, rego, zen_engine
from benchmarks.decide.requests import varied
from benchmarks.measure import Row, Section, in_turns
from rung.diagnostics import Source
from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts
from rung.inputs.load import load_request
from rung.inputs.proposal import Proposal
from rung.inputs.scalars import parse_instant
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

COUNT = 1000
# Each peer, and how many times as long as Rung it was promised to take.
PEERS: dict[str, tuple[Callable[[Any], set[str]], float]] = {
    f"{zen_engine.VERSION}, an expression for each rule": (zen_engine.decide_by_rule, 4),
    f"{zen_engine.VERSION}, all rules in one expression": (zen_engine.decide, 4),
    f"{zen_engine.VERSION}, one expression that finds for itself": (zen_engine.decide_by_itself, 4),
    f"{cedar.VERSION}, policies as text": (cedar.decide_from_text, 60),
    f"{cedar.VERSION}, policies read once": (cedar.decide, 60),
    f"{rego.VERSION}, a query": (rego.decide_by_query, 200),
    f"{rego.VERSION}, a bundle built once": (rego.decide, 200),
}
HOW = f"""\
Twelve conditions on a promotion, as a policy (`benchmarks/decide/policy.rung`), as plain Python
(`by_hand.py`) and in the languages of three other engines (`peers/`), from the validated document to the
decision with all failing rules. All give the same verdict on {COUNT:,} requests with up to three random
departures from an allowed one. Rung also gives the values, the lines of the policy and how long the decision
stays valid.

The peers are called through their Python bindings, with the documents as those take them: most of their
time is the conversion of the input. All are given alike, and not within their time, what not all of their
languages can find: the latest records, the persons behind accounts, the healthy interval, and instants and
percentages as numbers (`peers/prepared.py`). Each peer is called as its introduction shows it, and then made
ready once as far as its binding can. One expression of ZEN also finds everything for itself in the
documents, but for joining overlapping intervals, which no request needs."""


class Case(NamedTuple):
    """One request as everybody takes it."""

    proposal: Proposal
    facts: Facts
    at: int
    document: dict[str, Any]


def measured() -> Section:
    policy, mistakes = policy_from_syntax(_policy_file())
    assert policy is not None, mistakes
    rung, cases = Evaluator(policy).decide, _cases()
    _agree(rung, cases)
    return Section("Decisions", HOW, (*_by_hand(rung, cases), *_peers(rung, cases)))


def _policy_file() -> Any:
    text = Path(__file__).with_name("policy.rung").read_text()
    file = parse(Source("policy.rung", text)).file
    assert file is not None, "the policy of the benchmark is right"
    return file


def _cases() -> list[Case]:
    cases = []
    for document, instant in varied(COUNT):
        request, mistakes = load_request([Source("request.json", json.dumps(document))])
        assert request is not None, mistakes
        at = parse_instant(instant)
        given = prepared.prepared(document, request.proposal, request.facts, at)
        cases.append(Case(request.proposal, request.facts, at, given))
    return cases


def _agree(rung: Callable[..., Any], cases: list[Case]) -> None:
    for number, case in enumerate(cases):
        asked = case.proposal, case.facts, case.at
        verdicts = {"Rung": rung(*asked).allowed, "by hand": not by_hand.decide(*asked)}
        verdicts |= {name: not decide(case.document) for name, (decide, _) in PEERS.items()}
        if len(set(verdicts.values())) > 1:
            raise AssertionError(f"request {number} is decided differently: {verdicts}")


def _by_hand(rung: Callable[..., Any], cases: list[Case]) -> list[Row]:
    rows = []
    allowed = [cases[0]] * 100
    for what, chosen in ((f"{COUNT:,} requests", cases), ("one request, over and over", allowed)):
        times = in_turns({"rung": _all(rung, chosen), "hand": _all(by_hand.decide, chosen)}, 40)
        each = times["rung"] / len(chosen), times["hand"] / len(chosen)
        rows.append(Row(f"Rung, {what}", "the rules by hand", each, ("at most", 2.5)))
    return rows


def _peers(rung: Callable[..., Any], cases: list[Case]) -> list[Row]:
    """Each peer in turns with Rung, over requests of which slow peers get fewer."""
    rows = []
    for name, (decide, promise) in PEERS.items():
        chosen = cases[:200] if "zen" in name else cases[:20]
        documents = [case.document for case in chosen]
        times = in_turns(
            {"peer": lambda d=decide, e=documents: [d(x) for x in e], "rung": _all(rung, chosen)}, 40
        )
        each = times["peer"] / len(chosen), times["rung"] / len(chosen)
        rows.append(Row(name, "Rung", each, ("at least", promise)))
    return rows


def _all(decide: Callable[..., Any], cases: list[Case]) -> Callable[[], object]:
    asked = [(case.proposal, case.facts, case.at) for case in cases]

    def run() -> None:
        for each in asked:
            decide(*each)

    return run
