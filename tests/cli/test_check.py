"""`rung check`: every mistake with its place, the summary last, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rung

GOOD = 'rung 1\npolicy "p"\nenvironment prod\nadmit build -> prod { require actor is machine }\n'
BAD = 'rung 1\npolicy "p"\nenvironment prod\nadmit build -> prdo { require actor is machine }\n'


def test_a_policy_without_mistakes(rung_: Rung) -> None:
    Path("p.rung").write_text(GOOD)
    result = rung_("check", "p.rung")
    assert result == (0, "1 policy: no errors, no warnings\n", "")


def test_a_mistake_is_shown_with_its_line_and_a_caret_under_it(rung_: Rung) -> None:
    Path("p.rung").write_text(BAD)
    result = rung_("check", "p.rung")
    assert result.code == 2
    assert result.out == (
        "error[unknown-name]: there is no environment `prdo`\n"
        " --> p.rung:4:16\n"
        "  |\n"
        "4 | admit build -> prdo { require actor is machine }\n"
        "  |                ^^^^\n"
        "  = hint: did you mean `prod`?\n"
        "\n"
        "1 policy: 1 error\n"
    )


def test_all_mistakes_of_all_files_are_reported(rung_: Rung) -> None:
    Path("good.rung").write_text(GOOD)
    Path("bad.rung").write_text(BAD)
    Path("worse.rung").write_text(BAD + "environment\n")
    result = rung_("check", "good.rung", "bad.rung", "worse.rung", "missing.rung")
    assert result.code == 2
    assert result.out.count("error[unknown-name]") == 2
    assert result.out.count("error[unexpected-text]") == 1
    assert "cannot read `missing.rung`: no such file or directory" in result.out
    assert result.out.endswith("4 policies: 4 errors\n")


def test_standard_input(rung_: Rung) -> None:
    assert rung_("check", "-", stdin=GOOD).code == 0
    result = rung_("check", "-", stdin=BAD)
    assert (result.code, " --> <stdin>:4:16\n" in result.out) == (2, True)


def test_standard_input_twice_is_a_mistake(rung_: Rung) -> None:
    result = rung_("check", "-", "-", stdin=GOOD)
    assert (result.code, result.out) == (2, "")
    assert "only once" in result.err


def test_nothing_to_check_is_a_mistake(rung_: Rung) -> None:
    result = rung_("check")
    assert (result.code, result.out) == (2, "")
    assert "POLICY" in result.err


def test_warnings_pass_unless_they_are_denied(rung_: Rung) -> None:
    Path("p.rung").write_text(GOOD + 'group nobody_asks_for { "a" }\n')
    result = rung_("check", "p.rung")
    assert result.code == 0
    assert "warning[unused-group]" in result.out
    assert result.out.endswith("1 policy: 1 warning\n")
    assert rung_("check", "--deny-warnings", "p.rung").code == 1


def test_json_has_the_places(rung_: Rung) -> None:
    Path("p.rung").write_text(BAD)
    result = rung_("check", "p.rung", "--format", "json")
    assert result.code == 2
    assert result.json["errors"] == 1
    [found] = result.json["diagnostics"]
    assert found["code"] == "unknown-name"
    assert found["hint"] == "did you mean `prod`?"
    place = {"file": "p.rung", "line": 4, "column": 16, "end_line": 4, "end_column": 20}
    assert found["place"] == place


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("binary", b"\xff\xfe\x00", "cannot read `binary`: it is not text in UTF-8 (byte 1)"),
        ("empty", b"", "unexpected end of the file"),
        ("nul", b'rung 1\x00\npolicy "p"', "U+0000"),
        ("escape", b'rung 1\npolicy "\x1b[31m"', "U+001B"),
        ("marked", b"\xef\xbb\xbfrung 1", "U+FEFF"),
        ("deep", b'rung 1\npolicy "p"\n' + b"(" * 100_000, "nested-too-deep"),
        ("long", b"#" * (17 * 1024 * 1024), "policy-too-large"),
    ],
)
def test_what_is_no_policy(rung_: Rung, name: str, content: bytes, said: str) -> None:
    Path(name).write_bytes(content)
    result = rung_("check", name)
    assert result.code == 2
    assert said in result.out
    assert "\x1b" not in result.out
    assert "Traceback" not in result.out + result.err


def test_a_folder_is_no_policy(rung_: Rung) -> None:
    Path("folder").mkdir()
    result = rung_("check", "folder")
    assert (result.code, "cannot read `folder`: is a directory" in result.out) == (2, True)


def test_a_name_cannot_speak_to_the_terminal(rung_: Rung) -> None:
    result = rung_("check", "\x1b[31m\u202ered\n")
    assert result.code == 2
    assert "cannot read `�[31m�red `" in result.out


def test_baselines_are_read_and_their_mistakes_shown(rung_: Rung) -> None:
    Path("team").mkdir()
    Path("base.rung").write_text('rung 1\npolicy "b"\nenvironment prod after dve\nenvironment dev\n')
    Path("team/p.rung").write_text(
        'rung 1\npolicy "p"\nuse "../base.rung"\nadmit build -> dev { require actor is machine }\n'
    )
    outside = rung_("check", "team/p.rung")
    assert (outside.code, "error[unusable-baseline]" in outside.out) == (2, True)
    within = rung_("check", "--root", ".", "team/p.rung")
    assert (within.code, " --> base.rung:3:24\n" in within.out) == (2, True)


IDLE = 'rung 1\npolicy "p"\nenvironment prod\nadmit build -> prod { require strategy == canary }\n'
NO_CANARIES = 'deny "no canaries" on prod when strategy == canary\n'


def test_what_takes_a_solver_is_looked_for_when_that_is_asked(rung_: Rung) -> None:
    Path("p.rung").write_text(IDLE + NO_CANARIES)
    plain, proved = rung_("check", "p.rung"), rung_("check", "--prove", "p.rung")
    assert "route-never-usable" not in plain.out
    assert proved.code == 0
    assert "warning[route-never-usable]: nothing can ever take `admit build -> prod`\n" in proved.out
    assert rung_("check", "--prove", "--deny-warnings", "p.rung").code == 1


def test_a_mistake_is_reported_before_a_solver_is_asked(rung_: Rung) -> None:
    Path("p.rung").write_text(BAD)
    assert rung_("check", "--prove", "p.rung") == rung_("check", "p.rung")
