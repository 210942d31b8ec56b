"""Defines which columns a statement brings into being, for the hazards that look at their types."""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Span
from rung.migrations.hazards.model import Context
from rung.migrations.schema import Column
from rung.migrations.steps import AddColumn, AlterColumnType, CreateTable


def new_columns(context: Context) -> Iterator[tuple[Span, Column]]:
    """Each column that is created or gets a new type, and where it is written."""
    for step in context.statement.steps:
        match step:
            case CreateTable(table=table) if not table.temporary:
                for column in table.columns:
                    yield column.span or step.span, column
            case AddColumn(column=column):
                yield column.span or step.span, column
            case AlterColumnType(column=name, type=type_):
                yield step.span, Column(name, type_)
            case _:
                continue
