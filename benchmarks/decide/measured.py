"""Measures decisions: Rung, the same rules by hand, and three other engines, over the same requests.

From validated documents to the verdict with every failing rule. All must name the same failing rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.decide import by_hand
from benchmarks.decide.peers import cedar, prepared, rego, zen_engine
from benchmarks.decide.rarer import rarer
from benchmarks.decide.requests import varied
from benchmarks.measure import Row, Section, in_turns
from rung.diagnostics import Source
from rung.evaluate.decide import Decision, Evaluator
from rung.inputs.facts import Facts
from rung.inputs.load import load_request
from rung.inputs.proposal import Proposal
from rung.inputs.scalars import parse_instant
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

COUNT = 1000
ROUNDS = 6  # of the peers: a turn of all takes seconds


class Peer(NamedTuple):
    """How a peer is asked, and how many times as long as Rung it was promised to take.

    It is given the whole request with what its language cannot find in it, or `alone` what its rules
    read; then finding that is within its time.
    """

    decide: Callable[[Any], set[str]]
    promise: float
    alone: bool = False


PEERS = {
    f"{zen_engine.VERSION}, an expression for each rule": Peer(zen_engine.decide_by_rule, 4),
    f"{zen_engine.VERSION}, all rules in one expression": Peer(zen_engine.decide, 4),
    f"{zen_engine.VERSION}, the same, given what it reads": Peer(zen_engine.decide, 4, alone=True),
    f"{zen_engine.VERSION}, one expression that finds for itself": Peer(zen_engine.decide_by_itself, 4),
    f"{cedar.VERSION}, policies as text": Peer(cedar.decide_from_text, 60),
    f"{cedar.VERSION}, policies read once": Peer(cedar.decide, 60),
    f"{cedar.VERSION}, the same, given what it reads": Peer(cedar.decide, 60, alone=True),
    f"{rego.VERSION}, a query": Peer(rego.decide_by_query, 200),
    f"{rego.VERSION}, a bundle built once": Peer(rego.decide, 200),
    f"{rego.VERSION}, the same, given what it reads": Peer(rego.decide, 200, alone=True),
}
HOW = f"""\
Twelve conditions on a promotion, as a policy (`benchmarks/decide/policy.rung`), as plain Python
(`by_hand.py`) and in the languages of three other engines (`peers/`), from the validated document to the
decision with all failing rules. All name the same failing rules of each of {COUNT:,} requests with up to
three random departures from an allowed one, and are timed over all of these. Rung also gives the values, the
lines of the policy and how long the decision stays valid. The rules by hand do the same work: they name the
same failing rules as Rung on {COUNT:,} more requests with what documents rarely have (`rarer.py`).

The peers are called through their Python bindings, with the whole request: most of their time is the
conversion of the input. Their languages cannot find all that the rules speak of: the latest records, the
persons behind accounts, the healthy interval, instants and percentages as numbers. They are given that too
(`peers/prepared.py`), not within their time. Each is called as its introduction shows it, and then made ready
once as far as its binding can. *Given what it reads*, it gets what was found and the proposal, without the
facts, and finding it in Python is within its time. One expression of ZEN finds everything for itself in
the documents, but for joining overlapping intervals, which no request needs."""
# The requirements of the route, in order; the first is what its lane asks.
RULES = (
    "order", "tests", "coverage", "vulnerabilities", "approvals", "soak", "strategy", "rollback plan",
    "configuration", "builder",
)  # fmt: skip


Asked = tuple[Proposal, Facts, int]


class Case(NamedTuple):
    """One request as everybody takes it: validated, with its time, and as plain data."""

    asked: Asked
    document: dict[str, Any]


def measured() -> Section:
    policy, mistakes = policy_from_syntax(_policy_file())
    assert policy is not None, mistakes
    rung, cases = Evaluator(policy).decide, [_case(*each) for each in varied(COUNT)]
    for asked in (*(case.asked for case in cases), *(_validated(*each) for each in rarer(COUNT))):
        _agree(_failing(rung(*asked)), {failure.rule for failure in by_hand.decide(*asked)})
    for case in cases:
        for peer in PEERS.values():
            _agree(_failing(rung(*case.asked)), _ask(peer, case))
    return Section("Decisions", HOW, (*_by_hand(rung, cases), *_peers(rung, cases)))


def _policy_file() -> Any:
    text = Path(__file__).with_name("policy.rung").read_text()
    file = parse(Source("policy.rung", text)).file
    assert file is not None, "the policy of the benchmark is right"
    return file


def _validated(document: dict[str, Any], instant: str) -> Asked:
    request, mistakes = load_request([Source("request.json", json.dumps(document))])
    assert request is not None, mistakes
    return request.proposal, request.facts, parse_instant(instant)


def _case(document: dict[str, Any], instant: str) -> Case:
    asked = _validated(document, instant)
    return Case(asked, prepared.prepared(document, *asked))


def _failing(decision: Decision) -> set[str]:
    """The rules that Rung finds failing, as the others call them."""
    [route] = decision.routes
    failing = {name for name, each in zip(RULES, route.requirements, strict=True) if not each.holds}
    bans = (each.rule for each in decision.bans if not each.holds)
    return failing | {rule.name.lower() for rule in bans if isinstance(rule, model.Freeze)}


def _agree(rung: set[str], other: set[str]) -> None:
    if rung != other:
        raise AssertionError(f"Rung finds failing {sorted(rung)}, another {sorted(other)}")


def _ask(peer: Peer, case: Case) -> set[str]:
    if not peer.alone:
        return peer.decide(case.document)
    proposal, facts, at = case.asked
    derived = prepared.derived(proposal, facts, at)
    return peer.decide({"at": at, "proposal": case.document["proposal"], "derived": derived})


def _by_hand(rung: Callable[..., Any], cases: list[Case]) -> list[Row]:
    rows = []
    allowed = [cases[0]] * 100
    for what, chosen in ((f"{COUNT:,} requests", cases), ("one request, over and over", allowed)):
        times = in_turns({"rung": _all(rung, chosen), "hand": _all(by_hand.decide, chosen)}, 40)
        each = times["rung"] / len(chosen), times["hand"] / len(chosen)
        rows.append(Row(f"Rung, {what}", "the rules by hand", each, ("at most", 2.5)))
    return rows


def _peers(rung: Callable[..., Any], cases: list[Case]) -> list[Row]:
    """All peers and Rung in turns, over all the requests."""

    def asking(peer: Peer) -> Callable[[], object]:
        return lambda: [_ask(peer, case) for case in cases]

    subjects = {name: asking(peer) for name, peer in PEERS.items()}
    times = in_turns({**subjects, "rung": _all(rung, cases)}, ROUNDS)
    return [
        Row(name, "Rung", (times[name] / COUNT, times["rung"] / COUNT), ("at least", peer.promise))
        for name, peer in PEERS.items()
    ]


def _all(decide: Callable[..., Any], cases: list[Case]) -> Callable[[], object]:
    asked = [case.asked for case in cases]

    def run() -> None:
        for each in asked:
            decide(*each)

    return run
