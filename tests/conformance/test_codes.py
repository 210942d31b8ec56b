"""Every code that is said about policies and documents fires in one case and stays silent in another.

What the command line says before anything is read is not about either, and is tested with it.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import get_type_hints

import pytest

import rung.inputs.errors
import rung.policy.errors
import rung.syntax.errors
from rung.diagnostics import Diagnostic
from rung.policy import lints as plain
from rung.prove import lints as proved
from tests.conformance.corpus import Case, cases

ERRORS = (rung.syntax.errors, rung.policy.errors, rung.inputs.errors)


def codes_of(module: ModuleType) -> list[str]:
    """The codes of the functions that say what can be wrong; each is named as its code."""
    return [
        name.replace("_", "-")
        for name, function in vars(module).items()
        if inspect.isfunction(function)
        and function.__module__ == module.__name__
        and get_type_hints(function).get("return") is Diagnostic
    ]


CODES = [
    *(code for module in ERRORS for code in codes_of(module)),
    *(lint.CODE for lint in (*plain.LINTS, *proved.LINTS)),
]
CASES = [case for case in cases() if case.expected.kind in ("diagnostics", "findings")]


def fires(case: Case, code: str) -> bool:
    return any(code in line.split()[:3] for line in case.expected.text.splitlines())


def cases_about(code: str) -> list[Case]:
    """The cases in the file that is named as the code."""
    return [case for case in CASES if case.path.stem == code]


@pytest.mark.parametrize("code", CODES)
def test_the_code_fires(code: str) -> None:
    assert any(fires(case, code) for case in cases_about(code))


@pytest.mark.parametrize("code", CODES)
def test_the_code_stays_silent_where_nothing_is_wrong(code: str) -> None:
    assert any(not fires(case, code) for case in cases_about(code))


def test_there_are_codes() -> None:
    assert len(CODES) == len(set(CODES))
    assert {"unexpected-text", "unknown-name", "unknown-field", "unused-gate", "route-never-usable"} <= set(
        CODES
    )
