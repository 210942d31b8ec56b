"""Walks the statements of a migration in order and gives the context in which hazards look at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rung.migrations.apply import apply
from rung.migrations.hazards.locks import Lock, locks
from rung.migrations.hazards.model import Context, Transactions, live
from rung.migrations.hazards.refused_in_transaction import refuses
from rung.migrations.layouts import Wrapping
from rung.migrations.schema import Name, Schema
from rung.migrations.steps import CreateTable, CreateView, Script, SetParameter, Statement, Transaction

_TIMEOUTS = ("lock_timeout", "statement_timeout", "transaction_timeout")


def contexts(scripts: Iterable[tuple[Script, Wrapping]], before: Schema) -> Iterator[Context]:
    """The contexts of all statements of one migration, given the schema before it."""
    schema, created = before, frozenset[Name]()
    for script, wrapping in scripts:
        wrapped = _is_wrapped(script.statements, wrapping)
        transactions = Transactions(0 if wrapped else None, wrapped, False)
        timeouts: frozenset[str] = frozenset()
        held: Lock | None = None
        previous: Context | None = None
        for position, statement in enumerate(script.statements):
            text = script.source.text[statement.span.start : statement.span.end]
            taken = tuple(_taken(statement, schema, created))
            context = Context(
                script.statements,
                position,
                text,
                schema,
                created,
                transactions,
                taken,
                held,
                timeouts,
                previous,
            )
            yield context
            for step in statement.steps:
                if isinstance(step, CreateTable):
                    created |= _made(step.table.name, schema)
                elif isinstance(step, CreateView) and schema.table(step.view.name) is None:
                    created |= _made(step.view.name, schema)
                schema = apply(schema, step).schema
            timeouts = _set_timeouts(statement, timeouts)
            transactions = _after(statement, position, transactions)
            # without the link no chain of contexts is kept alive
            previous = replace(context, previous=None) if transactions.since is not None else None
            held = (
                max(filter(None, (held, *taken)), key=_strength, default=None)
                if previous is not None
                else None
            )


def _strength(lock: Lock) -> int:
    return lock.mode


def _is_wrapped(statements: tuple[Statement, ...], wrapping: Wrapping) -> bool:
    match wrapping:
        case "transaction":
            return True
        case "batch":
            return len(statements) > 1
        case "unless-forbidden":
            return not statements or not all(refuses(statement) for statement in statements)
        case "statements":
            return False


def _taken(statement: Statement, before: Schema, created: frozenset[Name]) -> Iterator[Lock]:
    for step in statement.steps:
        for lock in locks(step, before):
            if live(lock.table, before, created) is not None:
                yield lock


def _made(name: Name, schema: Schema) -> frozenset[Name]:
    return frozenset({name if name.schema is not None else Name(schema.search_path[0], name.name)})


def _set_timeouts(statement: Statement, timeouts: frozenset[str]) -> frozenset[str]:
    for step in statement.steps:
        if isinstance(step, SetParameter) and step.name in _TIMEOUTS:
            endless = step.value is None or step.value[:1] in (("0",), ("0ms",), ("0s",))
            timeouts = timeouts - {step.name} if endless else timeouts | {step.name}
        elif isinstance(step, SetParameter) and step.name == "all":
            timeouts = frozenset()
    return timeouts


def _after(statement: Statement, position: int, transactions: Transactions) -> Transactions:
    for step in statement.steps:
        if isinstance(step, Transaction) and step.action == "begin":
            transactions = Transactions(position + 1, transactions.wrapped, True)
        elif isinstance(step, Transaction) and step.action in ("commit", "rollback"):
            # after a COMMIT the tool's own transaction is over too
            transactions = Transactions()
    return transactions
