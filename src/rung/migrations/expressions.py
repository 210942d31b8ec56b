"""Defines SQL scalar expressions (`Expression`), one frozen node per construct, and types (`SqlType`).

The dialect adapters build them, the schema keeps them (CHECK, DEFAULT, WHERE), the solver reads them.
What an adapter does not understand is `Opaque`: it keeps its text and says which columns it may read.
A node says what is written, not what it means: names are as resolved by the dialect's own folding
(`Price` is `price`, `"Price"` stays), and nothing is simplified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, assert_never

ComparisonOperator = Literal["=", "<>", "<", "<=", ">", ">="]
ArithmeticOperator = Literal["+", "-", "*", "/", "%"]
TruthValue = Literal["true", "false", "unknown"]
ConstantKind = Literal["null", "boolean", "integer", "numeric", "string"]
Form = Literal[
    "",
    "any",
    "array",
    "call",
    "collate",
    "default",
    "field",
    "operator",
    "row",
    "slice",
    "subquery",
    "subscript",
    "window",
]


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type as the catalog names it: `int4`, `varchar`, `bpchar`, `timestamptz`, or a user's enum or domain.

    `modifiers` are the numbers in parentheses: `varchar(20)` is (20,), `numeric(10,2)` is (10, 2).
    `schema` is None for a built-in type. `array` is the number of dimensions written (0: no array).
    """

    name: str
    modifiers: tuple[int, ...] = ()
    schema: str | None = None
    array: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. A `string` is PostgreSQL's unknown-typed quoted literal: its context gives its type."""

    kind: ConstantKind
    value: bool | int | Decimal | str | None


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """A column, with the table or alias it was qualified by."""

    name: str
    table: str | None = None
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A placeholder of a query (`$1`, `sqlc.arg(x)`, `@x`): any value of its type, NULL if `nullable`."""

    name: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    operator: ComparisonOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class IsNull:
    operand: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class IsDistinct:
    """`left IS [NOT] DISTINCT FROM right`; `negated` is with NOT."""

    left: Expression
    right: Expression
    negated: bool = False


@dataclass(frozen=True, slots=True)
class BooleanTest:
    """`operand IS [NOT] TRUE`, FALSE or UNKNOWN."""

    operand: Expression
    test: TruthValue
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InList:
    """`operand [NOT] IN (items)`."""

    operand: Expression
    items: tuple[Expression, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Quantified:
    """`operand <operator> ANY (ARRAY[items])`, or ALL where `every`: how the catalog prints an IN list."""

    operator: ComparisonOperator
    operand: Expression
    items: tuple[Expression, ...]
    every: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    operand: Expression
    low: Expression
    high: Expression
    negated: bool = False
    symmetric: bool = False


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    operator: ArithmeticOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression


@dataclass(frozen=True, slots=True)
class Concatenation:
    """`left || right`."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Like:
    """`operand [NOT] [I]LIKE pattern [ESCAPE escape]`; `escape` None is the default, a backslash."""

    operand: Expression
    pattern: Expression
    negated: bool = False
    case_insensitive: bool = False
    escape: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function call by its folded name (`coalesce`, `nullif`, `greatest` and `least` included); built-ins
    have no schema. `now()`, `CURRENT_TIMESTAMP` and the like are calls without arguments."""

    name: str
    arguments: tuple[Expression, ...]
    schema: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Searched CASE; a simple `CASE x WHEN y` is given as the comparison `x = y`. `default` None is NULL."""

    branches: tuple[tuple[Expression, Expression], ...]
    default: Expression | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    operand: Expression
    type: SqlType


@dataclass(frozen=True, slots=True)
class Opaque:
    """What is not understood: its text, why, and the columns it may read (None: any).

    `form` is what it is all the same, where that tells its type: the operator, function or field is `name`,
    and its operands are `parts`. Of a subquery `name` is `exists`, `array`, the operator before ANY or ALL,
    or nothing; `at` is where it is written in its statement. `harmless` is what fails for no row.
    """

    text: str
    reason: str
    columns: tuple[ColumnRef, ...] | None = None
    form: Form = field(default="", compare=False)
    name: str = field(default="", compare=False)
    parts: tuple[Expression, ...] = field(default=(), compare=False)
    at: int = field(default=0, compare=False)
    harmless: bool = field(default=False, compare=False)


Expression = (
    Constant
    | ColumnRef
    | Parameter
    | Comparison
    | IsNull
    | IsDistinct
    | BooleanTest
    | InList
    | Quantified
    | Between
    | And
    | Or
    | Not
    | Arithmetic
    | Negative
    | Concatenation
    | Like
    | Call
    | Case
    | Cast
    | Opaque
)

NULL = Constant("null", None)
TRUE = Constant("boolean", True)
FALSE = Constant("boolean", False)


def operands(expression: Expression) -> tuple[Expression, ...]:
    """The direct subexpressions, in the order written."""
    match expression:
        case Constant() | ColumnRef() | Parameter():
            return ()
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return (left, right)
        case IsDistinct(left, right) | Concatenation(left, right):
            return (left, right)
        case IsNull(operand) | BooleanTest(operand) | Not(operand) | Negative(operand) | Cast(operand):
            return (operand,)
        case InList(operand, items) | Quantified(_, operand, items):
            return (operand, *items)
        case Between(operand, low, high):
            return (operand, low, high)
        case And(parts) | Or(parts) | Call(_, parts):
            return parts
        case Like(operand, pattern):
            return (operand, pattern)
        case Case(branches, default):
            pairs = tuple(part for branch in branches for part in branch)
            return pairs if default is None else (*pairs, default)
        case Opaque(_, _, columns):
            return columns or ()
        case _:
            assert_never(expression)


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything in it, outermost first."""
    yield expression
    for operand in operands(expression):
        yield from walk(operand)


def columns(expression: Expression) -> frozenset[ColumnRef] | None:
    """The columns that the expression may read, or None where an opaque part may read any."""
    found: set[ColumnRef] = set()
    for part in walk(expression):
        if isinstance(part, ColumnRef):
            found.add(part)
        elif isinstance(part, Opaque) and part.columns is None:
            return None
    return frozenset(found)


def opaque_parts(expression: Expression) -> tuple[Opaque, ...]:
    """The parts that are not understood, in the order written."""
    return tuple(part for part in walk(expression) if isinstance(part, Opaque))


def map_columns(expression: Expression, change: Callable[[ColumnRef], Expression]) -> Expression:
    """The expression with each column replaced. An opaque part keeps its text: its columns are a footprint,
    of which only the replacements that are columns remain."""

    def mapped(part: Expression) -> Expression:
        return map_columns(part, change)

    def each(parts: tuple[Expression, ...]) -> tuple[Expression, ...]:
        return tuple(map_columns(part, change) for part in parts)

    match expression:
        case Constant() | Parameter():
            return expression
        case ColumnRef():
            return change(expression)
        case Comparison(operator, left, right):
            return Comparison(operator, mapped(left), mapped(right))
        case IsNull(operand, negated):
            return IsNull(mapped(operand), negated)
        case IsDistinct(left, right, negated):
            return IsDistinct(mapped(left), mapped(right), negated)
        case BooleanTest(operand, test, negated):
            return BooleanTest(mapped(operand), test, negated)
        case InList(operand, items, negated):
            return InList(mapped(operand), each(items), negated)
        case Quantified(operator, operand, items, every):
            return Quantified(operator, mapped(operand), each(items), every)
        case Between(operand, low, high, negated, symmetric):
            return Between(mapped(operand), mapped(low), mapped(high), negated, symmetric)
        case And(parts):
            return And(each(parts))
        case Or(parts):
            return Or(each(parts))
        case Not(operand):
            return Not(mapped(operand))
        case Arithmetic(arithmetic, left, right):
            return Arithmetic(arithmetic, mapped(left), mapped(right))
        case Negative(operand):
            return Negative(mapped(operand))
        case Concatenation(left, right):
            return Concatenation(mapped(left), mapped(right))
        case Like(operand, pattern, negated, case_insensitive, escape):
            return Like(mapped(operand), mapped(pattern), negated, case_insensitive, escape)
        case Call(name, arguments, schema):
            return Call(name, each(arguments), schema)
        case Case(branches, default):
            return Case(
                tuple((mapped(condition), mapped(result)) for condition, result in branches),
                None if default is None else mapped(default),
            )
        case Cast(operand, type_):
            return Cast(mapped(operand), type_)
        case Opaque(columns=footprint):
            if footprint is None:
                return expression
            leaves = tuple(leaf for column in footprint for leaf in walk(change(column)))
            read = tuple(leaf for leaf in leaves if isinstance(leaf, ColumnRef))
            return replace(expression, columns=read, parts=each(expression.parts))
        case _:
            assert_never(expression)
