"""Defines `refusal`: what of all that a query names is certainly not there, or not told apart."""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Span, did_you_mean
from rung.migrations.apply.lookup import is_catalog, relation
from rung.migrations.schema import Name, Schema, Table, View
from rung.migrations.scopes import Named, Scope, Source, Thing

_SYSTEM = {"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"}
# `t.count` is `count(t)` where `t` has no such column
_OF_ROWS = {
    "array_agg",
    "any_value",
    "count",
    "first_value",
    "hstore",
    "json_agg",
    "jsonb_agg",
    "last_value",
    "num_nonnulls",
    "num_nulls",
    "pg_column_size",
    "pg_typeof",
    "row_to_json",
    "to_json",
    "to_jsonb",
}
_Columns = tuple[str, ...] | None
_NOWHERE = Span("", 0, 0)


def refusal(schema: Schema, scope: Scope, span: Span) -> Diagnostic | None:
    """Why the server would refuse the query, whatever the rows are; None where that is not certain."""
    return next(Resolver(schema, span).refusals(scope, ()), None)


def outputs(schema: Schema, scope: Scope) -> tuple[str, ...] | None:
    """The names of the columns that the query gives; None where they are not all known."""
    return Resolver(schema).outputs(scope)


def things(scope: Scope) -> Iterator[Thing]:
    """What the query, and those inside it, name besides columns."""
    yield from scope.things
    for each in (*scope.beside, *scope.inner):
        yield from things(each)


class Resolver:
    """Looks names up in a schema. What a query gives is told once: it may be named many times."""

    def __init__(self, schema: Schema, span: Span = _NOWHERE) -> None:
        self._schema = schema
        self._span = span
        self._outputs: dict[int, _Columns] = {}

    def refusals(self, scope: Scope, outer: tuple[Scope, ...]) -> Iterator[Diagnostic]:
        """What is wrong in the scope, and in those inside it, of which `outer` are those around."""
        chain = (scope, *outer)
        for each in scope.beside:
            yield from self.refusals(each, outer)
        aliases = [source.alias for source in scope.sources if source.alias]
        for alias in {alias for alias in aliases if aliases.count(alias) > 1}:
            # a schema may tell two tables of one name apart
            same = [source.of for source in scope.sources if source.alias == alias]
            if (isinstance(same[0], Name) and same.count(same[0]) > 1) or all(
                not isinstance(source.of, Name) or source.of.name != alias for source in scope.sources
            ):
                yield self._refused("ambiguous-column", f"`{alias}` stands for two relations")
        for named in scope.named:
            yield from self._resolved(named, chain)
        own = self.outputs(scope) if scope.among else ()
        for named in scope.among:
            if named.table is not None or (own is not None and named.column not in own):
                yield from self._resolved(named, chain)
        for each in scope.inner:
            yield from self.refusals(each, chain)
        # an aggregate in an inner query may be one of the query around it
        if scope.grouped is not None and (scope.grouped or not outer):
            yield from self._ungrouped(scope, scope.grouped)
        if scope.paired:
            widths = [self.outputs(each) for each in scope.paired]
            if all(each is not None for each in widths) and len({len(each or ()) for each in widths}) > 1:
                yield self._refused(
                    "column-count", "the parts of the query give different numbers of columns"
                )

    def _ungrouped(self, scope: Scope, grouped: tuple[Named, ...]) -> Iterator[Diagnostic]:
        """A column that may differ among the rows of a group; a key of its table does not let it."""
        for named in scope.single:
            if scope.merged is None or named.column is None or named.column in scope.merged:
                continue
            owners = [source for source in scope.sources if _may_own(source, named)]
            columns = [self.columns(source) for source in owners]
            if None in columns or any(each.column == named.column for each in grouped if _alike(each, named)):
                continue
            having = [each for each, own in zip(owners, columns, strict=True) if named.column in (own or ())]
            if len(having) == 1 and not self._keyed(having[0], grouped):
                message = f"column `{named.column}` is neither grouped by nor in an aggregate"
                yield self._refused("ungrouped-column", message)

    def _keyed(self, source: Source, grouped: tuple[Named, ...]) -> bool:
        found = relation(self._schema, source.of) if isinstance(source.of, Name) else None
        key = found.primary_key if isinstance(found, Table) else None
        own = {each.column for each in grouped if each.table in (None, source.alias)}
        return key is not None and own.issuperset(key.columns)

    def _refused(self, code: str, message: str, hint: str | None = None) -> Diagnostic:
        return Diagnostic(code, message, self._span, hint)

    def _resolved(self, named: Named, chain: tuple[Scope, ...]) -> Iterator[Diagnostic]:
        if named.table is not None:
            yield from self._qualified(named, chain)
        elif named.column is not None:
            yield from self._bare(named.column, chain)

    def _qualified(self, named: Named, chain: tuple[Scope, ...]) -> Iterator[Diagnostic]:
        for scope in chain:
            for source in scope.sources:
                if source.alias == named.table and _is_of(self._schema, source, named.schema):
                    if named.column is not None:
                        yield from self._part(source, named.column)
                    return
                if not source.alias and source.of is None:
                    return
        subject = named.table if named.column is None else f"{named.table}.{named.column}"
        yield self._refused("unknown-table", f"`{subject}` is of no relation that the statement reads there")

    def _part(self, source: Source, column: str) -> Iterator[Diagnostic]:
        found = self.columns(source)
        if found is not None and found.count(column) > 1:
            yield self._refused("ambiguous-column", f"`{source.alias}` has two columns `{column}`")
        if found is None or column in found or self._system(source, column) or self._is_call(column):
            return
        yield self._missing(f"{source.alias}.{column}", column, found)

    def _bare(self, column: str, chain: tuple[Scope, ...]) -> Iterator[Diagnostic]:
        seen: list[str] = []
        for scope in chain:
            owners = 0
            for source in scope.sources:
                if source.qualified:
                    continue
                found = self.columns(source)
                if found is None:
                    return
                if self._system(source, column):
                    return
                seen += found
                owners += found.count(column)
            if owners > 1 and scope.merged is not None and column not in scope.merged:
                yield self._refused("ambiguous-column", f"column `{column}` may be of several relations")
            if owners:
                return
        for scope in chain:
            # `SELECT t FROM t`: the whole row
            if any(source.alias == column for source in scope.sources):
                return
        yield self._missing(column, column, tuple(seen))

    def _missing(self, subject: str, column: str, among: tuple[str, ...]) -> Diagnostic:
        hint = did_you_mean(column, among)
        return self._refused("unknown-column", f"column `{subject}` does not exist", hint)

    def _system(self, source: Source, column: str) -> bool:
        return column in _SYSTEM and isinstance(source.of, Name)

    def _is_call(self, name: str) -> bool:
        """Whether `t.name` may be the call `name(t)`."""
        return name in _OF_ROWS or any(key.name == name for key in self._schema.functions)

    def columns(self, source: Source) -> _Columns:
        """The columns of an item of FROM; None where they are not all known."""
        match source.of:
            case None:
                return None
            case Name():
                found = self._relation(source.of)
            case Scope():
                found = self.outputs(source.of)
            case _:
                found = source.of
        return None if found is None else (*source.columns, *found[len(source.columns) :])

    def _relation(self, name: Name) -> _Columns:
        if is_catalog(name):
            return None
        match relation(self._schema, name):
            case Table(opaque=()) as table:
                return tuple(column.name for column in table.columns)
            case View(opaque=(), columns=tuple() as columns):
                # of `*` over USING a view is told both
                return tuple(dict.fromkeys(columns))
            case _:
                return None

    def outputs(self, scope: Scope) -> _Columns:
        """The columns that a query gives."""
        if id(scope) not in self._outputs:
            self._outputs[id(scope)] = self._given(scope)
        return self._outputs[id(scope)]

    def _given(self, scope: Scope) -> _Columns:
        if scope.outputs is None:
            return None
        found: list[str] = []
        for output in scope.outputs:
            if isinstance(output, str):
                found.append(output)
                continue
            columns = self.starred(scope, output)
            if columns is None:
                return None
            found += columns
        return tuple(found)

    def starred(self, scope: Scope, star: Named) -> _Columns:
        """The columns that `*` or `t.*` stands for."""
        sources = [each for each in scope.sources if not each.qualified]
        if star.table is not None:
            sources = [each for each in sources if each.alias == star.table]
            if len(sources) != 1:
                return None
        elif scope.merged is None:
            return None
        columns: list[str] = []
        for source in sources:
            own = self.columns(source)
            if own is None:
                return None
            columns += own
        if star.table is None and scope.merged:
            merged = [column for column in dict.fromkeys(columns) if column in scope.merged]
            columns = [*merged, *(column for column in columns if column not in scope.merged)]
        return tuple(columns)


def _may_own(source: Source, named: Named) -> bool:
    return named.table == source.alias or (named.table is None and not source.qualified)


def _alike(one: Named, other: Named) -> bool:
    """Whether both may be of one relation."""
    return one.table is None or other.table is None or one.table == other.table


def _is_of(schema: Schema, source: Source, place: str | None) -> bool:
    """Whether the source is a relation of the schema `place`, where one is named."""
    if place is None:
        return True
    if not isinstance(source.of, Name):
        return False
    found = relation(schema, source.of)
    return found is None or found.name.schema == place
