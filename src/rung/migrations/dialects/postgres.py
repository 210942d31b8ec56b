"""Defines `read`: a PostgreSQL file → `Script`. Every statement has steps; one not known is opaque."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.migrations.dialects import (
    postgres_changes,
    postgres_objects,
    postgres_routines,
    postgres_rows,
    postgres_session,
    postgres_tables,
)
from rung.migrations.dialects.postgres_calls import other_calls
from rung.migrations.dialects.postgres_conflicts import conflicts
from rung.migrations.dialects.postgres_parser import (
    Context,
    RawStatement,
    SyntaxFailure,
    raw_statements,
)
from rung.migrations.steps import (
    Footprint,
    Opaque,
    Script,
    Statement,
    Step,
)

Reader = Callable[[Context, Any, Span], Iterable[Step]]


def read(source: Source, start: int = 0, end: int | None = None) -> Script:
    """Reads the PostgreSQL statements in the characters [start, end) of a file; spans are the file's own."""
    text = " " * start + source.text[start:end]
    context = Context.of(source if len(text) == len(source.text) and not start else Source(source.name, text))
    statements, diagnostics = [], []
    for raw in raw_statements(context):
        match raw:
            case RawStatement(span, kind):
                statements.append(Statement(span, _tag(kind), tuple(_steps(context, raw))))
            case SyntaxFailure(span, text, at):
                hint = "the statement was not read: what it does is unknown"
                diagnostics.append(Diagnostic("sql-syntax", _message(text), at, hint))
                step = Opaque(span, "statement that does not parse", Footprint(None))
                statements.append(Statement(span, "UNKNOWN", (step,)))
    return Script(source, tuple(statements), tuple(diagnostics))


def _steps(context: Context, raw: RawStatement) -> Iterator[Step]:
    yield from conflicts(raw)
    yield from _READERS.get(raw.kind, _unknown(raw.kind))(context, raw.message, raw.span)
    yield from other_calls(context, raw)


def _steps_within(context: Context) -> list[Step]:
    """The steps of statements that stand inside another."""
    steps: list[Step] = []
    for raw in raw_statements(context):
        match raw:
            case RawStatement():
                steps.extend(_steps(context, raw))
            case SyntaxFailure(span):
                steps.append(Opaque(span, "statement that does not parse", Footprint(None)))
    return steps


def _message(text: str) -> str:
    """The parser's message, with what it quotes in backticks."""
    return text.replace('at or near "', "at or near `").removesuffix('"') + "`" * text.endswith('"')


def _tag(kind: str) -> str:
    return kind.removesuffix("_stmt").replace("_", " ").upper()


def _unknown(kind: str) -> Reader:
    def read_unknown(context: Context, message: Any, span: Span) -> Iterator[Step]:
        yield Opaque(span, f"statement `{_tag(kind)}`", Footprint(None))

    return read_unknown


_READERS: dict[str, Reader] = {
    "create_stmt": postgres_tables.create_table,
    "create_foreign_table_stmt": lambda context, message, span: postgres_tables.create_table(
        context, message.base_stmt, span
    ),
    "alter_table_stmt": postgres_tables.alter_table,
    "index_stmt": postgres_tables.create_index,
    "create_enum_stmt": postgres_objects.create_enum,
    "alter_enum_stmt": postgres_objects.alter_enum,
    "create_domain_stmt": postgres_objects.create_domain,
    "alter_domain_stmt": postgres_objects.alter_domain,
    "composite_type_stmt": postgres_objects.create_composite,
    "create_range_stmt": postgres_objects.create_range,
    "define_stmt": postgres_objects.define,
    "create_seq_stmt": postgres_objects.create_sequence,
    "alter_seq_stmt": postgres_objects.alter_sequence,
    "view_stmt": postgres_objects.create_view,
    "create_table_as_stmt": postgres_objects.create_table_as,
    "create_function_stmt": postgres_routines.create_function,
    "create_trig_stmt": postgres_objects.create_trigger,
    "create_extension_stmt": postgres_objects.create_extension,
    "create_schema_stmt": postgres_objects.create_schema,
    "drop_stmt": postgres_changes.drop,
    "rename_stmt": postgres_changes.rename,
    "alter_object_schema_stmt": postgres_changes.set_schema,
    "insert_stmt": postgres_rows.insert,
    "update_stmt": postgres_rows.update,
    "delete_stmt": postgres_rows.delete,
    "merge_stmt": postgres_rows.merge,
    "truncate_stmt": postgres_rows.truncate,
    "copy_stmt": postgres_rows.copy,
    "select_stmt": postgres_rows.select,
    "variable_set_stmt": postgres_session.set_variable,
    "transaction_stmt": postgres_session.transaction,
    "lock_stmt": postgres_session.lock,
    "do_stmt": lambda context, message, span: postgres_session.do(context, message, span, _steps_within),
    "call_stmt": postgres_session.call,
    "rule_stmt": postgres_session.create_rule,
    **dict.fromkeys(postgres_session.WITHOUT_EFFECT, postgres_session.no_effect),
}
