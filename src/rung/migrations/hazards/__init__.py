"""Hazards of migrations, one module each, its docstring its reference page; `HAZARDS` is the only registry.

They look at one statement at a time, with the schema before it; what live code and rows make of it is for the
compatibility proof to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rung.diagnostics import Diagnostic
from rung.migrations.hazards import (
    access_taken_away,
    assigned_twice,
    autovacuum_off,
    cascade,
    changed_default,
    changed_identity,
    char_column,
    check_scans,
    disabled_trigger,
    domain_constraint_scans,
    drop_index_blocks,
    dropped_column,
    dropped_constraint,
    dropped_not_null,
    dropped_object,
    dropped_schema,
    dropped_table,
    emptied_table,
    enum_type,
    enum_value_used_at_once,
    exclusion_builds_index,
    foreign_key_scans,
    foreign_key_without_index,
    generated_column_rewrites,
    index_blocks_writes,
    json_column,
    lock_table_blocks,
    lock_without_timeout,
    long_identifier,
    moved_object,
    narrow_integer,
    nested_transaction,
    not_rerunnable,
    partition_attach_scans,
    partition_created_in_place,
    partition_detach_blocks,
    primary_key_builds_index,
    primary_key_on_nullable,
    refused_in_transaction,
    reindex_blocks,
    renamed_column,
    renamed_object,
    renamed_table,
    replica_identity,
    required_column,
    serial_column,
    server_setting,
    set_not_null_scans,
    several_alter_tables,
    statement_under_lock,
    statement_without_timeout,
    storage_change_rewrites,
    timestamp_without_zone,
    trigger_blocks_writes,
    type_change_rewrites,
    unfinished_transaction,
    unique_builds_index,
    unordered_enum_value,
    unread_statement,
    validate_beside_add,
    varchar_limit,
    view_refresh_blocks,
    volatile_default_rewrites,
    whole_table_write,
    wide_index,
)
from rung.migrations.hazards.model import Context, Hazard
from rung.migrations.hazards.walk import contexts
from rung.migrations.layouts import Wrapping
from rung.migrations.schema import Schema
from rung.migrations.steps import Script

HAZARDS = (
    access_taken_away.HAZARD,
    assigned_twice.HAZARD,
    autovacuum_off.HAZARD,
    cascade.HAZARD,
    changed_default.HAZARD,
    changed_identity.HAZARD,
    char_column.HAZARD,
    check_scans.HAZARD,
    disabled_trigger.HAZARD,
    domain_constraint_scans.HAZARD,
    drop_index_blocks.HAZARD,
    dropped_column.HAZARD,
    dropped_constraint.HAZARD,
    dropped_not_null.HAZARD,
    dropped_object.HAZARD,
    dropped_schema.HAZARD,
    dropped_table.HAZARD,
    emptied_table.HAZARD,
    enum_type.HAZARD,
    enum_value_used_at_once.HAZARD,
    exclusion_builds_index.HAZARD,
    foreign_key_scans.HAZARD,
    foreign_key_without_index.HAZARD,
    generated_column_rewrites.HAZARD,
    index_blocks_writes.HAZARD,
    json_column.HAZARD,
    lock_table_blocks.HAZARD,
    lock_without_timeout.HAZARD,
    long_identifier.HAZARD,
    moved_object.HAZARD,
    narrow_integer.HAZARD,
    nested_transaction.HAZARD,
    not_rerunnable.HAZARD,
    partition_attach_scans.HAZARD,
    partition_created_in_place.HAZARD,
    partition_detach_blocks.HAZARD,
    primary_key_builds_index.HAZARD,
    primary_key_on_nullable.HAZARD,
    refused_in_transaction.HAZARD,
    reindex_blocks.HAZARD,
    renamed_column.HAZARD,
    renamed_object.HAZARD,
    renamed_table.HAZARD,
    replica_identity.HAZARD,
    required_column.HAZARD,
    serial_column.HAZARD,
    server_setting.HAZARD,
    set_not_null_scans.HAZARD,
    several_alter_tables.HAZARD,
    statement_under_lock.HAZARD,
    statement_without_timeout.HAZARD,
    storage_change_rewrites.HAZARD,
    timestamp_without_zone.HAZARD,
    trigger_blocks_writes.HAZARD,
    type_change_rewrites.HAZARD,
    unfinished_transaction.HAZARD,
    unique_builds_index.HAZARD,
    unordered_enum_value.HAZARD,
    unread_statement.HAZARD,
    validate_beside_add.HAZARD,
    varchar_limit.HAZARD,
    view_refresh_blocks.HAZARD,
    volatile_default_rewrites.HAZARD,
    whole_table_write.HAZARD,
    wide_index.HAZARD,
)

__all__ = ["HAZARDS", "Context", "Hazard", "find_hazards"]


def find_hazards(
    scripts: Iterable[tuple[Script, Wrapping]], before: Schema, hazards: Iterable[Hazard] = HAZARDS
) -> Iterator[tuple[Hazard, Diagnostic]]:
    """What the hazards find in one migration, given the schema before it, in the order of its statements."""
    chosen = tuple(hazards)
    for context in contexts(scripts, before):
        for hazard in chosen:
            for finding in hazard.check(context):
                diagnostic = Diagnostic(
                    hazard.code, finding.message, finding.span, hazard.hint, severity="warning"
                )
                yield hazard, diagnostic
