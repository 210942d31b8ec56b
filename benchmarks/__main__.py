"""Runs the benchmarks and writes their tables: `python -m benchmarks [SECTION...]`.

Without a section all are run. Each writes its part of `docs/benchmarks.md`. A section is a module with a
function `measured`; to add one, name it in SECTIONS.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Row, Section

SECTIONS = {
    "decide": "benchmarks.decide.measured",
    "commands": "benchmarks.commands",
    "check": "benchmarks.checking",
    "proofs": "benchmarks.proving",
    "migrations": "benchmarks.migrations",
}
PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
LIBRARIES = ("click", "lark", "pydantic", "z3-solver", "zen-engine", "cedarpy", "regopy", "squawk-cli")
INTRODUCTION = """\
# Benchmarks

Written by `python -m benchmarks`, never by hand. Each figure is a ratio of processor times of one run, in
which both sides took turns; the times beside it are those of one machine, and only say how large things are.
"""


def main(arguments: list[str]) -> int:
    unknown = sorted(set(arguments) - set(SECTIONS))
    if unknown:
        print(f"there is no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    parts = _parts(PAGE.read_text()) if arguments else {}
    for name in arguments or SECTIONS:
        section: Section = import_module(SECTIONS[name]).measured()
        parts[section.title] = _shown(section)
        print(parts[section.title], flush=True)
    PAGE.write_text("\n".join([INTRODUCTION, *parts.values()]))
    return 0


def _parts(page: str) -> dict[str, str]:
    """The sections of the page by their titles."""
    return {each.partition("\n")[0]: f"## {each.rstrip()}\n" for each in page.split("\n## ")[1:]}


def _circumstances() -> str:
    libraries = ", ".join(f"{each} {version(each)}" for each in LIBRARIES)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    machine = f"{platform.system()} on {platform.machine()} with {os.cpu_count()} processors"
    return f"Measured on {datetime.now(UTC):%Y-%m-%d}: {python}, {machine}; {libraries}."


def _shown(section: Section) -> str:
    rows = [f"| {' | '.join(_cells(each))} |" for each in section.rows]
    head = ["| takes | times as long as | ratio | promised | times |", "| --- | --- | ---: | --- | ---: |"]
    return "\n".join([f"## {section.title}\n", section.how + "\n", *head, *rows, "", _circumstances()]) + "\n"


def _cells(row: Row) -> tuple[str, ...]:
    promise = ""
    if row.promise is not None:
        promise = f"{row.promise[0]} {row.promise[1]:g}" + ("" if row.kept else ": **not kept**")
    times = " / ".join(_duration(each) for each in row.times)
    return row.slower, row.faster, f"{row.ratio:.2f}", promise, times


def _duration(seconds: float) -> str:
    unit, factor = ("s", 1.0) if seconds >= 1 else ("ms", 1e3) if seconds >= 1e-3 else ("µs", 1e6)
    return f"{seconds * factor:.3g} {unit}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
