"""Defines the reference page of the hazards, made of their docstrings, examples and names elsewhere.

`python -m rung.migrations.hazards.reference > docs/reference/hazards.md` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from textwrap import indent

from rung.migrations.hazards import HAZARDS, Hazard
from rung.migrations.hazards.locks import Mode
from rung.migrations.hazards.model import Kind
from rung.migrations.hazards.other_linters import LINTERS, answers

_KINDS: dict[Kind, str] = {
    "blocking": "Queries of live code wait",
    "failing": "The migration fails, or does not do what it says",
    "breaking": "Live code or its data may break",
    "style": "Nothing yet but regret",
}


def page(hazard: Hazard) -> str:
    """The page of one hazard, in Markdown."""
    return "\n".join(_page(hazard)) + "\n"


def text_page(hazard: Hazard) -> str:
    """The page of one hazard as plain text, its examples indented as in the pages of other codes."""
    parts = [hazard.page.strip(), indent(hazard.bad, "    "), "The safe way:", indent(hazard.good, "    ")]
    return "\n\n".join([*parts, f"What to do: {hazard.hint}."])


def reference() -> str:
    """The page of all hazards, in Markdown."""
    return "\n".join(_reference()) + "\n"


def _page(hazard: Hazard) -> Iterator[str]:
    summary, _, rest = hazard.page.strip().partition("\n")
    yield f"### {hazard.code}"
    yield summary
    yield ""
    if rest.strip():
        yield rest.strip()
        yield ""
    if hazard.setup:
        yield from _example("Before it", hazard.setup)
    yield from _example("Hazardous", hazard.bad)
    yield from _example("Safe", hazard.good)
    yield f"What to do: {hazard.hint}."
    names = [f"{linter} {', '.join(f'`{rule}`' for rule in rules)}" for linter, rules in hazard.names.items()]
    if names:
        yield ""
        yield f"Elsewhere: {'; '.join(names)}."


def _example(title: str, sql: str) -> Iterator[str]:
    yield f"{title}:"
    yield "```sql"
    yield sql
    yield "```"
    yield ""


def _reference() -> Iterator[str]:
    yield "# Hazards of migrations"
    yield "Made of the hazards themselves by `python -m rung.migrations.hazards.reference`: edit those."
    yield "The tests run every example, and every claim about locks, on a real PostgreSQL."
    yield ""
    yield from _locks()
    for kind, title in _KINDS.items():
        yield ""
        yield f"## {title}"
        for hazard in HAZARDS:
            if hazard.kind == kind:
                yield ""
                yield from _page(hazard)
    yield ""
    yield "## Rules of other linters"
    yield "What covers each of their rules here, or why nothing does."
    for linter in LINTERS:
        yield ""
        yield f"### {linter}"
        yield "| rule | here |"
        yield "| --- | --- |"
        for rule, answer in answers(linter, HAZARDS).items():
            here = answer if isinstance(answer, str) else ", ".join(f"[{code}](#{code})" for code in answer)
            yield f"| `{rule}` | {here} |"


def _locks() -> Iterator[str]:
    yield "## Locks"
    yield "| lock on a table | keeps waiting |"
    yield "| --- | --- |"
    for mode in sorted(Mode, reverse=True):
        yield f"| {mode.words} | {mode.blocks or 'no query'} |"


if __name__ == "__main__":
    sys.stdout.write(reference())
