"""Defines which rules a denial comes down to: those that fail, and not what only joins them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rung.explain.explanation import Explanation, Line


class Failing(NamedTuple):
    """A rule that fails, and the gate that asks for it, if one does."""

    line: Line
    gate: Line | None


def failing(denied: Explanation) -> Iterator[Failing]:
    """The rules that fail of the nearest route, and of what stands whatever the route."""
    for line in (*denied.routes[:1], *denied.standing, *denied.bans):
        yield from _failing(line, None)


def _failing(line: Line, gate: Line | None) -> Iterator[Failing]:
    if line.mark == "holds":
        return
    if line.kind not in ("route", "gate"):
        yield Failing(line, gate)
        return
    for part in line.parts:
        yield from _failing(part, line if line.kind == "gate" else gate)
