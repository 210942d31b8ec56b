"""Defines which columns take their values from a sequence, and how sequences go with what owns them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rung.migrations.apply.lookup import find, with_table, without
from rung.migrations.expressions import Call, Cast, Constant, walk
from rung.migrations.schema import Column, Name, Schema, Sequence, Table


def sequence_users(schema: Schema, sequence: Sequence) -> list[tuple[Name, str]]:
    """The columns, by table, whose default or identity is the sequence."""
    return [
        (table.name, column.name)
        for table in schema.tables.values()
        for column in table.columns
        if _uses(schema, table, column, sequence)
    ]


def _uses(schema: Schema, table: Table, column: Column, sequence: Sequence) -> bool:
    if column.identity is not None:
        return sequence.owner == (table.name, column.name)
    for part in walk(column.default) if column.default is not None else ():
        match part:
            case Call("nextval", (Constant("string", str(text)),)) | Call(
                "nextval", (Cast(Constant("string", str(text))),)
            ):
                words = [word.strip('"') for word in text.split(".")]
                found = find(schema.sequences, schema, Name(words[-2] if len(words) > 1 else None, words[-1]))
                if found is not None and found.name == sequence.name:
                    return True
    return False


def owned_sequences(schema: Schema, table: Name, column: str | None = None) -> list[Sequence]:
    """The sequences that the table, or one column of it, owns."""
    return [
        sequence
        for sequence in schema.sequences.values()
        if sequence.owner is not None and sequence.owner[0] == table and column in (None, sequence.owner[1])
    ]


def outside_user(
    schema: Schema, dropped: Iterable[Name], table: Name, column: str | None = None
) -> str | None:
    """A column elsewhere that needs a sequence which goes with the table or column, in words."""
    gone = set(dropped)
    for sequence in owned_sequences(schema, table, column):
        for user, name in sequence_users(schema, sequence):
            if user not in gone and (user, name) != (table, column):
                return f"column `{user}.{name}`"
    return None


def without_owned_sequences(schema: Schema, table: Name, column: str | None = None) -> Schema:
    """The schema without the sequences that the table or column owns, nor the defaults that need them."""
    gone = owned_sequences(schema, table, column)
    if not gone:
        return schema
    for sequence in gone:
        schema = without_defaults(schema, sequence_users(schema, sequence))
    return replace(schema, sequences=without(schema.sequences, *(sequence.name for sequence in gone)))


def without_defaults(schema: Schema, columns: Iterable[tuple[Name, str]]) -> Schema:
    for name, column_name in columns:
        table = schema.tables[name]
        changed = tuple(
            replace(column, default=None) if column.name == column_name else column
            for column in table.columns
        )
        schema = with_table(schema, replace(table, columns=changed))
    return schema
