"""What is said about wrong policies: for each mistake one diagnostic, at the exact place, in these words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from rung.diagnostics import Diagnostic
from tests.unit.policy.reading import BASE, marked, mistakes, source, warnings

CASES = Path(__file__).with_name("mistakes.txt")


class Case(NamedTuple):
    statements: str
    expected: str


def cases() -> list[Case]:
    found = []
    for block in re.split(r"\n\s*\n", CASES.read_text(encoding="utf-8")):
        lines = [line for line in block.strip("\n").splitlines() if not line.startswith("#")]
        if lines:
            split = next(index for index, line in enumerate(lines) if line.startswith("  ! "))
            found.append(Case("\n".join(lines[:split]), "\n".join(lines[split:])))
    return found


def in_gate(statements: str) -> str:
    if not statements.startswith("require "):
        return BASE + statements
    return f"{BASE}gate g {{\n    needs tests\n    {statements}\n}}\n"


def shown(text: str, found: Diagnostic) -> str:
    lines = [f"  ! {found.code} at {marked(text, found).splitlines()[0]}", f"  = {found.message}"]
    if found.hint:
        lines.append(f"  ? {found.hint}")
    for related in found.related:
        place = source(text).text[related.span.start : related.span.end].splitlines()[0]
        lines.append(f"  - {related.message}: {place}")
    return "\n".join(lines)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.statements.replace("\n", " / ")[:60])
def test_one_mistake_is_one_diagnostic(case: Case) -> None:
    text = in_gate(case.statements)
    assert "\n".join(shown(text, each) for each in mistakes(text)) == case.expected


def test_messages_follow_the_house_style() -> None:
    for case in cases():
        for found in mistakes(in_gate(case.statements)):
            for text in filter(None, (found.message, found.hint)):
                assert not text.endswith("."), text
                assert text[0] == "`" or not text[0].isupper() or text.startswith("RFC"), text
                assert not re.search(r"\b(str|NoneType|dict|tuple|object)\b", text), text


RIGHT = """
tests.ok
not tests.ok
green == tests.result
tests.result in { green, red }
"a" in tests.labels
tests.labels subset of { "a" }
tests.labels disjoint from { "a" }
{ } == tests.labels
tests.took < 5h
now - tests.seen < 5h
tests.seen + 5h < now
tests.v > release.version
tests.d == release.configuration
tests.owner == "ana@example.com"
tests.owner in managers
tests.owner in { "ana@example.com", actor }
tests.score > 5.0
tests.failed * 2 > limit
2 * tests.coverage > minimum
-limit < tests.failed
strategy in { canary, rolling }
lane == hotfix
action != expose
prod == target
service starts with "shop-"
actor is not machine
actor is delegate
actor in authors
tests.ok implies tests_pass
tests_pass or tests.ok
at least 1 review from { managers, deployers } except { authors, actor } no older than 3d
once healthy in source for 1h
no drift in target
release.version >= version "1.0.0-rc.1"
now < time "2027-01-01T00:00:00+01:00"
"""


@pytest.mark.parametrize("condition", RIGHT.strip().splitlines())
def test_a_right_condition_has_no_mistake(condition: str) -> None:
    assert mistakes(in_gate(f"require {condition}")) == ()


def test_a_property_may_range_over_gates() -> None:
    assert mistakes(BASE + 'prove "held": for every gate g in { tests_pass }: possible held(g)\n') == ()


def test_the_policy_of_the_cases_has_none() -> None:
    assert mistakes(BASE) == ()
    assert {each.code for each in warnings(BASE)} <= {"unused-group", "unused-parameter", "unused-evidence",
                                                     "unreachable-environment"}  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "message"),
    [
        ("", "the policy has no environment"),
        ('group g { "a" }', "the policy has no environment"),
        ("environment prod", "the policy has no route, so it allows nothing"),
    ],
)
def test_a_policy_without_what_it_needs(statements: str, message: str) -> None:
    (found,) = mistakes(statements)
    assert (found.code, found.message) == ("missing-declaration", message)


def test_a_calculation_of_too_many_terms() -> None:
    terms = " + ".join(["limit"] * 65)
    (found,) = mistakes(in_gate(f"require {terms} > 3"))
    assert found.code == "expression-too-long"
    assert mistakes(in_gate(f"require {' + '.join(['limit'] * 64)} > 3")) == ()


def test_uses_of_what_is_wrong_itself_are_not_reported() -> None:
    text = """
evidence scan about build { critical: integer, high: int }
parameter most: inta = 3
parameter most_high: int = "3"
gate scan_clean {
    needs scan
    needs scann
    require scan.critical == 0, scann.critical == 0
    require scan.high < most and scan.high < most_high
}
promote qa -> staging_eu { require scan_clean }
"""
    found = mistakes(BASE + text)
    assert [(each.code, marked(BASE + text, each)) for each in found] == [
        ("unknown-name", "integer"),
        ("unknown-name", "inta"),
        ("type-mismatch", '"3"'),
        ("unknown-name", "scann"),
    ]


def test_a_statement_that_does_not_parse_hides_what_it_declares() -> None:
    text = "gate broken { require require }\npromote qa -> staging_eu { require broken, tests_pas }\n"
    assert [each.code for each in mistakes(BASE + text)] == ["unexpected-text", "unknown-name"]


def test_near_names_are_not_looked_for_thousands_of_times() -> None:
    names = "\n".join(f"gate gate_{number} {{ require gat_{number} }}" for number in range(600))
    found = mistakes(BASE + names)
    assert len(found) == 600
    assert found[0].hint == "did you mean `gate_0`?"
    assert found[-1].hint is None
