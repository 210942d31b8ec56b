"""Every case of the corpus, through every reading that understands it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from rung.baselines import collect
from rung.diagnostics import Diagnostic, Source
from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts
from rung.inputs.load import load_request
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.policy.lints import lint
from tests.conformance.corpus import (
    EXPECTED_OF,
    Block,
    Case,
    MisplacedBlockError,
    cases,
    cases_of,
    rewrite,
    spelled_out,
)
from tests.conformance.render import POLICY, decision_text, diagnostics_text

Reading = Callable[[model.Policy, Proposal, Facts, int], bool]


def evaluated(policy: model.Policy, proposal: Proposal, facts: Facts, at: int) -> bool:
    return Evaluator(policy).decide(proposal, facts, at).allowed


# Every reading of a policy gives the verdict on a request; all must give the one that is expected.
READINGS: dict[str, Reading] = {"evaluator": evaluated}

CASES = cases()
# The kinds of expectation that this module and its neighbours consume.
CONSUMED = frozenset({"comparison", "decision", "diagnostics", "findings", "proof"})


def ids(case: Case) -> str:
    return case.id


class Checked(NamedTuple):
    """The policy of a text, or None; the texts that were read, and all that is said about them."""

    policy: model.Policy | None
    sources: Sequence[Source]
    found: Sequence[Diagnostic]


@cache
def checked(policy: Block, files: tuple[Block, ...]) -> Checked:
    source = Source(_file(policy), spelled_out(policy.text))
    with TemporaryDirectory() as folder:
        for file in files:
            Path(folder, file.name).write_text(spelled_out(file.text), encoding="utf-8")
        read = collect(source, folder, folder)
    if not read.files or read.files[-1].span.file != source.name:
        return Checked(None, [*read.sources, source], read.mistakes)
    resolved, mistakes = policy_from_syntax(read.files[-1], read.files[:-1])
    if read.mistakes or resolved is None:
        return Checked(None, read.sources, (*read.mistakes, *mistakes))
    return Checked(resolved, read.sources, lint(resolved))


def _file(policy: Block) -> str:
    """What the file of a policy is called."""
    return {"policy": POLICY, "edited": "edited.rung"}.get(policy.kind, policy.name)


def policy_of(case: Case) -> model.Policy:
    assert case.policy is not None, "a decision is made by a policy"
    policy, sources, found = checked(case.policy, case.files)
    assert policy is not None, diagnostics_text(found, sources)
    return policy


def compare(case: Case, text: str, config: pytest.Config) -> None:
    if config.getoption("update_cases"):
        rewrite(case, text)
    else:
        assert text == case.expected.text


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "decision"], ids=ids)
def test_decision(case: Case, pytestconfig: pytest.Config) -> None:
    request, at = case.request()
    decision = Evaluator(policy_of(case)).decide(request.proposal, request.facts, at)
    assert case.policy is not None
    compare(case, decision_text(decision, checked(case.policy, case.files).sources), pytestconfig)


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "decision"], ids=ids)
def test_verdict(case: Case, reading: Reading) -> None:
    request, at = case.request()
    expected = case.expected.text.split(maxsplit=1)[0]
    assert expected in ("allowed", "denied")
    assert reading(policy_of(case), request.proposal, request.facts, at) == (expected == "allowed")


@pytest.mark.parametrize("case", [case for case in CASES if case.expected.kind == "diagnostics"], ids=ids)
def test_diagnostics(case: Case, pytestconfig: pytest.Config) -> None:
    if case.policy is not None:
        _, sources, found = checked(case.policy, case.files)
    else:
        sources = case.document_sources()
        found = load_request(sources)[1]
    compare(case, diagnostics_text(found, sources), pytestconfig)


def test_every_block_is_consumed() -> None:
    assert {case.expected.kind for case in CASES} <= CONSUMED


@pytest.mark.parametrize(
    "text",
    [
        "```polciy\n```\n",
        "```policy\n```\n",
        "```request a\n```\n",
        "```decision a\n```\n",
        "```request a\n```\n```decision a\n```\n",
        "```policy\n```\n```request a\n```\n```decision b\n```\n",
        "```policy\n```\n```diagnostics\n```\n```diagnostics\n```\n",
        "```policy\n```\n```diagnostics\n```\n```base\n```\n",
        "```policy\n```\n```diagnostics\n",
        "```policy\n```\n```comparison\n```\n",
        "```policy\n```\n```edited\n```\n",
    ],
)
def test_a_block_that_belongs_to_nothing_is_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("corpus") / "case.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MisplacedBlockError):
        cases_of(path)


def test_every_expectation_has_something_it_is_about() -> None:
    assert EXPECTED_OF.keys() >= CONSUMED
