"""Codes: each mistake has one function, named for its code, whose docstring is its reference page."""

import inspect
from collections.abc import Callable

import pytest

from rung.inputs import errors

CODES = [
    function
    for name, function in inspect.getmembers(errors, inspect.isfunction)
    if function.__module__ == errors.__name__ and not name.startswith("_")
]


@pytest.mark.parametrize("function", CODES)
def test_a_code_is_the_name_of_the_function_that_reports_it(function: Callable[..., object]) -> None:
    assert f'Diagnostic("{function.__name__.replace("_", "-")}", ' in inspect.getsource(function).replace(
        "Diagnostic(\n        ", "Diagnostic("
    )


@pytest.mark.parametrize("function", CODES)
def test_a_code_has_a_reference_page(function: Callable[..., object]) -> None:
    summary, _, page = inspect.getdoc(function).partition("\n\n")
    assert summary.endswith(".")
    assert "\n" not in summary
    assert page
