"""A command line run within this process, and the files that its tests use."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rung.cli
from rung.cli import starter

NOW = 1_795_514_400  # 2026-11-24T10:00:00Z
AT = "2026-11-24T10:00:00Z"


class Result(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Rung = Callable[..., Result]


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, a cache of its own, and no wish for colors."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "RUNG_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def rung_(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rung:
    """Runs a command line; `stdin` is what it can read."""

    def run(*arguments: str, stdin: str | bytes = b"") -> Result:
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        capsys.readouterr()
        code = rung.cli.run(arguments)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def starters(surroundings: Path) -> dict[str, Any]:
    """The files that `rung init` writes, as of NOW, in the working folder; their data by name."""
    files = starter.files(NOW)
    for name, text in files.items():
        (surroundings / name).write_text(text, encoding="utf-8")
    return {name: json.loads(text) for name, text in files.items() if name.endswith(".json")}


def rewrite(name: str, data: Any) -> None:
    """Put data into a file of the working folder."""
    Path(name).write_text(json.dumps(data), encoding="utf-8")
