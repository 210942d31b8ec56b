"""Defines `TableProofs`: DATA, WRITE and READ of one table, asked of the solver along the rollout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from rung.diagnostics import Span
from rung.migrations.compatibility import origin, place, same_table
from rung.migrations.expression_text import type_to_sql
from rung.migrations.goals import read_goals, write_goals
from rung.migrations.happenings import Appearance, Goal, Passed
from rung.migrations.history import History
from rung.migrations.insert_runs import goes_on, joined
from rung.migrations.keys import keys
from rung.migrations.repair import repair
from rung.migrations.rollout import Code, Moment, State, Timeline
from rung.migrations.rows import Row
from rung.migrations.schema import Name, Schema, Table
from rung.migrations.solve import Answer, Found, Unclear
from rung.migrations.steps import (
    AlterColumnType,
    CreateFunction,
    Delete,
    Insert,
    SetDefault,
    SetIdentity,
    Step,
    Truncate,
    Update,
)
from rung.migrations.terms import negation
from rung.migrations.touches import changed_name, obscures, touches
from rung.migrations.verdicts import Direction, Event, Finding, Level, Verdict, Witness
from rung.migrations.witness import (
    Teller,
    Unprintable,
    literal_of,
    printed_or_none,
    table_name,
    wishes,
)


@dataclass(slots=True)
class TableProofs:
    """One table followed; `changed` says that rows may have appeared since live code was last let write.

    `refuted` are the findings of live code by what refuses it: between its statements a migration has states
    of one name, and one row that breaks there will do.
    """

    timeline: Timeline
    history: History
    changed: bool = False
    writers: tuple[Code, ...] = ()
    latest: Step | None = None
    passed: list[Moment] = field(default_factory=list)
    answered: dict[tuple[object, ...], list[Finding]] = field(default_factory=dict)
    refuted: dict[tuple[object, ...], Finding] = field(default_factory=dict)

    @staticmethod
    def begin(timeline: Timeline, name: Name, start: int) -> TableProofs:
        """The table before the rollout, or where it is made at index `start` of the course, not yet there."""
        moments = timeline.moments
        replaced = frozenset(
            moment.step.function.name.name for moment in moments if isinstance(moment.step, CreateFunction)
        )
        unstable = frozenset(_shrinking(moments))
        schema = timeline.before if start == 0 else Schema()
        count = 2 if _needs_two(timeline, name) else 1
        history = History.begin(schema, name, count, replaced, unstable)
        earlier = [part for part in timeline.course[:start] if isinstance(part, Moment)]
        history.happenings += [Passed(moment) for moment in earlier]
        return TableProofs(timeline, history, passed=list(earlier))

    @property
    def _table(self) -> Name:
        return self.history.name

    # DATA

    def moment(self, moment: Moment) -> list[Finding]:
        """What the step may break in the rows that are there."""
        history = self.history
        if not touches(moment, history.name):
            self.passed.append(moment)
            history.happenings.append(Passed(moment))
            return []
        before = moment.before.tables.get(history.name)
        self._let_write(moment)
        self.passed.append(moment)
        goals = history.step(moment)
        found = [self._data(moment, goal, goals) for goal in self._open(goals)]
        self._settle(moment, goals)
        if goals and not found:
            found.append(self._all_pass(moment, str(before.name if before else history.name), goals))
        return found

    def inserts(self, run: Sequence[Moment]) -> list[Finding]:
        """What INSERTs one after the other may break: asked as of one, and where that may be, of each."""
        found = self._at_once(run)
        return [one for moment in run for one in self.moment(moment)] if found is None else found

    def _at_once(self, run: Sequence[Moment]) -> list[Finding] | None:
        self._let_write(run[0])
        before, self.history = self.history, self.history.copy()
        whole = joined(run)
        goals = self.history.step(whole)
        if self._open(goals):
            self.history = before
            return None
        self._settle(whole, goals)
        self.history.happenings[-1:] = [Passed(moment) for moment in run]
        self.passed += run
        self.latest = run[-1].step
        return [self._all_pass(moment, str(self._table), goals) for moment in run if goals]

    def _let_write(self, moment: Moment) -> None:
        """Live code may write up to the step, if that tells anything more."""
        name = self._table
        before, after = moment.before.tables.get(name), moment.after.tables.get(name)
        if (
            moment.text
            and moment.live
            and self.changed
            and name not in moment.held
            and not goes_on(moment, self.latest, name)
            and not obscures(moment, before, after)
        ):
            self.history.live(moment.before, moment.live)
            self.changed = False

    def _settle(self, moment: Moment, goals: Sequence[Goal]) -> None:
        """The step has passed."""
        self.changed, self.answered, self.latest = True, {}, moment.step
        self.history.settle(goals)
        after = moment.after.tables.get(self._table)
        if after is not None:
            self.history.references_hold(moment.after, after)

    def _all_pass(self, moment: Moment, name: str, goals: Sequence[Goal]) -> Finding:
        return Finding(
            Level.DATA,
            Verdict.PROVED,
            place(moment),
            str(self._table),
            f"every row of `{name}` passes",
            None,
            "backward",
            moment.step.span,
            assumptions=self._assumptions(goals),
        )

    def _open(self, goals: Sequence[Goal]) -> list[Goal]:
        """The goals that are not proved to be out of reach."""
        opened = self.history.prover.open([goal.condition for goal in goals])
        return [goal for goal, is_open in zip(goals, opened, strict=True) if is_open]

    def _data(self, moment: Moment, goal: Goal, goals: Sequence[Goal]) -> Finding:
        others = [other for other in goals if other is not goal and other.refusal.breach != "loss"]
        with self.history.prover.scope():
            if goal.refusal.breach == "loss":
                self.history.prover.assume([negation(other.condition) for other in others])
            extra = self.history.rows[0].terms.values()
            answer = self.history.prover.ask(goal.condition, goal.doubts, wishes(self.history, extra))
        subject = self._subject(goal)
        place = f"running `{moment.migration}`"
        about = Finding(Level.DATA, Verdict.UNKNOWN, place, subject, "", None, "backward", moment.step.span)
        if not isinstance(answer, Found):
            return self._unclear(about, goal, answer)
        teller = self._teller(answer, goal, self.history.rows[0].terms)
        row = teller.shown(self._first_row(teller), goal.refusal.columns)
        message = f"{_refuses(goal, subject)} the row {row}" if row else f"{_refuses(goal, subject)} a row"
        if goal.refusal.breach == "loss":
            message = f"the conversion of `{subject}` loses {row}"
        about = replace(about, message=message)
        return self._told(about, goal, answer, lambda: self._data_witness(teller, row, goal))

    def _teller(self, answer: Found, goal: Goal, row: Row) -> Teller:
        """Who tells the model; what a reference that dangles refers to must not come to be by the way."""
        teller = Teller(answer.model)
        if goal.refusal.breach == "foreign key":
            teller.childless = goal.refusal.referenced
            for name, referenced in zip(goal.refusal.columns, goal.refusal.matching, strict=True):
                written = printed_or_none(answer.model, row[name]) if name in row else None
                if written is not None:
                    teller.absent[referenced] = written
        return teller

    def _first_row(self, teller: Teller) -> Row:
        """The row as it was before the rollout, which is what a user recognises, or as it is now."""
        for happening in self.history.happenings:
            if isinstance(happening, Appearance) and happening.row == 0 and teller.holds(happening.choice):
                return {**self.history.rows[0].terms, **happening.values}
        return self.history.rows[0].terms

    def _data_witness(self, teller: Teller, row: str, goal: Goal) -> Witness:
        events = teller.events(self.history.happenings)
        if events[-1].sql == "COMMIT":
            # It is the statement before that fails.
            events.pop()
        if goal.refusal.breach == "loss":
            column = goal.refusal.columns[0]
            query = f'SELECT count("{column}"), count(DISTINCT "{column}") FROM {table_name(self._table)}'
            return Witness(row, tuple(events), differs=query)
        return Witness(row, tuple(events))

    # WRITE and READ

    def state(self, state: State) -> list[Finding]:
        """What live code may break, or meet, in the state."""
        history = self.history
        schema = state.schema
        table = schema.tables.get(history.name)
        if table is None or not history.there:
            return []
        if self.changed or any(code not in self.writers for code in state.codes):
            history.live(schema, state.codes)
            self.changed, self.writers = False, state.codes
            self.answered = {key: value for key, value in self.answered.items() if key[0] is Level.WRITE}
        found: list[Finding] = []
        for code in state.codes:
            for level in (Level.WRITE, Level.READ):
                found += self._answers(level, state, schema, table, code)
        return found

    def _answers(self, level: Level, state: State, schema: Schema, table: Table, code: Code) -> list[Finding]:
        home = code.writes if level is Level.WRITE else code.reads
        if table.name not in home.tables:
            return []
        key = (level, code.name)
        known = self.answered.get(key)
        if known is not None:
            return [replace(finding, state=state.name) for finding in known]
        direction: Direction = (
            "backward" if code.reads is not code.writes or code.name == "new code" else "forward"
        )
        if same_table(home, schema, table.name):
            found = [self._proved(level, state, table, code, direction, [])]
        else:
            with self.history.prover.scope():
                ask = write_goals if level is Level.WRITE else read_goals
                goals = ask(self.history, schema, table, code)
                opened = self._open(goals)
                found = [self._live(level, state, schema, code, direction, goal) for goal in opened]
                found = found or [self._proved(level, state, table, code, direction, goals)]
        self.answered[key] = found
        return found

    def _proved(
        self,
        level: Level,
        state: State,
        table: Table,
        code: Code,
        direction: Direction,
        goals: Sequence[Goal],
    ) -> Finding:
        verb = "write to" if level is Level.WRITE else "meet in"
        outcome = "is accepted" if level is Level.WRITE else "could be met before"
        message = f"all that {code.name} may {verb} `{table.name}` {outcome}"
        return Finding(
            level,
            Verdict.PROVED,
            state.name,
            str(table.name),
            message,
            code.name,
            direction,
            assumptions=self._assumptions(goals) if goals else (),
        )

    def _live(
        self, level: Level, state: State, schema: Schema, code: Code, direction: Direction, goal: Goal
    ) -> Finding:
        subject = self._subject(goal)
        asked = (state.name, code.name, level, subject, goal.refusal.breach, goal.refusal.name)
        if asked in self.refuted:
            return self.refuted[asked]
        found = self._fresh(level, state, schema, code, direction, goal)
        if found.verdict is Verdict.REFUTED:
            self.refuted[asked] = found
        return found

    def _fresh(
        self, level: Level, state: State, schema: Schema, code: Code, direction: Direction, goal: Goal
    ) -> Finding:
        subject = self._subject(goal)
        about = Finding(
            level, Verdict.UNKNOWN, state.name, subject, "", code.name, direction, self._origin(goal)
        )
        row = dict(self.history.rows[0].terms if goal.attempt is None else goal.attempt.given)
        answer = self.history.prover.ask(goal.condition, goal.doubts, wishes(self.history, row.values()))
        if not isinstance(answer, Found):
            return self._unclear(about, goal, answer)
        stored = self.history.rows[0].terms if goal.attempt is None else goal.attempt.stored
        teller = self._teller(answer, goal, stored)
        shown = teller.shown(row, goal.refusal.columns)
        if level is Level.WRITE:
            what = shown or "a row without it"
            about = replace(about, message=f"{_refuses(goal, subject)} what {code.name} may write: {what}")
            return self._told(about, goal, answer, lambda: self._write_witness(teller, shown, schema, goal))
        about = replace(about, message=f"{code.name} may meet {shown}, which its own schema excludes")
        return self._told(about, goal, answer, lambda: self._read_witness(teller, shown, code, goal))

    def _write_witness(self, teller: Teller, row: str, schema: Schema, goal: Goal) -> Witness:
        assert goal.attempt is not None
        events = teller.events(self.history.happenings)
        table = schema.tables[self._table]
        several = any(event.role != "migration" and event.sql.startswith("INSERT") for event in events)
        without = goal.refusal.columns if goal.refusal.breach == "foreign key" else ()
        last = teller.attempt(schema, table, goal.attempt, several, without)
        return Witness(row, (*events, *last))

    def _read_witness(self, teller: Teller, row: str, code: Code, goal: Goal) -> Witness:
        """The row is there now; on the code's own schema it is refused."""
        events = teller.events(self.history.happenings)
        own = code.reads.tables[self._table]
        other = Teller(teller.model, absent=teller.absent, childless=teller.childless)
        contrast: list[Event] = []
        column = own.column(goal.refusal.columns[0]) if goal.refusal.breach == "range" else None
        if column is not None:
            written = literal_of(teller.model, self.history.rows[0].terms[column.name])
            test = f"CAST({written} AS {type_to_sql(column.type)}) IS NOT DISTINCT FROM {written}"
            # An assertion, because a cast to a shorter type may round or cut the value instead of failing.
            contrast.append(Event("check", f"DO $$ BEGIN ASSERT {test}; END $$", code.name))
            return Witness(row, tuple(events), tuple(contrast))
        if code.reads is not self.timeline.before:
            for moment in self._expanding():
                contrast += [Event("migration", statement) for statement in moment.statements]
        pair = self.history.rows if goal.refusal.breach == "unique" else self.history.rows[:1]
        without = goal.refusal.columns if goal.refusal.breach == "foreign key" else ()
        for tracked in pair:
            values = other.literals(tracked.terms, own)
            contrast += other.insertion(code.reads, own, values, "check", code.name, without)
        return Witness(row, tuple(events), tuple(contrast))

    def _expanding(self) -> Iterable[Moment]:
        for part in self.timeline.course:
            if isinstance(part, State) and part.name == "new code deployed":
                return
            if isinstance(part, Moment):
                yield part

    # what is said

    def _subject(self, goal: Goal) -> str:
        columns = goal.refusal.columns
        return f"{self._table}.{columns[0]}" if len(columns) == 1 else str(self._table)

    def _origin(self, goal: Goal) -> Span | None:
        for part in (goal.refusal.name, *goal.refusal.columns):
            span = origin(self.passed, self._table, part)
            if span is not None:
                return span
        return None

    def _told(self, about: Finding, goal: Goal, answer: Found, tell: Callable[[], Witness]) -> Finding:
        """A refutation with its witness. One that cannot be written as SQL is not known; neither is one that
        hangs on something besides, until it is replayed."""
        try:
            witness = tell()
        except Unprintable:
            return replace(about, reasons=("a value that cannot be written as a literal",))
        steps = repair(about.level, goal.refusal.breach, about.subject)
        verdict = Verdict.UNKNOWN if answer.despite else Verdict.REFUTED
        return replace(about, verdict=verdict, witness=witness, repair=steps, reasons=answer.despite)

    def _unclear(self, about: Finding, goal: Goal, answer: Answer) -> Finding:
        reasons = answer.reasons if isinstance(answer, Unclear) else ()
        message = f"whether {_refuses(goal, about.subject)} a row is not known"
        if about.level is Level.READ:
            message = f"whether {about.code} may meet in `{about.subject}` what it excludes is not known"
        return replace(about, message=message, reasons=reasons)

    def _assumptions(self, goals: Sequence[Goal]) -> tuple[str, ...]:
        doubts = [*self.history.prover.doubts, *(doubt for goal in goals for doubt in goal.doubts)]
        reasons = dict.fromkeys(doubt.reason for doubt in doubts if doubt.reason.startswith("`"))
        return tuple(f"{reason} has the same outcome each time for the same row" for reason in reasons)


def _refuses(goal: Goal, subject: str) -> str:
    """What refuses a row, as the subject of a sentence with its verb."""
    name = goal.refusal.name
    match goal.refusal.breach:
        case "not null":
            return f"NOT NULL of `{subject}` refuses"
        case "check" | "domain":
            return f"CHECK `{name}` refuses"
        case "unique":
            return f"the key `{name}` refuses"
        case "foreign key":
            return f"the foreign key `{name}` refuses"
        case "type" | "range":
            return f"the type of `{subject}` refuses"
        case "generated":
            return f"the generated column `{subject}` refuses"
        case "loss":
            return f"the conversion of `{subject}` loses"
        case "trigger":
            return f"{name} refuses"
        case "error":
            return f"a statement about `{subject}` fails on"


def _shrinking(moments: Sequence[Moment]) -> Iterable[Name]:
    """Tables from which the rollout removes rows, or changes those that others may refer to."""
    for moment in moments:
        if isinstance(moment.step, Delete | Truncate | Update):
            table = moment.before.table(moment.step.table)
            if table is not None:
                yield table.name


def _needs_two(timeline: Timeline, name: Name) -> bool:
    """Whether two rows must be followed: keys change, values are converted, or a migration inserts."""
    first: object = None
    for index, moment in enumerate(timeline.moments):
        before = moment.before.tables.get(name)
        now = None if before is None else keys(before)
        if index == 0:
            first = now
        renamed = changed_name(moment, name) or name
        after = moment.after.tables.get(renamed)
        if after is not None and (first is None or keys(after) != first):
            return bool(keys(after)) or first is not None
        step = moment.step
        if isinstance(step, AlterColumnType | Insert | Update | SetDefault | SetIdentity):
            table = moment.before.table(step.table)
            if (
                table is not None
                and table.name == name
                and (keys(table) or isinstance(step, AlterColumnType))
            ):
                return True
        name = renamed
    return False
