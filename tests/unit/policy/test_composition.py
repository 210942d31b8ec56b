"""What a file may not change of the baselines that it uses, and what it may."""

from __future__ import annotations

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax import tree
from rung.syntax.parse import parse
from tests.unit.policy.reading import HEAD, mistakes

BASELINE = """\
environment staging
environment prod after staging
person "ana@example.com" accounts "github:ana"
group managers { "ana@example.com", "bo@example.com" }
group auditors { "fay@example.com" }
group deployers from facts
open group auditors
parameter minimum: percent = 80% may only rise
parameter most: int = 5 may only fall
parameter pinned: int = 3
evidence tests about build { failed: int, coverage: percent }
gate tests_pass {
    needs tests
    require tests.failed <= most and tests.coverage >= minimum, tests.failed < pinned
}
gate slow { require actor is machine }
open gate slow
admit build -> staging { require tests_pass }
every route into prod except rollback require tests_pass
maintenance "m" on prod sun 02:00..04:00 in "UTC"
strategy canary on prod { step 100% }
advance prod { require tests_pass }
freeze "f" on prod from 2026-01-01 to 2026-01-05 in "UTC" sparing rollback
health no older than 5m
"""
WAIVER = 'on prod as "W" by "a" from 2026-01-01 until 2026-02-01 because "x"'


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("set minimum = 70%", "loosened-parameter"),
        ("set most = 6", "loosened-parameter"),
        ("set pinned = 4", "not-open"),
        ("parameter minimum: percent = 10%", "not-open"),
        ('group managers { "mallory" }', "not-open"),
        ('extend group managers { "mallory" }', "not-open"),
        ('person "mallory" accounts "github:mallory"', "not-open"),
        ("gate tests_pass { require actor is machine }", "not-open"),
        ("evidence tests about commit { failed: int, coverage: percent }", "not-open"),
        ("environment prod", "not-open"),
        (f"waive tests_pass {WAIVER}", "not-open"),
        ("open gate tests_pass", "not-open"),
        ("open group managers", "not-open"),
        ("health no older than 10m", "loosened-parameter"),
        ("advance prod { }", "not-open"),
        ("strategy canary on prod { step 50% step 100% }", "not-open"),
        ('maintenance "n" on prod mon 02:00..04:00 in "UTC"', "not-open"),
    ],
)
def test_loosening_is_refused_with_a_place_in_both_files(statement: str, code: str) -> None:
    (found,) = mistakes(statement, BASELINE)
    assert found.code == code
    assert found.span is not None
    assert [found.span.file, *(each.span.file for each in found.related)] == ["example.rung", "baseline.rung"]


@pytest.mark.parametrize(
    "statement",
    [
        *("set minimum = 85%", "set most = 4", 'extend group auditors { "gus@example.com" }'),
        *(f"waive slow {WAIVER}", "health no older than 3m", "rollback prod within 3 releases"),
        *("hotfix staging -> prod { require slow }", "group both { managers, auditors }", "prove built-once"),
        'freeze "g" on prod from 2026-01-01 to 2026-01-05 in "UTC"',
        "every route into prod require actor is machine",
    ],
)
def test_what_a_file_may_add(statement: str) -> None:
    assert mistakes(statement, BASELINE) == ()


def test_a_type_is_checked_before_a_direction() -> None:
    (found,) = mistakes("set minimum = 85", BASELINE)
    assert (found.code, found.hint) == ("type-mismatch", "write `85%`")


def file(name: str, statements: str) -> tree.PolicyFile:
    read, slips = parse(Source(name, HEAD + statements))
    assert read is not None
    assert not slips
    return read


def three(owner: str, middle: str, user: str) -> list[Diagnostic]:
    """The mistakes of a file that uses one that uses another."""
    between = [file("owner.rung", owner), file("middle.rung", f'use "owner.rung"\n{middle}')]
    return list(policy_from_syntax(file("user.rung", user), between).mistakes)


def test_each_file_on_the_way_may_tighten_further() -> None:
    assert three(BASELINE, "set minimum = 85%", "set minimum = 90%") == []
    (found,) = three(BASELINE, "set minimum = 85%", "set minimum = 82%")
    assert found.code == "loosened-parameter"
    (found,) = three(BASELINE, "", "set minimum = 85%\nset minimum = 90%")
    assert (found.code, found.message) == ("duplicate-name", "parameter `minimum` is set twice")


def test_a_file_beside_a_baseline_owns_nothing_of_it() -> None:
    """A file that the policy uses first, and the baseline does not use, is no owner of the baseline."""
    baseline = file("owner.rung", 'environment prod\ngroup managers { "ana" }\nadmit build -> prod')
    user = file("user.rung", 'use "mine.rung"\nuse "owner.rung"')
    for statement, code in (
        ('person "mallory" accounts "ana"', "not-open"),
        ("health no older than 30d", "loosened-parameter"),
    ):
        (found,) = policy_from_syntax(user, [file("mine.rung", statement), baseline]).mistakes
        assert (found.code, found.related[0].span.file) == (code, "owner.rung")


def test_nobody_opens_what_others_own() -> None:
    (found,) = three(BASELINE, "open persons", 'person "mallory"')
    assert (found.code, found.related[0].span.file) == ("not-open", "owner.rung")
    (found,) = three(BASELINE, "open gate tests_pass", "")
    assert found.code == "not-open"
    assert three(f"{BASELINE}open persons", "open persons", 'person "dee" accounts "github:dee"') == []


def test_one_account_is_not_claimed_across_files() -> None:
    (found,) = mistakes('person "mallory" accounts "github:ana"', f"{BASELINE}open persons\n")
    assert found.code == "conflicting-account"
