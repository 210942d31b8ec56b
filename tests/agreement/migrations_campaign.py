"""Compares the verdicts on random migrations with what a real PostgreSQL does.

    python -m tests.agreement.migrations_campaign COUNT [FIRST_SEED]

PROVED means that no generated row or statement fails there; each REFUTED witness does fail there. Prints one
line for each disagreement, and the tally; exits 1 if there was any disagreement.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rung.diagnostics import Source
from rung.migrations.apply import replay as run_scripts
from rung.migrations.dialects.postgres import read
from rung.migrations.oracle import Database, start
from rung.migrations.plan import Report, check_rollout, migration_of
from rung.migrations.rollout import Plan
from rung.migrations.schema import Name, Schema
from rung.migrations.verdicts import Event, Finding, Level, Verdict, Witness
from tests.agreement.migrations_world import Case, draw

Wrong = Callable[[str], None]
PARENTS = "INSERT INTO parents VALUES (1, 'a', 1), (2, 'b', 2) ON CONFLICT DO NOTHING"


@dataclass(slots=True)
class Tally:
    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Trial:
    """A database that is put back after each try: everything runs inside one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def fresh(self, statements: Sequence[str]) -> bool:
        """Start again, with these statements run; False where one of them fails."""
        self.database.execute("ROLLBACK")
        self.database.execute("BEGIN")
        return all(self.tries(statement) for statement in statements)

    def tries(self, statement: str) -> bool:
        """Whether the statement passes; one that fails leaves nothing behind."""
        self.database.execute("SAVEPOINT here")
        if self.database.execute(statement) is None:
            self.database.execute("RELEASE SAVEPOINT here")
            return True
        self.database.execute("ROLLBACK TO SAVEPOINT here")
        return False


def without_transactions(events: Sequence[Event]) -> list[str]:
    """The statements, which a trial runs in a transaction of its own."""
    return [event.sql for event in events if event.sql not in ("BEGIN", "COMMIT")]


def replayed(trial: Trial, base: Sequence[str], witness: Witness) -> str:
    """`fails` as foretold, `passes`, or `cannot run`."""
    events = without_transactions(witness.events)
    if witness.differs is not None:
        if not trial.fresh([*base, *events[:-1]]):
            return "cannot run"
        before = trial.database.rows(witness.differs)
        if not trial.tries(events[-1]):
            return "fails"
        return "passes" if trial.database.rows(witness.differs) == before else "fails"
    if witness.contrast:
        if not trial.fresh([*base, *events]):
            return "cannot run"
        events = without_transactions(witness.contrast)
    if not trial.fresh([*base, *events[:-1]]):
        return "cannot run"
    return "passes" if trial.tries(events[-1]) else "fails"


def insert(row: dict[str, str]) -> str:
    return f"INSERT INTO t ({', '.join(row)}) VALUES ({', '.join(row.values())})"


def proved(report: Report, level: Level, code: str | None) -> bool:
    """Whether everything at the level is PROVED, for the code in the state after the deployment."""
    found = [
        finding.verdict
        for stage in report.stages
        for finding in stage.findings
        if finding.level is level
        and (code is None or (finding.code == code and stage.name == "new code deployed"))
    ]
    return all(verdict is Verdict.PROVED for verdict in found)


def model(case: Case) -> tuple[Report, Schema]:
    base = read(Source("base.sql", ";\n".join(case.base) + ";"))
    schema = run_scripts(Schema(), [base]).schema
    script = read(Source("change.sql", ";\n".join(case.migration) + ";"))
    migration = migration_of(script, "change.sql", case.atomic)
    return check_rollout(schema, [migration], plan=Plan(case.strategy)), schema  # type: ignore[arg-type]  # drawn from its values


def run_case(seed: int, trial: Trial, tally: Tally) -> None:
    case = draw(seed)
    if not trial.fresh([*case.base, *case.migration]):
        # Not a migration at all: it fails even on empty tables, or the base is no schema.
        if not trial.fresh(case.base):
            tally.counts["invalid base"] += 1
            return
        tally.counts["fails when empty"] += 1
    report, schema = model(case)
    old_columns = [column.name for column in schema.tables[Name("public", "t")].columns]

    def wrong(what: str, finding: Finding | None = None) -> None:
        tally.wrong.append(f"seed {seed}: {what}" + (f": {finding}" if finding else ""))

    seen: set[tuple[object, ...]] = set()
    for finding in report.findings:
        tally.counts[f"{finding.level.value} {finding.verdict.value}"] += 1
        if finding.verdict is Verdict.UNKNOWN:
            for reason in finding.reasons:
                tally.counts[f"why: {reason.split('`')[0]}"] += 1
        if finding.witness is None:
            continue
        if finding.witness.events in seen:
            continue
        seen.add(finding.witness.events)
        outcome = replayed(trial, case.base, finding.witness)
        tally.counts[f"replay {outcome}"] += 1
        if outcome == "passes" and finding.verdict is Verdict.REFUTED:
            wrong("REFUTED but does not fail", finding)
    accepted = accepted_rows(case, trial)
    if any(diagnostic.is_error for diagnostic in report.diagnostics):
        tally.counts["does not apply"] += 1
    elif any(
        finding.level is Level.DATA and finding.verdict is not Verdict.PROVED for finding in report.findings
    ):
        tally.counts["data not proved"] += 1
    else:
        migrate(case, trial, accepted, wrong)
    if not trial.fresh([*case.base, *case.migration]):
        return
    check_writes(case, trial, accepted, report, wrong, tally)
    check_reads(case, trial, accepted, report, wrong, tally, old_columns)


def accepted_rows(case: Case, trial: Trial) -> list[dict[str, str]]:
    """The rows that the base accepts, one after the other."""
    trial.fresh([*case.base, PARENTS])
    return [row for row in case.rows if trial.tries(insert(row))]


def migrate(case: Case, trial: Trial, accepted: Sequence[dict[str, str]], wrong: Wrong) -> None:
    """DATA is proved: the migration passes, with rows there before and, by live code, written between."""
    half = len(accepted) // 2 if case.strategy == "rolling" else len(accepted)
    trial.fresh([*case.base, PARENTS, *(insert(row) for row in accepted[:half])])
    waiting = list(accepted[half:])
    for statement in case.migration:
        if waiting and not case.atomic:
            trial.tries(insert(waiting.pop()))
        if not trial.tries(statement):
            wrong(f"DATA proved, but `{statement}` fails")
            return


def check_writes(
    case: Case, trial: Trial, accepted: Sequence[dict[str, str]], report: Report, wrong: Wrong, tally: Tally
) -> None:
    """WRITE and NAME of old code are proved: the migrated database accepts all that the base accepted."""
    levels = (Level.NAME, Level.TYPE, Level.WRITE)
    if not all(proved(report, level, "old code") for level in levels):
        return
    tally.counts["writes checked"] += 1
    trial.tries(PARENTS)
    for row in accepted:
        if not trial.tries(insert(row)):
            wrong(f"WRITE proved, but `{insert(row)}` fails")
            return
    trial.fresh([*case.base, PARENTS, *(insert(row) for row in accepted)])
    changes = [
        f"UPDATE t SET {name} = {value} WHERE id = {row['id']}"
        for row, other in pairwise(accepted)
        for name, value in other.items()
        if name != "id"
    ]
    passing = []
    for change in changes:
        if trial.tries(change):
            passing.append(change)
    if not trial.fresh([*case.base, *case.migration, PARENTS, *(insert(row) for row in accepted)]):
        return
    for change in passing:
        if not trial.tries(change):
            wrong(f"WRITE proved, but `{change}` fails")
            return


def check_reads(
    case: Case,
    trial: Trial,
    accepted: Sequence[dict[str, str]],
    report: Report,
    wrong: Wrong,
    tally: Tally,
    old_columns: Sequence[str],
) -> None:
    """READ of old code is proved: each row of the migrated database is one that the base accepts."""
    if not all(proved(report, level, "old code") for level in (Level.NAME, Level.TYPE, Level.READ)):
        return
    tally.counts["reads checked"] += 1
    rows = [*case.rows, *(dict(row, id=str(100 + index)) for index, row in enumerate(case.rows))]
    if not trial.fresh([*case.base, PARENTS, *(insert(row) for row in accepted), *case.migration]):
        trial.fresh([*case.base, *case.migration, PARENTS])
    for row in rows:
        trial.tries(insert(row))
    listed = ", ".join(f"quote_nullable({name}::text)" for name in old_columns)
    found = trial.database.rows(f"SELECT {listed} FROM t")
    trial.fresh([*case.base, PARENTS])
    # A constraint that is not validated says nothing of the rows that are met.
    trial.database.execute(
        """
        DO $$ DECLARE c text; BEGIN
            FOR c IN SELECT conname FROM pg_constraint WHERE conrelid = 't'::regclass AND NOT convalidated
            LOOP EXECUTE format('ALTER TABLE t DROP CONSTRAINT %I', c); END LOOP;
        END $$
        """
    )
    for row in found:
        statement = f"INSERT INTO t ({', '.join(old_columns)}) VALUES ({', '.join(row)})"
        if not trial.tries(statement):
            wrong(f"READ proved, but the base refuses `{statement}`")
            return


def campaign(count: int, first: int = 0, shown: bool = False) -> Tally:
    """Runs `count` cases; disagreements are printed as they come where `shown`."""
    tally = Tally()
    with start() as server:
        assert not hasattr(server, "code"), server
        with server.database() as database:  # type: ignore[union-attr]  # asserted above
            trial = Trial(database)
            for seed in range(first, first + count):
                known = len(tally.wrong)
                run_case(seed, trial, tally)
                if shown:
                    print(*tally.wrong[known:], sep="\n", end="\n" * (known < len(tally.wrong)), flush=True)
            database.execute("ROLLBACK")
    return tally


def main() -> int:
    count = int(sys.argv[1])
    tally = campaign(count, int(sys.argv[2]) if len(sys.argv) > 2 else 0, shown=True)
    for name, number in sorted(tally.counts.items()):
        print(f"{number:7} {name}")
    print(f"{count} cases, {len(tally.wrong)} disagreements")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
