"""Measures the check of long policies against the bare parse of the same text by lark, and its growth."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from unittest import mock

from lark import Lark

from benchmarks.measure import Row, Section, in_turns
from rung.cli import run as rung
from rung.syntax.grammar import grammar_text
from tests.generators.large_policy import large_policy

LINES = 10_000
LENGTHS = (2_500, 5_000, 10_000, 20_000)
HOW = """\
`rung check` of a generated policy of ordinary statements, in a process that has loaded everything already.
lark parses the same text by the same grammar into its own trees, with a parser that is ready. For
growth with length, equal times for each line would give ratios of 2."""


def measured() -> Section:
    lark = Lark(
        grammar_text(), parser="lalr", lexer="basic", start=["start", "fragment"], maybe_placeholders=False
    )
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, XDG_CACHE_HOME=folder):
        texts = {lines: large_policy(lines) for lines in LENGTHS}
        checks = {str(lines): _check(Path(folder, f"{lines}.rung"), text) for lines, text in texts.items()}
        parse = {"lark": lambda: lark.parse(texts[LINES], start="start")}
        times = in_turns({**checks, **parse}, 9)
    rows = [
        Row(
            f"`rung check`, {LINES:,} lines",
            "lark's parse",
            (times[str(LINES)], times["lark"]),
            ("at most", 2.5),
        )
    ]
    for shorter, longer in pairwise(LENGTHS):
        both = times[str(longer)], times[str(shorter)]
        rows.append(Row(f"`rung check`, {longer:,} lines", f"{shorter:,} lines", both, None))
    return Section("Checking long policies", HOW, tuple(rows))


def _check(path: Path, text: str) -> Callable[[], object]:
    path.write_text(text)

    def run() -> None:
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
            code = rung(["check", str(path)])
        assert code == 0, shown.getvalue()

    return run
