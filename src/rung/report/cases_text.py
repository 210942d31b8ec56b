"""Defines how the results of cases look in a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping

from click import style

from rung.cases.coverage import Coverage
from rung.cases.run import Failing, FileResults, Result, Summary
from rung.diagnostics import Source, Span
from rung.report import Look
from rung.report.plain import plain, wrapped


def cases(summary: Summary, look: Look) -> str:
    """Every case in a line, what differs beneath it, the coverage, and the count last."""
    page = _Page(look, summary.sources)
    for file in summary.files:
        page.file(file)
    if summary.coverage is not None:
        page.coverage(summary.coverage)
    page.count(summary)
    return "".join(f"{line.rstrip()}\n" for line in page.lines)


class _Page:
    def __init__(self, look: Look, sources: Mapping[str, Source]) -> None:
        self.look = look
        self.sources = sources
        self.lines: list[str] = []

    def style(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        # `or None`: click writes a code for False too
        return style(text, color, bold=bold or None) if self.look.color else text

    def add(self, text: str, indent: int, color: str | None = None, bullet: str = "") -> None:
        hang = " " * (indent + len(bullet))
        first, *others = wrapped(plain(text), self.look.width - len(hang))
        self.lines.append(self.style(" " * indent + bullet + first, color))
        self.lines.extend(self.style(hang + line, color) for line in others)

    def place(self, span: Span) -> str:
        return plain(f"{span.file}:{self.sources[span.file].place(span.start).line}")

    def file(self, file: FileResults) -> None:
        self.lines.append(self.style(plain(f"{file.file} ({file.policy})"), bold=True))
        for result in file.results:
            mark = self.style("ok", "green") if result.passed else self.style("FAILED", "red", bold=True)
            self.lines.append(f"  {mark}{' ' * (8 - (2 if result.passed else 6))}{plain(result.name)}")
            if not result.passed:
                self._failed(result)
        self.lines.append("")

    def _failed(self, result: Result) -> None:
        explanation, expected = result.explanation, result.expected
        because = " because of " + "; ".join(expected.because) if expected.because else ""
        self.add(self.place(result.span), 10)
        self.add(expected.expect + because, 10, bullet="expected: ")
        verdict = "allowed" if explanation.allowed else "denied"
        self.add(f"{verdict}: {explanation.reason}", 10, bullet="found:    ")
        for name in result.lacking:
            self.add(f"{name}: it did not fail", 10, "red", "- ")
        for rule in result.surplus or (() if result.right else result.failing):
            self._rule(rule)
        for note in result.notes:
            self.add(note, 10, "red", "- ")

    def _rule(self, rule: Failing) -> None:
        self.add(f"{rule.names[0]}: it failed", 10, "yellow", "+ ")
        for seen in rule.seen:
            self.add(seen, 14)

    def coverage(self, coverage: Coverage) -> None:
        total, lacking = len(coverage.rules), coverage.uncovered()
        covered = total - len(lacking)
        share = f"{100 * covered // total}%" if total else "nothing to cover"
        self.lines.append(
            self.style(f"coverage: {covered} of {total} rules seen allowing and denying ({share})")
        )
        for rule in lacking:
            how = " nor ".join(rule.lacks)
            text = f"{rule.kind} {rule.text}" if not rule.text.startswith(rule.kind) else rule.text
            self.add(f"{self.place(rule.span)}  {text}: never seen {how}", 2, "yellow")
        self.lines.append("")

    def count(self, summary: Summary) -> None:
        if summary.count == 0:
            self.lines.append(self.style("0 cases: nothing was tested", "red", bold=True))
            return
        failed = summary.count - summary.passed
        cases = "1 case" if summary.count == 1 else f"{summary.count} cases"
        text = f"{cases}: {summary.passed} passed" + (f", {failed} failed" if failed else "")
        self.lines.append(self.style(text, "red" if failed else "green", bold=True))
