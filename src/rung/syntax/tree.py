"""Defines the syntax tree of a policy: one frozen node per construct, each with its span.

The tree says what was written, nothing resolved: names are names, literals are their text. Its
nodes mirror the rules of `grammar/policy.lark` one to one.
"""

from __future__ import annotations

from rung.diagnostics import Span
from rung.frozen import frozen


@frozen
class Name:
    """A name as written."""

    text: str
    span: Span


@frozen
class Text:
    """A quoted text, its escapes undone."""

    text: str
    span: Span


# ---------------------------------------------------------------- expressions


@frozen
class Literal:
    """A number, duration, text or truth value: `kind` is int, decimal, percent, duration, text or bool."""

    kind: str
    text: str
    span: Span


@frozen
class TypedText:
    """`version "1.2.0"`: a text read as the named type."""

    type: Name
    text: Text
    span: Span


@frozen
class Reference:
    """A bare name (also a lane used as a value)."""

    name: Name
    span: Span


@frozen
class Attribute:
    """`unit_tests.failed`."""

    owner: Name
    field: Name
    span: Span


@frozen
class Call:
    """`deployed(prod) by hotfix`, in properties only."""

    function: Name
    argument: Name
    lane: Name | None
    span: Span


@frozen
class SetOf:
    elements: tuple[Expression, ...]
    span: Span


@frozen
class Parenthesised:
    inner: Expression
    span: Span


@frozen
class Negative:
    operand: Expression
    span: Span


@frozen
class Sum:
    """`first + a - b`: the rest as (operator, operand), from left to right."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    span: Span


@frozen
class Product:
    factors: tuple[Expression, ...]
    span: Span


@frozen
class Comparison:
    left: Expression
    operator: Name
    right: Expression
    span: Span


@frozen
class Not:
    operand: Expression
    span: Span


@frozen
class And:
    operands: tuple[Expression, ...]
    span: Span


@frozen
class Or:
    operands: tuple[Expression, ...]
    span: Span


@frozen
class Implies:
    premise: Expression
    conclusion: Expression
    span: Span


@frozen
class Duration:
    """A duration token such as `24h`."""

    text: str
    span: Span


@frozen
class People:
    """`at least 2 approvals from { a, b } except authors no older than 3d`; `kind` as written."""

    count: Name
    kind: Name
    groups: tuple[Name, ...]
    excepting: tuple[Name, ...]
    age: Duration | None
    span: Span


@frozen
class Healthy:
    """`[once] healthy in E [for D]`."""

    once: bool
    place: Name
    duration: Duration | None
    span: Span


@frozen
class Provenance:
    builders: tuple[Text, ...]
    span: Span


@frozen
class ConfigurationHas:
    keys: tuple[Text, ...]
    span: Span


@frozen
class Condition:
    """A condition of fixed words, such as `rollback plan`."""

    words: str
    span: Span


@frozen
class NoDrift:
    """`no drift in E`."""

    place: Name
    span: Span


Expression = (
    Literal
    | TypedText
    | Reference
    | Attribute
    | Call
    | SetOf
    | Parenthesised
    | Negative
    | Sum
    | Product
    | Comparison
    | Not
    | And
    | Or
    | Implies
    | People
    | Healthy
    | Provenance
    | ConfigurationHas
    | Condition
    | NoDrift
)


# ---------------------------------------------------------------- parts of statements


@frozen
class Sources:
    """`one` has a name; `all`, `any` and `at least` have several; `count` is set for the last."""

    kind: str
    names: tuple[Name, ...]
    count: Name | None
    span: Span


@frozen
class Places:
    """Environments named, or every one of them (`names` empty and `every` true)."""

    names: tuple[Name, ...]
    every: bool
    span: Span


@frozen
class Moment:
    """A local date and clock time; `which` is `earlier` or `later` where the clock repeats an hour."""

    date: str
    clock: str | None
    which: str | None
    span: Span


@frozen
class Slot:
    """`mon..thu 09:00..16:00`."""

    first: Name
    last: Name | None
    opens: Name
    closes: Name
    span: Span


@frozen
class NamedType:
    name: Name
    span: Span


@frozen
class SetType:
    element: NamedType | EnumType
    span: Span


@frozen
class EnumType:
    members: tuple[Name, ...]
    span: Span


Type = NamedType | SetType | EnumType


@frozen
class Field:
    name: Name
    type: Type
    span: Span


@frozen
class Need:
    evidence: Name
    place: Name | None
    age: Duration | None
    span: Span


@frozen
class Require:
    conditions: tuple[Expression, ...]
    span: Span


@frozen
class Owes:
    name: Name
    within: Duration
    members: tuple[Require, ...]
    span: Span


# ---------------------------------------------------------------- statements


@frozen
class Environment:
    name: Name
    after: Sources | None
    forward_only: bool
    span: Span


@frozen
class Person:
    id: Text
    accounts: tuple[Text, ...]
    span: Span


@frozen
class Group:
    """`members` is None for `from facts`."""

    name: Name
    members: tuple[Text | Name, ...] | None
    span: Span


@frozen
class Evidence:
    name: Name
    about: Name
    once: bool
    fields: tuple[Field, ...]
    span: Span


@frozen
class Parameter:
    name: Name
    type: Type
    value: Expression
    direction: Name | None
    span: Span


@frozen
class Health:
    age: Duration
    span: Span


@frozen
class Gate:
    name: Name
    title: Text | None
    controls: tuple[Text, ...]
    members: tuple[Need | Require, ...]
    span: Span


@frozen
class Route:
    """A way into `target`; `sources` is None for admit and rollback, `within` set for rollback alone."""

    lane: str
    sources: Sources | None
    target: Name
    within: Name | None
    members: tuple[Require | Owes, ...]
    span: Span


@frozen
class Freeze:
    name: Text
    places: Places
    begins: Moment
    ends: Moment
    zone: Text
    sparing: tuple[Name, ...]
    when: Expression | None
    span: Span


@frozen
class Window:
    name: Text
    places: Places
    slots: tuple[Slot, ...]
    zone: Text
    sparing: tuple[Name, ...]
    span: Span


@frozen
class Deny:
    name: Text
    places: Places
    sparing: tuple[Name, ...]
    when: Expression
    span: Span


@frozen
class Waive:
    gate: Name
    places: Places
    id: Text
    approver: Text
    begins: Moment
    ends: Moment
    zone: Text | None
    reason: Text
    span: Span


@frozen
class ProveNamed:
    """`prove built-once …`; clauses in any order, each None or empty when not written."""

    name: Name
    lanes: tuple[Name, ...]
    places: Places | None
    names: tuple[Name, ...]
    policy: Text | None
    span: Span


@frozen
class Quantifier:
    """`for every KIND VARIABLE [in { … }]`."""

    kind: Name
    variable: Name
    among: tuple[Name, ...]
    span: Span


@frozen
class ProveFormula:
    """`prove "title": for every … : always …`; the title is None for `prove possible: …`."""

    title: Text | None
    quantifiers: tuple[Quantifier, ...]
    modality: str
    claim: Expression
    span: Span


@frozen
class Use:
    """`use "baseline.rung"`."""

    path: Text
    span: Span


@frozen
class Setting:
    """`set NAME = value`."""

    name: Name
    value: Expression
    span: Span


@frozen
class Constraint:
    """`every route into E except LANES require …`."""

    places: Places
    exempt: tuple[Name, ...]
    require: Require
    span: Span


@frozen
class Open:
    """What a using file may add to: `kind` is persons, gate or group; names for the last two."""

    kind: str
    names: tuple[Name, ...]
    span: Span


@frozen
class Extension:
    """`extend group NAME { … }`."""

    group: Name
    members: tuple[Text | Name, ...]
    span: Span


@frozen
class Act:
    """The rule of an action other than deploying: `advance prod { … }`."""

    action: str
    target: Name
    members: tuple[Require, ...]
    span: Span


@frozen
class Step:
    """`step 5% hold 30m { require … }`."""

    share: Literal
    hold: Duration | None
    members: tuple[Require, ...]
    span: Span


@frozen
class Limit:
    """`max unavailable 25%`."""

    share: Literal
    span: Span


@frozen
class Keep:
    """`keep 2h`."""

    duration: Duration
    span: Span


@frozen
class Strategy:
    kind: Name
    places: Places
    members: tuple[Step | Limit | Keep, ...]
    span: Span


@frozen
class Maintenance:
    name: Text
    places: Places
    slots: tuple[Slot, ...]
    zone: Text
    span: Span


@frozen
class Single:
    """`single rollout on E sparing …`."""

    places: Places
    sparing: tuple[Name, ...]
    span: Span


@frozen
class Parity:
    """`parity { A, B } on os, runtime sparing …`."""

    places: tuple[Name, ...]
    facets: tuple[Name, ...]
    sparing: tuple[Name, ...]
    span: Span


@frozen
class Keys:
    """`configuration on E has { … } sparing …`."""

    places: Places
    keys: tuple[Text, ...]
    sparing: tuple[Name, ...]
    span: Span


Statement = (
    Use
    | Setting
    | Constraint
    | Open
    | Extension
    | Act
    | Strategy
    | Maintenance
    | Single
    | Parity
    | Keys
    | Environment
    | Person
    | Group
    | Evidence
    | Parameter
    | Health
    | Gate
    | Route
    | Freeze
    | Window
    | Deny
    | Waive
    | ProveNamed
    | ProveFormula
)


@frozen
class Comment:
    """A comment, from its `#` to the end of its line; `own_line` when nothing stands before it."""

    text: str
    own_line: bool
    span: Span


@frozen
class PolicyFile:
    """A whole file. `broken` names what statements that did not parse seem to declare."""

    version: int
    name: Text
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    broken: frozenset[str]
    span: Span
