"""Defines how tables come, go, and are tied to parents and partitions."""

from __future__ import annotations

from dataclasses import replace

from rung.diagnostics import Diagnostic, Span
from rung.migrations.apply.columns import policies_on, with_sequence, without_policy, without_view
from rung.migrations.apply.constraints import not_null_columns, with_constraints, without_keys_to
from rung.migrations.apply.dependents import users_of_rows
from rung.migrations.apply.indexes import with_index
from rung.migrations.apply.lookup import (
    Result,
    children,
    creation_name,
    exists_already,
    find,
    held_back,
    is_catalog,
    kept_default,
    missing,
    missing_part,
    relation,
    resolve_type,
    type_name,
    unresolved_type,
    with_table,
    without,
)
from rung.migrations.apply.names import relation_exists
from rung.migrations.apply.outputs import given_columns
from rung.migrations.apply.sequences import outside_user, without_owned_sequences
from rung.migrations.schema import (
    Check,
    Column,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Kind,
    Name,
    OpaqueReason,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import (
    AttachPartition,
    CreateTable,
    CreateTrigger,
    DetachPartition,
    Drop,
    Like,
    SetInherit,
    SetRowSecurity,
    SetTriggers,
)


def create_table(schema: Schema, step: CreateTable) -> Result:
    name = creation_name(schema, step.table.name, temporary=step.table.temporary)
    if relation_exists(schema, name.schema or "", name.name):
        return schema if step.if_not_exists else exists_already(schema, "relation", str(name), step.span)
    if name.schema not in schema.schemas and not step.table.temporary:
        return missing(schema, "schema", Name(None, name.schema or ""), step.span)
    if step.outputs is not None or not step.columns_known:
        for read in step.reads:
            if relation(schema, read) is None and not is_catalog(read):
                return missing(schema, "table", read, step.span)
        given = given_columns(schema, step.outputs)
        if given is not None:
            # two of a name are refused by what the statement requires
            given = tuple({column.name: column for column in given}.values())
        certain = given is not None and all(column.type.name for column in given)
        reasons = () if certain else (OpaqueReason("CREATE TABLE AS", step.span),)
        return with_table(schema, replace(step.table, name=name, columns=given or (), opaque=reasons))
    parents: list[Table] = []
    for parent_name in step.table.parents:
        parent = schema.table(parent_name)
        if parent is None:
            return missing(schema, "table", parent_name, step.span)
        parents.append(parent)
    if step.table.bounds is not None and parents[0].partitioning is None and not parents[0].opaque:
        return Diagnostic("wrong-object", f"`{parents[0].name}` is not partitioned", step.span)
    columns = _columns(schema, step, parents)
    if isinstance(columns, Diagnostic):
        return columns
    keys = step.table.partitioning.columns if step.table.partitioning is not None else ()
    for key in keys:
        if key is not None and all(column.name != key for column in columns):
            return missing_part(
                schema, "column", key, replace(step.table, name=name, columns=columns), step.span
            )
    table = replace(
        step.table,
        name=name,
        columns=columns,
        constraints=(),
        parents=tuple(parent.name for parent in parents),
    )
    unnamed = [column.name for column in columns if column.not_null is not None and not column.not_null.name]
    table = not_null_columns(schema, table, unnamed)
    # what LIKE names is looked up before the new table can take its name
    likes = [_copied(schema, like) for like in step.likes]
    schema = with_table(schema, table)
    for column in columns:
        if column.name in step.serials or (column.identity is not None and not step.table.bounds):
            schema = with_sequence(
                schema, schema.tables[name], column.name, serial=column.name in step.serials
            )
    constraints: list[Constraint] = [
        check for parent in parents for check in parent.constraints if _inherited(check, step)
    ]
    indexes: list[Index] = []
    if step.table.bounds is not None:
        constraints += [_renamed_key(key) for key in parents[0].constraints if not isinstance(key, Check)]
        indexes += [replace(index, name="") for index in parents[0].indexes]
    for copied in likes:
        constraints += copied[0]
        indexes += copied[1]
    known = {found.name for found in constraints if isinstance(found, Check) and found.name}
    constraints += [found for found in step.table.constraints if found.name not in known]
    result = with_constraints(schema, schema.tables[name], constraints, step.span)
    if isinstance(result, Diagnostic):
        return result
    for index in indexes:
        result = with_index(result, result.tables[name], index)
    return result


def _inherited(constraint: Constraint, step: CreateTable) -> bool:
    return isinstance(constraint, Check) and not constraint.no_inherit


def _renamed_key(constraint: Constraint) -> Constraint:
    """A parent's key as its partition gets it: a foreign key keeps its name, an index has its own."""
    return constraint if isinstance(constraint, ForeignKey) else replace(constraint, name="")


def _columns(schema: Schema, step: CreateTable, parents: list[Table]) -> tuple[Column, ...] | Diagnostic:
    """The parents' columns, then the table's own with LIKE's among them; a repeated one is merged."""
    found: dict[str, Column] = {}
    for parent in parents:
        for column in parent.columns:
            inherited = column if step.table.bounds is not None else replace(column, identity=None)
            found[column.name] = _merged(found.get(column.name), inherited)
    own = list(step.table.columns)
    for like in reversed(step.likes):
        columns = _like_columns(schema, like, step.span)
        if isinstance(columns, Diagnostic):
            return columns
        own[like.position : like.position] = columns
    if step.of_type is not None:
        key = type_name(schema, step.of_type)
        if key is None or key not in schema.types:
            return missing(schema, "type", step.of_type, step.span)
        for column in schema.types[key].columns:
            found[column.name] = column
    for column in own:
        if not column.type.name and column.name in found:
            # an override of a parent's column has no type
            type_ = found[column.name].type
        else:
            type_ = resolve_type(schema, column.type)
            if unresolved_type(schema, type_):
                return missing(
                    schema, "type", Name(type_.schema or None, type_.name), column.span or step.span
                )
        if column.name in found and not parents and step.of_type is None:
            return exists_already(schema, "column", f"{step.table.name}.{column.name}", step.span)
        column = replace(column, type=type_, default=kept_default(schema, type_, column.default))
        found[column.name] = _merged(found.get(column.name), column)
    return tuple(found.values())


def _merged(inherited: Column | None, own: Column) -> Column:
    if inherited is None:
        return own
    return replace(
        inherited,
        not_null=inherited.not_null or own.not_null,
        default=inherited.default if own.default is None else own.default,
        identity=own.identity or inherited.identity,
        generated=own.generated or inherited.generated,
    )


def _like_columns(schema: Schema, like: Like, span: Span) -> list[Column] | Diagnostic:
    source = relation(schema, like.table)
    if not isinstance(source, Table):
        key = type_name(schema, like.table)
        if key is not None and key in schema.types:
            return list(schema.types[key].columns)
        return missing(schema, "table", like.table, span)
    return [
        replace(
            column,
            default=column.default if "defaults" in like.options else None,
            identity=column.identity if "identity" in like.options else None,
            generated=column.generated if "generated" in like.options else None,
        )
        for column in source.columns
    ]


def _copied(schema: Schema, like: Like) -> tuple[list[Constraint], list[Index]]:
    source = relation(schema, like.table)
    if not isinstance(source, Table):
        return [], []
    constraints: list[Constraint] = []
    if "constraints" in like.options:
        constraints += [found for found in source.constraints if isinstance(found, Check)]
    if "indexes" in like.options:
        for found in source.constraints:
            if isinstance(found, (PrimaryKey, Unique, Exclusion)):
                constraints.append(replace(found, name=""))
    return constraints, [replace(index, name="") for index in source.indexes] * ("indexes" in like.options)


def drop_table(schema: Schema, step: Drop) -> Result:
    table = schema.table(step.name)
    if table is None:
        # one that the same statement names earlier may have taken it along
        gone = step.if_exists or step.name != step.together[0]
        return schema if gone else missing(schema, "table", step.name, step.span)
    dropped = {found.name for found in map(schema.table, step.together) if found is not None} | {table.name}
    if schema.dialect == "sqlite":
        # keys that lead to it stay, and lead nowhere
        return replace(schema, tables=without(schema.tables, table.name))
    if not step.cascade:
        holder = _holder(schema, table, dropped)
        if holder is not None:
            return held_back("table", str(table.name), holder, step.span)
    return without_table(schema, table)


def _holder(schema: Schema, table: Table, dropped: set[Name]) -> str | None:
    for view in schema.views.values():
        if view.name not in dropped and any(used == table.name for used, _ in view.uses):
            return f"view `{view.name}`"
    for policy, owner in policies_on(schema, table.name):
        if owner.name not in dropped:
            return f"policy `{policy.name}` of `{owner.name}`"
    for other in schema.tables.values():
        if other.name in dropped:
            continue
        for key in other.constraints:
            if isinstance(key, ForeignKey) and key.table == table.name:
                return f"foreign key `{key.name}` of `{other.name}`"
        if table.name in other.parents and other.bounds is None:
            return f"table `{other.name}`, which inherits from it,"
    kept = replace(schema, tables=without(schema.tables, *dropped))
    row = next(users_of_rows(kept, table.name), None)
    return outside_user(schema, {table.name, *dropped}, table.name) if row is None else row.words


def without_table(schema: Schema, table: Table) -> Schema:
    """The schema without the table, its partitions and heirs, and what cannot be without it."""
    for child in children(schema, table.name):
        schema = without_table(schema, child)
    for view in list(schema.views.values()):
        if view.name in schema.views and any(used == table.name for used, _ in view.uses):
            schema = without_view(schema, view.name)
    for other in list(schema.tables.values()):
        if any(isinstance(key, ForeignKey) and key.table == table.name for key in other.constraints):
            schema = without_keys_to(schema, schema.tables[other.name], table.name)
    for policy, owner in policies_on(schema, table.name):
        schema = without_policy(schema, owner.name, policy)
    for user in list(users_of_rows(schema, table.name)):
        schema = user.removed(schema)
    schema = without_owned_sequences(schema, table.name)
    return replace(schema, tables=without(schema.tables, table.name))


def attach_partition(schema: Schema, step: AttachPartition) -> Result:
    table, partition = schema.table(step.table), schema.table(step.partition)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    if partition is None:
        return missing(schema, "table", step.partition, step.span)
    if table.partitioning is None and not table.opaque:
        return Diagnostic("wrong-object", f"`{table.name}` is not partitioned", step.span)
    for one, other in ((table, partition), (partition, table)):
        lost = next((each.name for each in one.columns if other.column(each.name) is None), None)
        if lost is not None:
            return missing_part(schema, "column", lost, other, step.span)
    if partition.bounds is not None and not partition.opaque:
        return Diagnostic("wrong-object", f"`{partition.name}` is a partition already", step.span)
    partition = replace(partition, parents=(table.name,), bounds=step.bounds, bound=step.bound)
    schema = with_table(schema, partition)
    missing_keys: list[Constraint] = []
    for key in table.constraints:
        if not any(replace(key, name="") == replace(found, name="") for found in partition.constraints):
            missing_keys.append(key if isinstance(key, (Check, ForeignKey)) else replace(key, name=""))
    missing_keys = [
        key for key in missing_keys if not (isinstance(key, PrimaryKey) and partition.primary_key is not None)
    ]
    result = with_constraints(schema, partition, missing_keys, step.span)
    if isinstance(result, Diagnostic):
        return result
    for index in table.indexes:
        partition, bare = result.tables[partition.name], replace(index, name="")
        if not any(replace(found, name="", valid=index.valid) == bare for found in partition.indexes):
            result = with_index(result, partition, bare)
    return result


def detach_partition(schema: Schema, step: DetachPartition) -> Result:
    partition = schema.table(step.partition)
    if partition is None:
        return missing(schema, "table", step.partition, step.span)
    table = schema.table(step.table)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    if table.name not in partition.parents and not (partition.opaque or table.opaque):
        message = f"`{partition.name}` is no partition of `{table.name}`"
        return Diagnostic("wrong-object", message, step.span)
    return with_table(schema, replace(partition, parents=(), bounds=None, bound=None))


def set_inherit(schema: Schema, step: SetInherit) -> Result:
    table, parent = schema.table(step.table), schema.table(step.parent)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    if parent is None:
        return missing(schema, "table", step.parent, step.span)
    if not step.inherit and parent.name not in table.parents:
        return Diagnostic("wrong-object", f"`{table.name}` does not inherit from `{parent.name}`", step.span)
    if step.inherit and parent.name in table.parents:
        return Diagnostic(
            "duplicate-object", f"`{table.name}` inherits from `{parent.name}` already", step.span
        )
    lost = next((each.name for each in parent.columns if table.column(each.name) is None), None)
    if step.inherit and lost is not None:
        return missing_part(schema, "column", lost, table, step.span)
    others = tuple(name for name in table.parents if name != parent.name)
    return with_table(schema, replace(table, parents=(*others, parent.name) if step.inherit else others))


def set_row_security(schema: Schema, step: SetRowSecurity) -> Result:
    table = schema.table(step.table)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    return with_table(schema, replace(table, row_security=step.enabled))


def set_triggers(schema: Schema, step: SetTriggers) -> Result:
    table = schema.table(step.table)
    if table is None:
        return missing(schema, "table", step.table, step.span)
    if step.trigger is not None and all(found.name != step.trigger for found in table.triggers):
        return missing_part(schema, "trigger", step.trigger, table, step.span)
    triggers = tuple(
        replace(found, enabled=step.enabled) if step.trigger in (None, found.name) else found
        for found in table.triggers
    )
    return with_table(schema, replace(table, triggers=triggers))


def create_trigger(schema: Schema, step: CreateTrigger) -> Result:
    target = relation(schema, step.table)
    if target is None:
        return missing(schema, "table", step.table, step.span)
    trigger = step.trigger
    function = find(schema.functions, schema, trigger.function)
    if function:
        trigger = replace(trigger, function=function[0].name)
    same = [found for found in target.triggers if found.name == trigger.name]
    if same and not step.or_replace:
        return exists_already(schema, "trigger", trigger.name, step.span)
    triggers = (*(found for found in target.triggers if found not in same), trigger)
    if isinstance(target, Table):
        return with_table(schema, replace(target, triggers=triggers))
    return replace(schema, views={**schema.views, target.name: replace(target, triggers=triggers)})


def drop_trigger(schema: Schema, step: Drop) -> Result:
    assert step.kind is Kind.TRIGGER
    assert step.table is not None
    target = relation(schema, step.table)
    if target is None:
        return schema if step.if_exists else missing(schema, "table", step.table, step.span)
    triggers = tuple(found for found in target.triggers if found.name != step.name.name)
    if len(triggers) == len(target.triggers):
        if step.if_exists:
            return schema
        if isinstance(target, Table):
            return missing_part(schema, "trigger", step.name.name, target, step.span)
        message = f"trigger `{step.name.name}` of `{target.name}` does not exist"
        return Diagnostic("unknown-trigger", message, step.span)
    if isinstance(target, Table):
        return with_table(schema, replace(target, triggers=triggers))
    return replace(schema, views={**schema.views, target.name: replace(target, triggers=triggers)})
