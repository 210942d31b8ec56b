"""Defines `apply`: what one step makes of a schema; and `replay`: what whole scripts make of it.

A step that the database would refuse is a diagnostic, and leaves the schema as it was; but where it is for
what expressions, keys and indexes come to, the step is told as well, so that what follows is judged too.
Facts about rows change no schema: they are for those who reason about rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import assert_never

from rung.diagnostics import Diagnostic
from rung.migrations import steps as step_kinds
from rung.migrations.apply import (
    changed_constraints,
    columns,
    conditions,
    constraints,
    failures,
    indexes,
    moved_objects,
    objects,
    opaque,
    policies,
    renamed_columns,
    requirements,
    rows,
    tables,
    types,
)
from rung.migrations.apply.impossible import impossible
from rung.migrations.apply.lookup import Result
from rung.migrations.apply.session import Session, ended
from rung.migrations.schema import Schema
from rung.migrations.steps import Script, Statement, Step, Transaction

__all__ = ["Applied", "apply", "replay", "resolve", "resolved"]


_CONDITIONAL = "conditional block"


@dataclass(frozen=True, slots=True)
class Applied:
    """A schema after some steps, what was refused on the way, and what may have done more than is known."""

    schema: Schema
    diagnostics: tuple[Diagnostic, ...] = ()
    opaque: tuple[step_kinds.Opaque, ...] = ()


def apply(schema: Schema, step: Step) -> Applied:
    """The schema after one step."""
    if isinstance(step, step_kinds.Requires):
        refused = requirements.unmet(schema, step)
        return Applied(schema) if refused is None else Applied(schema, (refused,))
    if isinstance(step, step_kinds.Conditional):
        return _each(schema, resolve(schema, step))
    result = _result(schema, step)
    if isinstance(result, Diagnostic):
        return Applied(schema, (result,))
    if isinstance(step, step_kinds.Opaque) and opaque.reach(schema, step.footprint) != ():
        return Applied(result, opaque=(step,))
    return Applied(result)


def resolved(schema: Schema, statement: Statement) -> Statement:
    """The statement with the steps that it comes to in this schema, for those who look at single steps."""
    steps = _resolved(schema, statement.steps)
    if steps == statement.steps:
        return statement
    return replace(statement, steps=steps or (step_kinds.NoEffect(statement.span, statement.tag),))


def resolve(schema: Schema, step: Step) -> tuple[Step, ...]:
    """The steps that a step comes to in this schema: itself, unless it depends on what the schema holds."""
    match step:
        case step_kinds.When():
            truth = None if step.conditions is None else conditions.holds(schema, step.conditions)
            if truth is None:
                return _either(schema, step)
            return _resolved(schema, step.then if truth else step.otherwise)
        case step_kinds.Attempt():
            return _attempted(schema, step)
        case step_kinds.Requires():
            # nothing is left of it where all is there
            if requirements.unmet(schema, step) is not None:
                return (step,)
            granted = requirements.taken_for_granted(schema, step)
            rests = (step_kinds.NoEffect(step.span, "statement", granted=granted),) if granted else ()
            return (*_possible(schema, step), *rests)
        case step_kinds.Query():
            return (*rows.unread(schema, step), step_kinds.NoEffect(step.span, "SELECT"))
        case (
            step_kinds.Insert()
            | step_kinds.Update()
            | step_kinds.Delete()
            | step_kinds.Truncate()
            | step_kinds.Copy()
        ):
            return (*rows.besides(schema, step), *_possible(schema, step))
        case _:
            return _possible(schema, step)


def _possible(schema: Schema, step: Step) -> tuple[Step, ...]:
    """The step, after what may make it fail, or after that the server refuses it."""
    found = impossible(schema, step)
    nothing = step_kinds.Footprint((), schema=False)
    refused = () if found.refusal is None else (step_kinds.Refused(step.span, found.refusal),)
    doubts = (step_kinds.Opaque(step.span, doubt, nothing) for doubt in found.doubts)
    # of what only asks nothing is left
    asks = isinstance(step, (step_kinds.Calls, step_kinds.Requires))
    return (*refused, *doubts, *(() if asks else (step,)))


def _either(schema: Schema, step: step_kinds.When) -> tuple[Step, ...]:
    """Of two courses either: where both leave the same schema, nothing is known of the rows alone."""
    names = conditions.touched((*step.then, *step.otherwise))
    one, other = _resolved(schema, step.then), _resolved(schema, step.otherwise)
    left, right = _each(schema, one), _each(schema, other)
    if left.diagnostics or right.diagnostics or left.schema != right.schema:
        return (step_kinds.Opaque(step.span, _CONDITIONAL, step_kinds.Footprint(names)),)
    if all(isinstance(each, step_kinds.NoEffect) for each in (*one, *other)):
        return (*one, *other)
    rows = step_kinds.Opaque(step.span, _CONDITIONAL, step_kinds.Footprint(names, schema=False))
    if left.schema != schema:
        besides = tuple(each for each in other if isinstance(each, step_kinds.NoEffect))
        return (rows, *one, rows, *besides)
    return (rows, *(each for each in (*one, *other) if isinstance(each, step_kinds.NoEffect)))


def _attempted(schema: Schema, step: step_kinds.Attempt) -> tuple[Step, ...]:
    """The steps of a block, or of the handler of what makes it fail."""
    names = conditions.touched((*step.steps, *(each for one in step.handlers for each in one.steps)))
    unclear = (step_kinds.Opaque(step.span, "block that handles errors", step_kinds.Footprint(names)),)
    after = schema
    for part in step.steps:
        for each in resolve(after, part):
            applied = apply(after, each)
            if applied.diagnostics:
                raised = failures.raised(after, each, applied.diagnostics[0])
                for handler in step.handlers:
                    if raised is None or (raised & handler.conditions and raised - handler.conditions):
                        return unclear
                    if raised <= handler.conditions:
                        return _resolved(schema, handler.steps)
                return _resolved(schema, step.steps)
            if isinstance(each, step_kinds.Opaque):
                # it may fail as one of the handlers expects
                return unclear
            after = applied.schema
    return _resolved(schema, step.steps)


def _resolved(schema: Schema, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """What the steps of a statement come to; that it is refused is said by one of them."""
    found: list[Step] = []
    missing = False
    for step in steps:
        for part in resolve(schema, step):
            if isinstance(part, step_kinds.Refused) and part in found:
                continue
            applied = apply(schema, part)
            refused = any(each.is_error for each in applied.diagnostics)
            missing = missing or (refused and not isinstance(part, step_kinds.Refused))
            found.append(part)
            schema = applied.schema
    return tuple(each for each in found if not (missing and isinstance(each, step_kinds.Refused)))


def _each(schema: Schema, steps: tuple[Step, ...]) -> Applied:
    """The steps one after the other."""
    diagnostics: list[Diagnostic] = []
    unknown: list[step_kinds.Opaque] = []
    for step in steps:
        applied = apply(schema, step)
        schema = applied.schema
        diagnostics.extend(applied.diagnostics)
        unknown.extend(applied.opaque)
    return Applied(schema, tuple(diagnostics), tuple(unknown))


def replay(schema: Schema, scripts: Iterable[Script], *, wrapped: bool = False) -> Applied:
    """The schema after all the scripts, in order; `wrapped` where a tool makes a transaction of each."""
    diagnostics: list[Diagnostic] = []
    unknown: list[step_kinds.Opaque] = []
    for script in scripts:
        diagnostics.extend(script.diagnostics)
        session = Session.start(schema, wrapped)
        for statement in script.statements:
            for step in resolved(schema, statement).steps:
                if isinstance(step, Transaction):
                    point = session.transaction(schema, step)
                    schema = schema if point is None else point.schema
                    continue
                applied = apply(schema, step)
                session.took(step, schema, applied.schema)
                schema = applied.schema
                diagnostics.extend(applied.diagnostics)
                unknown.extend(applied.opaque)
            schema = session.settled(schema)
        schema = ended(schema)
    return Applied(schema, tuple(diagnostics), tuple(unknown))


def _result(schema: Schema, step: Step) -> Result:
    match step:
        case step_kinds.CreateTable():
            return tables.create_table(schema, step)
        case step_kinds.AddColumn():
            return columns.add_column(schema, step)
        case step_kinds.DropColumn():
            return columns.drop_column(schema, step)
        case step_kinds.RenameColumn():
            return renamed_columns.rename_column(schema, step)
        case step_kinds.AlterColumnType():
            return columns.alter_column_type(schema, step)
        case step_kinds.SetDefault():
            return columns.set_default(schema, step)
        case step_kinds.SetNotNull():
            return columns.set_not_null(schema, step)
        case step_kinds.DropNotNull():
            return columns.drop_not_null(schema, step)
        case step_kinds.SetIdentity():
            return columns.set_identity(schema, step)
        case step_kinds.SetExpression():
            return columns.set_expression(schema, step)
        case step_kinds.AddConstraint():
            return constraints.add_constraint(schema, step)
        case step_kinds.DropConstraint():
            return constraints.drop_constraint(schema, step)
        case step_kinds.ValidateConstraint():
            return changed_constraints.validate_constraint(schema, step)
        case step_kinds.AlterConstraint():
            return changed_constraints.alter_constraint(schema, step)
        case step_kinds.RenameConstraint():
            return changed_constraints.rename_constraint(schema, step)
        case step_kinds.AttachPartition():
            return tables.attach_partition(schema, step)
        case step_kinds.DetachPartition():
            return tables.detach_partition(schema, step)
        case step_kinds.SetInherit():
            return tables.set_inherit(schema, step)
        case step_kinds.SetRowSecurity():
            return tables.set_row_security(schema, step)
        case step_kinds.ChangePolicy():
            return policies.change_policy(schema, step)
        case step_kinds.SetTriggers():
            return tables.set_triggers(schema, step)
        case step_kinds.CreateIndex():
            return indexes.create_index(schema, step)
        case step_kinds.CreateTrigger():
            return tables.create_trigger(schema, step)
        case step_kinds.CreateEnum():
            return types.create_enum(schema, step)
        case step_kinds.AddEnumValue():
            return types.add_enum_value(schema, step)
        case step_kinds.RenameEnumValue():
            return types.rename_enum_value(schema, step)
        case step_kinds.CreateDomain():
            return types.create_domain(schema, step)
        case step_kinds.AlterDomain():
            return types.alter_domain(schema, step)
        case step_kinds.CreateType():
            return types.create_type(schema, step)
        case step_kinds.CreateSequence():
            return objects.create_sequence(schema, step)
        case step_kinds.AlterSequence():
            return objects.alter_sequence(schema, step)
        case step_kinds.CreateView():
            return objects.create_view(schema, step)
        case step_kinds.CreateFunction():
            return objects.create_function(schema, step)
        case step_kinds.CreateSchema():
            return objects.create_schema(schema, step)
        case step_kinds.CreateExtension():
            return objects.create_extension(schema, step)
        case step_kinds.Drop():
            return objects.drop(schema, step)
        case step_kinds.Rename():
            return moved_objects.rename(schema, step)
        case step_kinds.SetSchema():
            return moved_objects.set_schema(schema, step)
        case step_kinds.SetParameter():
            return _set_parameter(schema, step)
        case step_kinds.Opaque():
            return opaque.mark(schema, step)
        case step_kinds.Refused():
            return Diagnostic("refused-statement", step.message, step.span)
        case (
            step_kinds.When()
            | step_kinds.Attempt()
            | step_kinds.Query()
            | step_kinds.Calls()
            | step_kinds.Requires()
        ):
            raise AssertionError("`apply` resolves these first")
        case (
            step_kinds.Insert()
            | step_kinds.Update()
            | step_kinds.Delete()
            | step_kinds.Truncate()
            | step_kinds.Copy()
            | step_kinds.Transaction()
            | step_kinds.LockTable()
        ):
            return schema
        case step_kinds.NoEffect():
            return objects.redefined(schema, step)
        case _:
            assert_never(step)


def _set_parameter(schema: Schema, step: step_kinds.SetParameter) -> Schema:
    if step.name not in ("search_path", "all"):
        return schema
    if step.value is None:
        return replace(schema, search_path=Schema().search_path)
    # `"$user"` names a schema only where one is named after the role, which no migration can rely on
    return replace(schema, search_path=tuple(place for place in step.value if place != "$user"))
