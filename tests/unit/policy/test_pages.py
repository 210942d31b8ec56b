"""The reference pages of mistakes: the first example of each really is one, and the only one.

An example is made whole by the policy around it: the statements of CONTEXT whose names it does not
declare itself. A `require` alone stands in a gate that needs all evidence.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from textwrap import dedent

import pytest

from rung.diagnostics import Diagnostic
from rung.policy import errors
from tests.unit.policy.reading import mistakes

CONTEXT = """\
environment dev
environment qa after dev
environment staging after qa
environment staging_eu after qa
environment staging_us after qa
environment prod after all of { staging_eu, staging_us }
group release_managers { "ana@example.com", "bo@example.com" }
evidence unit_tests about build { passed: int, failed: int, coverage: percent }
evidence scan about artifact { critical: int, high: int }
evidence load about build { score: decimal }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == 0
}
admit build -> dev { require tests_pass }
"""

# What is said of more than one file, or of no statement at all.
WITHOUT_EXAMPLE = {"missing_declaration", "expression_too_long", "unusable_baseline"}
WITH_BASELINE = {
    "not_open": 'group release_managers { "ana@example.com" }\n',
    "loosened_parameter": "parameter minimum_coverage: percent = 80% may only rise\n",
}

PAGES = {
    name: function
    for name, function in vars(errors).items()
    if inspect.isfunction(function) and function.__annotations__.get("return") == "Diagnostic"
}


def first_example(page: str) -> str | None:
    block = re.search(r"(?:^    .*\n?)+", page, re.MULTILINE)
    return dedent(block.group()) if block else None


def context(example: str) -> str:
    """The statements around an example; CONTEXT has each on lines that begin with its keyword."""
    statements = re.split(r"\n(?=[a-z])", CONTEXT.strip())
    declared = set(re.findall(r"^(\w+ \w+)", example, re.MULTILINE))
    return "".join(f"{each}\n" for each in statements if " ".join(each.split()[:2]) not in declared)


@pytest.mark.parametrize("name", sorted(PAGES.keys() - WITHOUT_EXAMPLE - WITH_BASELINE.keys()))
def test_the_first_example_is_the_mistake(name: str) -> None:
    example = first_example(inspect.getdoc(PAGES[name]) or "")
    assert example is not None
    if example.startswith("require"):
        example = f"gate example {{\n    needs unit_tests\n    needs scan\n    needs load\n    {example}}}\n"
    found = mistakes(context(example) + example)
    assert [each.code for each in found] == [name.replace("_", "-")], found


@pytest.mark.parametrize("name", sorted(WITH_BASELINE))
def test_an_example_of_two_files(name: str) -> None:
    example = first_example(inspect.getdoc(PAGES[name]) or "")
    assert example is not None
    baseline = context(example) + WITH_BASELINE[name]
    own = "".join(
        f"{line}\n" for line in example.splitlines() if line.strip() + "\n" not in WITH_BASELINE[name]
    )
    found = mistakes(own, baseline)
    assert [each.code for each in found] == [name.replace("_", "-")], found


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_begins_with_a_sentence(name: str) -> None:
    first = (inspect.getdoc(PAGES[name]) or "").splitlines()[0]
    assert re.fullmatch(r"[A-Z].*\.", first)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_function_is_named_as_its_code(name: str) -> None:
    function: Callable[..., Diagnostic] = PAGES[name]
    assert f'"{name.replace("_", "-")}"' in inspect.getsource(function)
