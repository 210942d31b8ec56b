"""Defines the formats in which decisions and diagnostics are reported, and what all of them take.

A format is a module with two functions, `decision(explanation, sources, look)` and
`diagnostics(findings, look)`, each of which returns a text that ends with a line feed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from rung.diagnostics import Diagnostic, Source

if TYPE_CHECKING:
    from rung.explain.explanation import Explanation

FORMATS = ("text", "json")
"""Every format is the module of this package that has its name."""


class Look(NamedTuple):
    """How a text for people looks: its width in columns, with colors or not, and with all there is to say."""

    width: int = 80
    color: bool = False
    verbose: bool = False


class Findings(NamedTuple):
    """Diagnostics of the texts in `sources`; `about` says what they mean: `2 policies`, `nothing decided`."""

    about: str
    sources: Mapping[str, Source]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def errors(self) -> int:
        return sum(each.is_error for each in self.diagnostics)

    @property
    def warnings(self) -> int:
        return len(self.diagnostics) - self.errors


class Format(Protocol):
    """What a format's module defines."""

    def decision(self, explanation: Explanation, sources: Mapping[str, Source], look: Look) -> str: ...

    def diagnostics(self, findings: Findings, look: Look) -> str: ...


def format_named(name: str) -> Format:
    """The format of a name in FORMATS."""
    return cast(Format, import_module(f"rung.report.{name}"))
