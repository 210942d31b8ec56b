"""Defines `check_bound`: that the rows of a new partition are no other's, as far as its bound can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from rung.migrations.apply.lookup import children
from rung.migrations.expressions import NULL, Cast, Constant, Expression, Negative, SqlType
from rung.migrations.resolution import NoMeaningError
from rung.migrations.schema import Bound, Name, Schema, Table

Value = Decimal | str
Limit = tuple[tuple[int, Value | None], ...]
"""What a range begins or ends with: below all values, a value, or above all of them."""

_NUMBERS = ("int2", "int4", "int8", "numeric")
_MOMENTS = ("date", "timestamp", "timestamptz")
_TEXTS = ("text", "varchar", "uuid")
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?))?\s*(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def check_bound(schema: Schema, whole: Table, name: Name, bound: Bound) -> Iterator[str]:
    """Raises `NoMeaningError` where the server refuses the bound; gives what is in doubt."""
    others = [each for each in children(schema, whole.name) if each.bounds is not None and each.name != name]
    if bound.form == "hash":
        _check_remainder(bound, others)
        return
    if bound.form == "default":
        second = next(
            (each for each in others if each.bound is not None and each.bound.form == "default"), None
        )
        if second is not None:
            raise NoMeaningError(f"`{second.name}` is the default partition already")
        return
    types = _key_types(whole)
    mine = _read(schema, types, bound)
    if mine is not None and bound.form == "range" and _alike(mine, ()) and not mine[0] < mine[1]:
        raise NoMeaningError("the range of the partition is empty")
    for other in others:
        if other.bound is not None and other.bound.form != bound.form:
            continue
        theirs = None if other.bound is None else _read(schema, types, other.bound)
        if mine is None or theirs is None or other.opaque or not _alike(mine, theirs):
            yield f"whether partition `{other.name}` has rows of the new one"
        elif _meet(bound, mine, theirs):
            raise NoMeaningError(f"partition `{other.name}` has rows of the new one")


def _check_remainder(bound: Bound, others: list[Table]) -> None:
    modulus, remainder = bound.hash
    if modulus < 1 or not 0 <= remainder < modulus:
        raise NoMeaningError(f"no remainder of {modulus} is {remainder}")
    for other in others:
        if other.bound is None:
            continue
        small, large = sorted((modulus, other.bound.hash[0]))
        if large % small:
            raise NoMeaningError(f"{small} does not divide {large}, by which `{other.name}` is made")
        if (remainder - other.bound.hash[1]) % small == 0:
            raise NoMeaningError(f"partition `{other.name}` has rows of the new one")


def _key_types(whole: Table) -> list[SqlType | None]:
    found = (
        [None if key is None else whole.column(key) for key in whole.partitioning.columns]
        if (whole.partitioning is not None)
        else []
    )
    return [None if column is None else column.type for column in found]


def _read(schema: Schema, types: list[SqlType | None], bound: Bound) -> tuple[Limit, ...] | None:
    """The values of the bound, None where one cannot be read, or is not ordered as its text is."""
    found: list[Limit] = []
    for values in bound.values:
        if len(values) != len(types):
            return None
        limit: list[tuple[int, Value | None]] = []
        for type_, value in zip(types, values, strict=True):
            if value in ("minvalue", "maxvalue"):
                limit.append((-1 if value == "minvalue" else 1, None))
                # what comes after it says no more
                break
            assert not isinstance(value, str), "the two are all the words"
            read = None if type_ is None else _value(schema, type_, value, ordered=bound.form == "range")
            if read is None and not (value == NULL and bound.form == "list"):
                return None
            limit.append((0, read))
        found.append(tuple(limit))
    return tuple(found)


def _value(schema: Schema, type_: SqlType, written: Expression, *, ordered: bool) -> Value | None:
    if isinstance(written, Cast) and (written.type.name, written.type.array) == (type_.name, 0):
        written = written.operand
    sign = 1
    if isinstance(written, Negative):
        written, sign = written.operand, -1
    if not isinstance(written, Constant) or type_.array:
        return None
    text = str(written.value)
    if type_.schema is not None:
        known = Name(type_.schema, type_.name) in schema.enums
        return text if known and written.kind == "string" and not ordered else None
    if type_.name == "bool" and written.kind == "boolean":
        return text
    if type_.name in _NUMBERS and not type_.modifiers and written.kind in ("integer", "numeric", "string"):
        return sign * Decimal(text.strip()) if _NUMBER.fullmatch(text) else None
    if type_.name in _MOMENTS and written.kind == "string" and sign > 0:
        return _moment(type_.name, text.strip())
    if type_.name in _TEXTS and written.kind == "string" and sign > 0:
        # texts are ordered by a collation
        if type_.name == "uuid":
            return text.lower() if len(text) == 36 else None
        return None if ordered else text
    return None


def _moment(kind: str, text: str) -> Value | None:
    """The moment, as a number where a zone tells it, else in letters that are ordered as it is."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    day, clock, zone = match.groups()
    if kind == "date":
        return str(day)
    try:
        moment = datetime.fromisoformat(f"{day}T{clock or '00:00'}{zone or ''}")
    except ValueError:
        return None
    if kind == "timestamptz" and zone:
        return Decimal(str(moment.timestamp()))
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds")


def _alike(mine: tuple[Limit, ...], theirs: tuple[Limit, ...]) -> bool:
    """Whether the values are told so that they compare: moments all with a zone, or none."""
    kinds = {
        (place, type(value))
        for limit in (*mine, *theirs)
        for place, (_, value) in enumerate(limit)
        if value is not None
    }
    return len(kinds) == len({place for place, _ in kinds})


def _meet(bound: Bound, mine: tuple[Limit, ...], theirs: tuple[Limit, ...]) -> bool:
    if bound.form == "list":
        return not set(mine).isdisjoint(theirs)
    return mine[0] < theirs[1] and theirs[0] < mine[1]
