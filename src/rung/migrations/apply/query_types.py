"""Defines `check_query`: that the expressions of a query, and of those inside, have types that fit.

It raises `NoMeaningError` where the server would refuse the query whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rung.migrations.apply.applied import check_without
from rung.migrations.apply.expression_types import Reader
from rung.migrations.apply.kinds import array_of, fields_of, kind_of
from rung.migrations.apply.lookup import relation
from rung.migrations.apply.query_order import Given, check_order, check_united
from rung.migrations.apply.scopes import Resolver
from rung.migrations.expressions import ColumnRef, Constant, Expression, Opaque, SqlType
from rung.migrations.resolution import UNKNOWN, Kind, NoMeaningError, category, coercible, common
from rung.migrations.schema import Name, Schema, Table, View
from rung.migrations.scopes import Named, Scope, Source

_Kinds = tuple[Kind, ...] | None


def check_given(schema: Schema, scope: Scope) -> None:
    """That what a query gives can be columns."""
    if "record" in (_Typer(schema).kinds(scope) or ()):
        raise NoMeaningError("a column is of type record")


def check_returned(schema: Schema, body: Scope, types: tuple[SqlType, ...]) -> None:
    """That the last statement of a function's body gives what the function returns."""
    kinds = [kind_of(schema, type_) for type_ in types]
    if kinds == ["trigger"]:
        raise NoMeaningError("an SQL function returns a trigger")
    if None in kinds or any(kind in ("void", "record") or category(str(kind)) == "P" for kind in kinds):
        return
    given = _Typer(schema).kinds(body.inner[-1], (body.inner[-1], body)) if body.inner else ()
    if given is None:
        return
    if len(kinds) == 1 and str(kinds[0]).startswith("row "):
        # it is given as a whole, or its columns are
        if len(given) == 1 and (given[0] is None or coercible(given[0], str(kinds[0]), "assignment")):
            return
        fields = fields_of(schema, str(kinds[0]))
        if fields is None:
            return
        kinds = [kind_of(schema, field.type) for field in fields]
    if len(given) != len(kinds):
        raise NoMeaningError(f"a function that returns {len(kinds)} columns gives {len(given)}")
    for kind, wanted in zip(map(_settled, given), kinds, strict=True):
        if kind is not None and wanted is not None and not coercible(kind, wanted, "assignment"):
            raise NoMeaningError(f"a function that returns {wanted} gives {kind}")


def check_query(
    schema: Schema, scope: Scope, fills: tuple[Name, tuple[str, ...]] | None = None
) -> Iterator[str]:
    """What is in doubt. `fills` are the table that an INSERT fills, and its columns as they are listed."""
    typer = _Typer(schema)
    typer.check(scope, ())
    table = None if fills is None else schema.table(fills[0])
    if fills is not None and table is not None and not table.opaque and scope.paired:
        columns = [table.column(name) for name in fills[1]] if fills[1] else table.columns
        for place, column in enumerate(columns):
            if column is not None:
                typer.fills(scope.paired[0], place, Source("", table.name), column.name)
    yield from typer.doubts


class _Reader(Reader):
    """Reads the expressions of one query; names are looked for in `chain`, the query and those around it."""

    def __init__(self, typer: _Typer, chain: Sequence[Scope]) -> None:
        super().__init__(typer.schema, {})
        self.outermost = len(chain) == 1
        self.doubts = typer.doubts
        self._typer = typer
        self._chain = chain

    def _column(self, column: ColumnRef) -> Kind:
        return self._typer.column(column, self._chain)

    def _subquery(self, part: Opaque) -> Kind:
        found = next((scope for at, scope in self._chain[0].clauses.subqueries if at == part.at), None)
        given = None if found is None else self._typer.kinds(found)
        if part.name == "exists":
            return "bool"
        operand = part.parts[0] if part.parts else None
        row = operand.parts if isinstance(operand, Opaque) and operand.form == "row" else (operand,)
        if given is None:
            return "bool" if operand is not None else None
        if len(given) != len(row):
            raise NoMeaningError(f"a subquery gives {len(given)} columns for {len(row)}")
        settled = [_settled(kind) for kind in given]
        if operand is not None:
            for each, kind in zip(row, settled, strict=True):
                assert each is not None
                self.applied(part.name, [self.kind(each), kind], (each, None), part)
            return "bool"
        (kind,) = settled
        if part.name != "array":
            return kind
        return array_of(kind)


def _settled(kind: Kind) -> Kind:
    """What a literal that no one asked a type of is taken for."""
    return "text" if kind == UNKNOWN else kind


class _Typer:
    """Tells the types of columns; those that a query gives are told once."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.doubts: list[str] = []
        self._names = Resolver(schema)
        self._given: dict[int, _Kinds] = {}

    def check(self, scope: Scope, outer: tuple[Scope, ...]) -> None:
        chain = (scope, *outer)
        for each in scope.beside:
            self.check(each, outer)
        for each in scope.inner:
            self.check(each, chain)
        self._given[id(scope)] = self._read(scope, chain)
        clauses = scope.clauses
        # an aggregate of an inner query may be one of the query around it
        aggregate = () if outer else ("aggregate",)
        reader = _Reader(self, chain)
        for expression in clauses.values:
            reader.kind(expression)
        check_without(reader.special, "FROM or RETURNING", "window", *aggregate)
        reader = _Reader(self, chain)
        for condition in clauses.conditions:
            reader.boolean(condition, "a condition")
        check_without(reader.special, "a condition", "window", "set", *aggregate)
        reader = _Reader(self, chain)
        for condition in clauses.having:
            reader.boolean(condition, "HAVING")
        check_without(reader.special, "HAVING", "window", "set")
        reader = _Reader(self, chain)
        for column, value in clauses.assigned:
            self._assigned(reader, value, scope.sources[0], column)
        check_without(reader.special, "SET", "window", "set", *aggregate)
        self._limited(clauses.limits, chain, aggregate)
        self._order(scope, chain, aggregate)

    def _limited(
        self, limits: Iterable[Expression], chain: tuple[Scope, ...], forbidden: Iterable[str]
    ) -> None:
        reader = _Reader(self, chain)
        for each in limits:
            reader.assigned(each, SqlType("int8"), "LIMIT or OFFSET")
        check_without(reader.special, "LIMIT", "window", "set", *forbidden)

    def _order(self, scope: Scope, chain: tuple[Scope, ...], forbidden: Iterable[str]) -> None:
        given, clauses = self._outputs(scope), scope.clauses
        if len(scope.paired) == 2:
            check_united(clauses, given)
        elif clauses.ordered or clauses.distinct:
            reader = _Reader(self, chain)
            check_order(clauses, given, reader.kind, lambda name: self._sees(scope, name))
        reader = _Reader(self, chain)
        for place, value in clauses.ordered:
            if place == "GROUP BY":
                reader.kind(value)
        check_without(reader.special, "GROUP BY", "window", *forbidden)

    def _sees(self, scope: Scope, name: str) -> bool:
        """Whether something in FROM may have a column of that name."""
        columns = [self._names.columns(source) for source in scope.sources]
        return any(each is None or name in each for each in columns)

    def _outputs(self, scope: Scope) -> tuple[Given, ...] | None:
        """What the query gives, where all of it is known."""
        names, kinds = self._names.outputs(scope), self.kinds(scope)
        if names is None or kinds is None or len(names) != len(kinds):
            return None
        values = scope.clauses.given
        if len(values) != len(names) or None in values:
            # of `*`
            values = tuple(map(ColumnRef, names)) if scope.clauses.given == (None,) else (None,) * len(names)
        return tuple(map(Given, names, kinds, values))

    def _assigned(self, reader: Reader, value: Expression, target: Source, column: str) -> None:
        found = relation(self.schema, target.of) if isinstance(target.of, Name) else None
        own = found.column(column) if isinstance(found, Table) and not found.opaque else None
        if own is None:
            reader.kind(value)
        else:
            reader.assigned(value, own.type, f"`{column}`")

    def fills(self, query: Scope, place: int, target: Source, column: str) -> None:
        """That what a query gives at `place` can become a value of the column."""
        reader = _Reader(self, (query,))
        if query.clauses.rows:
            for row in query.clauses.rows:
                value = row[place] if place < len(row) else None
                if value is not None:
                    self._assigned(reader, value, target, column)
            return
        given = self.kinds(query)
        if given is None or place >= len(given):
            return
        found = relation(self.schema, target.of) if isinstance(target.of, Name) else None
        own = found.column(column) if isinstance(found, Table) else None
        if own is None:
            return
        values = query.clauses.given
        if None not in values and not query.paired and place < len(values) and values[place] is not None:
            value = values[place]
            if isinstance(value, Constant):
                reader.assigned(value, own.type, f"`{column}`")
                return
        reader.taken(given[place], own.type, f"`{column}`")

    def kinds(self, scope: Scope, chain: tuple[Scope, ...] = ()) -> _Kinds:
        """The types of what a query gives; None where not even their number is known."""
        if id(scope) not in self._given:
            self._given[id(scope)] = self._read(scope, chain or (scope,))
        return self._given[id(scope)]

    def _read(self, scope: Scope, chain: tuple[Scope, ...]) -> _Kinds:
        reader, clauses = _Reader(self, chain), scope.clauses
        if len(scope.paired) == 2:
            return self._either(*map(self.kinds, scope.paired))
        if clauses.rows:
            kinds = self._rows(reader, clauses.rows)
            check_without(reader.special, "VALUES", "window", *(("aggregate",) if reader.outermost else ()))
            return kinds
        found: list[Kind] = []
        for place, output in enumerate(scope.outputs or ()):
            value = clauses.given[place] if place < len(clauses.given) else None
            if value is not None:
                found.append(reader.kind(value))
            elif isinstance(output, Named):
                names = self._names.starred(scope, output)
                if names is None:
                    return None
                found += [self.column(ColumnRef(name, output.table), chain[:1]) for name in names]
            else:
                found.append(None)
        if scope.outputs is None:
            for each in clauses.given:
                if each is not None:
                    reader.kind(each)
            return None
        return tuple(found)

    def _either(self, left: _Kinds, right: _Kinds) -> _Kinds:
        if left is None or right is None or len(left) != len(right):
            return None
        return tuple(
            None if {one, other} == {UNKNOWN} else common([one, other], "UNION")
            for one, other in zip(left, right, strict=True)
        )

    def _rows(self, reader: Reader, rows: tuple[tuple[Expression | None, ...], ...]) -> _Kinds:
        """Those of VALUES; an INSERT takes each row for itself."""
        if len({len(row) for row in rows}) > 1:
            return None
        kinds: list[Kind] = []
        for values in zip(*rows, strict=True):
            given = [None if value is None else reader.kind(value) for value in values]
            try:
                kinds.append(common(given, "VALUES"))
            except NoMeaningError:
                kinds.append(None)
        return tuple(kinds)

    def column(self, column: ColumnRef, chain: Sequence[Scope]) -> Kind:
        """The type of a column as named in the innermost of these scopes; None where it is not known."""
        for scope in chain:
            found: set[Kind] = set()
            for source in scope.sources:
                if source.qualified if column.table is None else source.alias != column.table:
                    continue
                names = self._names.columns(source)
                if names is None:
                    return None
                if column.name in names:
                    found.add(self._of_source(source, names.index(column.name)))
            if found:
                return found.pop() if len(found) == 1 else None
            if column.table is not None and any(source.alias == column.table for source in scope.sources):
                return None
        for source in chain[0].sources if column.table is None else ():
            if source.alias == column.name and isinstance(source.of, Scope):
                # the whole row of a query
                return "record"
        return None

    def _of_source(self, source: Source, place: int) -> Kind:
        """The type of the column at a place among those of an item of FROM."""
        match source.of:
            case Scope():
                given = self.kinds(source.of)
                return None if given is None or place >= len(given) else _settled(given[place])
            case Name():
                match relation(self.schema, source.of):
                    case Table() as table:
                        return kind_of(self.schema, table.columns[place].type)
                    case View(columns=tuple() as names) as view:
                        types = dict(zip(names, view.types, strict=False))
                        type_ = types.get(tuple(dict.fromkeys(names))[place])
                        return None if type_ is None or not type_.name else kind_of(self.schema, type_)
            case tuple() if place < len(source.types):
                kind = kind_of(self.schema, source.types[place])
                # a placeholder is of the type that a call gives it
                return None if kind is None or category(kind) == "P" else kind
            case _:
                pass
        return None
