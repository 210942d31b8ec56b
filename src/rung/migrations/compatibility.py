"""Defines `findings`: what each state of a rollout answers at each level, for each version of the code.

| level | meaning |
| --- | --- |
| NAME | every table, column, type and function that live code names exists |
| TYPE | with a type that its expressions still accept |
| WRITE | every row that live code could write under its own schema is accepted |
| READ | every value that live code may now meet is one that it could meet before |
| DATA | existing rows satisfy new constraints, and conversions lose nothing |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rung.diagnostics import Span
from rung.migrations.carriers import same_type
from rung.migrations.insert_runs import inserts_from
from rung.migrations.names import Answer, name_answers, universe, uses
from rung.migrations.repair import repair
from rung.migrations.rollout import BEFORE, NEW, Code, Moment, State, Timeline
from rung.migrations.schema import Name, Schema, Table
from rung.migrations.steps import NoEffect, Opaque
from rung.migrations.touches import changed_name, touches
from rung.migrations.unmodelled import unmodelled
from rung.migrations.verdicts import Direction, Event, Finding, Level, Verdict, Witness

if TYPE_CHECKING:
    # The solver takes a while to load: only what needs it does.
    from rung.migrations.proofs import TableProofs


def findings(timeline: Timeline) -> list[Finding]:
    """Every answer, in the order of the rollout."""
    driver = _Driver(timeline)
    for lineage in lineages(timeline):
        driver.follow(lineage)
    found = [*_name_findings(timeline), *driver.found]
    found += _unread(timeline, found)
    found += _granted(timeline)
    places = dict.fromkeys(place(part) for part in timeline.course)
    order = {name: index for index, name in enumerate(places)}
    return sorted(found, key=lambda finding: order.get(finding.state, 0))


def _unread(timeline: Timeline, found: Sequence[Finding]) -> Iterator[Finding]:
    """What is not understood may fail, also where it concerns no table."""
    told = {each.span for each in found if each.verdict is Verdict.UNKNOWN}
    for moment in timeline.moments:
        step = moment.step
        if isinstance(step, Opaque) and step.span not in told:
            told.add(step.span)
            message = f"whether the {step.reason} passes is not known"
            yield Finding(
                Level.DATA,
                Verdict.UNKNOWN,
                place(moment),
                "all",
                message,
                None,
                "backward",
                step.span,
                reasons=(step.reason,),
            )


def _granted(timeline: Timeline) -> Iterator[Finding]:
    """What passes where the server has what no schema tells."""
    for moment in timeline.moments:
        step = moment.step
        if isinstance(step, NoEffect) and step.granted:
            yield Finding(
                Level.NAME,
                Verdict.PROVED,
                place(moment),
                "all" if step.table is None else str(step.table),
                f"the {step.what} passes",
                None,
                "backward",
                step.span,
                assumptions=step.granted,
            )


def place(part: Moment | State) -> str:
    """What a finding calls the moment or state that it is about."""
    return part.name if isinstance(part, State) else f"running `{part.migration}`"


@dataclass(frozen=True, slots=True)
class Lineage:
    """A table through all its names; it is made at index `start` of the course (0: it was there before)."""

    name: Name
    start: int


def lineages(timeline: Timeline) -> Iterator[Lineage]:
    """The tables that the rollout touches."""
    for name in timeline.before.tables:
        yield Lineage(name, 0)
    for index, part in enumerate(timeline.course):
        if not isinstance(part, Moment) or part.before.tables is part.after.tables:
            continue
        arrived = {changed_name(part, name) for name in part.before.tables}
        for name in part.after.tables:
            if name not in arrived:
                yield Lineage(name, index)


def _direction(code: Code | None, timeline: Timeline) -> Direction:
    """Old code that meets the new schema, or new code (and the migration itself) that meets old data."""
    return "backward" if code is None or code.writes is not timeline.before else "forward"


def _name_findings(timeline: Timeline) -> Iterator[Finding]:
    """NAME and TYPE in each state, and what of the others needs no solver."""
    known = universe(state.schema for state in timeline.states)
    events: list[Event] = []
    spans: list[Moment] = []
    for part in timeline.course:
        if isinstance(part, Moment):
            spans.append(part)
            events += [Event("migration", statement) for statement in part.statements]
            continue
        for code in part.codes:
            if code.writes is part.schema and code.queries is None:
                continue
            answers = list(name_answers(code, part.schema, known))
            if code.name != NEW:
                answers += unmodelled(code, part.schema, uses(code, known), spans)
            for answer in answers:
                yield _name_finding(answer, part, code, events, spans, timeline)


def _name_finding(
    answer: Answer,
    state: State,
    code: Code,
    events: Sequence[Event],
    moments: Sequence[Moment],
    timeline: Timeline,
) -> Finding:
    witness = None
    if answer.verdict is Verdict.REFUTED and answer.statement is not None:
        witness = Witness(answer.statement, (*events, Event("live", answer.statement, code.name)))
    table, _, column = answer.subject.partition(".")
    return Finding(
        answer.level,
        answer.verdict,
        state.name,
        answer.subject,
        answer.message,
        code.name,
        _direction(code, timeline),
        answer.span or _origin(answer, moments, Name("public", table), column),
        witness,
        answer.reasons,
        answer.assumptions,
        _steps(answer, state) if answer.verdict is Verdict.REFUTED else (),
    )


def _steps(answer: Answer, state: State) -> tuple[str, ...]:
    if state.name == BEFORE:
        return ("begin at the revision that the code that runs is for, or give the queries of that code",)
    return repair(answer.level, None, answer.subject)


def _origin(answer: Answer, moments: Sequence[Moment], table: Name, part: str) -> Span | None:
    return None if answer.verdict is Verdict.PROVED else origin(moments, table, part)


def origin(moments: Sequence[Moment], table: Name, part: str) -> Span | None:
    """The statement that last changed the table, or rather its part (a column or constraint) of that name."""
    last: Span | None = None
    for moment in moments:
        before, after = moment.before.tables.get(table), moment.after.tables.get(table)
        if before == after:
            continue
        last = moment.step.span if last is None or _part(before, part) != _part(after, part) else last
    return last


def _part(table: Table | None, name: str) -> object:
    if table is None:
        return None
    return table.column(name), table.constraint(name), table.index(name)


@dataclass(slots=True)
class _Driver:
    """Follows one table after another through the rollout."""

    timeline: Timeline
    found: list[Finding] = field(default_factory=list)

    def follow(self, lineage: Lineage) -> None:
        if not _eventful(self.timeline, lineage):
            return
        from rung.migrations.proofs import TableProofs

        proofs: TableProofs = TableProofs.begin(self.timeline, lineage.name, lineage.start)
        course, following = self.timeline.course, lineage.start
        for index in range(lineage.start, len(course)):
            part = course[index]
            if isinstance(part, State):
                self.found += proofs.state(part)
            elif index >= following:
                inserts, following = inserts_from(course, index, proofs.history.name)
                self.found += proofs.inserts(inserts) if len(inserts) > 1 else proofs.moment(part)
                following = max(following, index + 1)


def _eventful(timeline: Timeline, lineage: Lineage) -> bool:
    """Whether anything happens to the table or its rows in the whole rollout."""
    name: Name | None = lineage.name
    for part in timeline.course[lineage.start :]:
        if isinstance(part, Moment) and name is not None:
            if touches(part, name):
                return True
            name = changed_name(part, name)
    return False


def same_table(one: Schema, other: Schema, name: Name) -> bool:
    """Whether both schemas have the same table, of the same types."""
    if one is other:
        return True
    left, right = one.tables.get(name), other.tables.get(name)
    if left is None or right is None or left != right:
        return False
    return all(same_type(one, other, column.type) for column in left.columns)
