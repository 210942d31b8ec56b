"""Walks the statements of a migration in order and gives the context in which hazards look at each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from rung.migrations.apply import apply, resolved
from rung.migrations.hazards.locks import Lock, locks
from rung.migrations.hazards.model import Context, Transactions, in_utc, live
from rung.migrations.hazards.reach import qualified
from rung.migrations.hazards.refused_in_transaction import refuses
from rung.migrations.layouts import Wrapping
from rung.migrations.schema import Kind, Name, Schema
from rung.migrations.steps import (
    CreateTable,
    CreateView,
    Drop,
    Rename,
    Script,
    SetParameter,
    Statement,
    Step,
    Transaction,
)

_TIMEOUTS = ("lock_timeout", "statement_timeout", "transaction_timeout")
_ENDLESS = ("0", "0ms", "0s")

Settings = dict[str, tuple[str, bool]]
"""By parameter: its value, and whether it lasts only as long as the transaction."""


def contexts(scripts: Iterable[tuple[Script, Wrapping]], before: Schema) -> Iterator[Context]:
    """The contexts of all statements of one migration, given the schema before it."""
    schema, created = before, frozenset[Name]()
    for script, wrapping in scripts:
        wrapped = is_wrapped(script.statements, wrapping)
        transactions = Transactions(0 if wrapped else None, wrapped, False)
        settings: Settings = {}
        held: Lock | None = None
        previous: Context | None = None
        statements = script.statements
        for position, written in enumerate(script.statements):
            statement = resolved(schema, written)
            if statement is not written:
                statements = (*statements[:position], statement, *statements[position + 1 :])
            text = script.source.text[statement.span.start : statement.span.end]
            values = {name: value for name, (value, _) in settings.items()}
            taken = tuple(_taken(statement, schema, created, utc=in_utc(values)))
            context = Context(
                statements,
                position,
                text,
                schema,
                created,
                transactions,
                taken,
                held,
                values,
                previous,
            )
            yield context
            for step in statement.steps:
                created = _created(step, schema, created)
                schema = apply(schema, step).schema
            settings = _settings_after(statement, settings, transactions)
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


def is_wrapped(statements: tuple[Statement, ...], wrapping: Wrapping) -> bool:
    """Whether the tool runs the statements of a script in one transaction."""
    match wrapping:
        case "transaction":
            return True
        case "batch":
            return len(statements) > 1
        case "unless-forbidden":
            return not statements or not all(refuses(statement) for statement in statements)
        case "statements":
            return False


def _taken(statement: Statement, before: Schema, created: frozenset[Name], *, utc: bool) -> Iterator[Lock]:
    for step in statement.steps:
        for lock in locks(step, before, utc=utc):
            if live(lock.table, before, created) is not None:
                yield lock


def _created(step: Step, before: Schema, created: frozenset[Name]) -> frozenset[Name]:
    """The tables and views that the migration itself made, by their names after the step."""
    match step:
        case CreateTable(table=table, if_not_exists=if_not_exists):
            known = qualified(table.name, before) in before.tables
            return created if if_not_exists and known else created | {qualified(table.name, before)}
        case CreateView(view=view):
            name = qualified(view.name, before)
            return created if name in before.views else created | {name}
        case Rename(kind=Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW, name=old, new_name=new):
            moved = qualified(old, before)
            target = Name(moved.schema, new)
            return (created - {moved}) | {target} if moved in created else created - {target}
        case Drop(kind=Kind.TABLE | Kind.VIEW | Kind.MATERIALIZED_VIEW, name=name):
            return created - {qualified(name, before)}
        case _:
            return created


def _settings_after(statement: Statement, settings: Settings, transactions: Transactions) -> Settings:
    for step in statement.steps:
        match step:
            case SetParameter(name="all"):
                settings = {}
            case SetParameter(name=name, value=value, local=local) if name in (*_TIMEOUTS, "timezone"):
                if local and transactions.since is None:
                    continue
                settings = {other: setting for other, setting in settings.items() if other != name}
                if value and not (name in _TIMEOUTS and value[0] in _ENDLESS):
                    settings[name] = (value[0], local)
            case Transaction(action="commit" | "rollback"):
                settings = {name: setting for name, setting in settings.items() if not setting[1]}
            case _:
                continue
    return settings


def _after(statement: Statement, position: int, transactions: Transactions) -> Transactions:
    for step in statement.steps:
        if isinstance(step, Transaction) and step.action == "begin":
            transactions = Transactions(position + 1, transactions.wrapped, True)
        elif isinstance(step, Transaction) and step.action in ("commit", "rollback"):
            # after a COMMIT the tool's own transaction is over too
            transactions = Transactions(position + 1, False, True) if step.chain else Transactions()
    return transactions
