"""A bar shows how far a long run is, to a person who waits at a terminal."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest

from rung.cli import progress as module
from rung.cli.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    made = Terminal()
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=made))
    return made


def run(counts: list[int]) -> None:
    with progress("proving", 3) as done:
        for count in counts:
            done(count)


def test_it_counts(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    run([0, 1, 1, 3])
    shown = terminal.getvalue()
    assert all(f"{count}/3" in shown for count in (0, 1, 3))
    assert shown.endswith("\n")


def test_a_short_run_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 3600.0)
    run([0, 1, 2, 3])
    assert terminal.getvalue() == ""


def test_where_nobody_looks_nothing_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    run([0, 1, 2, 3])
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(module, "sys", SimpleNamespace(stderr=None))
    run([0, 3])


def test_a_run_that_is_broken_off_ends_the_line(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)

    def broken_off() -> None:
        with progress("proving", 3) as done:
            done(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken_off()
    assert terminal.getvalue().endswith("\n")
