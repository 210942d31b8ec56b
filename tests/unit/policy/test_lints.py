"""The lints: each finds its own bad example once, and nothing in its good one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from rung.policy import lints
from tests.unit.policy.reading import warnings

POLICIES = Path(__file__).parents[3] / "policies"


@pytest.mark.parametrize("module", lints.LINTS, ids=lambda module: module.CODE)
class TestLint:
    def test_the_bad_example_has_one_finding(self, module: ModuleType) -> None:
        found = warnings(module.BAD)
        assert [each.code for each in found] == [module.CODE]
        assert all(each.severity == "warning" and each.span and each.hint for each in found)

    def test_the_good_example_has_none(self, module: ModuleType) -> None:
        assert warnings(module.GOOD) == ()

    def test_the_page_begins_with_a_sentence_and_shows_an_example(self, module: ModuleType) -> None:
        first, *rest = (module.__doc__ or "").splitlines()
        assert first.endswith(".")
        assert first[0].isupper()
        assert any(line.startswith("    ") for line in rest)

    def test_the_module_is_named_as_the_code(self, module: ModuleType) -> None:
        assert module.__name__.rpartition(".")[2].replace("_", "-") == module.CODE
