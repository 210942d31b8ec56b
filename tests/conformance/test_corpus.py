"""Every case of the corpus, through every reading that understands it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.evaluate.decide import Evaluator
from rung.inputs.facts import Facts
from rung.inputs.load import load_request
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse
from tests.conformance.corpus import EXPECTED_OF, Case, MisplacedBlockError, cases, cases_of, rewrite
from tests.conformance.render import decision_text, diagnostics_text

Reading = Callable[[model.Policy, Proposal, Facts, int], bool]


def evaluated(policy: model.Policy, proposal: Proposal, facts: Facts, at: int) -> bool:
    return Evaluator(policy).decide(proposal, facts, at).allowed


# Every reading of a policy gives the verdict on a request; all must give the one that is expected.
READINGS: dict[str, Reading] = {"evaluator": evaluated}

CASES = cases()
# The kinds of expectation that this module consumes.
CONSUMED = frozenset({"decision", "diagnostics"})


def ids(case: Case) -> str:
    return case.id


def checked(source: Source) -> tuple[model.Policy | None, Sequence[Diagnostic]]:
    """The policy of a text, and all that is said about it."""
    parsed = parse(source)
    if parsed.file is None:
        return None, parsed.diagnostics
    resolved = policy_from_syntax(parsed.file)
    return (None if parsed.diagnostics else resolved.policy), (*parsed.diagnostics, *resolved.mistakes)


def policy_of(case: Case) -> model.Policy:
    policy, diagnostics = checked(case.policy_source())
    assert policy is not None, diagnostics_text(diagnostics, [case.policy_source()], with_file=False)
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
    compare(case, decision_text(decision, case.policy_source()), pytestconfig)


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
        sources = [case.policy_source()]
        found: Sequence[Diagnostic] = checked(sources[0])[1]
    else:
        sources = case.document_sources()
        found = load_request(sources)[1]
    compare(case, diagnostics_text(found, sources, with_file=case.policy is None), pytestconfig)


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
