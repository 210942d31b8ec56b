"""The lints that ask a solver: each finds its own bad example once, and nothing in its good one."""

from __future__ import annotations

from types import ModuleType

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.policy import lints as plain
from rung.policy.from_syntax import policy_from_syntax
from rung.prove.lints import LINTS, lint
from rung.syntax.parse import parse


def warnings(text: str) -> list[Diagnostic]:
    """What all lints, plain ones and those that ask a solver, find in a policy without its first lines."""
    parsed = parse(Source("example.rung", f'rung 1\npolicy "example"\n{text}'))
    assert parsed.file is not None
    policy, mistakes = policy_from_syntax(parsed.file)
    assert policy is not None, mistakes
    known = plain.lint(policy)
    return [*known, *lint(policy, known, 60.0)]


@pytest.mark.parametrize("module", LINTS, ids=lambda module: module.CODE)
class TestLint:
    def test_the_bad_example_has_one_finding(self, module: ModuleType) -> None:
        found = warnings(module.BAD)
        assert [each.code for each in found] == [module.CODE]
        assert all(each.severity == "warning" and each.span and each.hint for each in found)

    def test_the_good_example_has_none(self, module: ModuleType) -> None:
        assert warnings(module.GOOD) == []

    def test_the_page_begins_with_a_sentence_and_shows_an_example(self, module: ModuleType) -> None:
        first, *rest = (module.__doc__ or "").splitlines()
        assert first.endswith(".")
        assert first[0].isupper()
        assert any(line.startswith("    ") for line in rest)

    def test_the_module_is_named_as_the_code(self, module: ModuleType) -> None:
        assert module.__name__.rpartition(".")[2].replace("_", "-") == module.CODE


@pytest.mark.parametrize("module", plain.LINTS, ids=lambda module: module.CODE)
def test_what_a_plain_lint_finds_is_found_once(module: ModuleType) -> None:
    assert [each.code for each in warnings(module.BAD)] == [module.CODE]


@pytest.mark.parametrize("module", plain.LINTS, ids=lambda module: module.CODE)
def test_nothing_is_found_in_the_good_example_of_a_plain_lint(module: ModuleType) -> None:
    assert warnings(module.GOOD) == []


def test_every_kin_is_a_lint() -> None:
    codes = {each.CODE for each in (*plain.LINTS, *LINTS)}
    assert {kin for each in LINTS for kin in each.KIN} <= codes


def test_what_cannot_be_told_in_time_is_not_found() -> None:
    parsed = parse(Source("example.rung", f'rung 1\npolicy "example"\n{LINTS[0].BAD}'))
    assert parsed.file is not None
    policy, _ = policy_from_syntax(parsed.file)
    assert policy is not None
    assert lint(policy, (), 0.0) == ()
