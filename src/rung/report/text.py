"""Defines the format `text`: a decision or diagnostics for people, in a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from click import style

from rung.diagnostics import Diagnostic, Source, Span
from rung.report import Findings, Look
from rung.report.plain import plain, width, wrapped

if TYPE_CHECKING:
    from rung.explain.explanation import Explanation, Line
    from rung.explain.standing import Standing

MOST_DIAGNOSTICS = 100
_VERDICTS = {"allowed": ("ALLOWED", "green"), "undecided": ("UNDECIDED", "yellow")}
_MARKS = {"holds": ("✓", "green"), "fails": ("✗", "red"), "unknown": ("?", "yellow")}


class Page:
    """Lines that grow downwards, wrapped to the width; any may have a place at the right margin."""

    def __init__(self, sources: Mapping[str, Source], look: Look) -> None:
        self.sources = sources
        self.look = look
        self.lines: list[str] = []

    def style(self, text: str, color: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
        if not (self.look.color and text and (color or bold or dim)):
            return text
        return style(text, color, bold=bold or None, dim=dim or None)  # click writes a code for False too

    def add(
        self,
        text: str,
        indent: int = 0,
        bullet: str = "",
        color: str | None = None,
        at: Span | None = None,
        *,
        bold: bool = False,
        dim: bool = False,
    ) -> None:
        """Add a text, wrapped under itself after a bullet of a color; `at` is shown at the right."""
        where = "" if at is None else self.place(at)
        hang = indent + (width(bullet) + 1 if bullet else 0)
        room = self.look.width - hang
        first, *others = wrapped(plain(text), room - (len(where) + 2 if where else 0))
        start = " " * indent + (self.style(bullet, color) + " " if bullet else "")
        gap = " " * max(2, room - width(first) - len(where)) if where else ""
        self.lines.append(start + self.style(first, bold=bold, dim=dim) + gap + self.style(where, dim=True))
        self.lines.extend(" " * hang + self.style(line, bold=bold, dim=dim) for line in others)

    def blank(self) -> None:
        """An empty line, where there is none yet."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def place(self, span: Span) -> str:
        """The last part of a file's path, and a line."""
        source = self.sources[span.file]
        name = source.name.replace("\\", "/").rpartition("/")[2]
        return plain(f"{name}:{source.place(span.start).line}")

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines) + "\n"


# ---------------------------------------------------------------- decisions


def decision(explanation: Explanation, sources: Mapping[str, Source], look: Look) -> str:
    """The verdict, its reason, the rules, and what is missing or follows."""
    page = Page(sources, look)
    _head(page, explanation)
    _rules(page, explanation)
    if explanation.proof is not None:
        _proof(page, explanation, explanation.proof)
    if explanation.allowed:
        _consequences(page, explanation)
    elif explanation.steps:
        page.blank()
        page.add("Missing:", bold=True)
        for step in explanation.steps:
            page.add(step.text, 2, "•")
    if explanation.verdict == "undecided" and explanation.proof is not None and explanation.proof.remedy:
        page.blank()
        page.add(f"Run `{explanation.proof.remedy}`.")
    _validity(page, explanation)
    return page.text()


def _head(page: Page, explanation: Explanation) -> None:
    from rung.explain import words

    proposal = explanation.proposal
    verdict, color = _VERDICTS.get(explanation.verdict, ("DENIED", "red"))
    action = "" if proposal.action == "deploy" else f"{proposal.action} "
    what = plain(f"{action}{proposal.service} {words.release(proposal.release)} → {proposal.target}")
    when = f"at {words.clock(explanation.at)}" + (", hypothetical" if explanation.hypothetical else "")
    gap = page.look.width - len(verdict) - 2 - width(what) - len(when)
    after = " " * gap + when if gap >= 2 else f"\n{when}"
    page.lines.append(page.style(verdict, color, bold=True) + "  " + page.style(what, bold=True) + after)
    page.add(explanation.reason[:1].upper() + explanation.reason[1:] + ".")
    came = f" from {words.listed(proposal.from_)}" if proposal.from_ else ""
    page.add(f"{proposal.lane}{came}, by {words.actor(proposal)}", dim=True)


def _rules(page: Page, explanation: Explanation) -> None:
    """The nearest route as a tree, other routes in a line each, then what binds every route."""
    verbose = page.look.verbose
    if explanation.routes or explanation.bans:
        page.blank()
    for index, route in enumerate(explanation.routes):
        if index == 0 or verbose:
            _line(page, route, 0, opened=True)
        elif not explanation.allowed:
            page.add(route.text, 0, *_MARKS[route.mark], route.span)
    for line in explanation.standing:
        if verbose or line.span is not None or line.mark != "holds":
            _line(page, line, 0)
    idle = [ban for ban in explanation.bans if ban.mark == "holds"]
    for ban in explanation.bans:
        if verbose or ban.mark != "holds":
            _line(page, ban, 0)
    if idle and not verbose:
        start = "nothing forbids it" if len(idle) == len(explanation.bans) else "not in force"
        page.add(f"{start}: {', '.join(ban.text for ban in idle)}", 0, *_MARKS["holds"])


def _proof(page: Page, explanation: Explanation, proof: Standing) -> None:
    """How the proof of the policy stands, where the verdict itself does not say so."""
    first, *others = proof.said
    if proof.is_proved:
        if page.look.verbose:
            page.add(f"{first} ({proof.file})", 0, *_MARKS["holds"])
        for text in others:
            page.add(text, 0, "!", "yellow")
    elif explanation.verdict != "undecided":
        proposal = explanation.proposal
        what = proposal.lane if proposal.action == "deploy" else proposal.action
        waits = f"; {what} does not wait for that" if explanation.allowed else ""
        page.add(f"the policy is not proved{waits}:", 0, "!", "yellow")
        for text in proof.said:
            page.add(text, 2)


def _line(page: Page, line: Line, indent: int, opened: bool = False) -> None:
    """A rule, and what is beneath it unless it holds and not all is to be shown."""
    holds = line.mark == "holds"
    opened = opened or page.look.verbose or not holds
    seen = line.seen if opened or line.kind == "gate" else ()
    if line.span is None and len(seen) == 1:
        page.add(f"{line.text}: {seen[0]}", indent, *_MARKS[line.mark])
        seen = ()
    else:
        page.add(line.text, indent, *_MARKS[line.mark], line.span)
    for phrase in seen:
        page.add(phrase, indent + 2, dim=holds)
    if page.look.verbose and line.controls:
        page.add("controls: " + ", ".join(line.controls), indent + 2, dim=True)
    for part in line.parts if opened else ():
        _line(page, part, indent + 2)


def _consequences(page: Page, explanation: Explanation) -> None:
    from rung.explain import words

    if explanation.owes:
        page.blank()
        page.add("It owes:", bold=True)
    for owed in explanation.owes:
        page.add(f"{owed.name} by {words.clock(owed.due)}: {words.listed(owed.rules)}", 2, "•", at=owed.span)
    if explanation.waivers:
        page.blank()
        page.add("Waived:", bold=True)
    for waiver in explanation.waivers:
        until = f"until {words.clock(waiver.ends)}, because {waiver.reason}"
        page.add(f"{waiver.gate} as {waiver.id} by {waiver.approver} {until}", 2, "•", at=waiver.span)


def _validity(page: Page, explanation: Explanation) -> None:
    from rung.explain import words

    if explanation.verdict == "no-rule":
        return
    page.blank()
    until = explanation.valid_until
    if explanation.allowed:
        text = "Time alone does not end this." if until is None else f"Valid until {words.clock(until)}."
    elif until is None:
        text = "Time alone does not change this."
    else:
        text = f"Time alone may change this at {words.clock(until)}."
    page.add(text)


# ---------------------------------------------------------------- diagnostics


def diagnostics(findings: Findings, look: Look) -> str:
    """Every diagnostic with its place, and a summary last."""
    page = Page(findings.sources, look)
    for each in findings.diagnostics[:MOST_DIAGNOSTICS]:
        diagnostic(page, each)
        page.blank()
    left_out = len(findings.diagnostics) - MOST_DIAGNOSTICS
    if left_out > 0:
        page.add(f"… and {left_out} more")
        page.blank()
    counts = [_counted(findings.errors, "error"), _counted(findings.warnings, "warning")]
    said = ", ".join(count for count in counts if count) or "no errors, no warnings"
    page.add(f"{findings.about}: {said}", bold=True)
    return page.text()


def _counted(count: int, noun: str) -> str:
    return "" if count == 0 else f"{count} {noun}" + ("" if count == 1 else "s")


def diagnostic(page: Page, found: Diagnostic, word: str | None = None, color: str | None = None) -> None:
    """Add a diagnostic with its place, under its severity unless another word stands for that."""
    color = color or ("red" if found.is_error else "yellow")
    title = f"{word or found.severity}[{found.code}]"
    start, *others = wrapped(f"{title}: {plain(found.message)}", page.look.width - 2)
    page.lines.append(page.style(title, color, bold=True) + page.style(start[len(title) :], bold=True))
    page.lines.extend(f"  {page.style(line, bold=True)}" for line in others)
    marked: list[tuple[Span, str, str]] = [] if found.span is None else [(found.span, "", "^")]
    marked.extend((related.span, related.message, "-") for related in found.related)
    gutter = max((len(str(_last_line(page, span))) for span, _, _ in marked), default=1)
    if found.span is None and found.file is not None:
        page.add(f"--> {found.file}", 2)
    for span, label, mark in marked:
        snippet(page, span, label, mark, color if mark == "^" else "blue", gutter)
    if found.hint:
        page.add(found.hint, gutter + 1, "= hint:", "cyan")


def _last_line(page: Page, span: Span) -> int:
    return page.sources[span.file].place(span.end).line


def snippet(page: Page, span: Span, label: str, mark: str, color: str, gutter: int) -> None:
    from rung.report.source_snippet import rows

    source = page.sources[span.file]
    place = source.place(span.start)
    bar = page.style("|", dim=True)
    arrow = page.style("-->" if mark == "^" else ":::", dim=True)
    page.lines.append(" " * gutter + f"{arrow} {plain(span.file)}:{place.line}:{place.column}")
    page.lines.append(" " * gutter + f" {bar}")
    shown = rows(source, span, max(20, page.look.width - gutter - 3), mark)
    for row in shown:
        if row.number is None:
            page.lines.append(" " * gutter + page.style("...", dim=True))
            continue
        page.lines.append(page.style(f"{row.number:>{gutter}}", dim=True) + f" {bar} {row.text}")
        said = f" {plain(label)}" if label and row is shown[-1] else ""
        page.lines.append(" " * gutter + f" {bar} " + page.style(row.marks + said, color))
