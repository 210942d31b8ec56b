"""`rung decide`: the verdict, its reason, and the exit code that says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rung.inputs.scalars import format_instant
from tests.cli.conftest import AT, NOW, Rung, rewrite

FILES = ("policy.rung", "proposal.json", "facts.json")

pytestmark = pytest.mark.usefixtures("starters")


def test_allowed(rung_: Rung) -> None:
    result = rung_("decide", *FILES, "--at", AT)
    assert result.code == 0
    assert result.out.splitlines() == [
        "ALLOWED  shop 1.0.0 → prod" + "at 2026-11-24 10:00 UTC, hypothetical".rjust(74),
        "By `promote staging -> prod`.",
        "promote from staging, by ci on behalf of github:bo",
        "",
        "✓ promote staging -> prod" + "policy.rung:30".rjust(75),
        "  ✓ the release has earned health in staging" + "policy.rung:30".rjust(56),
        '  ✓ tests_pass "Unit tests pass"' + "policy.rung:18".rjust(68),
        '  ✓ signed_off "A release manager who wrote none of it approves"' + "policy.rung:23".rjust(36),
        "",
        "Valid until 2026-11-27 09:00 UTC.",
    ]


def test_denied_says_what_was_found_and_what_is_missing(rung_: Rung, starters: dict[str, Any]) -> None:
    facts = starters["facts.json"]
    facts["evidence"][0]["fields"]["coverage"] = "78.2%"
    facts["approvals"][0]["by"] = "github:chen"
    rewrite("facts.json", facts)
    result = rung_("decide", *FILES, "--at", AT)
    assert result.code == 1
    lines = [line.rstrip() for line in result.out.splitlines()]
    assert lines[0].startswith("DENIED  shop 1.0.0 → prod")
    assert lines[1] == "The promote route into prod is not satisfied."
    assert lines[4:] == [
        "✗ promote staging -> prod" + "policy.rung:30".rjust(75),
        "  ✓ the release has earned health in staging" + "policy.rung:30".rjust(56),
        '  ✗ tests_pass "Unit tests pass"' + "policy.rung:18".rjust(68),
        "    ✓ needs unit_tests no older than 7d" + "policy.rung:19".rjust(61),
        "    ✓ unit_tests.failed == 0 and unit_tests.passed > 0" + "policy.rung:20".rjust(46),
        "    ✗ unit_tests.coverage >= 80%" + "policy.rung:21".rjust(68),
        "      unit_tests.coverage is 78.2%",
        '  ✗ signed_off "A release manager who wrote none of it approves"' + "policy.rung:23".rjust(36),
        "    ✗ at least 1 approval from release_managers except authors no older than 3d"
        + "policy.rung:24".rjust(21),
        "      0 of 1",
        "      not counted: chen@example.com (is an author)",
        "",
        "Missing:",
        "  • 1 more approval from release_managers, not from authors",
        "  • unit_tests.coverage to be at least 80%: it is 78.2%",
        "",
        "Time alone does not change this.",
    ]


def test_a_ban_forbids(rung_: Rung) -> None:
    text = Path("policy.rung").read_text()
    freeze = 'freeze "Audit" on prod from 2026-11-24 to 2026-11-26 in "Europe/Berlin" sparing rollback\n'
    Path("policy.rung").write_text(text + freeze)
    result = rung_("decide", *FILES, "--at", AT)
    assert result.code == 1
    assert 'Freeze "Audit" forbids it.' in result.out
    assert "from 2026-11-23 23:00 UTC to 2026-11-25 23:00 UTC; spares rollback" in result.out
    assert '• freeze "Audit" to end: 2026-11-25 23:00 UTC' in result.out
    assert "Time alone may change this at 2026-11-25 23:00 UTC." in result.out
    report = rung_("decide", *FILES, "--at", AT, "--format", "json").json
    assert (report["verdict"], report["reason"]) == ("forbidden", 'freeze "Audit" forbids it')


def test_no_rule_is_denied(rung_: Rung, starters: dict[str, Any]) -> None:
    rewrite("proposal.json", {**starters["proposal.json"], "target": "moon"})
    result = rung_("decide", *FILES, "--at", AT)
    assert (result.code, "The policy has no environment `moon`." in result.out) == (1, True)
    assert rung_("decide", *FILES, "--at", AT, "--format", "json").json["verdict"] == "no-rule"


def test_the_clock_decides_and_another_time_is_hypothetical(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW + 0.9)
    result = rung_("decide", *FILES)
    assert (result.code, result.out.splitlines()[0].endswith("at 2026-11-24 10:00 UTC")) == (0, True)
    assert rung_("decide", *FILES, "--format", "json").json["hypothetical"] is False
    later = rung_("decide", *FILES, "--at", format_instant(NOW + 30 * 86_400))
    assert later.code == 1
    assert later.out.splitlines()[0].endswith("at 2026-12-24 10:00 UTC, hypothetical")
    assert rung_("decide", *FILES, "--at", AT, "--format", "json").json["hypothetical"] is True


def test_verbose_shows_what_holds(rung_: Rung) -> None:
    short = rung_("decide", *FILES, "--at", AT).out
    long = rung_("decide", *FILES, "--at", AT, "--verbose").out
    assert "unit_tests.coverage is 87.5%" not in short
    assert "unit_tests.coverage is 87.5%" in long
    assert "1 of 1: ana@example.com" in long
    assert "6h old, from ci" in long
    assert long == rung_("decide", *FILES, "--at", AT, "-v").out


def test_documents_in_any_order_in_one_file_or_on_standard_input(
    rung_: Rung, starters: dict[str, Any]
) -> None:
    expected = rung_("decide", *FILES, "--at", AT)
    request = {"schema": "rung.request/1"}
    for key, name in (("proposal", "proposal.json"), ("facts", "facts.json")):
        request[key] = {name: value for name, value in starters[name].items() if name != "schema"}
    text = json.dumps(request)
    Path("request.json").write_text(text)
    proposal = Path("proposal.json").read_text()
    policy = Path("policy.rung").read_text()
    assert rung_("decide", "policy.rung", "facts.json", "proposal.json", "--at", AT) == expected
    assert rung_("decide", "policy.rung", "request.json", "--at", AT) == expected
    assert rung_("decide", "policy.rung", "-", "--at", AT, stdin=text) == expected
    assert rung_("decide", "policy.rung", "facts.json", "-", "--at", AT, stdin=proposal) == expected
    piped = rung_("decide", "-", "proposal.json", "facts.json", "--at", AT, stdin=policy)
    assert (piped.code, piped.out.replace("<stdin>:", "policy.rung:").split()) == (0, expected.out.split())


def test_the_second_run_needs_no_parser_and_says_the_same(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rung_("decide", *FILES, "--at", AT, "-v")

    def refuse(*_: object) -> None:
        raise AssertionError("the policy is in the cache")

    monkeypatch.setattr("rung.syntax.parse.parse", refuse)
    assert rung_("decide", *FILES, "--at", AT, "-v") == first


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("policy.rung", 'rung 1\npolicy "p"\nenvironment\n', "error[unexpected-text]"),
        ("policy.rung", b"\xff", "cannot read `policy.rung`"),
        ("proposal.json", '{"schema": "rung.proposal/1"}', "error[missing-field]"),
        ("proposal.json", "{", "error[malformed-document]"),
        ("proposal.json", b"\xff", "error[malformed-document]"),
        ("facts.json", '{"schema": "rung.facts/1", "builts": []}', "did you mean `builds`"),
        ("facts.json", '{"schema": "rung.facts/1", "builds": [], "builds": []}', "error[duplicate-key]"),
        ("facts.json", '{"schema": "rung.facts/2"}', "error[unknown-schema]"),
        ("facts.json", "", "error[malformed-document]"),
    ],
)
def test_bad_input_decides_nothing(rung_: Rung, name: str, text: str | bytes, said: str) -> None:
    Path(name).write_bytes(text.encode() if isinstance(text, str) else text)
    for form in ("text", "json"):
        result = rung_("decide", *FILES, "--at", AT, "--format", form)
        assert result.code == 2
        assert "ALLOWED" not in result.out
        assert "DENIED" not in result.out
        assert "Traceback" not in result.out + result.err
    assert rung_("decide", *FILES, "--at", AT, "--format", "json").json["schema"] == "rung.diagnostics/1"
    text_report = rung_("decide", *FILES, "--at", AT).out
    assert said in text_report
    assert "nothing decided: " in text_report.splitlines()[-1]


def test_mistakes_of_policy_and_documents_are_reported_together(rung_: Rung) -> None:
    Path("policy.rung").write_text('rung 1\npolicy "p"\nenvironment prod\nadmit build -> prdo { }\n')
    result = rung_("decide", "policy.rung", "missing.json", "--at", AT)
    assert (result.code, result.out.splitlines()[-1]) == (2, "nothing decided: 2 errors")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["policy.rung"], "DOCUMENT"),
        ([], "POLICY"),
        ([*FILES, "--at", "yesterday"], "an instant with its zone"),
        ([*FILES, "--at", "2026-02-30T00:00:00Z"], "a day that the calendar has"),
        (["-", "-"], "only once"),
        ([*FILES, "--wrong"], "--wrong"),
    ],
)
def test_wrong_arguments(rung_: Rung, arguments: list[str], said: str) -> None:
    result = rung_("decide", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_text_of_others_cannot_speak_to_the_terminal(rung_: Rung, starters: dict[str, Any]) -> None:
    name = "x\u2066\u200bred"  # documents refuse most such characters; a name may have some
    rewrite("proposal.json", {**starters["proposal.json"], "service": "a\u200bb"})
    result = rung_("decide", *FILES, "--at", AT)
    assert name not in result.out
    assert "\u200b" not in result.out
