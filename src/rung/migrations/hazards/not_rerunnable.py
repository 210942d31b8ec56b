"""A statement that runs on its own, beside others, and cannot be run again after one of them failed.

Without a transaction, what came before a failure stays. The next try stops at the first statement that
has run already, unless it says IF NOT EXISTS, IF EXISTS or OR REPLACE.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.schema import Kind
from rung.migrations.steps import (
    AddColumn,
    AddConstraint,
    CreateEnum,
    CreateExtension,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateSequence,
    CreateTable,
    CreateView,
    Drop,
    DropColumn,
    DropConstraint,
)


def check(context: Context) -> Iterator[Finding]:
    # a script's only statement either ran or did not
    if context.in_transaction or len(context.script) == 1:
        return
    for step in context.statement.steps:
        match step:
            case (
                CreateTable(if_not_exists=False)
                | CreateIndex(if_not_exists=False)
                | CreateSequence(if_not_exists=False)
                | CreateSchema(if_not_exists=False)
                | CreateExtension(if_not_exists=False)
                | AddColumn(if_not_exists=False)
            ):
                missing = "IF NOT EXISTS"
            case DropColumn(missing_ok=False) | DropConstraint(missing_ok=False):
                missing = "IF EXISTS"
            case Drop(if_exists=False, kind=kind) if kind is not Kind.TRIGGER:
                missing = "IF EXISTS"
            case CreateView(or_replace=False, if_not_exists=False) | CreateFunction(or_replace=False):
                missing = "OR REPLACE"
            case AddConstraint() | CreateEnum(if_not_exists=False):
                yield Finding(step.span, "this cannot be run again after a later statement failed")
                continue
            case _:
                continue
        yield Finding(step.span, f"without {missing} this cannot be run again after a later statement failed")


HAZARD = Hazard(
    code="not-rerunnable",
    kind="style",
    hint="run the migration in a transaction, or one statement to a migration",
    check=check,
    page=__doc__,
    bad=(
        "-- no transaction\n"
        "CREATE TABLE crate (id bigint PRIMARY KEY);\n"
        "CREATE TABLE version (id bigint PRIMARY KEY);"
    ),
    good=("CREATE TABLE crate (id bigint PRIMARY KEY);\nCREATE TABLE version (id bigint PRIMARY KEY);"),
    names={"squawk": ("prefer-robust-stmts",)},
)
