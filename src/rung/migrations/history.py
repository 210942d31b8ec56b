"""Defines `History`: the rows that a table may hold, followed through the course of a rollout.

One row (two, where uniqueness matters) is followed as a term: it is any row that the schema before accepts,
or appears later by any write of live code or of a migration, is changed by live code or by a step's UPDATE
or conversion, and obeys at each point what the database enforced. Choices are booleans of the solver, so one
question covers all courses, and its model is one of them, told by `happenings`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import z3

from rung.migrations.carriers import carrier_of
from rung.migrations.compatibility import same_table
from rung.migrations.happenings import Appearance, Goal, Happening, LiveWrite, Passed, Tracked
from rung.migrations.keys import (
    Key,
    Reference,
    foreign_keys,
    key_columns,
    keys,
    reference,
)
from rung.migrations.references import may_remove, references_held, validated
from rung.migrations.rollout import Code, Moment
from rung.migrations.row_changes import Change, row_change
from rung.migrations.rows import Refusal, any_row, clash, differ, refers, refusals, rules
from rung.migrations.schema import ForeignKey, Name, Schema, Table
from rung.migrations.solve import Prover
from rung.migrations.step_goals import (
    apart,
    changed_within,
    computed,
    later,
    like,
    lost,
    own_clashes,
    own_parent,
    passes_over,
    reads,
    remade,
    unchanged,
    unclear_writes,
)
from rung.migrations.steps import AlterColumnType, Copy, Insert, Opaque, Update
from rung.migrations.terms import (
    NO,
    YES,
    Doubt,
    Findings,
    Term,
    all_of,
    any_of,
    choose,
    doubtful,
    negation,
    switch,
)
from rung.migrations.touches import changed_name, obscures, touches
from rung.migrations.triggers import unread
from rung.migrations.values import Value
from rung.migrations.writes import Attempt, attempts

MOST_WRITES = 6
"""So many writes of live code are told apart."""


@dataclass(slots=True)
class History:
    """The rows of one table up to now; `name` is what the table is called, `there` whether it exists.

    `replaced` are functions that the rollout redefines, `unstable` tables from which it removes rows,
    `passing` what is known of the other rows once the present step has passed.
    """

    prover: Prover
    name: Name
    there: bool
    rows: list[Tracked] = field(default_factory=list)
    happenings: list[Happening] = field(default_factory=list)
    replaced: frozenset[str] = frozenset()
    unstable: frozenset[Name] = frozenset()
    passing: list[Value] = field(default_factory=list)

    @staticmethod
    def begin(
        schema: Schema,
        name: Name,
        count: int,
        replaced: frozenset[str] = frozenset(),
        unstable: frozenset[Name] = frozenset(),
    ) -> History:
        """The table in `schema` with `count` rows that may be there; or, where it is not yet made, none."""
        table = schema.tables.get(name)
        history = History(Prover(), name, table is not None, replaced=replaced, unstable=unstable)
        for number in range(count):
            if table is None:
                history.rows.append(Tracked({}, NO))
                continue
            findings = Findings()
            row = any_row(schema, table, f"r{number}", findings)
            exists = switch("exists")
            findings.errors.clear()
            demands = rules(schema, table, stored=True)
            for refusal in refusals(schema, demands, row, True, findings, replaced):
                history._known(refusal.accepted, exists, refusal.doubts)
            findings.doubts += unclear_writes(table)
            history._take(findings, exists, number)
            known = references_held(schema, validated(table), row)
            history.rows.append(Tracked(row, exists, known))
            history.happenings.append(Appearance(number, exists, schema, table, dict(row)))
        if table is not None:
            history._distinct(schema, table)
        return history

    def copy(self) -> History:
        """The same course, to go on without this one."""
        prover = replace(
            self.prover, assumptions=dict(self.prover.assumptions), doubts=list(self.prover.doubts), known={}
        )
        rows = [
            Tracked(dict(each.terms), each.exists, dict(each.resolved), dict(each.lost)) for each in self.rows
        ]
        return replace(self, prover=prover, rows=rows, happenings=list(self.happenings))

    def _known(self, condition: Value, when: Value, doubts: Sequence[Doubt]) -> None:
        self.prover.assume([z3.Implies(when, condition)])
        self.prover.doubts += [doubt.where(when) for doubt in doubts]

    def _take(self, findings: Findings, when: Value, number: int) -> None:
        """Keep what reading terms of row `number` brought up; it matters where `when` holds."""
        self.prover.assume(findings.facts)
        self.prover.doubts += [doubt.where(when) for doubt in findings.doubts]
        for index, other in enumerate(self.rows):
            for column, value in findings.drawn:
                if index != number and column in other.terms:
                    there = all_of([other.exists, negation(other.terms[column].null)])
                    if other.terms[column].value.sort() == value.sort():
                        self.prover.assume([z3.Implies(there, other.terms[column].value != value)])

    def _distinct(self, schema: Schema, table: Table) -> None:
        """The keys of the table hold between the rows followed."""
        if len(self.rows) < 2:
            return
        one, other = self.rows
        both = all_of([one.exists, other.exists])
        for key in keys(table):
            findings = Findings()
            clashes = clash(schema, key, one.terms, other.terms, findings)
            self._take(apart(findings), both, -1)
            self.prover.assume([z3.Implies(both, negation(clashes))])

    # live code

    def live(self, schema: Schema, codes: Sequence[Code]) -> None:
        """Any of the codes may write each row now, once, as its own schema and the present one allow."""
        table = schema.tables.get(self.name) if self.there else None
        if table is None:
            return
        codes = self._begun_again(schema, table, codes)
        for number, tracked in enumerate(self.rows):
            found: list[tuple[Value, Attempt]] = []
            for code in codes:
                findings = Findings()
                for attempt in attempts(schema, table, code, tracked.terms, findings):
                    found.append((switch(f"{code.name} writes"), attempt))
                self._take(findings, NO, number)
            if found:
                self.prover.assume([z3.AtMost(*(choice for choice, _ in found), 1)])
                self._written(schema, table, number, found)
            self._parents_removed(schema, table, codes, tracked)
        self._distinct(schema, table)

    def _begun_again(self, schema: Schema, table: Table, codes: Sequence[Code]) -> Sequence[Code]:
        """The codes that may write now. Where one of them may write any row that can be there, what happened
        before tells nothing more: after many writes it is forgotten, and that code alone is asked."""
        writes = [one for one in self.happenings if isinstance(one, LiveWrite)]
        free = next((code for code in codes if self._may_write_all(schema, table, code)), None)
        if free is None or len(writes) < MOST_WRITES:
            return codes
        self._forget(())
        return (free,)

    def _forget(self, doubts: Sequence[Doubt]) -> None:
        """Know nothing of the rows any more, nor whether there are any."""
        self.prover = Prover(doubts=list(dict.fromkeys(doubts)))
        self.rows = [Tracked({}, NO) for _ in self.rows]
        self.happenings = [one for one in self.happenings if isinstance(one, Passed)]

    def _may_write_all(self, schema: Schema, table: Table, code: Code) -> bool:
        """Whether each row that the table may hold is one that the code may insert."""
        if code.queries is not None or not same_table(code.writes, schema, table.name):
            return False
        if self.replaced or unclear_writes(table) or table.temporary or table.row_security:
            return False
        if rules(schema, table, stored=True) != rules(schema, table, stored=False):
            return False
        domains = [one for column in table.columns for one in carrier_of(schema, column.type).domains]
        held = references_held(schema, validated(table), self.rows[0].terms)
        return (
            all(check.validated for domain in domains for check in domain.checks)
            and all(column.identity != "always" for column in table.columns)
            and len(validated(table)) == len(foreign_keys(table))
            and all(tracked.resolved.keys() <= held.keys() for tracked in self.rows)
        )

    def _written(
        self, schema: Schema, table: Table, number: int, found: Sequence[tuple[Value, Attempt]]
    ) -> None:
        tracked = self.rows[number]
        there = tracked.exists
        for choice, attempt in found:
            findings = Findings()
            stored = _triggered(schema, table, attempt, findings)
            held = [negation(refusal.condition) for refusal in attempt.refused]
            demands = rules(schema, table, stored=False)
            for refusal in refusals(schema, demands, stored, False, findings, self.replaced):
                held.append(refusal.accepted)
                findings.doubts += refusal.doubts
            if attempt.kind == "update":
                held.append(there)
            findings.doubts += attempt.doubts
            findings.doubts += unclear_writes(table)
            self._take(findings, choice, number)
            self.prover.assume([z3.Implies(choice, all_of([attempt.allowed, *held]))])
            self._own_keys(choice, attempt, number, table)
            tracked.terms = {
                name: choose(choice, term, tracked.terms[name]) if tracked.terms else term
                for name, term in stored.items()
            }
            own = attempt.code.writes.tables[table.name]
            obeyed = references_held(schema, (*foreign_keys(table), *foreign_keys(own)), stored)
            for each in (*tracked.resolved, *obeyed):
                before = tracked.resolved.get(each, NO)
                tracked.resolved[each] = z3.If(choice, obeyed.get(each, NO), before)
                tracked.lost[each] = all_of([negation(choice), tracked.lost.get(each, NO)])
            self.happenings.append(LiveWrite(number, choice, schema, table, attempt))
        inserts = [choice for choice, attempt in found if attempt.kind == "insert"]
        tracked.exists = any_of([there, *inserts])

    def _parents_removed(self, schema: Schema, table: Table, codes: Sequence[Code], tracked: Tracked) -> None:
        """Nothing keeps live code from removing a row that only a dropped foreign key refers to, where that
        key did not hold the row either."""
        enforced = references_held(schema, foreign_keys(table), tracked.terms).keys()
        for each in tracked.resolved.keys() - enforced:
            if any(may_remove(code, table.name, each) for code in codes):
                tracked.lose(each)

    def _own_keys(self, choice: Value, attempt: Attempt, number: int, table: Table) -> None:
        """A write keeps the uniqueness of the code's own schema, where both schemas see the key alike."""
        if len(self.rows) < 2:
            return
        other = self.rows[1 - number]
        findings = Findings()
        clashes = own_clashes(attempt, table, other.terms, findings)
        both = all_of([choice, other.exists])
        self._take(findings, both, -1)
        self.prover.assume([z3.Implies(both, negation(clashes))])

    # migrations

    def step(self, moment: Moment) -> list[Goal]:
        """Pass a step of the migration; the answer is what may make it fail, or lose.

        The goals are to be asked before `settle`, which takes it that none came true.
        """
        self.happenings.append(Passed(moment))
        before = moment.before.tables.get(self.name)
        new_name = changed_name(moment, self.name)
        after = None if new_name is None else moment.after.tables.get(new_name)
        if before is None and after is None:
            return []
        goals: list[Goal] = []
        changes: list[Change] = []
        obscured = obscures(moment, before, after)
        if obscured:
            self._forget([doubt for doubt in self.prover.doubts if z3.is_true(doubt.condition)])
        old = [tracked.terms for tracked in self.rows]
        for number, tracked in enumerate(self.rows):
            findings = Findings()
            change = row_change(moment, before, after, tracked.terms, tracked.exists, findings, self.replaced)
            self._take(findings, any_of([tracked.exists, change.exists]), number)
            tracked.terms, tracked.exists = change.row, change.exists
            for each, known in tracked.resolved.items():
                if each[1] in self.unstable:
                    tracked.lose(each)
                elif change.revalued & set(each[0]):
                    same = unchanged(each[0], old[number], change.row)
                    tracked.resolved[each] = all_of([known, same])
            changes.append(change)
        self.there = after is not None
        if after is None or new_name is None:
            return []
        self.name = new_name
        if obscured:
            # Not one of its errors is known, and what the table demands holds once it has passed.
            self._distinct(moment.after, after)
            return [Goal(refusal, refusal.condition, refusal.doubts) for refusal in changes[0].errors]
        if len(changes) == 2:
            both = zip(changes[0].inserted, changes[1].inserted, strict=True)
            self.prover.assume([negation(all_of([one, other])) for one, other in both])
            self._apart(moment.after, after, changes)
        goals += [
            Goal(refusal, all_of([changes[0].concerns, refusal.condition]), refusal.doubts)
            for refusal in changes[0].refusals
        ]
        goals += [Goal(refusal, refusal.condition, refusal.doubts) for refusal in changes[0].errors]
        goals += self._new_demands(moment, before, after, changes)
        goals += computed(before, after)
        if before is not None:
            goals += changed_within(moment, before, after)
        if isinstance(moment.step, AlterColumnType) and before is not None:
            goals += remade(moment.step.column, before, old[0], self.rows[0].terms)
        if isinstance(moment.step, AlterColumnType) and len(self.rows) == 2:
            fits = [negation(refusal.condition) for refusal in changes[1].refusals]
            goals += lost(moment.step.column, old, self.rows, all_of(fits))
        return goals

    def _new_demands(
        self, moment: Moment, before: Table | None, after: Table, changes: Sequence[Change]
    ) -> list[Goal]:
        """What the table demands of its rows after the step and did not before, or of values that changed."""
        change = changes[0]
        row, exists = self.rows[0].terms, self.rows[0].exists
        writes = isinstance(moment.step, (Update, Insert))
        known = frozenset() if before is None else frozenset(rules(moment.before, before, stored=True))
        demands = [
            rule
            for rule in rules(moment.after, after, stored=not writes)
            if (rule not in known and not writes) or reads(rule, change.touched)
        ]
        if writes:
            # Every row that is written is checked, also by what old rows need not obey.
            held = rules(moment.after, after, stored=True)
            demands += [rule for rule in rules(moment.after, after, stored=False) if rule not in held]
            demands = list(dict.fromkeys(demands))
        findings = Findings()
        found = refusals(moment.after, demands, row, not writes, findings, self.replaced)
        for other, its in zip(self.rows[1:], changes[1:], strict=True):
            # The step passes for all rows, or it does not pass.
            there = all_of([other.exists, its.concerns]) if writes else other.exists
            alike = refusals(moment.after, demands, other.terms, not writes, findings, self.replaced)
            self.passing += [negation(all_of([there, refusal.certain])) for refusal in alike]
            self.passing += [negation(all_of([its.concerns, refusal.certain])) for refusal in its.refusals]
            self.passing += [negation(refusal.certain) for refusal in its.errors]
        self.prover.assume(findings.facts)
        concerned = all_of([exists, change.concerns]) if writes else exists
        goals = [Goal(refusal, all_of([concerned, refusal.condition]), refusal.doubts) for refusal in found]
        if len(self.rows) == 2:
            known_keys = frozenset() if before is None else frozenset(keys(before))
            for key in keys(after):
                if isinstance(moment.step, Insert) and passes_over(moment.step, key):
                    continue
                if (key not in known_keys and not writes) or change.touched & key_columns(key):
                    clashing = self.clashing(moment.after, key, concerned if writes else YES)
                    goals.append(later(clashing, after) if writes else clashing)
        for key_ in foreign_keys(after):
            if key_.validated and not self._kept(key_, before, change.touched):
                tracked = self.rows[0]
                dangling = self.dangling(key_, row, concerned, tracked.resolved, tracked.lost)
                goals.append(later(dangling, after) if writes else dangling)
        return goals

    def _kept(self, key: ForeignKey, before: Table | None, touched: frozenset[str]) -> bool:
        """Whether the same foreign key held before the step, on the same values."""
        if before is None or touched & set(key.columns):
            return False
        return any(
            known.name == key.name or reference(known) == reference(key) for known in validated(before)
        )

    def _apart(self, schema: Schema, table: Table, changes: Sequence[Change]) -> None:
        """Literals of one INSERT that differ in a key do not clash there: the solver would compare each with
        each."""
        inserted = all_of([any_of(list(change.inserted)) for change in changes])
        one, other = self.rows
        for key in keys(table):
            if differ(key, changes[0].given):
                clashes = clash(schema, key, one.terms, other.terms, Findings())
                self.prover.assume([z3.Implies(inserted, negation(clashes))])

    def clashing(self, schema: Schema, key: Key, when: Value) -> Goal:
        """The two rows agree on a key."""
        one, other = self.rows
        findings = Findings()
        clashes = clash(schema, key, one.terms, other.terms, findings)
        self.prover.assume(findings.facts)
        condition = all_of([when, one.exists, other.exists, clashes])
        refusal = Refusal("unique", key.name, key.named, condition, condition, tuple(findings.doubts))
        return Goal(refusal, condition, refusal.doubts)

    def dangling(
        self,
        key: ForeignKey,
        row: Mapping[str, Term],
        exists: Value,
        resolved: Mapping[Reference, Value],
        lost: Mapping[Reference, Value],
    ) -> Goal:
        """A row refers to one that need not be there."""
        # A row may be its own parent.
        shared = [all_of([sure, like(each, key, row)]) for each, sure in resolved.items()]
        known = any_of([resolved.get(reference(key), NO), own_parent(self.name, key, row), *shared])
        condition = all_of([exists, refers(key, row), negation(known)])
        doubts = tuple(doubt for name in key.columns if name in row for doubt in row[name].doubts)
        gone = f"which rows of `{key.table}` are changed or removed"
        doubts += (Doubt(lost.get(reference(key), NO), gone),)
        if any(isinstance(one, Passed) and _writes_to(one.moment, key.table) for one in self.happenings):
            doubts += (Doubt(YES, f"which rows of `{key.table}` the migration writes", soft=True),)
        refusal = Refusal(
            "foreign key", key.name, key.columns, condition, condition, doubts, key.table, key.referenced
        )
        return Goal(refusal, condition, doubts)

    def settle(self, goals: Sequence[Goal]) -> None:
        """The step passed: none of the goals that would make it fail came true."""
        self.prover.assume(self.passing)
        self.passing.clear()
        for goal in goals:
            if goal.refusal.breach == "loss":
                continue
            self.prover.assume([negation(goal.condition)])

    def references_hold(self, schema: Schema, table: Table) -> None:
        """The table's validated foreign keys hold of the rows now."""
        for tracked in self.rows:
            tracked.resolved |= references_held(schema, validated(table), tracked.terms)


def _triggered(schema: Schema, table: Table, attempt: Attempt, findings: Findings) -> dict[str, Term]:
    """The row that is stored: a trigger that is not understood may have changed it."""
    stored = dict(attempt.stored)
    triggers = [one for one in unread(schema, table, attempt.kind) if one.timing != "after"]
    if triggers:
        changes = switch("a trigger changes it")
        reason = f"trigger `{triggers[0].name}` on `{table.name}`"
        for name, term in stored.items():
            stored[name] = choose(changes, doubtful(term.carrier, name, reason, findings), term)
    return stored


def _writes_to(moment: Moment, name: Name) -> bool:
    """Whether the step may bring rows into the table, or change or convert their keys."""
    if not isinstance(moment.step, AlterColumnType | Insert | Update | Copy | Opaque):
        return False
    table = moment.before.tables.get(name)
    return table is not None and touches(moment, name)
