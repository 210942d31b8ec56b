"""`rung explain`, `schema`, `init`, `completion`, and the command itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rung.cli.codes import pages
from tests.cli.conftest import Rung


def test_explain_prints_the_page_of_a_code(rung_: Rung) -> None:
    result = rung_("explain", "unknown-name")
    assert result.code == 0
    assert result.out.startswith(
        "unknown-name\n\nA name that nothing declares.\n\n    promote qa -> prdo { }\n"
    )


def test_explain_alone_lists_every_code_with_its_first_line(rung_: Rung) -> None:
    result = rung_("explain")
    assert result.code == 0
    listed = dict(line.split("  ", 1) for line in result.out.splitlines())
    assert listed.keys() == pages().keys()
    assert listed["duplicate-key"].strip() == "A mapping has the same key twice."


@pytest.mark.parametrize("code", pages())
def test_every_page_says_something(code: str) -> None:
    first = pages()[code].splitlines()[0]
    assert first.endswith(".")


def test_explain_suggests_a_code(rung_: Rung) -> None:
    result = rung_("explain", "unknown-nam")
    assert (result.code, result.out) == (2, "")
    assert "there is no code `unknown-nam`; did you mean `unknown-name`?" in result.err


def test_init_writes_files_that_pass_right_away(rung_: Rung) -> None:
    result = rung_("init", "new")
    assert result.code == 0
    command = result.out.splitlines()[-1].removeprefix("Now try: rung ").split()
    assert command == ["decide", "new/policy.rung", "new/proposal.json", "new/facts.json"]
    decided = rung_(*command)
    assert (decided.code, decided.out.split()[0]) == (0, "ALLOWED")
    assert rung_("check", "--deny-warnings", "new/policy.rung").code == 0
    assert rung_("fmt", "--check", "new/policy.rung").code == 0


def test_init_overwrites_nothing(rung_: Rung) -> None:
    Path("facts.json").write_text("mine")
    result = rung_("init")
    assert (result.code, result.out) == (2, "")
    assert "`./facts.json` exists already" in result.err
    assert [path.name for path in Path().iterdir()] == ["facts.json"]
    assert Path("facts.json").read_text() == "mine"


def test_init_where_nothing_can_be_written(rung_: Rung) -> None:
    Path("file").write_text("")
    result = rung_("init", "file/folder")
    assert (result.code, result.out) == (2, "")
    assert result.err == "error: cannot write `file/folder/policy.rung`: not a directory\n"


@pytest.mark.parametrize(
    "name",
    [
        "proposal",
        "facts",
        "request",
        "proof",
        "decision",
        "diagnostics",
        "proofs",
        "obligations",
        "comparison",
    ],
)
def test_schema_prints_a_schema(rung_: Rung, name: str) -> None:
    result = rung_("schema", name)
    assert (result.code, json.loads(result.out)["title"]) == (0, f"rung.{name}/1")


def test_schema_of_what_there_is_not(rung_: Rung) -> None:
    result = rung_("schema", "policy")
    assert (result.code, result.out) == (2, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(rung_: Rung, shell: str) -> None:
    result = rung_("completion", shell)
    assert (result.code, "_RUNG_COMPLETE" in result.out) == (0, True)


def test_completion_completes(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_RUNG_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "rung explain unknown-na")
    monkeypatch.setenv("COMP_CWORD", "2")
    assert rung_().out == "plain,unknown-name\n"


def test_the_command_alone_and_its_help(rung_: Rung) -> None:
    alone = rung_()
    assert (alone.code, alone.out) == (2, "")
    helped = rung_("--help")
    assert helped.code == 0
    assert alone.err == helped.out
    assert rung_("-h").out == helped.out
    for verb in ("check", "decide", "fmt", "explain", "init", "schema", "completion"):
        assert f"  {verb} " in helped.out
        assert rung_(verb, "--help").code == 0


def test_a_command_that_there_is_not(rung_: Rung) -> None:
    result = rung_("chek")
    assert (result.code, result.out) == (2, "")
    assert "there is no command `chek`, did you mean `check`?" in result.err


def test_a_mistake_of_the_program_is_one_line(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh\x1bno")

    monkeypatch.setattr("rung.engine.check", fail)
    Path("p.rung").write_text("")
    result = rung_("check", "p.rung")
    assert result == (
        4,
        "",
        "internal error: ZeroDivisionError: oh�no; please report it (RUNG_DEBUG=1 shows more)\n",
    )
    monkeypatch.setenv("RUNG_DEBUG", "1")
    assert "Traceback" in rung_("check", "p.rung").err


def test_a_format_that_would_change_the_meaning_is_not_written(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = 'rung   1\npolicy "p"\nenvironment prod\n'
    Path("p.rung").write_text(text)
    monkeypatch.setattr("rung.syntax.to_text.to_text", lambda *_: 'rung 1\npolicy "p"\nenvironment qa\n')
    assert rung_("fmt", "p.rung").code == 4
    assert Path("p.rung").read_text() == text
