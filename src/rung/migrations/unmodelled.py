"""Defines `unmodelled`: what changed for a version of the code that neither names nor rows tell.

Of these it is known that something changed, not what that means for the code: functions, triggers, views,
sequences, rights, settings, the moment at which a constraint is checked. Each answer is UNKNOWN and names it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rung.diagnostics import Span
from rung.migrations.apply.sequences import sequence_users
from rung.migrations.expression_text import quote_name
from rung.migrations.expressions import Call, Expression, Opaque, walk
from rung.migrations.keys import exclusions
from rung.migrations.names import Answer, Uses, table_path
from rung.migrations.rollout import Code, Moment
from rung.migrations.schema import (
    Check,
    Exclusion,
    ForeignKey,
    Kind,
    Name,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)
from rung.migrations.steps import Drop, DropColumn, NoEffect
from rung.migrations.touches import changed_name
from rung.migrations.verdicts import Level, Verdict


def unmodelled(code: Code, present: Schema, wanted: Uses, moments: Sequence[Moment]) -> Iterator[Answer]:
    """The answers about code of before the rollout, of which `wanted` is what it uses, after the moments."""
    own = code.writes
    changed = _changed_functions(own, present)
    for name in sorted(wanted.tables):
        table, here = own.tables.get(name), present.tables.get(name)
        if table is not None and here is not None:
            for reason in _refusing(own, present, table, here, changed):
                yield _unknown(Level.WRITE, name, f"whether `{name}` takes what {code.name} writes", reason)
            for reason in _met(table, here):
                yield _unknown(Level.READ, name, f"what {code.name} meets in `{name}`", reason)
    for name in sorted(wanted.functions & changed):
        yield _unknown(
            Level.READ, name, f"what {code.name} gets from `{name}`", f"function `{name}`, changed"
        )
    for name in sorted(wanted.views):
        view, shown = own.views.get(name), present.views.get(name)
        if view is not None and shown is not None and (view.text, view.types) != (shown.text, shown.types):
            reason = f"view `{name}`, defined anew"
            yield _unknown(Level.READ, name, f"what {code.name} meets in `{name}`", reason)
    for name in sorted(wanted.sequences):
        if name in present.sequences and present.sequences[name] != own.sequences[name]:
            yield _unknown(Level.WRITE, name, f"what `{name}` gives", f"sequence `{name}`, changed")
    yield from _asked(code, present)
    yield from _beside(code, present, wanted, moments)
    yield from _lost(code, present, wanted, moments)


def _unknown(level: Level, subject: object, message: str, reason: str, span: Span | None = None) -> Answer:
    return Answer(level, Verdict.UNKNOWN, str(subject), f"{message} is not known", None, (reason,), span=span)


# ---------------------------------------------------------------- what the schemas tell


def _changed_functions(own: Schema, present: Schema) -> frozenset[Name]:
    """Functions that are there under the same name and arguments, with another body; and what calls them."""
    changed = {
        name
        for name, functions in own.functions.items()
        for function in functions
        for other in present.functions.get(name, ())
        if other.arguments == function.arguments and other.text != function.text
    }
    growing = True
    while growing:
        called = {each.name for each in changed}
        more = {
            name
            for name, functions in present.functions.items()
            if name not in changed and any(call.name in called for each in functions for call in each.calls)
        }
        changed |= more
        growing = bool(more)
    return frozenset(changed)


_TIMED = (Unique, PrimaryKey, ForeignKey, Exclusion)
"""The constraints that may be checked late."""


def _refusing(
    own: Schema, present: Schema, table: Table, here: Table, changed: frozenset[Name]
) -> Iterator[str]:
    """What may refuse or alter what is written or removed."""
    called = {name.name for name in changed}
    for trigger in here.triggers:
        deletes = {"delete", "truncate"} & set(trigger.events)
        if trigger.enabled and (
            trigger.function.name in called or (deletes and trigger not in table.triggers)
        ):
            yield f"trigger `{trigger.name}` on `{here.name}`"
    if any((now := here.column(column.name)) is None or now.type != column.type for column in table.columns):
        for trigger in here.triggers:
            if trigger.enabled:
                yield f"trigger `{trigger.name}` on `{here.name}`, whose columns changed"
    for expression in _expressions(here) if called else ():
        for name in sorted(called & _calls(expression)):
            yield f"function `{name}`, changed"
    for constraint in table.constraints:
        other = here.constraint(constraint.name)
        if (
            isinstance(constraint, _TIMED)
            and isinstance(other, _TIMED)
            and constraint.deferrable
            and not other.deferrable
        ):
            yield f"constraint `{constraint.name}`, no longer deferrable"
    for sequence in own.sequences.values():
        after = present.sequences.get(sequence.name)
        if (
            after is not None
            and (after.type, after.settings) != (sequence.type, sequence.settings)
            and any(user == here.name for user, _ in sequence_users(present, after))
        ):
            yield f"sequence `{sequence.name}`, changed"


def _expressions(table: Table) -> Iterator[Expression]:
    for column in table.columns:
        if column.default is not None:
            yield column.default
        if column.generated is not None:
            yield column.generated.expression
    for constraint in table.constraints:
        if isinstance(constraint, Check):
            yield constraint.expression
    for index in table.indexes:
        yield from (key.expression for key in index.keys if key.expression is not None)
        if index.where is not None:
            yield index.where


def _calls(expression: Expression) -> set[str]:
    """The functions that an expression calls, as far as it is understood."""
    found = {part.name for part in walk(expression) if isinstance(part, Call)}
    for part in walk(expression):
        if isinstance(part, Opaque):
            found |= {word.rpartition(".")[2] for word in part.text.replace("(", " ( ").split()}
    return found


def _met(table: Table, here: Table) -> Iterator[str]:
    """What may have kept, or made, the rows that are read."""
    for trigger in table.triggers:
        if trigger.enabled and trigger not in here.triggers and set(trigger.events) & {"insert", "update"}:
            yield f"trigger `{trigger.name}` on `{here.name}`, which is no longer what it was"
    for found in exclusions(table):
        if found not in exclusions(here):
            yield f"exclusion constraint `{found.name}`, which is no longer what it was"
    if table.row_security and not here.row_security:
        yield f"row security of `{here.name}`, which no longer keeps rows back"
    for column in table.columns:
        other = here.column(column.name)
        if other is not None and column.generated is not None and other.generated != column.generated:
            yield f"`{here.name}.{column.name}`, no longer generated as it was"
        if other is not None and other.collation != column.collation:
            yield f"another collation of `{here.name}.{column.name}`"


def _asked(code: Code, present: Schema) -> Iterator[Answer]:
    """What is known of a query's text, and depends on more than the columns that it names."""
    for query in code.queries.queries if code.queries is not None else ():
        for name in query.shaped:
            own, here = code.writes.table(name), present.table(name)
            if own is None or here is None:
                continue
            if [column.name for column in own.columns] != [column.name for column in here.columns]:
                reason = f"`*` or NATURAL in query `{query.name}`"
                yield _unknown(Level.TYPE, own.name, "whether each column still has its other", reason)
        for name, constraint in query.constraints:
            own, here = code.writes.table(name), present.table(name)
            if own is None or here is None or own.constraint(constraint) is None:
                continue
            if here.constraint(constraint) is None:
                statement = (
                    f"INSERT INTO {table_path(own.name)} DEFAULT VALUES "
                    f"ON CONFLICT ON CONSTRAINT {quote_name(constraint)} DO NOTHING"
                )
                message = f"`{own.name}` has no constraint `{constraint}` for ON CONFLICT to name"
                yield Answer(Level.NAME, Verdict.REFUTED, str(own.name), message, statement)


# ---------------------------------------------------------------- what the statements tell

_RIGHTS = frozenset(
    {
        "ALTER COLUMN SET (sequence option)",
        "ALTER EXTENSION",
        "ALTER FUNCTION",
        "ALTER MATERIALIZED VIEW",
        "ALTER VIEW",
        "OWNER TO",
        "REVOKE",
    }
)
_POLICIES = ("CREATE POLICY", "ALTER POLICY", "DROP POLICY")
_SETTINGS = ("ALTER ROLE SET", "ALTER DATABASE SET", "ALTER SYSTEM")
_HARMLESS = ("_timeout`", "_mem`", "`log_", "_cost`", "statistics", "`jit")


def _beside(code: Code, present: Schema, wanted: Uses, moments: Sequence[Moment]) -> Iterator[Answer]:
    for moment in moments:
        step = moment.step
        if not isinstance(step, NoEffect):
            continue
        about = None if step.table is None else _used(code.writes, wanted, step.table)
        if step.table is not None and about is None:
            continue
        if step.what in _POLICIES:
            table = None if about is None else present.tables.get(about)
            if table is not None and not table.row_security:
                continue
        elif step.what.startswith(_SETTINGS):
            if any(word in step.what for word in _HARMLESS):
                continue
        elif step.what not in _RIGHTS:
            continue
        subject = "all" if about is None else about
        message = f"whether {code.name} may and does what it did"
        yield _unknown(Level.NAME, subject, message, f"{step.what} in `{moment.migration}`", step.span)


def _used(own: Schema, wanted: Uses, name: Name) -> Name | None:
    """The object of that name that the code uses, if it does."""
    names = (*wanted.tables, *wanted.views, *wanted.functions, *wanted.sequences)
    places = [name] if name.schema is not None else [Name(place, name.name) for place in own.search_path]
    return next((place for place in places if place in names), None)


def _lost(code: Code, present: Schema, wanted: Uses, moments: Sequence[Moment]) -> Iterator[Answer]:
    """What was dropped, with all that it held, and is there again under its name."""
    for moment in moments:
        step = moment.step
        if isinstance(step, Drop) and step.kind is Kind.TABLE:
            for name in moment.before.tables.keys() - moment.after.tables.keys():
                if changed_name(moment, name) is None and name in wanted.tables and name in present.tables:
                    message = f"what becomes of the rows of `{name}`"
                    reason = f"`{name}` is dropped and made again, without its rows"
                    yield _unknown(Level.DATA, name, message, reason, step.span)
        elif isinstance(step, DropColumn):
            table = moment.before.table(step.table)
            if table is None or step.column not in wanted.tables.get(table.name, ()):
                continue
            here = present.tables.get(table.name)
            if here is not None and here.column(step.column) is not None:
                subject = f"{table.name}.{step.column}"
                reason = f"`{subject}` is dropped and made again, without its values"
                yield _unknown(
                    Level.DATA, subject, f"what becomes of the values of `{subject}`", reason, step.span
                )
