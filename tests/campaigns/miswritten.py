"""Migrations with a mistake made in them: `… miswritten CASES SEED DIR…`, each DIR a project's migrations.

A word is exchanged for another one of the project, a few are left out or said twice, or a whole statement is.
What then fails on a real PostgreSQL where no table has rows must not be proved, and what passes there must
not be refused. Prints each disagreement and the tally; exits 1 if there is any.
"""

from __future__ import annotations

import difflib
import re
import sys
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from rung.diagnostics import Diagnostic, Source
from rung.migrations import oracle
from rung.migrations.apply import replay
from rung.migrations.dialects.postgres import read
from rung.migrations.hazards.walk import is_wrapped
from rung.migrations.layouts import Migration, read_migrations
from rung.migrations.plan import Plan, check_rollout, migration_of
from rung.migrations.schema import Schema
from rung.migrations.steps import Script, Transaction

TOKEN = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|"[^"]*"|[A-Za-z_]\w*|\d+|\s+|.""", re.DOTALL
)
WORD = re.compile(r'[A-Za-z_]\w*|"[^"]*"')
TYPES = (
    "text",
    "int",
    "bigint",
    "boolean",
    "uuid",
    "jsonb",
    "timestamptz",
    "date",
    "numeric",
    "inet",
    "int[]",
)
TOGETHER = 20  # mistakes made in one migration, since what runs before it takes longest
WRONG = ("fails, PROVED", "passes, refused", "raises")


@dataclass(frozen=True, slots=True)
class Subject:
    """A migration of one script: its text, and what was before it in the model and on a server."""

    name: str
    text: str
    atomic: bool
    schema: Schema
    base: tuple[str, ...]

    def trial(self, text: str, server: oracle.Server, before: oracle.Database) -> str | None:
        """How server and model judge a text; None where it is no SQL. `before` is as before the migration."""
        script = read(Source("m.sql", text))
        if any(each.is_error for each in script.diagnostics) or not script.statements:
            return None
        steps = [step for each in script.statements for step in each.steps]
        if self.atomic and not any(isinstance(each, Transaction) for each in steps):
            with before.attempt():
                failure = _failure(script, before)
        else:
            with server.after(self.base) as database:
                assert database is not None, "it ran a moment ago"
                failure = _failure(script, database)
        run = migration_of(script, "m", self.atomic)
        try:
            report = check_rollout(self.schema, [run], [], Plan("recreate", False))
        except Exception as error:  # each is a find, and the rest of the campaign is to run
            where = traceback.extract_tb(error.__traceback__)[-1]
            return f"raises: {error!r} in {Path(where.filename).name}, line {where.lineno}"
        if failure is not None:
            return f"fails, {report.verdict.name}: {failure.sqlstate} {failure.message}"
        refused = [each.message for each in report.diagnostics if each.is_error]
        return f"passes, refused: {refused[0]}" if refused else f"passes, {report.verdict.name}:"


def _failure(script: Script, database: oracle.Database) -> oracle.Failure | None:
    """What the server says of the first statement that it refuses."""
    failures = (database.execute(each) for each in _texts(script))
    return next((each for each in failures if each is not None), None)


def subjects(folder: Path) -> Iterator[Subject]:
    """The migrations of a folder before which the model knows all that there is."""
    schema, base = Schema(), list[str]()
    for migration in read_migrations([folder]).migrations:
        scripts = list(_scripts(migration))
        if len(scripts) == 1 and scripts[0][0].statements and not schema.opaque:
            name = f"{folder.name}/{migration.name}"
            yield Subject(name, migration.up[0].text, scripts[0][1], schema, tuple(base))
        for script, atomic in scripts:
            schema = replay(schema, [script], wrapped=atomic).schema
            base += _texts(script)


def _scripts(migration: Migration) -> Iterator[tuple[Script, bool]]:
    for each in migration.up:
        script = read(each.source, each.start, each.start + len(each.text))
        yield script, is_wrapped(script.statements, each.wrapping)


def _texts(script: Script) -> list[str]:
    return [script.source.text[each.span.start : each.span.end] for each in script.statements]


def tokens(text: str) -> list[str]:
    return [match.group() for match in TOKEN.finditer(text)]


def words(text: str) -> set[str]:
    return {each for each in tokens(text) if WORD.fullmatch(each)}


def miswritten(text: str, vocabulary: Sequence[str], random: Random) -> str:
    """The text with one mistake in it."""
    found = tokens(text)
    spoken = [index for index, each in enumerate(found) if WORD.fullmatch(each)]
    here, there, several = random.choice(spoken), random.choice(spoken), random.randrange(1, 6)
    match random.choice(("another", "another", "own", "type", "left out", "twice", "statement")):
        case "another":
            found[here] = random.choice(vocabulary)
        case "own":
            found[here] = found[there]
        case "type":
            types = [index for index in spoken if found[index].lower() in TYPES]
            found[random.choice(types or spoken)] = random.choice(TYPES)
        case "left out":
            del found[here : here + several]
        case "twice":
            found[here:here] = [*found[there : there + several], " "]
        case _:
            statements = text.split(";")
            index = random.randrange(len(statements))
            statements[index : index + 1] = statements[index : index + 1] * random.choice((0, 2))
            return ";".join(statements)
    return "".join(found)


def disagreements(
    cases: int, seed: int, folders: Sequence[Path], server: oracle.Server, tally: Counter[str]
) -> Iterator[str]:
    """What model and server do not agree about, in so many texts; all are counted in `tally`."""
    random = Random(seed)
    projects = [list(subjects(folder)) for folder in folders]
    vocabularies = [sorted(set[str]().union(*(words(each.text) for each in some))) for some in projects]
    while tally.total() < cases:
        which = random.randrange(len(projects))
        subject = random.choice(projects[which])
        with server.after(subject.base) as before:
            for _ in range(TOGETHER if before is not None else 0):
                assert before is not None, "nothing is tried without it"
                text = miswritten(subject.text, vocabularies[which], random)
                found = subject.trial(text, server, before)
                if found is not None:
                    kind = found.partition(":")[0]
                    tally[kind] += 1
                    if kind in WRONG:
                        yield f"{subject.name} {found}\n{_edit(subject.text, text)}"


def _edit(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return "\n".join([*lines][2:12])


def main() -> int:
    if len(sys.argv) < 4:
        sys.exit("usage: python -m tests.campaigns.miswritten CASES SEED DIR…")
    tally: Counter[str] = Counter()
    count = 0
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server.message
        folders = [Path(each) for each in sys.argv[3:]]
        for found in disagreements(int(sys.argv[1]), int(sys.argv[2]), folders, server, tally):
            print(found, flush=True)
            count += 1
    print(f"{tally.total()} cases, {count} disagreements", dict(tally))
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
