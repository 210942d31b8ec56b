"""Processes that prove properties: each answers for its own, is killed in time, and is replaced."""

from __future__ import annotations

import os
import time

import pytest

from rung.diagnostics import Source
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.prove import prover, workers
from rung.prove.verdict import Verdict
from rung.syntax.parse import parse

POLICY = """\
rung 1
policy "small"
environment qa
environment prod after qa
admit build -> qa
promote qa -> prod
prove no-environment-skipped
prove built-once
prove dormant-first on prod
"""


@pytest.fixture
def policy() -> model.Policy:
    file = parse(Source("p.rung", POLICY)).file
    assert file is not None
    found, mistakes = policy_from_syntax(file)
    assert found is not None, mistakes
    return found


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_every_property_has_its_own_verdict_in_order(policy: model.Policy, jobs: int) -> None:
    counts: list[int] = []
    told = prover.prove_all(policy, policy.properties, 60.0, jobs, as_it_is, counts.append)
    assert [each.outcome for each in told] == ["proved", "proved", "refuted"]
    assert [each.property for each in told] == list(policy.properties)
    assert counts == sorted(counts)
    assert counts[-1] == 3


def as_it_is(verdict: Verdict) -> Verdict:
    return verdict


def stuck(self: prover.Prover, node: model.Property, seconds: float) -> Verdict:
    if isinstance(node, model.NamedProperty) and node.name == "built-once":
        time.sleep(60)
    return Verdict(node, "proved")


def dying(self: prover.Prover, node: model.Property, seconds: float) -> Verdict:
    if isinstance(node, model.NamedProperty) and node.name == "built-once":
        os._exit(9)
    return Verdict(node, "proved")


def hungry(self: prover.Prover, node: model.Property, seconds: float) -> Verdict:
    if isinstance(node, model.NamedProperty) and node.name == "built-once":
        bytearray(2**40)
    return Verdict(node, "proved")


def failing(self: prover.Prover, node: model.Property, seconds: float) -> Verdict:
    if isinstance(node, model.NamedProperty) and node.name == "built-once":
        raise ValueError("a bug")
    return Verdict(node, "proved")


@pytest.mark.parametrize(
    ("prove", "why"),
    [
        (stuck, "it takes longer than 0.01 s"),
        (dying, "the process that was to answer ended"),
        (hungry, "it takes more than 4 GiB of memory"),
        (failing, "internal error: ValueError: a bug"),
    ],
)
def test_what_gives_no_answer_is_unknown_and_keeps_nothing_else_from_its_own(
    policy: model.Policy, monkeypatch: pytest.MonkeyPatch, prove: object, why: str
) -> None:
    monkeypatch.setattr(workers, "GRACE", 0.2)
    monkeypatch.setattr(prover.Prover, "prove", prove)
    found = prover.prove_all(policy, policy.properties, 0.01, 1, as_it_is)
    assert [each.outcome for each in found] == ["proved", "unknown", "proved"]
    assert found[1].reason == why


def test_a_property_for_which_there_is_no_time_is_unknown(policy: model.Policy) -> None:
    found = prover.Prover(policy).prove(policy.properties[0], 1e-9)
    assert found.outcome == "unknown"
    assert found.reason == "it takes longer than 1e-09 s"
