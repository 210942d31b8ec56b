"""The formatter: one canonical text for each tree, with every comment, and never another meaning."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings

from rung.syntax.same_meaning import same_meaning
from rung.syntax.to_text import to_text
from tests.campaigns.formatting import check, parsed
from tests.generators.policies import policies

HEAD = 'rung 1\npolicy "p"\n'


def formatted(statements: str) -> str:
    """The statements as formatted, without the head."""
    text = HEAD + dedent(statements).removeprefix("\n")
    check(text)
    result = to_text(parsed(text), text)
    assert result.startswith(HEAD)
    return result.removeprefix(HEAD)


def stays(statements: str) -> None:
    """Assert that the statements are canonical already."""
    assert formatted(statements) == dedent(statements).removeprefix("\n")


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(policies())
def test_any_policy_keeps_meaning_and_comments_and_formats_once(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("environment   prod after\n  all of {a,b , }", "environment prod after all of { a, b }"),
        ("environment e after at  least 2 of{a,b}", "environment e after at least 2 of { a, b }"),
        ("environment e after any of{a}", "environment e after any of { a }"),
        ('person "a@x" accounts "g:a","o:a"', 'person "a@x" accounts "g:a", "o:a"'),
        ('group g{"a@x",leads,}', 'group g { "a@x", leads }'),
        ("group g{\n}", "group g {}"),
        ("group g from   facts", "group g from facts"),
        (
            "evidence e about build{n:int,s:set of one of{a}}",
            "evidence e about build { n: int, s: set of one of { a } }",
        ),
        ("evidence e about build produced once{n:int}", "evidence e about build produced once { n: int }"),
        ("parameter p:percent=80%may only rise", "parameter p: percent = 80% may only rise"),
        ("health no\tolder than 10m", "health no older than 10m"),
        ("gate g{\n\n}", "gate g {}"),
        ('gate g "t" controls "c"{needs e in qa}', 'gate g "t" controls "c" { needs e in qa }'),
        ("admit build->dev", "admit build -> dev"),
        ("admit build -> dev { }", "admit build -> dev"),
        ("promote a->b{require x,y}", "promote a -> b { require x, y }"),
        ("rollback prod within 1 releases", "rollback prod within 1 release"),
        ("rollback prod within 3 release", "rollback prod within 3 releases"),
        ('deny "d" on{prod}sparing hotfix when true', 'deny "d" on prod sparing hotfix when true'),
        ('deny "d" on every\nenvironment when true', 'deny "d" on every environment when true'),
        (
            'window "w" on prod mon .. thu 09:00 .. 16:00 in "UTC"',
            'window "w" on prod mon..thu 09:00..16:00 in "UTC"',
        ),
        ("prove x { a } on qa except hotfix", "prove x except hotfix on qa { a }"),
        ('prove refines"base.rung"', 'prove refines "base.rung"'),
        ('prove "t":always a', 'prove "t": always a'),
        ("prove possible:deployed( prod )by hotfix", "prove possible: deployed(prod) by hotfix"),
    ],
)
def test_statements(written: str, canonical: str) -> None:
    assert formatted(written) == canonical + "\n"


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("a==1 and(b)", "a == 1 and (b)"),
        ("a   not\nin{}", "a not in {}"),
        ("x in{a,b,}", "x in { a, b }"),
        ("- 1 + a -b*2", "-1 + a - b * 2"),
        ('"say \\"hi\\" \\\\ there"', '"say \\"hi\\" \\\\ there"'),
        ('v is version"1.2.0"', 'v is version "1.2.0"'),
        ("at least 1 approvals from{g}except{authors}", "at least 1 approval from g except authors"),
        ("at least 2 review from{g,h}no older than 3d", "at least 2 reviews from { g, h } no older than 3d"),
        ('provenance from{"b"}', 'provenance from "b"'),
        ('configuration has{"a","b"}', 'configuration has { "a", "b" }'),
        (
            "once healthy in qa for 2h implies rollback  plan",
            "once healthy in qa for 2h implies rollback plan",
        ),
    ],
)
def test_expressions(written: str, canonical: str) -> None:
    assert formatted(f'deny "d" on prod when {written}') == f'deny "d" on prod when {canonical}\n'


def test_line_ends_and_blank_lines() -> None:
    text = '\n\n rung 1\r\npolicy "p"\r\n\r\n\r\nenvironment a\r\nenvironment b environment c\r\n\r\n\r\n'
    assert (
        to_text(parsed(text), text) == 'rung 1\npolicy "p"\n\nenvironment a\nenvironment b\nenvironment c\n'
    )


def test_blocks_keep_blank_lines_between_members_alone() -> None:
    written = """
        gate g {

            needs e


            require a
            require b

        }
        """
    assert formatted(written) == "gate g {\n    needs e\n\n    require a\n    require b\n}\n"


def test_long_lines_break_at_every_level_that_needs_it() -> None:
    stays("""
        group release_managers_of_everything {
            "ana.maria.fernandez@example.com",
            "bo@example.com",
            "chen@example.com",
            "dora@example.com",
        }
        gate tests_pass_and_more "A title that leaves little room on the line, which is the author's choice"
                controls "SOC2 CC8.1" {
            needs unit_tests no older than 7d
            require unit_tests.failed == 0
                and unit_tests.passed > 0
                and (
                    unit_tests.coverage >= minimum_coverage
                    or unit_tests.coverage >= 85%
                    or change.kind in { documentation, tests }
                )
            require tests_pass_everywhere_and_always,
                at least 2 approvals from release_managers except authors no older than 3d,
                unit_tests.coverage >= minimum_coverage and unit_tests.failed == 0
                    or approved_by_the_board and not night
        }
        freeze "Year end" on { staging_eu, staging_us, prod }
            from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin"
            sparing rollback, hotfix
        window "Office hours, more or less" on prod
            mon..thu 09:00..16:00, fri 09:00..12:00 in "Europe/Berlin"
            sparing rollback, hotfix
        waive no_critical_vulnerabilities on prod as "W-104" by "ana@example.com"
            from 2026-11-20 until 2026-12-01
            because "scanner outage"
        prove "someone else always looks":
            for every release r in { a, b }:
            always deployed(prod) implies approver not in authors
        """)


def test_short_blocks_of_one_member_stand_on_one_line() -> None:
    stays("""
        promote dev -> qa { require tests_pass }
        hotfix staging_eu -> prod {
            owes backport within 72h { require once healthy in dev }
        }
        """)


def test_comments_stay_where_they_stand() -> None:
    stays("""
        # before the first
        environment dev  # the first

        # of its own

        # before the second
        environment qa after dev
        group leads {
            # the elder
            "ana@example.com",
            "bo@example.com",  # the younger
            # nobody else
        }
        gate g {  # at the brace
            # before a member
            needs e  # at a member

            # before a condition
            require a == 1  # first
                # before an operand
                and b == 2
                and (
                    c  # within parentheses
                    or d
                )
            # the last
        }  # after the block
        gate h {
            # nothing yet
        }
        freeze "x" on prod
            # when
            from 2026-12-18 to 2027-01-04 in "UTC"  # Berlin later
            sparing hotfix  # always
        # the end
        """)


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("environment # a\n dev", "environment dev  # a\n"),
        ("environment # a\n # b\n dev", "# a\n# b\nenvironment dev\n"),
        ("environment # a\n dev # b\n", "# a\nenvironment dev  # b\n"),
        ("promote a -> b {\n # none\n}", "# none\npromote a -> b\n"),
        (
            "gate g { require a and # why\n b }",
            "gate g {\n    require a  # why\n        and b\n}\n",
        ),
        (
            "gate g {\n\n needs e\n\n require a == # why\n # two\n 1 }",
            "gate g {\n    needs e\n\n    # why\n    # two\n    require a == 1\n}\n",
        ),
        ('prove "t" # c\n : always a', 'prove "t":  # c\n    always a\n'),
        (
            "parameter p: int = at least 1 approval from { g # c\n } except h",
            "parameter p: int = at least 1 approval from g  # c\n    except h\n",
        ),
        ("prove x on # c\n qa except hotfix", "prove x  # c\n    except hotfix\n    on qa\n"),
    ],
)
def test_comments_inside_a_stretch_go_to_its_end_or_above(written: str, result: str) -> None:
    assert formatted(written) == result


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("environment e after all of { a, b }", "environment e after all of{a,b,} # c", True),
        ("rollback e within 1 release", "rollback e within 1 releases", True),
        ('deny "d" on e when at least 1 review from g', 'deny "d" on e when at least 1 reviews from g', True),
        (
            'deny "d" on e when at least 1 review from g',
            'deny "d" on e when at least 1 approval from g',
            False,
        ),
        ('deny "d" on e when a', 'deny "d" on e when (a)', False),
        ('deny "d" on e when a + b', 'deny "d" on e when a - b', False),
        ("environment e after any of { a, b }", "environment e after all of { a, b }", False),
        ("environment e", "environment e environment e", False),
    ],
)
def test_same_meaning(one: str, other: str, same: bool) -> None:

    assert same_meaning(parsed(HEAD + one), parsed(HEAD + other)) is same
