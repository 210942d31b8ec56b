"""Defines how columns come, change and go, in a table and in those that inherit from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.constraints import not_null_columns, replaced, with_constraints, without_constraint
from rung.migrations.apply.lookup import (
    Result,
    children,
    exists_already,
    find,
    held_back,
    in_doubt,
    kept_default,
    missing,
    missing_part,
    resolve_type,
    unresolved_type,
    with_table,
    without,
)
from rung.migrations.apply.names import relation_name
from rung.migrations.apply.sequences import outside_user, without_owned_sequences
from rung.migrations.expressions import Call, Cast, Constant, Expression, SqlType, columns
from rung.migrations.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Generated,
    Index,
    IndexKey,
    Name,
    NotNull,
    Policy,
    PrimaryKey,
    Schema,
    Sequence,
    Table,
    Unique,
)
from rung.migrations.steps import (
    AddColumn,
    AlterColumnType,
    DropColumn,
    DropNotNull,
    SetDefault,
    SetExpression,
    SetIdentity,
    SetNotNull,
)


def with_sequence(schema: Schema, table: Table, column: str, *, serial: bool) -> Schema:
    """The schema with the sequence of a serial or identity column, and the serial's default."""
    found = table.column(column)
    assert found is not None
    place = table.name.schema
    name = Name(place, relation_name(schema, table.name, column, "seq"))
    sequence = Sequence(name, replace(found.type, array=0), (table.name, column), span=found.span)
    schema = replace(schema, sequences={**schema.sequences, name: sequence})
    if serial:
        default = Call("nextval", (Constant("string", str(name)),))
        schema = change_column(schema, table, column, lambda old: replace(old, default=default))
    return schema


def change_column(schema: Schema, table: Table, name: str, change: Callable[[Column], Column]) -> Schema:
    """The schema with one column changed, here only: not below."""
    table = schema.tables.get(table.name, table)
    position = next(at for at, column in enumerate(table.columns) if column.name == name)
    changed = change(table.columns[position])
    return with_table(schema, replace(table, columns=replaced(table.columns, position, changed)))


def family(schema: Schema, table: Table) -> list[Name]:
    """The table and all below it, parents first."""
    found = [table.name]
    for name in found:
        found.extend(child.name for child in children(schema, name) if child.name not in found)
    return found


def _changed(
    schema: Schema,
    table_name: Name,
    column: str,
    span: Span,
    if_exists: bool,
    change: Callable[[Schema, Table, Column], Result],
) -> Result:
    """Changes a column of a table, and of those below that have it."""
    table = schema.table(table_name)
    if table is None:
        return schema if if_exists else missing(schema, "table", table_name, span)
    if table.column(column) is None:
        return missing_part(schema, "column", column, table, span)
    for name in family(schema, table):
        member = schema.tables[name]
        found = member.column(column)
        if found is not None:
            result = change(schema, member, found)
            if isinstance(result, Diagnostic):
                return result
            schema = result
    return schema


def add_column(schema: Schema, step: AddColumn) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    if table.column(step.column.name) is not None:
        if step.if_not_exists:
            return schema
        return exists_already(schema, "column", f"{table.name}.{step.column.name}", step.span)
    type_ = resolve_type(schema, step.column.type)
    if unresolved_type(schema, type_):
        return missing(schema, "type", Name(type_.schema or None, type_.name), step.span)
    default = kept_default(schema, type_, step.column.default)
    column = replace(step.column, type=type_, default=default)
    for name in family(schema, table):
        member = schema.tables[name]
        if member.column(column.name) is not None:
            continue
        member = replace(member, columns=(*member.columns, column))
        schema = with_table(schema, member)
        if column.not_null is not None:
            schema = with_table(schema, not_null_columns(schema, member, [column.name]))
    if step.serial or column.identity is not None:
        schema = with_sequence(schema, schema.tables[table.name], column.name, serial=step.serial)
    return with_constraints(schema, schema.tables[table.name], step.constraints, step.span)


def drop_column(schema: Schema, step: DropColumn) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    if table.column(step.column) is None:
        if step.missing_ok:
            return schema
        return missing_part(schema, "column", step.column, table, step.span)
    if not step.cascade:
        holder = _holder(schema, table, step.column)
        if holder is not None:
            return held_back("column", f"{table.name}.{step.column}", holder, step.span)
    for name in family(schema, table):
        if schema.tables[name].column(step.column) is not None:
            schema = without_column(schema, schema.tables[name], step.column)
    return schema


def _holder(schema: Schema, table: Table, column: str) -> str | None:
    """What keeps a column from being dropped without CASCADE, in words."""
    for view in schema.views.values():
        for used, names in view.uses:
            if used == table.name and (names is None or column in names):
                return f"view `{view.name}`"
    for other in schema.tables.values():
        for key in other.constraints:
            if isinstance(key, ForeignKey) and key.table == table.name and column in key.referenced:
                if other.name == table.name and column in key.columns:
                    continue
                return f"foreign key `{key.name}` of `{other.name}`"
    for trigger in table.triggers:
        if column in trigger.columns:
            return f"trigger `{trigger.name}`"
    for policy, owner in policies_on(schema, table.name, column):
        return f"policy `{policy.name}` of `{owner.name}`"
    for generated in table.columns:
        if generated.generated is not None and reads(generated.generated.expression, table, column):
            return f"generated column `{generated.name}`"
    return outside_user(schema, (), table.name, column)


def policies_on(schema: Schema, name: Name, column: str | None = None) -> list[tuple[Policy, Table]]:
    """The policies that name a relation, or a column of it, each with its table."""
    return [
        (policy, table)
        for table in schema.tables.values()
        for policy in table.policies
        if any(
            used == name and (column is None or names is None or column in names)
            for used, names in policy.uses
        )
    ]


def reads(expression: Expression, table: Table, column: str) -> bool:
    """Whether an expression over the rows of `table` may read the column."""
    found = columns(expression)
    return found is None or any(
        part.name == column and part.table in (None, table.name.name) for part in found
    )


def without_column(schema: Schema, table: Table, column: str) -> Schema:
    """The schema without the column and everything that cannot be without it."""
    for view in list(schema.views.values()):
        if any(used == table.name and (names is None or column in names) for used, names in view.uses):
            schema = without_view(schema, view.name)
    for constraint in table.constraints:
        if constraint in schema.tables[table.name].constraints and involves(constraint, table, column):
            schema = without_constraint(schema, schema.tables[table.name], constraint)
    for policy, owner in policies_on(schema, table.name, column):
        schema = without_policy(schema, owner.name, policy)
    triggers = tuple(found for found in table.triggers if column not in found.columns)
    schema = with_table(schema, replace(schema.tables[table.name], triggers=triggers))
    for other in list(schema.tables.values()):
        kept = tuple(
            key
            for key in other.constraints
            if not (isinstance(key, ForeignKey) and key.table == table.name and column in key.referenced)
        )
        if len(kept) < len(other.constraints):
            schema = with_table(schema, replace(schema.tables[other.name], constraints=kept))
    table = schema.tables[table.name]
    generated = [
        found.name
        for found in table.columns
        if found.generated is not None and reads(found.generated.expression, table, column)
    ]
    table = replace(
        table,
        columns=tuple(found for found in table.columns if found.name != column),
        indexes=tuple(index for index in table.indexes if not _index_involves(index, table, column)),
    )
    schema = without_owned_sequences(with_table(schema, table), table.name, column)
    for name in generated:
        schema = without_column(schema, schema.tables[table.name], name)
    return schema


def without_policy(schema: Schema, name: Name, policy: Policy) -> Schema:
    table = schema.tables[name]
    policies = tuple(found for found in table.policies if found.name != policy.name)
    return with_table(schema, replace(table, policies=policies))


def without_view(schema: Schema, name: Name) -> Schema:
    """The schema without the view and the views over it."""
    schema = replace(schema, views=without(schema.views, name))
    for view in list(schema.views.values()):
        if view.name in schema.views and any(used == name for used, _ in view.uses):
            schema = without_view(schema, view.name)
    return schema


def involves(constraint: Constraint, table: Table, column: str) -> bool:
    match constraint:
        case Check():
            return reads(constraint.expression, table, column)
        case Exclusion():
            return any(_key_involves(key, table, column) for key in constraint.keys)
        case PrimaryKey() | Unique():
            return column in (*constraint.columns, *constraint.include)
        case ForeignKey():
            return column in constraint.columns


def _key_involves(key: IndexKey, table: Table, column: str) -> bool:
    return key.column == column or (key.expression is not None and reads(key.expression, table, column))


def _index_involves(index: Index, table: Table, column: str) -> bool:
    if column in index.include or any(_key_involves(key, table, column) for key in index.keys):
        return True
    return index.where is not None and reads(index.where, table, column)


def is_view(schema: Schema, name: Name) -> bool:
    return any(view.name == name.name and name.schema in (None, view.schema) for view in schema.views)


def _typed_by(schema: Schema, table: Table, column: str) -> str | None:
    """What keeps a column from another type, in words."""
    for view in schema.views.values():
        if any(used == table.name and column in (names or ()) for used, names in view.uses):
            return f"view `{view.name}`"
    for trigger in table.triggers:
        if column in trigger.columns:
            return f"trigger `{trigger.name}`"
    for policy, owner in policies_on(schema, table.name, column):
        return f"policy `{policy.name}` of `{owner.name}`"
    return None


def alter_column_type(schema: Schema, step: AlterColumnType) -> Result:
    type_ = resolve_type(schema, step.type)
    if unresolved_type(schema, type_) and not in_doubt(schema, Name(type_.schema or None, type_.name)):
        return missing(schema, "type", Name(type_.schema or None, type_.name), step.span)

    def change(schema: Schema, table: Table, column: Column) -> Result:
        user = _typed_by(schema, table, column.name) if schema.dialect == "postgres" else None
        if user is not None:
            message = f"the type of `{table.name}.{column.name}` cannot be changed: {user} uses it"
            return Diagnostic("dependent-objects", message, step.span)
        return change_column(
            schema,
            table,
            column.name,
            lambda old: replace(old, type=type_, default=_converted(old, type_), collation=step.collation),
        )

    return _changed(schema, step.table, step.column, step.span, step.if_exists, change)


def _converted(column: Column, type_: SqlType) -> Expression | None:
    """The default as it is kept for another type: what it was, of a user's type, and then converted."""
    default, old = column.default, column.type
    if default is None or isinstance(default, Cast) or old.schema is None:
        return default
    return default if (old.schema, old.name) == (type_.schema, type_.name) else Cast(default, old)


def set_default(schema: Schema, step: SetDefault) -> Result:
    def change(schema: Schema, table: Table, column: Column) -> Result:
        default = kept_default(schema, column.type, step.default)
        return change_column(schema, table, column.name, lambda old: replace(old, default=default))

    view = find(schema.views, schema, step.table)
    if view is not None and view.columns is not None and step.column not in view.columns:
        message = f"column `{step.column}` of `{view.name}` does not exist"
        return Diagnostic("unknown-column", message, step.span)
    if is_view(schema, step.table) and schema.table(step.table) is None:
        # the default of a view's column: rows written through the view
        return schema
    return _changed(schema, step.table, step.column, step.span, step.if_exists, change)


def set_not_null(schema: Schema, step: SetNotNull) -> Result:
    def change(schema: Schema, table: Table, column: Column) -> Result:
        if column.not_null is not None:
            validated = column.not_null.validated or step.not_null.validated
            kept = replace(column.not_null, validated=validated)
            return change_column(schema, table, column.name, lambda old: replace(old, not_null=kept))
        schema = change_column(schema, table, column.name, lambda old: replace(old, not_null=step.not_null))
        return with_table(schema, not_null_columns(schema, schema.tables[table.name], [column.name]))

    return _changed(schema, step.table, step.column, step.span, step.if_exists, change)


def drop_not_null(schema: Schema, step: DropNotNull) -> Result:
    def change(schema: Schema, table: Table, column: Column) -> Result:
        key = table.primary_key
        if key is not None and column.name in key.columns:
            if schema.dialect == "mysql":
                # MODIFY without NOT NULL leaves it so
                return schema
            message = f"column `{table.name}.{column.name}` is in the primary key: it stays NOT NULL"
            return Diagnostic("dependent-objects", message, step.span)
        return change_column(schema, table, column.name, lambda old: replace(old, not_null=None))

    return _changed(schema, step.table, step.column, step.span, step.if_exists, change)


def set_identity(schema: Schema, step: SetIdentity) -> Result:
    table = schema.table(step.table)
    if table is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    column = table.column(step.column)
    if column is None:
        return missing_part(schema, "column", step.column, table, step.span)
    if step.identity is None:
        if column.identity is None:
            message = f"column `{table.name}.{column.name}` is not an identity column"
            return schema if step.missing_ok else Diagnostic("wrong-object", message, step.span)
        schema = without_owned_sequences(schema, table.name, column.name)
        return change_column(schema, table, column.name, lambda old: replace(old, identity=None))
    added = column.identity is None
    not_null = column.not_null or NotNull()
    schema = change_column(
        schema, table, column.name, lambda old: replace(old, identity=step.identity, not_null=not_null)
    )
    schema = with_table(schema, not_null_columns(schema, schema.tables[table.name], [column.name]))
    if added:
        schema = with_sequence(schema, schema.tables[table.name], column.name, serial=False)
    return schema


def set_expression(schema: Schema, step: SetExpression) -> Result:
    def change(schema: Schema, table: Table, column: Column) -> Result:
        if column.generated is None:
            message = f"column `{table.name}.{column.name}` is not a generated column"
            return schema if step.missing_ok else Diagnostic("wrong-object", message, step.span)
        generated = None
        if step.expression is not None:
            generated = Generated(step.expression, column.generated.stored)
        return change_column(schema, table, column.name, lambda old: replace(old, generated=generated))

    return _changed(schema, step.table, step.column, step.span, step.if_exists, change)
