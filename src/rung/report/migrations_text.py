"""Defines how the judgement of a rollout's migrations looks in a terminal or a log.

The plan of the rollout comes first, state by state; then what is refuted, each with what would make it safe;
then what is unknown, by its reason; then the hazards, which are no part of the verdict; the count last.
"""

from __future__ import annotations

from collections.abc import Sequence

from rung.diagnostics import Diagnostic
from rung.migrations.assess import Assessment
from rung.migrations.checks import Check, Doubt, checks, counted, doubts
from rung.migrations.hazards import Hazard
from rung.migrations.plan import Report, Stage
from rung.migrations.rollout import Strategy
from rung.migrations.verdicts import Event, Level, Verdict, Witness
from rung.report import Look
from rung.report.plain import plain, width, wrapped
from rung.report.text import Page, diagnostic

MOST_SHOWN = 40
MOST_LINES = 6
MOST_REASONS = 8
_MARKS = {Verdict.PROVED: ("✓", "green"), Verdict.REFUTED: ("✗", "red"), Verdict.UNKNOWN: ("?", "yellow")}
_LEVELS = tuple(Level)
_OWNERS = {"setup": "a row that is there", "migration": "the migration", "check": "a query"}
_MATRIX = sum(len(level.name) + 1 for level in _LEVELS)
STRATEGIES: dict[Strategy, str] = {
    "rolling": "rolling",
    "canary": "canary",
    "blue_green": "blue/green",
    "recreate": "atomic",
}


def migrations(found: Assessment, look: Look) -> str:
    """What was judged and found, for an assessment with a report."""
    assert found.report is not None, "what was not judged is reported as diagnostics"
    page = Page(found.sources, look)
    several = checks(found.report)
    _head(page, found)
    _plan(page, found.report)
    for each in found.diagnostics:
        page.blank()
        diagnostic(page, each)
    refuted = [each for each in several if each.verdict is Verdict.REFUTED]
    shown: dict[tuple[object, ...], str] = {}
    for check in refuted[:MOST_SHOWN]:
        page.blank()
        _refuted(page, check, shown)
    unknown = doubts(several)
    for doubt in unknown[:MOST_SHOWN]:
        page.blank()
        _unknown(page, doubt)
    left_out = len(refuted[MOST_SHOWN:]) + len(unknown[MOST_SHOWN:])
    if left_out:
        page.blank()
        page.add(f"… and {left_out} more; --format json has all")
    if look.verbose:
        _proved(page, several)
    _hazards(page, found.hazards)
    page.blank()
    failing = sum(each.is_error for each in found.diagnostics)
    if failing:
        verb = "statement does" if failing == 1 else "statements do"
        page.add(f"{failing} {verb} not apply, so that nothing is certain after", color="yellow", bullet="?")
    page.add(counted(several), bold=True)
    return page.text()


def _head(page: Page, found: Assessment) -> None:
    rollout, report = found.rollout, found.report
    assert rollout is not None
    assert report is not None
    assert found.verdict is not None
    _, color = _MARKS[found.verdict]
    names = [each.name for each in rollout.runs]
    what = names[0] if len(names) == 1 else f"{len(names)} migrations, {names[0]} to {names[-1]}"
    verdict = found.verdict.name
    first, *others = wrapped(plain(what), page.look.width - len(verdict) - 2)
    page.lines.append(page.style(verdict, color, bold=True) + "  " + page.style(first, bold=True))
    page.lines.extend(" " * (len(verdict) + 2) + page.style(line, bold=True) for line in others)
    page.add(_summary(found.verdict, report, found.request.window))
    how = f"{STRATEGIES[found.request.strategy]} rollout, {_back(found)}; {rollout.dialect}, {rollout.layout}"
    page.add(how, dim=True)
    if found.assumes is not None:
        page.add(f"assuming that {found.assumes}", dim=True)
    granted = report.granted if page.look.verbose else report.granted[:MOST_REASONS]
    if granted:
        more = len(report.granted) - len(granted)
        page.add("assuming that " + "; ".join(granted) + f"; and {more} more" * (more > 0), dim=True)


def _back(found: Assessment) -> str:
    window = found.request.window
    if window == 0:
        return "no way back"
    back = "back to the release before" if window == 1 else f"back over {window} releases"
    return back + (", also after the contraction" if found.request.spans_contraction else "")


def _summary(verdict: Verdict, report: Report, window: int) -> str:
    way = ", and so is going back" if window else ""
    match verdict:
        case Verdict.PROVED:
            return f"Every step of the rollout is safe{way}."
        case Verdict.REFUTED:
            broken = [each.name for each in report.stages if each.verdict is Verdict.REFUTED]
            return f"Not every step is safe. The first that is not: {broken[0]}."
        case Verdict.UNKNOWN:
            return "Nothing is sure to break, and not everything is understood."


# ---------------------------------------------------------------- the plan


def _plan(page: Page, report: Report) -> None:
    """A line for each state: the version of the schema, the code that runs, and a mark for each level."""
    live = {stage.name: _live(stage) for stage in report.stages}
    number = max(len(stage.schema_version) for stage in report.stages)
    column = max(map(width, (*live.values(), "live code")))
    room = page.look.width - (2 + number + 2) - (column + 2) - _MATRIX
    name = min(max(width(stage.name) for stage in report.stages), max(room, 16))
    page.blank()
    heads = " ".join(level.name for level in _LEVELS)
    page.lines.append(page.style(f"{'':{number + 4}}{'':{name}}  {'live code':{column}}  {heads}", dim=True))
    for stage in report.stages:
        mark, color = _MARKS[stage.verdict]
        cells = " ".join(_cell(page, stage, level) for level in _LEVELS)
        shown = plain(stage.name)
        shown = shown if width(shown) <= name else shown[: name - 1] + "…"
        shown += " " * (name - width(shown))
        page.lines.append(
            f"{page.style(mark, color)} {stage.schema_version:>{number}}  {shown}  "
            + page.style(f"{live[stage.name]:{column}}", dim=True)
            + f"  {cells}"
        )


def _live(stage: Stage) -> str:
    names = [plain(each.removesuffix(" code")) for each in stage.live]
    returning = [each for each in stage.returning if each not in stage.live]
    back = "" if not returning else " (or old)" if len(returning) == 1 else f" (or {len(returning)} older)"
    return (" + ".join(names) or "none") + back


def _cell(page: Page, stage: Stage, level: Level) -> str:
    asked = any(each.level is level for each in stage.findings)
    mark, color = _MARKS[stage.level(level)] if asked else ("-", "")
    shown = page.style(mark, color) if asked else page.style(mark, dim=True)
    before = len(level.name) // 2
    return " " * before + shown + " " * (len(level.name) - before - 1)


# ---------------------------------------------------------------- what was found


def _refuted(page: Page, check: Check, shown: dict[tuple[object, ...], str]) -> None:
    """A refutation, its statements unless they are `shown` already, there by the subject that they are of."""
    finding = check.finding
    says = f"{finding.subject}: {finding.message}"
    diagnostic(page, Diagnostic(finding.level.value, says, finding.span), "refuted", "red")
    page.add("where: " + ", ".join(check.states), 2, "=", "blue")
    if finding.witness is not None:
        witness = finding.witness
        proof = "replayed on PostgreSQL:" if witness.replayed else "to see it fail:"
        first = shown.setdefault((witness.events, witness.differs, witness.contrast), finding.subject)
        if first == finding.subject:
            page.add(proof, 2, "=", "blue")
            _witness(page, witness)
        else:
            page.add(f"{proof} the statements shown for `{first}`", 2, "=", "blue")
    if finding.repair:
        page.add("what would be safe:", 2, "=", "cyan")
        for number, step in enumerate(finding.repair, 1):
            page.add(step, 6, f"{number}.")


def _witness(page: Page, witness: Witness) -> None:
    """The statements in order, under comments that say whose they are; the one that fails is the last."""
    fails = not witness.contrast and witness.differs is None
    _events(page, witness.events, fails=fails)
    if witness.differs is not None:
        page.add("and then this answers otherwise than before the last step", 6, "--", dim=True)
        page.add(f"{witness.differs};", 6)
    if witness.contrast:
        page.add("which could not be before:", 6, "--", dim=True)
        _events(page, witness.contrast, fails=True)


def _events(page: Page, events: Sequence[Event], *, fails: bool) -> None:
    said = ""
    for event in events:
        failing = fails and event is events[-1]
        comment = _OWNERS.get(event.role, event.code or "live code") + " (fails)" * failing
        if comment != said:
            page.add(comment, 6, "--", "red" if failing else None, dim=not failing)
            said = comment
        lines = f"{event.sql.strip().removesuffix(';')};".splitlines()
        cut = len(lines) > MOST_LINES and not page.look.verbose
        # Not wrapped: it is there to be copied.
        page.lines.extend(
            " " * 6 + plain(line.rstrip().expandtabs(4)) for line in lines[: MOST_LINES if cut else None]
        )
        if cut:
            page.add(f"… {len(lines) - MOST_LINES} more lines", 6, "--", dim=True)


def _unknown(page: Page, doubt: Doubt) -> None:
    """What cannot be told of a table: the first statement that is behind it, and what is not understood."""
    first = doubt.checks[0].finding
    levels = "/".join(
        each.value for each in _LEVELS if any(one.finding.level is each for one in doubt.checks)
    )
    says = f"{first.subject}: {first.message}"
    if len(doubt.checks) > 1:
        says = f"{doubt.table}: {len(doubt.checks)} checks cannot be told"
    diagnostic(page, Diagnostic(levels, says, first.span), "unknown", "yellow")
    several = {each.finding.span for each in doubt.checks if each.finding.span is not None}
    if len(several) > 1:
        more = "statement" if len(several) == 2 else "statements"
        page.add(f"and {len(several) - 1} more {more}", 2, "=", "blue")
    shown = doubt.reasons if page.look.verbose else doubt.reasons[:MOST_REASONS]
    more = f"; and {len(doubt.reasons) - len(shown)} more" if len(shown) < len(doubt.reasons) else ""
    page.add("not understood: " + "; ".join(shown) + more, 2, "=", "blue")
    rows = [each.finding.witness.row for each in doubt.checks if each.finding.witness is not None]
    if rows:
        page.add(f"it may break with the row {rows[0]}", 2, "=", "blue")


def _proved(page: Page, several: Sequence[Check]) -> None:
    proved = [each for each in several if each.verdict is Verdict.PROVED]
    if not proved:
        return
    page.blank()
    page.add("Proved:", bold=True)
    for each in proved:
        whose = f" ({each.finding.code})" if each.finding.code else ""
        page.add(f"{each.finding.level.name} {each.finding.message}{whose}", 2, "✓", "green")
        for assumption in each.finding.assumptions:
            page.add(f"assuming {assumption}", 4, dim=True)


def _hazards(page: Page, hazards: Sequence[tuple[Hazard, Diagnostic]]) -> None:
    """What waits, fails or breaks whatever the rows are, by the files that it is in."""
    if not hazards:
        return
    page.blank()
    page.add("Hazards, apart from the verdict:", bold=True)
    file = ""
    for hazard, found in hazards[:MOST_SHOWN]:
        assert found.span is not None, "a hazard is about a statement"
        if found.span.file != file:
            file = found.span.file
            page.add(file, 2, dim=True)
        line = page.sources[file].place(found.span.start).line
        page.add(f"{hazard.kind}[{found.code}] line {line}: {found.message}", 2, "!", "yellow")
        page.add(hazard.hint, 4, "=", "cyan", dim=True)
    left_out = len(hazards) - MOST_SHOWN
    if left_out > 0:
        page.add(f"… and {left_out} more", 2)
