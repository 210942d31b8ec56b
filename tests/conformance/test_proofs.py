"""Every `proof` of the corpus: the verdict on each property, whose history is replayed by the evaluator."""

from __future__ import annotations

import pytest

from rung.diagnostics import Source
from rung.explain.proofs import Proof, proof
from rung.policy import model
from rung.prove.prover import Prover
from rung.prove.verdict import Recorded
from tests.conformance.corpus import Block, Case
from tests.conformance.test_corpus import CASES, checked, compare, ids, policy_of

SECONDS = 60.0


def prover_of(policy: model.Policy, sources: dict[str, Source], files: tuple[Block, ...]) -> Prover:
    """A prover of a policy that knows the policies that it is to refine; `sources` gets their texts."""
    baselines: dict[tuple[str, str], model.Policy] = {}
    for node in policy.properties:
        if isinstance(node, model.NamedProperty) and node.policy is not None:
            read = checked(next(each for each in files if each.name == node.policy), files)
            assert read.policy is not None, read.found
            baselines[node.span.file, node.policy] = read.policy
            sources.update({each.name: each for each in read.sources})
    return Prover(policy, baselines=baselines)


def proved(policy: model.Policy, sources: dict[str, Source], files: tuple[Block, ...] = ()) -> list[Proof]:
    prover = prover_of(policy, sources, files)
    return [proof(prover.prove(node, SECONDS), policy, sources) for node in policy.properties]


def proof_text(found: list[Proof]) -> str:
    """A verdict and its property in a line, then what is said about it; histories are the solver's choice."""
    lines: list[str] = []
    for each in found:
        without = "".join(f", but for {waiver.id}" for waiver in each.verdict.without)
        lines.append(f"{each.outcome}{without}: {each.title}")
        said = [each.verdict.reason, *(f"! {finding}" for finding in each.verdict.findings)]
        lines += [f"    {text}" for text in said if text]
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "proof"], ids=ids)
def test_proof(case: Case, pytestconfig: pytest.Config) -> None:
    assert case.policy is not None
    policy = policy_of(case)
    sources = {source.name: source for source in checked(case.policy, case.files).sources}
    found = proved(policy, sources, case.files)
    for each in found:
        assert each.broken is None
        is_possible = getattr(each.verdict.property, "modality", None) == "possible"
        assert each.outcome != "refuted" or each.verdict.story or is_possible
    compare(case, proof_text(found), pytestconfig)


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "proof"], ids=ids)
def test_what_is_proved_can_be_checked_and_what_is_not_cannot(case: Case) -> None:
    policy = policy_of(case)
    prover = prover_of(policy, {}, case.files)
    for node in policy.properties:
        found = prover.prove(node, SECONDS)
        recorded = Recorded(found.order, frozenset(each.id for each in found.without))
        again = prover_of(policy, {}, case.files).check(node, recorded, SECONDS)
        assert (again.outcome == "proved") == (found.outcome == "proved"), again.reason
        if found.without:
            assert Prover(policy).check(node, Recorded(found.order, frozenset()), SECONDS).outcome != "proved"
