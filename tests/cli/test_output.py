"""Formats, files and colors, the same for every command that reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import AT, Rung

DECIDE = ("decide", "policy.rung", "proposal.json", "facts.json", "--at", AT)

pytestmark = pytest.mark.usefixtures("starters")


def test_several_formats_in_one_run(rung_: Rung) -> None:
    result = rung_(*DECIDE, "--format", "text", "--format", "json=out.json", "--format=text=out.txt")
    assert result == rung_(*DECIDE)
    assert Path("out.txt").read_text(encoding="utf-8") == result.out
    assert json.loads(Path("out.json").read_text())["allowed"] is True


def test_a_format_in_a_file_alone_leaves_standard_output_empty(rung_: Rung) -> None:
    assert rung_(*DECIDE, "--format", "json=out.json") == (0, "", "")


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        (["xml"], "`xml` is none of text, json"),
        (["json="], "names no file"),
        (["text", "json"], "only one format can go to standard output"),
    ],
)
def test_wrong_formats(rung_: Rung, formats: list[str], said: str) -> None:
    result = rung_(*DECIDE, *(f"--format={each}" for each in formats))
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_a_file_that_cannot_be_written(rung_: Rung) -> None:
    result = rung_(*DECIDE, "--format", "json=missing/out.json")
    assert result == (2, "", "error: cannot write `missing/out.json`: no such file or directory\n")


@pytest.mark.parametrize(
    ("color", "variables", "colored"),
    [
        ("auto", {}, False),  # the output is no terminal
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", {"NO_COLOR": ""}, False),
    ],
)
def test_colors(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch, color: str, variables: dict[str, str], colored: bool
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    result = rung_(*DECIDE, "--color", color)
    assert ("\x1b[" in result.out) == colored
    assert "\x1b" not in rung_(*DECIDE, "--color", color, "--format", "json").out


@pytest.mark.parametrize(("terminal", "colored"), [(None, True), ("1", False)])
def test_a_terminal_has_colors_unless_no_color_is_set(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch, terminal: str | None, colored: bool
) -> None:
    monkeypatch.setattr("rung.cli.output.is_terminal", lambda: True)
    if terminal is not None:
        monkeypatch.setenv("NO_COLOR", terminal)
    assert ("\x1b[" in rung_(*DECIDE).out) == colored


@pytest.mark.parametrize(("columns", "longest"), [("80", 80), ("20", 60), ("500", 120), ("no", 100)])
def test_the_width_of_the_terminal(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch, columns: str, longest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert max(map(len, rung_(*DECIDE).out.splitlines())) == longest


def test_colors_add_nothing_but_colors(rung_: Rung) -> None:
    import re

    colored = rung_(*DECIDE, "-v", "--color", "always").out
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == rung_(*DECIDE, "-v").out
