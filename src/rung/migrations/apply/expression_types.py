"""Defines `Reader`: which type PostgreSQL gives an expression, and what in it some places forbid.

It raises `NoMeaningError` where the server would refuse the expression whatever the rows are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import assert_never

from rung.migrations import server
from rung.migrations.apply.applied import Applied, Special, check_without, shown_call
from rung.migrations.apply.kinds import array_of, check_sorted, fields_of, kind_of
from rung.migrations.apply.lookup import find, in_doubt, unresolved_type
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
from rung.migrations.schema import Function, Name

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
# what takes subscripts besides arrays; vectors are arrays as well
_VECTORS = {"int2vector", "oidvector"}
_SUBSCRIPTED = {"box", "jsonb", "line", "lseg", "name", "point", *_VECTORS}


class Reader(Applied):
    """Reads expressions over columns of these types; arguments are `$1`, `$2`. What it meets stays noted."""

    def boolean(self, expression: Expression, place: str) -> None:
        """Reads what is to be true or false."""
        kind = self.kind(expression)
        if kind is not None and not coercible(kind, "bool", "assignment"):
            raise NoMeaningError(f"{place} is of type {kind}, not boolean")
        if isinstance(expression, Constant) and expression.kind == "string":
            self.literal(expression, "bool")

    def assigned(self, expression: Expression, type_: SqlType, place: str) -> None:
        """Reads what becomes a value of a column."""
        if isinstance(expression, Opaque) and expression.form == "default":
            return
        kind, wanted = self.kind(expression), kind_of(self.schema, type_)
        if wanted is not None and isinstance(expression, Constant) and expression.kind == "string":
            self.literal(expression, wanted)
        else:
            self._fitted(expression, wanted, "assignment")
            self.taken(kind, type_, place)

    def _fitted(self, expression: Expression, wanted: Kind, context: str) -> None:
        """That a row that is written out can become a composite."""
        fields = None if wanted is None or category(wanted) != "C" else fields_of(self.schema, wanted)
        if fields is None or not isinstance(expression, Opaque) or expression.form != "row":
            return
        if len(expression.parts) != len(fields):
            raise NoMeaningError(f"a row of {len(expression.parts)} for the {len(fields)} fields of {wanted}")
        for part, field in zip(expression.parts, fields, strict=True):
            kind, of_field = self.kind(part), kind_of(self.schema, field.type)
            if kind is not None and of_field is not None and not coercible(kind, of_field, context):
                raise NoMeaningError(f"field `{field.name}` is of type {of_field}, and is given {kind}")
            if of_field is not None and isinstance(part, Constant) and part.kind == "string":
                self.literal(part, of_field)

    def taken(self, kind: Kind, type_: SqlType, place: str) -> None:
        """Refuses a value of a type that does not become one of the column's."""
        wanted = kind_of(self.schema, type_)
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
        found = self.columns.get(column.name)
        return None if found is None else kind_of(self.schema, found)

    def _subquery(self, part: Opaque) -> Kind:
        self.special.append(Special("subquery", "a subquery"))
        return None

    def _operator(self, name: str, operands: tuple[Expression, ...], whole: Expression) -> Kind:
        rows = [each.parts for each in operands if isinstance(each, Opaque) and each.form == "row"]
        if len(rows) == 2:
            if len(rows[0]) != len(rows[1]):
                raise NoMeaningError(f"a row of {len(rows[0])} is compared with one of {len(rows[1])}")
            for pair in zip(*rows, strict=True):
                self._operator(name, pair, whole)
            return "bool"
        given = [self.kind(operand) for operand in operands]
        return self.applied(name, given, operands, whole)

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
                    self.applied(
                        "=",
                        [kind, given[0] if self.kind(item) != UNKNOWN else UNKNOWN],
                        (operand, item),
                        whole,
                    )
                return "bool"
        for each, item in zip(given, items, strict=True):
            self.applied("=", [kind, each], (operand, item), whole)
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
                self.literal(part, found)
            elif found is not None and kind is not None:
                self.volatile(volatility(kind, found), part)
        return found

    def _named(self, type_: SqlType) -> Kind:
        kind = kind_of(self.schema, type_)
        # `_mood` is the type of arrays of `mood`
        if kind is None and not type_.name.startswith("_") and unresolved_type(self.schema, type_):
            raise NoMeaningError(f"type `{type_.name}` does not exist")
        return kind

    def _cast(self, operand: Expression, type_: SqlType, whole: Expression) -> Kind:
        if type_.array and isinstance(operand, Opaque) and operand.form == "array":
            # the elements are cast, each by itself; those that are arrays as the whole is
            for each in operand.parts:
                nested = isinstance(each, Opaque) and each.form == "array"
                self._cast(each, type_ if nested else replace(type_, array=0), whole)
            return self._named(type_)
        kind, wanted = self.kind(operand), self._named(type_)
        if kind is None or wanted is None:
            if kind != UNKNOWN:
                self.unsure.append(f"`{to_sql(whole)}`")
            return wanted
        if isinstance(operand, Constant) and operand.kind == "string":
            self.literal(operand, wanted)
        elif isinstance(operand, Opaque) and operand.form == "row":
            self._fitted(operand, wanted, "explicit")
        elif not coercible(kind, wanted, "explicit"):
            raise NoMeaningError(f"no value of type {kind} can be cast to {wanted}")
        self.volatile(volatility(kind, wanted), whole)
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
        self.placed(found, call, self.special[before:], over)
        self.take(found, given, call.arguments, call)
        return result(found, given)

    def _called(self, call: Call, given: list[Kind]) -> server.Signature | Kind:
        """Which of PostgreSQL's own functions a call means, or else its type."""
        own = find(self.schema.functions, self.schema, Name(call.schema, call.name))
        builtin = server.functions(call.name) if call.schema is None else ()
        if own and not builtin:
            chosen = self.chosen(own, call, given)
            if chosen is not None:
                return self._own(chosen, call)
            self.unsure.append(f"function `{call.name}`")
            return None
        doubts = in_doubt(self.schema, Name(call.schema, call.name))
        if not (builtin or own or doubts):
            self.refuse_missing(call, given)
        if not builtin or own or doubts or server.bringers(call.name) & self.schema.extensions:
            self.unsure.append(f"function `{call.name}`")
            return None
        is_type = len(given) == 1 and given[0] is not None and server.base_type(call.name) is not None
        if is_type and not any(each.arguments == (given[0],) for each in builtin):
            # a type's name before parentheses is a cast, where no function takes such a value
            return self._cast(call.arguments[0], SqlType(call.name), call)
        found = choose(builtin, given, shown_call(call, given))
        if found is None:
            kinds, letters = {each.kind for each in builtin}, {each.volatility for each in builtin}
            if letters == {"i"}:
                return None
            if letters <= {"s", "v"} and kinds == {"f"}:
                self.volatile("s", call)
            else:
                self.unsure.append(f"`{to_sql(call)}`")
            return None
        return found

    def _own(self, function: Function, call: Call) -> Kind:
        """A call of a function of the migrations: an SQL function may be what its body is."""
        kind = None if function.returns is None else kind_of(self.schema, function.returns)
        if function.language != "sql" or function.volatility == "i":
            self.volatile(function.volatility, call)
            return kind
        body = Reader(self.schema, {f"${n}": type_ for n, type_ in enumerate(function.arguments, 1)})
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
            self.applied(part.name, [left, UNKNOWN], (operand, None), part)
            if left not in (None, UNKNOWN) and isinstance(items, Constant) and items.kind == "string":
                self.literal(items, f"_{left}")
        elif array is None or array in _VECTORS:
            self.unsure.append(f"`{part.text}`")
        elif array.startswith("_"):
            self.applied(part.name, [left, array[1:]], (operand, None), part)
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
                self.literal(each, "int4")
        return kind if part.form == "slice" else kind[1:]

    def _field(self, part: Opaque) -> Kind:
        """A field of a composite; `(x).f` may be `f(x)` too."""
        kind, name = self.kind(part.parts[0]), Name(None, part.name)
        if kind in (None, UNKNOWN, "record"):
            self.unsure.append(f"`{part.text}`")
            return None
        columns = fields_of(self.schema, kind)
        found = None if columns is None else next((each for each in columns if each.name == part.name), None)
        if found is not None:
            return kind_of(self.schema, found.type)
        own = find(self.schema.functions, self.schema, name) is not None
        hidden = category(kind) == "C" and columns is None
        if hidden or own or server.has_function(part.name) or in_doubt(self.schema, name):
            self.unsure.append(f"`{part.text}`")
        elif not server.bringers(part.name) & self.schema.extensions:
            raise NoMeaningError(f"type {kind} has no field `{part.name}`")
        return None


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
