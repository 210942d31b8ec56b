"""Defines `Reader`: which type PostgreSQL gives an expression, and what in it some places forbid.

It raises `NoMeaningError` where the server would refuse the expression whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Literal, NamedTuple, assert_never

from rung.migrations import server
from rung.migrations.apply.index_methods import check_key
from rung.migrations.apply.lookup import find, in_doubt, relation, resolve_type, type_name
from rung.migrations.expression_text import to_sql
from rung.migrations.expressions import (
    And,
    Arithmetic,
    Between,
    BooleanTest,
    Call,
    Case,
    Cast,
    ColumnRef,
    Comparison,
    Concatenation,
    Constant,
    Expression,
    InList,
    IsDistinct,
    IsNull,
    Like,
    Negative,
    Not,
    Opaque,
    Or,
    Parameter,
    Quantified,
    SqlType,
)
from rung.migrations.literals import is_written
from rung.migrations.resolution import (
    UNKNOWN,
    Kind,
    NoMeaningError,
    category,
    choose,
    coercible,
    common,
    result,
    volatility,
)
from rung.migrations.schema import Column, Function, Name, Schema

# what needs no parentheses, and its types
_VALUES = {
    "current_date": "date",
    "current_time": "timetz",
    "current_timestamp": "timestamptz",
    "localtime": "time",
    "localtimestamp": "timestamp",
    "current_role": "name",
    "current_user": "name",
    "user": "name",
    "session_user": "name",
    "current_catalog": "name",
    "current_schema": "name",
}
_COMMON = {"coalesce", "greatest", "least"}
_LONGEST = 10 * 2**20
# the types that take numbers in parentheses, with the most that the first may be (0: as many as are written)
_MODIFIED = {
    "varchar": _LONGEST,
    "bpchar": _LONGEST,
    "numeric": 1000,
    "bit": _LONGEST * 8,
    "varbit": _LONGEST * 8,
}
_MODIFIED |= dict.fromkeys(("time", "timetz", "timestamp", "timestamptz", "interval"), 0)
# what takes subscripts besides arrays; vectors are arrays as well
_VECTORS = {"int2vector", "oidvector"}
_SUBSCRIPTED = {"box", "jsonb", "line", "lseg", "name", "point", *_VECTORS}
_CONCATENATIONS = {("text", "anynonarray"), ("anynonarray", "text")}


def kind_of(schema: Schema, type_: SqlType) -> Kind:
    """The type as `resolution` names it; a domain is what it is made of."""
    type_ = resolve_type(schema, type_)
    if type_.array:
        return array_of(kind_of(schema, SqlType(type_.name, schema=type_.schema)))
    if type_.schema is None:
        name = type_.name.split(" ")[0]
        return None if server.base_type(name) is None else name
    key = Name(type_.schema, type_.name)
    if key in schema.domains:
        return kind_of(schema, schema.domains[key].type)
    if key in schema.enums:
        return f"enum {key.schema}.{key.name}"
    made = schema.types.get(key)
    is_row = key in schema.tables or key in schema.views if made is None else made.kind == "composite"
    return f"row {key.schema}.{key.name}" if is_row else None


def fields_of(schema: Schema, kind: str) -> tuple[Column, ...] | None:
    """The fields of a composite, where all of them are known."""
    place, _, name = kind.removeprefix("row ").partition(".")
    made, table = schema.types.get(Name(place, name)), schema.tables.get(Name(place, name))
    if made is not None:
        return made.columns
    return None if table is None or table.opaque else table.columns


def array_of(element: Kind) -> Kind:
    """The type of arrays of a type; an array of arrays is of as many dimensions more."""
    return element if element is None or element.startswith("_") else f"_{element}"


def check_type(type_: SqlType, kind: Kind, collated: bool) -> None:
    """Refuses numbers in parentheses that the type does not take, and a collation of what is no text."""
    if type_.modifiers and (type_.schema is None or kind is not None):
        most = None if type_.schema is not None else _MODIFIED.get(type_.name.split(" ")[0])
        if most is None or (most and not 1 <= type_.modifiers[0] <= most):
            raise NoMeaningError(f"type `{type_.name}` with ({', '.join(map(str, type_.modifiers))})")
    if collated and kind is not None and category(kind.removeprefix("_")) != "S":
        raise NoMeaningError(f"a collation for type {kind}")


def check_sorted(kind: Kind, place: str, *, equal: bool = False) -> None:
    """Refuses values without an order where they are to be sorted, or of which two are never `equal`."""
    if kind is None or kind in (UNKNOWN, "record"):
        return
    element = kind.removeprefix("_")
    for method in ("btree", "hash") if equal else ("btree",):
        try:
            check_key(method, element, "values")
        except NoMeaningError:
            continue
        return
    raise NoMeaningError(f"{place} of type {kind}, which has no {'equal sign' if equal else 'order'}")


class Special(NamedTuple):
    """What only some places may hold; `shown` is for messages."""

    kind: Literal["subquery", "aggregate", "window", "set"]
    shown: str


def check_without(special: Iterable[Special], place: str, *kinds: str) -> None:
    """Refuses what a place may not hold."""
    found = next((each for each in special if each.kind in kinds), None)
    if found is not None:
        raise NoMeaningError(f"{place} holds {found.shown}")


class Reader:
    """Reads expressions over columns of these types; arguments are `$1`, `$2`. What it meets stays noted.

    `changing` is what may give another value for the same row, `unsure` what might, `special` what only some
    places may hold: subqueries, aggregates, window functions, functions that give sets. `doubts` are what may
    be refused.
    """

    def __init__(self, schema: Schema, columns: Mapping[str, SqlType]) -> None:
        self._schema = schema
        self._columns = columns
        # an aggregate of an inner query may be one of the query around it
        self._outermost = True
        self.changing: list[str] = []
        self.unsure: list[str] = []
        self.special: list[Special] = []
        self.doubts: list[str] = []

    def boolean(self, expression: Expression, place: str) -> None:
        """Reads what is to be true or false."""
        kind = self.kind(expression)
        if kind is not None and not coercible(kind, "bool", "assignment"):
            raise NoMeaningError(f"{place} is of type {kind}, not boolean")
        if isinstance(expression, Constant) and expression.kind == "string":
            self._literal(expression, "bool")

    def assigned(self, expression: Expression, type_: SqlType, place: str) -> None:
        """Reads what becomes a value of a column."""
        if isinstance(expression, Opaque) and expression.form == "default":
            return
        kind, wanted = self.kind(expression), kind_of(self._schema, type_)
        if wanted is not None and isinstance(expression, Constant) and expression.kind == "string":
            self._literal(expression, wanted)
        else:
            self.taken(kind, type_, place)

    def taken(self, kind: Kind, type_: SqlType, place: str) -> None:
        """Refuses a value of a type that does not become one of the column's."""
        wanted = kind_of(self._schema, type_)
        if kind is not None and wanted is not None and not coercible(kind, wanted, "assignment"):
            raise NoMeaningError(f"{place} is of type {wanted}, and what it is given of type {kind}")

    def kind(self, expression: Expression) -> Kind:
        """The type of an expression."""
        match expression:
            case Constant():
                return _constant(expression)
            case ColumnRef():
                return self._column(expression)
            case Parameter(name):
                return self._column(ColumnRef(f"${name}"))
            case Comparison(operator, left, right) | Arithmetic(operator, left, right):
                return self._operator(operator, (left, right), expression)
            case Concatenation(left, right):
                return self._operator("||", (left, right), expression)
            case IsDistinct(left, right):
                self._operator("=", (left, right), expression)
                return "bool"
            case Negative(operand):
                return self._operator("-", (operand,), expression)
            case IsNull(operand):
                self.kind(operand)
                return "bool"
            case BooleanTest(operand) | Not(operand):
                self.boolean(operand, "an operand")
                return "bool"
            case And(parts) | Or(parts):
                for part in parts:
                    self.boolean(part, "an operand")
                return "bool"
            case InList(operand, items):
                return self._in_list(operand, items, expression)
            case Quantified(operator, operand, items):
                return self._quantified(operator, operand, items)
            case Between(operand, low, high):
                for operator, bound in ((">=", low), ("<=", high)):
                    self._operator(operator, (operand, bound), expression)
                return "bool"
            case Like(operand, pattern, _, case_insensitive):
                return self._operator("~~*" if case_insensitive else "~~", (operand, pattern), expression)
            case Call():
                return self._call(expression)
            case Case(branches, default):
                before = len(self.special)
                for condition, _ in branches:
                    self.boolean(condition, "a condition of CASE")
                results = [result for _, result in branches]
                kind = self._common([*results, *([] if default is None else [default])], "CASE")
                check_without(self.special[before:], "CASE", "set")
                return kind
            case Cast(operand, type_):
                return self._cast(operand, type_, expression)
            case Opaque():
                return self._opaque(expression)
            case _:
                assert_never(expression)

    def _column(self, column: ColumnRef) -> Kind:
        found = self._columns.get(column.name)
        return None if found is None else kind_of(self._schema, found)

    def _subquery(self, part: Opaque) -> Kind:
        self.special.append(Special("subquery", "a subquery"))
        return None

    def _volatile(self, letter: str, part: Expression) -> None:
        if letter in "sv":
            self.changing.append(f"`{to_sql(part)}`")
        elif letter == "?":
            self.unsure.append(f"`{to_sql(part)}`")

    def _literal(self, literal: Constant, kind: str) -> None:
        """A literal that is read as a value of this type."""
        assert isinstance(literal.value, str)
        if category(kind) == "C":
            return
        labels: tuple[str, ...] | None = None
        if "enum " in kind:
            place, _, name = kind.removeprefix("_").removeprefix("enum ").partition(".")
            enum = self._schema.enums.get(Name(place, name))
            labels = None if enum is None or enum.opaque else enum.values
        written = is_written(literal.value, kind, labels)
        if written is None and category(kind) != "E":
            self.doubts.append(f"whether {to_sql(literal)} is read as {kind}")
        if written is False:
            raise NoMeaningError(f"{to_sql(literal)} is no value of type {kind}")

    def _operator(self, name: str, operands: tuple[Expression, ...], whole: Expression) -> Kind:
        rows = [each.parts for each in operands if isinstance(each, Opaque) and each.form == "row"]
        if len(rows) == 2:
            if len(rows[0]) != len(rows[1]):
                raise NoMeaningError(f"a row of {len(rows[0])} is compared with one of {len(rows[1])}")
            for pair in zip(*rows, strict=True):
                self._operator(name, pair, whole)
            return "bool"
        given = [self.kind(operand) for operand in operands]
        return self._applied(name, given, operands, whole)

    def _applied(
        self, name: str, given: list[Kind], operands: Iterable[Expression | None], whole: Expression
    ) -> Kind:
        if self._schema.extensions and None in given:
            self.unsure.append(f"`{to_sql(whole)}`")
            return None
        known = {kind for kind in given if kind not in (None, UNKNOWN)}
        candidates = server.operators(name, len(given))
        shown = f"operator `{name}` of {' and '.join(map(str, given))}"
        if len(given) == 2 and len(known) == 1 and UNKNOWN in given:
            # a literal is first taken to be of the other operand's type
            (kind,) = known
            same = [each for each in candidates if each.arguments == (kind, kind)]
            candidates = tuple(same) or candidates
        try:
            found = choose(candidates, given, shown)
        except NoMeaningError as refused:
            sure = not any(map(server.brings_operators, self._schema.extensions))
            raise NoMeaningError(str(refused), sure=sure) from refused
        if found is None:
            self.unsure.append(f"`{to_sql(whole)}`")
            return None
        if name == "||" and found.arguments in _CONCATENATIONS:
            # an SQL function, whose body makes the other operand a text
            for each in given:
                if each is None:
                    self.unsure.append(f"`{to_sql(whole)}`")
                elif each not in ("text", UNKNOWN):
                    self._volatile(volatility(each, "text"), whole)
            return "text"
        self._taken(found, given, operands, whole)
        return result(found, given)

    def _taken(
        self,
        found: server.Signature,
        given: list[Kind],
        operands: Iterable[Expression | None],
        whole: Expression,
    ) -> None:
        """Notes what a call does with its arguments."""
        self._volatile(found.volatility, whole)
        enums = [kind for kind in given if kind is not None and kind.startswith("enum ")]
        for kind, wanted, operand in zip(given, found.arguments, operands, strict=False):
            if kind is None or server.base_type(wanted) is None:
                continue
            if isinstance(operand, Constant) and operand.kind == "string":
                meant = enums[0] if wanted == "anyenum" and enums else wanted
                # where a type is not known, another signature of the same result may be meant
                if None not in given and category(meant) != "P":
                    self._literal(operand, meant)
            elif kind != wanted and server.cast(kind, wanted) is not None:
                self._volatile(volatility(kind, wanted), whole)

    def _in_list(self, operand: Expression, items: tuple[Expression, ...], whole: Expression) -> Kind:
        if isinstance(operand, Opaque) and operand.form == "row":
            for item in items:
                self._operator("=", (operand, item), whole)
            return "bool"
        kind, given = self.kind(operand), [self.kind(item) for item in items]
        constants = [item for item in items if isinstance(item, Constant)]
        if len(constants) == len(items) > 1 and None not in given:
            # an array of one type, if there is one
            try:
                given = [common([kind, *given], "IN")]
            except NoMeaningError:
                pass
            else:
                for item in items:
                    self._applied(
                        "=",
                        [kind, given[0] if self.kind(item) != UNKNOWN else UNKNOWN],
                        (operand, item),
                        whole,
                    )
                return "bool"
        for each, item in zip(given, items, strict=True):
            self._applied("=", [kind, each], (operand, item), whole)
        return "bool"

    def _quantified(self, operator: str, operand: Expression, items: tuple[Expression, ...]) -> Kind:
        self.kind(operand)
        self._common(items, "ARRAY")
        return "bool"

    def _common(self, parts: Iterable[Expression], shown: str) -> Kind:
        parts = tuple(parts)
        given = [self.kind(part) for part in parts]
        found = common(given, shown)
        for part, kind in zip(parts, given, strict=True):
            if found is not None and isinstance(part, Constant) and part.kind == "string":
                self._literal(part, found)
            elif found is not None and kind is not None:
                self._volatile(volatility(kind, found), part)
        return found

    def _cast(self, operand: Expression, type_: SqlType, whole: Expression) -> Kind:
        if type_.array and isinstance(operand, Opaque) and operand.form == "array":
            # the elements are cast, each by itself; those that are arrays as the whole is
            for each in operand.parts:
                nested = isinstance(each, Opaque) and each.form == "array"
                self._cast(each, type_ if nested else replace(type_, array=0), whole)
            return kind_of(self._schema, type_)
        kind, wanted = self.kind(operand), kind_of(self._schema, type_)
        if kind is None or wanted is None:
            if kind != UNKNOWN:
                self.unsure.append(f"`{to_sql(whole)}`")
            return wanted
        if isinstance(operand, Constant) and operand.kind == "string":
            self._literal(operand, wanted)
        elif not coercible(kind, wanted, "explicit"):
            raise NoMeaningError(f"no value of type {kind} can be cast to {wanted}")
        self._volatile(volatility(kind, wanted), whole)
        return wanted

    def _call(self, call: Call, *, over: bool = False) -> Kind:
        before = len(self.special)
        if not call.arguments and call.schema is None and call.name in _VALUES:
            self.changing.append(f"`{call.name}`")
            return _VALUES[call.name]
        if call.schema is None and call.name in _COMMON:
            kind = self._common(call.arguments, call.name.upper())
            if call.name == "coalesce":
                check_without(self.special[before:], "COALESCE", "set")
            else:
                check_sorted(kind, call.name.upper())
            return kind
        if call.schema is None and call.name == "nullif":
            self._operator("=", (call.arguments[0], call.arguments[1]), call)
            return self.kind(call.arguments[0])
        given = [self.kind(argument) for argument in call.arguments]
        found = self._called(call, given)
        if not isinstance(found, server.Signature):
            return found
        self._placed(found, call, self.special[before:], over)
        self._taken(found, given, call.arguments, call)
        return result(found, given)

    def _called(self, call: Call, given: list[Kind]) -> server.Signature | Kind:
        """Which of PostgreSQL's own functions a call means, or else its type."""
        own = find(self._schema.functions, self._schema, Name(call.schema, call.name))
        builtin = server.functions(call.name) if call.schema is None else ()
        if own and not builtin:
            chosen = self._chosen(own, call, given)
            if chosen is not None:
                return self._own(chosen, call)
            self.unsure.append(f"function `{call.name}`")
            return None
        doubts = in_doubt(self._schema, Name(call.schema, call.name))
        if not (builtin or own or doubts):
            self._missing(call, given)
        if not builtin or own or doubts or server.bringers(call.name) & self._schema.extensions:
            self.unsure.append(f"function `{call.name}`")
            return None
        is_type = len(given) == 1 and given[0] is not None and server.base_type(call.name) is not None
        if is_type and not any(each.arguments == (given[0],) for each in builtin):
            # a type's name before parentheses is a cast, where no function takes such a value
            return self._cast(call.arguments[0], SqlType(call.name), call)
        found = choose(builtin, given, _shown(call, given))
        if found is None:
            kinds, letters = {each.kind for each in builtin}, {each.volatility for each in builtin}
            if letters == {"i"}:
                return None
            if letters <= {"s", "v"} and kinds == {"f"}:
                self._volatile("s", call)
            else:
                self.unsure.append(f"`{to_sql(call)}`")
            return None
        return found

    def _placed(self, found: server.Signature, call: Call, within: list[Special], over: bool) -> None:
        """Notes what kind of function is called, and refuses what may not stand `within` its arguments."""
        shown = f"function `{call.name}`"
        match found.kind:
            case _ if over:
                if found.kind not in "aw":
                    raise NoMeaningError(f"{shown} is called with OVER")
                check_without(within, shown, "window", "set")
                self.special.append(Special("window", "a window function"))
            case "a":
                inner = ("aggregate",) if self._outermost else ()
                check_without(within, f"aggregate {shown}", "window", "set", *inner)
                self.special.append(Special("aggregate", f"aggregate {shown}"))
            case "w":
                raise NoMeaningError(f"window {shown} is called without OVER")
            case _ if found.is_set:
                self.special.append(Special("set", f"{shown}, which gives a set"))

    def _missing(self, call: Call, given: list[Kind]) -> None:
        """Refuses a call of what is no function, where it is no cast to a type of its name and no column."""
        name = Name(call.schema, call.name)
        if relation(self._schema, name) is not None:
            fits = len(given) == 1 and (
                given[0] in (None, UNKNOWN, "record") or category(given[0]) in ("S", "C")
            )
        else:
            # `name(t)` may be `t.name`
            of_row = len(given) == 1 and (given[0] is None or category(given[0]) == "C")
            fits = type_name(self._schema, name) is not None or of_row
        if not fits and not server.bringers(call.name) and call.schema in (None, *self._schema.schemas):
            raise NoMeaningError(f"function `{name}` does not exist")

    def _chosen(self, own: tuple[Function, ...], call: Call, given: list[Kind]) -> Function | None:
        """The one of these functions that is called; None where that is not known."""
        if any(each.language == "aggregate" or each.procedure for each in own):
            return None
        name = Name(call.schema, call.name)
        if in_doubt(self._schema, name) or server.bringers(call.name) & self._schema.extensions:
            return None
        signatures = []
        for place, function in enumerate(own):
            kinds = [kind_of(self._schema, type_) for type_ in function.arguments]
            taken = tuple(kind for kind in kinds if kind is not None)
            if len(taken) < len(kinds):
                return None
            # in place of a result, which of them it is
            signatures.append(server.Signature(taken, str(place), "i", optional=function.optional))
        found = choose(tuple(signatures), given, _shown(call, given))
        if found is None:
            return None
        self._taken(found, given, call.arguments, call)
        return own[int(found.result)]

    def _own(self, function: Function, call: Call) -> Kind:
        """A call of a function of the migrations: an SQL function may be what its body is."""
        kind = None if function.returns is None else kind_of(self._schema, function.returns)
        if function.language != "sql" or function.volatility == "i":
            self._volatile(function.volatility, call)
            return kind
        body = Reader(self._schema, {f"${n}": type_ for n, type_ in enumerate(function.arguments, 1)})
        if function.body is None or body.kind(function.body) != kind or kind is None or body.unsure:
            self.unsure.append(f"function `{function.name}`")
        elif body.changing:
            self.changing.append(f"`{to_sql(call)}`")
        return kind

    def _opaque(self, part: Opaque) -> Kind:
        match part.form:
            case "subquery":
                return self._subquery(part)
            case "row":
                for each in part.parts:
                    self.kind(each)
                return "record"
            case "array":
                return array_of(self._common(part.parts, "ARRAY"))
            case "any":
                return self._any(part)
            case "subscript" | "slice":
                return self._subscript(part)
            case "field":
                return self._field(part)
            case "default":
                raise NoMeaningError("DEFAULT stands within an expression")
            case "collate":
                kind = self.kind(part.parts[0])
                if kind not in (None, UNKNOWN) and category(kind.removeprefix("_")) != "S":
                    raise NoMeaningError(f"a collation for type {kind}")
                return kind
            case "window":
                kind = self._call(Call(part.name, part.parts), over=True) if part.name else None
                self.special.append(Special("window", "a window function"))
                return kind
            case "operator":
                return self._operator(part.name, part.parts, part)
            case "call":
                return self._call(Call(part.name, part.parts))
            case "":
                self.unsure.append(f"`{part.text}`")
                return None
            case _:
                assert_never(part.form)

    def _any(self, part: Opaque) -> Kind:
        operand, items = part.parts
        left, array = self.kind(operand), self.kind(items)
        if array == UNKNOWN:
            self._applied(part.name, [left, UNKNOWN], (operand, None), part)
            if left not in (None, UNKNOWN) and isinstance(items, Constant) and items.kind == "string":
                self._literal(items, f"_{left}")
        elif array is None or array in _VECTORS:
            self.unsure.append(f"`{part.text}`")
        elif array.startswith("_"):
            self._applied(part.name, [left, array[1:]], (operand, None), part)
        else:
            raise NoMeaningError(f"ANY or ALL of type {array}, which is no array")
        return "bool"

    def _subscript(self, part: Opaque) -> Kind:
        kind, *bounds = (self.kind(each) for each in part.parts)
        if kind is None or kind == UNKNOWN:
            return None
        if not kind.startswith("_"):
            if kind not in _SUBSCRIPTED:
                raise NoMeaningError(f"a subscript of type {kind}")
            return "jsonb" if kind == "jsonb" else None
        for each, bound in zip(part.parts[1:], bounds, strict=True):
            if bound is not None and not coercible(bound, "int4", "assignment"):
                raise NoMeaningError(f"a subscript is of type {bound}, not integer")
            if isinstance(each, Constant) and each.kind == "string":
                self._literal(each, "int4")
        return kind if part.form == "slice" else kind[1:]

    def _field(self, part: Opaque) -> Kind:
        """A field of a composite; `(x).f` may be `f(x)` too."""
        kind, name = self.kind(part.parts[0]), Name(None, part.name)
        if kind in (None, UNKNOWN, "record"):
            self.unsure.append(f"`{part.text}`")
            return None
        columns = fields_of(self._schema, kind)
        found = None if columns is None else next((each for each in columns if each.name == part.name), None)
        if found is not None:
            return kind_of(self._schema, found.type)
        own = find(self._schema.functions, self._schema, name) is not None
        hidden = category(kind) == "C" and columns is None
        if hidden or own or server.has_function(part.name) or in_doubt(self._schema, name):
            self.unsure.append(f"`{part.text}`")
        elif not server.bringers(part.name) & self._schema.extensions:
            raise NoMeaningError(f"type {kind} has no field `{part.name}`")
        return None


def _shown(call: Call, given: list[Kind]) -> str:
    return f"function `{call.name}({', '.join(each or 'a type' for each in given)})`"


def _constant(constant: Constant) -> Kind:
    match constant.kind:
        case "integer":
            assert isinstance(constant.value, int)
            return "int4" if -(2**31) <= constant.value < 2**31 else "int8"
        case "numeric":
            assert isinstance(constant.value, Decimal)
            return "numeric"
        case "boolean":
            return "bool"
        case "string" | "null":
            return UNKNOWN
        case _:
            assert_never(constant.kind)
