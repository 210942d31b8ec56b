"""Defines the syntax tree of a policy: one frozen node per construct, each with its span.

The tree says what was written, nothing resolved: names are names, literals are their text. Its
nodes mirror the rules of `grammar/policy.lark` one to one.
"""

from __future__ import annotations

from dataclasses import dataclass

from rung.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text, its escapes undone."""

    text: str
    span: Span


# ---------------------------------------------------------------- expressions


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, duration, text or truth value: `kind` is int, decimal, percent, duration, text or bool."""

    kind: str
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class TypedText:
    """`version "1.2.0"`: a text read as the named type."""

    type: Name
    text: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Reference:
    """A bare name (also a lane used as a value)."""

    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """`unit_tests.failed`."""

    owner: Name
    field: Name
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """`deployed(prod) by hotfix`, in properties only."""

    function: Name
    argument: Name
    lane: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class SetOf:
    elements: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parenthesised:
    inner: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Negative:
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Sum:
    """`first + a - b`: the rest as (operator, operand), from left to right."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Product:
    factors: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Expression
    operator: Name
    right: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class And:
    operands: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Or:
    operands: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Implies:
    premise: Expression
    conclusion: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration token such as `24h`."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class People:
    """`at least 2 approvals from { a, b } except authors no older than 3d`; `kind` as written."""

    count: Name
    kind: Name
    groups: tuple[Name, ...]
    excepting: tuple[Name, ...]
    age: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Healthy:
    """`[once] healthy in E [for D]`."""

    once: bool
    place: Name
    duration: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Provenance:
    builders: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ConfigurationHas:
    keys: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of fixed words, such as `rollback plan`."""

    words: str
    span: Span


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Sources:
    """`one` has a name; `all`, `any` and `at least` have several; `count` is set for the last."""

    kind: str
    names: tuple[Name, ...]
    count: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Places:
    """Environments named, or every one of them (`names` empty and `every` true)."""

    names: tuple[Name, ...]
    every: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Moment:
    """A local date and clock time; `which` is `earlier` or `later` where the clock repeats an hour."""

    date: str
    clock: str | None
    which: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Slot:
    """`mon..thu 09:00..16:00`."""

    first: Name
    last: Name | None
    opens: Name
    closes: Name
    span: Span


@dataclass(frozen=True, slots=True)
class NamedType:
    name: Name
    span: Span


@dataclass(frozen=True, slots=True)
class SetType:
    element: NamedType | EnumType
    span: Span


@dataclass(frozen=True, slots=True)
class EnumType:
    members: tuple[Name, ...]
    span: Span


Type = NamedType | SetType | EnumType


@dataclass(frozen=True, slots=True)
class Field:
    name: Name
    type: Type
    span: Span


@dataclass(frozen=True, slots=True)
class Need:
    evidence: Name
    place: Name | None
    age: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class Require:
    conditions: tuple[Expression, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Owes:
    name: Name
    within: Duration
    members: tuple[Require, ...]
    span: Span


# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Environment:
    name: Name
    after: Sources | None
    forward_only: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Person:
    id: Text
    accounts: tuple[Text, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """`members` is None for `from facts`."""

    name: Name
    members: tuple[Text | Name, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Evidence:
    name: Name
    about: Name
    once: bool
    fields: tuple[Field, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parameter:
    name: Name
    type: Type
    value: Expression
    direction: Name | None
    span: Span


@dataclass(frozen=True, slots=True)
class Health:
    age: Duration
    span: Span


@dataclass(frozen=True, slots=True)
class Gate:
    name: Name
    title: Text | None
    controls: tuple[Text, ...]
    members: tuple[Need | Require, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Route:
    """A way into `target`; `sources` is None for admit and rollback, `within` set for rollback alone."""

    lane: str
    sources: Sources | None
    target: Name
    within: Name | None
    members: tuple[Require | Owes, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Freeze:
    name: Text
    places: Places
    begins: Moment
    ends: Moment
    zone: Text
    sparing: tuple[Name, ...]
    when: Expression | None
    span: Span


@dataclass(frozen=True, slots=True)
class Window:
    name: Text
    places: Places
    slots: tuple[Slot, ...]
    zone: Text
    sparing: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Deny:
    name: Text
    places: Places
    sparing: tuple[Name, ...]
    when: Expression
    span: Span


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class ProveNamed:
    """`prove built-once …`; clauses in any order, each None or empty when not written."""

    name: Name
    lanes: tuple[Name, ...]
    places: Places | None
    names: tuple[Name, ...]
    policy: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Quantifier:
    """`for every KIND VARIABLE [in { … }]`."""

    kind: Name
    variable: Name
    among: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ProveFormula:
    """`prove "title": for every … : always …`; the title is None for `prove possible: …`."""

    title: Text | None
    quantifiers: tuple[Quantifier, ...]
    modality: str
    claim: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Use:
    """`use "baseline.rung"`."""

    path: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Setting:
    """`set NAME = value`."""

    name: Name
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True)
class Constraint:
    """`every route into E except LANES require …`."""

    places: Places
    exempt: tuple[Name, ...]
    require: Require
    span: Span


@dataclass(frozen=True, slots=True)
class Open:
    """What a using file may add to: `kind` is persons, gate or group; names for the last two."""

    kind: str
    names: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Extension:
    """`extend group NAME { … }`."""

    group: Name
    members: tuple[Text | Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Act:
    """The rule of an action other than deploying: `advance prod { … }`."""

    action: str
    target: Name
    members: tuple[Require, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """`step 5% hold 30m { require … }`."""

    share: Literal
    hold: Duration | None
    members: tuple[Require, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Limit:
    """`max unavailable 25%`."""

    share: Literal
    span: Span


@dataclass(frozen=True, slots=True)
class Keep:
    """`keep 2h`."""

    duration: Duration
    span: Span


@dataclass(frozen=True, slots=True)
class Strategy:
    kind: Name
    places: Places
    members: tuple[Step | Limit | Keep, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Maintenance:
    name: Text
    places: Places
    slots: tuple[Slot, ...]
    zone: Text
    span: Span


@dataclass(frozen=True, slots=True)
class Single:
    """`single rollout on E sparing …`."""

    places: Places
    sparing: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Parity:
    """`parity { A, B } on os, runtime sparing …`."""

    places: tuple[Name, ...]
    facets: tuple[Name, ...]
    sparing: tuple[Name, ...]
    span: Span


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, from its `#` to the end of its line; `own_line` when nothing stands before it."""

    text: str
    own_line: bool
    span: Span


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A whole file. `broken` names what statements that did not parse seem to declare."""

    version: int
    name: Text
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    broken: frozenset[str]
    span: Span
