"""Defines `assess`: what a rollout of migration files comes to, from the files to a report.

A rollout is a `Request`; its answer is an `Assessment`. Mistakes in what is asked leave nothing judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from rung.diagnostics import Diagnostic, Source, Span
from rung.migrations import errors
from rung.migrations.apply import Applied, replay
from rung.migrations.hazards import Hazard, find_hazards
from rung.migrations.hazards.walk import is_wrapped
from rung.migrations.layouts import Dialect, Migration, Selection, difference, read_migrations, select
from rung.migrations.layouts.files import read_files
from rung.migrations.layouts.selection import BASE, HEAD
from rung.migrations.layouts.servers import DIALECTS, server_of
from rung.migrations.plan import Plan, Replay, Report, check_rollout, migration_of
from rung.migrations.queries import Queries
from rung.migrations.rollout import Code, Strategy
from rung.migrations.rollout import Migration as Run
from rung.migrations.schema import OpaqueReason, Schema
from rung.migrations.steps import Footprint, Opaque, Script, Statement
from rung.migrations.verdicts import Finding, Level, Verdict, worst

if TYPE_CHECKING:
    from rung.migrations.oracle import Server

ELSEWHERE: Mapping[str, str] = {
    "mysql": "MySQL 8.0.16 or later in strict mode takes and refuses numbers and dates as PostgreSQL does",
    "sqlite": "SQLite's rows hold values of the types declared, and foreign keys are enforced",
}
"""What is taken for granted of other servers than the one whose rules are modelled."""


MOST_STATEMENTS = 2_000
"""Of one rollout: the proofs about a table grow with the square of what happens to it."""

_COLLATION = "what a collation now takes as equal"
_COLLATES = re.compile(r"\b(?:collate|collation|character\s+set|charset)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked: the migrations in `paths` between two revisions, or what they add to those in `before`.

    `window` is how many releases a rollback may go back (0: none); each migration before the rollout counts
    as a release. `after_deployment` names the migrations of the rollout that run after the deployment;
    `spans_contraction` says that a rollback stays possible even then. `trusts_history` takes what is not
    understood in the migrations that have run to have changed nothing that matters.
    """

    paths: tuple[Path, ...]
    start: str | None = None
    end: str | None = None
    before: Path | None = None
    layout: str | None = None
    dialect: Dialect | None = None
    strategy: Strategy = "rolling"
    window: int = 1
    after_deployment: tuple[str, ...] = ()
    spans_contraction: bool = False
    trusts_history: bool = False
    queries_before: tuple[Path, ...] = ()
    queries_after: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollout:
    """The migrations read: what has run, what runs before the deployment, and what after it."""

    layout: str
    dialect: Dialect
    ran: tuple[Migration, ...]
    pre: tuple[Migration, ...]
    post: tuple[Migration, ...]

    @property
    def runs(self) -> tuple[Migration, ...]:
        return (*self.pre, *self.post)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer. Without a `report` nothing was judged, and `diagnostics` say why."""

    request: Request
    rollout: Rollout | None
    report: Report | None
    diagnostics: tuple[Diagnostic, ...]
    hazards: tuple[tuple[Hazard, Diagnostic], ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict | None:
        """None where nothing was judged. What could not be read or applied leaves no proof."""
        if self.report is None:
            return None
        broken = any(each.is_error for each in self.diagnostics)
        return worst([self.report.verdict, *[Verdict.UNKNOWN] * broken])

    @property
    def assumes(self) -> str | None:
        """What is taken for granted of the server, for all that is said of rows."""
        return None if self.rollout is None else ELSEWHERE.get(self.rollout.dialect)


def assess(request: Request, server: Server | None = None) -> Assessment:
    """Judge a rollout; with a `server`, each refutation is replayed there before it is believed."""
    rollout, diagnostics = _read(request)
    if rollout is None:
        return Assessment(request, None, None, diagnostics)
    if server is not None and rollout.dialect != "postgres":
        diagnostics = (*diagnostics, errors.replay_unavailable(rollout.dialect))
        return Assessment(request, rollout, None, diagnostics)
    texts = _Texts(rollout.dialect)
    queries = [
        _queries(paths, rollout.dialect, texts) for paths in (request.queries_before, request.queries_after)
    ]
    noted = [*(each for _, found in queries for each in found), *texts.mistakes(rollout.runs)]
    if texts.count(rollout.runs) > MOST_STATEMENTS:
        noted.append(errors.rollout_too_long(texts.count(rollout.runs), MOST_STATEMENTS))
    diagnostics = (*diagnostics, *noted)
    if any(each.is_error for each in noted):
        return Assessment(request, rollout, None, diagnostics, sources=texts.sources)
    schemas = texts.schemas(rollout.ran)
    plan = Plan(
        request.strategy,
        request.window > 0,
        request.spans_contraction,
        tuple(_earlier(rollout.ran, schemas, request.window - 1)),
        *(found for found, _ in queries),
    )
    pre, post = ([each for one in part for each in texts.runs(one)] for part in (rollout.pre, rollout.post))
    report = check_rollout(schemas[-1], pre, post, plan, _replay(server, rollout.ran, texts))
    report = _doubted(report, texts, rollout.runs, schemas[-1], trusts=request.trusts_history)
    diagnostics = (*diagnostics, *texts.refused, *report.diagnostics)
    if not (report.findings and (pre or post)) and not any(each.is_error for each in diagnostics):
        none = errors.nothing_checked(len(rollout.runs))
        return Assessment(request, rollout, None, (*diagnostics, none), sources=texts.sources)
    hazards = tuple(texts.hazards(rollout.runs, schemas[-1])) if rollout.dialect == "postgres" else ()
    return Assessment(request, rollout, report, diagnostics, hazards, texts.sources)


def _doubted(
    report: Report, texts: _Texts, runs: Sequence[Migration], before: Schema, *, trusts: bool
) -> Report:
    """The report where nothing is proved after a statement that may have changed anything."""
    doubts = () if trusts else before.opaque
    arising: dict[str, tuple[OpaqueReason, ...]] = {}
    schema = before
    for each in runs:
        after = texts.after(schema, each).schema
        arising[f"running `{each.name}`"] = (
            *(one for one in after.opaque if one not in schema.opaque),
            *texts.collating(each),
        )
        schema = after
    stages = []
    for stage in report.stages:
        doubts = (*doubts, *arising.pop(stage.name, ()))
        found = tuple(_without_proof(each, doubts) for each in stage.findings) if doubts else stage.findings
        stages.append(replace(stage, findings=found, verdict=worst(each.verdict for each in found)))
    return replace(report, stages=tuple(stages))


def _without_proof(finding: Finding, doubts: Sequence[OpaqueReason]) -> Finding:
    if finding.level is Level.NAME:
        doubts = [each for each in doubts if each.reason != _COLLATION]
    if finding.verdict is not Verdict.PROVED or not doubts:
        return finding
    reasons = tuple(
        each.reason if each.reason == _COLLATION else f"{each.reason}, which may have changed anything"
        for each in dict.fromkeys(doubts)
    )
    return replace(
        finding, verdict=Verdict.UNKNOWN, span=doubts[0].span, reasons=(*finding.reasons, *reasons)
    )


# ---------------------------------------------------------------- which migrations


def _read(request: Request) -> tuple[Rollout | None, tuple[Diagnostic, ...]]:
    """The migrations of the rollout, with warnings; or None and what is wrong."""
    found = read_migrations(request.paths, request.layout, request.dialect)
    if any(each.is_error for each in found.diagnostics) or found.layout is None:
        return None, found.diagnostics
    shown = ", ".join(f"`{path}`" for path in request.paths[:3])
    chosen: Selection | Diagnostic | list[Diagnostic]
    if request.before is not None:
        earlier = read_migrations([request.before], request.layout or found.layout, request.dialect)
        if any(each.is_error for each in earlier.diagnostics):
            return None, earlier.diagnostics
        chosen = difference(earlier.migrations, found.migrations)
        first, last = str(request.before), shown.strip("`")
    elif request.start is None:
        names = [each.name for each in found.migrations]
        return None, (errors.rollout_start_missing(shown, names),)
    else:
        chosen = select(found.migrations, request.start, request.end)
        first, last = request.start, request.end or HEAD
    if not isinstance(chosen, Selection):
        return None, tuple(chosen) if isinstance(chosen, list) else (chosen,)
    if not chosen.rollout:
        return None, (errors.rollout_empty(first, last),)
    post: list[Migration] = []
    for name in request.after_deployment:
        one = select(chosen.rollout, BASE, name)
        if isinstance(one, Diagnostic):
            return None, (one,)
        post += one.rollout[-1:]
    pre = tuple(each for each in chosen.rollout if each not in post)
    last_ones = tuple(each for each in chosen.rollout if each in post)
    dialect = request.dialect or _recognised(request.paths, found.migrations)
    return Rollout(found.layout, dialect, chosen.before, pre, last_ones), found.diagnostics


def _recognised(paths: Sequence[Path], migrations: Sequence[Migration]) -> Dialect:
    """The dialect that the migrations, or their folders, are named for; PostgreSQL where they are not."""
    named = [Path(each.path) for each in migrations] or paths
    dialects = {
        DIALECTS[server] for server in map(server_of, named) if server is not None and server in DIALECTS
    }
    return dialects.pop() if len(dialects) == 1 else "postgres"


def _earlier(ran: Sequence[Migration], schemas: Sequence[Schema], releases: int) -> Iterator[Code]:
    """The code of the releases before the old one, newest first."""
    for back in range(1, min(releases, len(schemas) - 1) + 1):
        schema = schemas[-1 - back]
        name = ran[-1 - back].version if back < len(ran) else BASE
        yield Code(f"code of `{name}`", schema, schema)


# ---------------------------------------------------------------- what is in them


class _Texts:
    """The scripts of migrations, each read once."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.sources: dict[str, Source] = {}
        self.refused: list[Diagnostic] = []
        self._scripts: dict[tuple[str, str], list[tuple[Script, bool]]] = {}
        self._read = _reader(dialect)

    def scripts(self, migration: Migration) -> list[tuple[Script, bool]]:
        """The scripts of a migration, each with whether it is one transaction."""
        key = (migration.path, migration.version)
        known = self._scripts.get(key)
        if known is None:
            known = self._scripts[key] = list(self._fresh(migration))
        return known

    def _fresh(self, migration: Migration) -> Iterator[tuple[Script, bool]]:
        for each in migration.up:
            script = self._read(each.source, each.start, each.start + len(each.text))
            self.sources[each.source.name] = each.source
            # MySQL commits at every statement of DDL.
            atomic = self.dialect != "mysql" and is_wrapped(script.statements, each.wrapping)
            yield script, atomic
        if migration.opaque_reason is not None:
            source = migration.up[0].source if migration.up else Source(migration.path, "")
            self.sources[source.name] = source
            span = migration.up[0].span(0, 0) if migration.up else _start(source)
            step = Opaque(span, f"`{migration.name}`, of which {migration.opaque_reason}", Footprint(None))
            yield Script(source, (Statement(span, "UNKNOWN", (step,)),)), False

    def mistakes(self, migrations: Sequence[Migration]) -> list[Diagnostic]:
        return [each for one in migrations for script, _ in self.scripts(one) for each in script.diagnostics]

    def count(self, migrations: Sequence[Migration]) -> int:
        """How many statements there are."""
        return sum(len(script.statements) for each in migrations for script, _ in self.scripts(each))

    def schemas(self, migrations: Sequence[Migration]) -> list[Schema]:
        """The schema before the first migration, and after each; what does not apply is noted."""
        found = [Schema(dialect=self.dialect)]
        for migration in migrations:
            applied = self.after(found[-1], migration)
            self.refused += applied.diagnostics
            found.append(applied.schema)
        return found

    def after(self, schema: Schema, migration: Migration) -> Applied:
        """What the migration makes of the schema."""
        diagnostics: list[Diagnostic] = []
        for script, atomic in self.scripts(migration):
            applied = replay(schema, [script], wrapped=atomic)
            schema = applied.schema
            diagnostics += applied.diagnostics
        return Applied(schema, tuple(diagnostics))

    def runs(self, migration: Migration) -> Iterator[Run]:
        """What the rollout runs of a migration: its scripts that hold statements."""
        for script, atomic in self.scripts(migration):
            if script.statements:
                yield migration_of(script, migration.name, atomic)

    def statements(self, migrations: Sequence[Migration]) -> list[str]:
        """The texts of all statements, in order, for a server."""
        return [
            text for one in migrations for run in self.runs(one) for _, text in run.statements if text.strip()
        ]

    def collating(self, migration: Migration) -> Iterator[OpaqueReason]:
        """The statements that may change how values compare, where collations are not in the model."""
        if self.dialect == "postgres":
            return
        for script, _ in self.scripts(migration):
            for each in script.statements:
                text = script.source.text[each.span.start : each.span.end]
                if _COLLATES.search(text) and not text.lstrip().upper().startswith("CREATE TABLE"):
                    yield OpaqueReason(_COLLATION, each.span)

    def hazards(self, migrations: Sequence[Migration], schema: Schema) -> Iterator[tuple[Hazard, Diagnostic]]:
        for migration in migrations:
            scripts = [script for script, _ in self.scripts(migration)]
            wrappings = [each.wrapping for each in migration.up]
            yield from find_hazards(zip(scripts, wrappings, strict=False), schema)
            schema = self.after(schema, migration).schema


def _start(source: Source) -> Span:
    return Span(source.name, 0, 0)


def _reader(dialect: Dialect) -> Callable[[Source, int, int], Script]:
    match dialect:
        case "postgres":
            from rung.migrations.dialects import postgres

            return postgres.read
        case "mysql":
            from rung.migrations.dialects import mysql

            return mysql.read
        case "sqlite":
            from rung.migrations.dialects import sqlite

            return sqlite.read
        case _:
            assert_never(dialect)


def _queries(
    paths: Sequence[Path], dialect: Dialect, texts: _Texts
) -> tuple[Queries | None, tuple[Diagnostic, ...]]:
    """The queries in files or folders; None where there are none to be read."""
    if not paths:
        return None, ()
    if dialect != "postgres":
        message = f"queries are read for PostgreSQL, and these migrations are for {dialect}"
        return None, (
            errors.queries_unread(str(paths[0]), message, "leave them out: code may then use everything"),
        )
    files, wrong = read_files(paths)
    if wrong:
        return None, tuple(wrong)
    sources = [file.source for file in files if file.source is not None and file.is_sql]
    if not sources:
        shown = ", ".join(f"`{path}`" for path in paths[:3])
        return None, (errors.queries_unread(str(paths[0]), f"there is no `.sql` file in {shown}"),)
    from rung.migrations.dialects.postgres_code import read_queries

    texts.sources.update({each.name: each for each in sources})
    queries, mistakes = read_queries(sources)
    if not queries.queries and not mistakes:
        return None, (errors.queries_unread(sources[0].name, f"there is no query in `{sources[0].name}`"),)
    return queries, mistakes


def _replay(server: Server | None, ran: Sequence[Migration], texts: _Texts) -> Replay | None:
    if server is None:
        return None
    from rung.migrations.replaying import replay as run

    base = texts.statements(ran)
    return lambda witness: run(server, base, witness)
