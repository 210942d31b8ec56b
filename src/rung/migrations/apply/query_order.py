"""Defines `check_order`: what ORDER BY, GROUP BY and DISTINCT take of the expressions of a query.

It raises `NoMeaningError` where the server refuses them whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rung.migrations.apply.kinds import check_sorted
from rung.migrations.expressions import ColumnRef, Constant, Expression, Opaque, map_columns, walk
from rung.migrations.resolution import Kind, NoMeaningError
from rung.migrations.scopes import Clauses, Place, Sorted

_OF_QUERY = {"ORDER BY", "GROUP BY", "DISTINCT ON"}
_SORTING = {"ORDER BY", "ORDER BY in a call"}


class Given(NamedTuple):
    """A column that a query gives: its name, its type and what makes it, None where that is not known."""

    name: str
    kind: Kind
    value: Expression | None


def check_order(
    clauses: Clauses,
    given: tuple[Given, ...] | None,
    kind: Callable[[Expression], Kind],
    sees: Callable[[str], bool],
) -> None:
    """`kind` tells types, and `sees` whether a column of FROM may have a name; `given` is what is known of
    what the query gives."""
    meant: list[tuple[Place, Expression | None]] = []
    for each in clauses.ordered:
        output = _output(each, given, sees) if each.place in _OF_QUERY else None
        if output is None:
            output = Given("", kind(each.value), None if given is None else each.value)
        check_sorted(output.kind, each.place, equal=each.place not in _SORTING)
        meant.append((each.place, output.value))
    order = [value for place, value in meant if place == "ORDER BY"]
    if clauses.distinct:
        for one in given or ():
            check_sorted(one.kind, "DISTINCT", equal=True)
        _check_distinct(order, given)
    _check_distinct_on([value for place, value in meant if place == "DISTINCT ON"], order)


def check_united(clauses: Clauses, given: tuple[Given, ...] | None) -> None:
    """The same of a UNION, which is ordered by what it gives alone."""
    for each in clauses.ordered:
        output = _output(each, given, lambda _: False)
        if output is not None:
            check_sorted(output.kind, each.place)
        elif given is not None or not isinstance(each.value, ColumnRef | Constant):
            raise NoMeaningError("a UNION is ordered by what it does not give")
    for one in (given or ()) if clauses.distinct else ():
        check_sorted(one.kind, "UNION", equal=True)


def _output(each: Sorted, given: tuple[Given, ...] | None, sees: Callable[[str], bool]) -> Given | None:
    """The output that a number or a name stands for."""
    match each.value:
        case Constant("integer", int() as place) if given is not None:
            if not 1 <= place <= len(given):
                raise NoMeaningError(f"{each.place} {place} of a query that gives {len(given)} columns")
            return given[place - 1]
        case Constant(kind) if kind != "integer":
            raise NoMeaningError(f"{each.place} of a constant that is no integer")
        case Constant():
            return Given("", None, None)
        case ColumnRef(name, None) if given is None:
            return Given(name, None, None)
        case ColumnRef(name, None) if each.place != "GROUP BY" or not sees(name):
            return next((one for one in given or () if one.name == name), None)
        case _:
            return None


def _plain(value: Expression | None) -> Expression | None:
    """The value without the names of relations; None where that does not tell it."""
    if value is None or any(isinstance(part, Opaque) for part in walk(value)):
        return None
    return map_columns(value, lambda column: ColumnRef(column.name))


def _check_distinct(order: list[Expression | None], given: tuple[Given, ...] | None) -> None:
    if given is None or any(one.value is None for one in given):
        return
    values = [_plain(one.value) for one in given]
    for value in map(_plain, order):
        if value is not None and value not in values:
            raise NoMeaningError("a query with DISTINCT is ordered by what it does not give")


def _check_distinct_on(keys: list[Expression | None], order: list[Expression | None]) -> None:
    wanted, left = [_plain(value) for value in keys], False
    if None in wanted:
        return
    pending = set(map(repr, wanted))
    for value in map(_plain, order):
        if value is None:
            return
        if value not in wanted:
            left = True
        elif left:
            raise NoMeaningError("DISTINCT ON is of what ORDER BY does not begin with")
        pending.discard(repr(value))
    if left and pending:
        raise NoMeaningError("DISTINCT ON is of what ORDER BY does not begin with")
