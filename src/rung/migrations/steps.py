"""Defines what a migration does, in order: a `Script` of `Statement`s, each some `Step`s.

A step is a change of the schema, a fact about rows, a word to the session, nothing at all (said so),
or opaque: then it names what it may touch and why it is not understood. No statement has no step.
Names in steps are as written (`Name.schema` is None where unqualified); `apply` resolves them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from rung.diagnostics import Diagnostic, Source, Span
from rung.migrations.expressions import Expression, SqlType
from rung.migrations.schema import (
    Bound,
    Check,
    Column,
    Constraint,
    Domain,
    EnumType,
    Function,
    Identity,
    Index,
    Kind,
    Name,
    NotNull,
    Sequence,
    Table,
    Trigger,
    UserType,
    View,
)
from rung.migrations.scopes import Scope, Thing

LikeOption = Literal["comments", "compression", "constraints", "defaults", "generated", "identity", "indexes"]


@dataclass(frozen=True, slots=True)
class Like:
    """`LIKE table INCLUDING …` in CREATE TABLE, at `position` among the columns written."""

    table: Name
    options: frozenset[LikeOption]
    position: int


class Reference(NamedTuple):
    """A column that a query names: None for all columns, empty for the relation alone.

    It is of a relation in the first group of `candidates` that has one with such a column.
    """

    column: str | None
    candidates: tuple[tuple[Name, ...], ...]


class Output(NamedTuple):
    """A column that a query gives: its type, or the column it is from; neither where it is not known.

    `name` is None for all the columns of the relation in `source`. `computed` where a call gives the
    value: it then has the type of its source without the modifiers.
    """

    name: str | None
    type: SqlType | None
    source: Reference | None = None
    computed: bool = False


Limits = tuple[tuple[Expression | None, ...], ...]
"""The values that bound a partition, each for a key of its table; None for MINVALUE and MAXVALUE."""


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE. `table` is as written: parents' columns and copied ones are added by `apply`.

    `serials` are the columns written as serial: `apply` makes their sequences and defaults.
    `outputs` are the columns of the query of CREATE TABLE AS; `columns_known` is False where it is not
    known which they are, and `reads` the relations it reads. `filled` where the query's rows go in.
    `computed` are the expressions that partitions are made by, `limits` those that bound this partition.
    """

    span: Span
    table: Table
    if_not_exists: bool = False
    serials: tuple[str, ...] = ()
    likes: tuple[Like, ...] = ()
    of_type: Name | None = None
    outputs: tuple[Output, ...] | None = None
    reads: tuple[Name, ...] = ()
    columns_known: bool = True
    filled: bool = False
    computed: tuple[Expression, ...] = ()
    limits: Limits = ()


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP of one object. `arguments` are a function's (None: not given); `table` a trigger's.

    `together` are the objects that the same statement drops: they do not hold each other back.
    """

    span: Span
    kind: Kind
    name: Name
    if_exists: bool = False
    cascade: bool = False
    concurrently: bool = False
    arguments: tuple[SqlType, ...] | None = None
    table: Name | None = None
    together: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Rename:
    """ALTER … RENAME TO of a whole object; `table` for a trigger."""

    span: Span
    kind: Kind
    name: Name
    new_name: str
    if_exists: bool = False
    table: Name | None = None


@dataclass(frozen=True, slots=True)
class SetSchema:
    span: Span
    kind: Kind
    name: Name
    new_schema: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddColumn:
    """ADD COLUMN; `constraints` are those written with the column (a foreign key, a check).

    `serial` where the type was written as serial: `apply` makes its sequence and default.
    """

    span: Span
    table: Name
    column: Column
    constraints: tuple[Constraint, ...] = ()
    serial: bool = False
    if_not_exists: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn:
    span: Span
    table: Name
    column: str
    missing_ok: bool = False
    cascade: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameColumn:
    span: Span
    table: Name
    column: str
    new_name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterColumnType:
    """ALTER COLUMN TYPE; `using` is None where the assignment cast converts the values."""

    span: Span
    table: Name
    column: str
    type: SqlType
    using: Expression | None = None
    collation: Name | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetDefault:
    """SET DEFAULT, or DROP DEFAULT where `default` is None."""

    span: Span
    table: Name
    column: str
    default: Expression | None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetNotNull:
    """SET NOT NULL, or ADD CONSTRAINT … NOT NULL column (which may be NOT VALID)."""

    span: Span
    table: Name
    column: str
    not_null: NotNull
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropNotNull:
    span: Span
    table: Name
    column: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetIdentity:
    """ADD GENERATED … AS IDENTITY (`adds`) or SET GENERATED; DROP IDENTITY where `identity` is None."""

    span: Span
    table: Name
    column: str
    identity: Identity | None
    missing_ok: bool = False
    if_exists: bool = False
    adds: bool = False


@dataclass(frozen=True, slots=True)
class SetExpression:
    """SET EXPRESSION of a generated column; DROP EXPRESSION where `expression` is None."""

    span: Span
    table: Name
    column: str
    expression: Expression | None
    missing_ok: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddConstraint:
    """ADD CONSTRAINT. `using_index` names the index that becomes the constraint's own."""

    span: Span
    table: Name
    constraint: Constraint
    using_index: str | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropConstraint:
    span: Span
    table: Name
    constraint: str
    missing_ok: bool = False
    cascade: bool = False
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class ValidateConstraint:
    span: Span
    table: Name
    constraint: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterConstraint:
    """ALTER CONSTRAINT: None leaves a property as it is."""

    span: Span
    table: Name
    constraint: str
    deferrable: bool | None = None
    enforced: bool | None = None
    no_inherit: bool | None = None
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class RenameConstraint:
    span: Span
    table: Name
    constraint: str
    new_name: str
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class AttachPartition:
    span: Span
    table: Name
    partition: Name
    bounds: str
    limits: Limits = ()
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class DetachPartition:
    span: Span
    table: Name
    partition: Name
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class SetInherit:
    """INHERIT parent, or NO INHERIT parent where `inherit` is False."""

    span: Span
    table: Name
    parent: Name
    inherit: bool


@dataclass(frozen=True, slots=True)
class SetRowSecurity:
    span: Span
    table: Name
    enabled: bool


class Demand(NamedTuple):
    """A condition of a policy as written: the columns that it names, and the functions that it calls."""

    references: tuple[Reference, ...]
    calls: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ChangePolicy:
    """What CREATE, ALTER or DROP POLICY makes of the policies of a table: what it does to those who may no
    longer read or write is said by a `NoEffect` beside it."""

    span: Span
    table: Name
    policy: str
    action: Literal["create", "alter", "drop", "rename"]
    seen: Demand | None = None
    written: Demand | None = None
    new_name: str = ""
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class SetTriggers:
    """ENABLE or DISABLE TRIGGER; `trigger` is None for ALL or USER."""

    span: Span
    table: Name
    trigger: str | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class CreateIndex:
    span: Span
    table: Name
    index: Index
    if_not_exists: bool = False
    concurrently: bool = False


@dataclass(frozen=True, slots=True)
class CreateTrigger:
    span: Span
    table: Name
    trigger: Trigger
    or_replace: bool = False


@dataclass(frozen=True, slots=True)
class CreateEnum:
    """CREATE TYPE … AS ENUM. `if_not_exists` where a DO block swallows the duplicate."""

    span: Span
    enum: EnumType
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AddEnumValue:
    """ADD VALUE, after the last one unless `before` or `after` names another."""

    span: Span
    enum: Name
    value: str
    if_not_exists: bool = False
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class RenameEnumValue:
    span: Span
    enum: Name
    value: str
    new_value: str


@dataclass(frozen=True, slots=True)
class CreateDomain:
    span: Span
    domain: Domain


@dataclass(frozen=True, slots=True)
class AlterDomain:
    """One ALTER DOMAIN action, with what it sets, adds, or names."""

    span: Span
    domain: Name
    action: Literal[
        "set default", "set not null", "drop not null", "add check", "drop constraint", "validate", "rename"
    ]
    default: Expression | None = None
    not_null: NotNull | None = None
    check: Check | None = None
    constraint: str = ""
    new_name: str = ""
    missing_ok: bool = False


@dataclass(frozen=True, slots=True)
class CreateType:
    span: Span
    type: UserType


@dataclass(frozen=True, slots=True)
class CreateSequence:
    span: Span
    sequence: Sequence
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class AlterSequence:
    """AS type or OWNED BY; None leaves it. `owner` of an empty column name is OWNED BY NONE."""

    span: Span
    sequence: Name
    type: SqlType | None = None
    owner: tuple[Name, str] | None = None
    settings: tuple[str, ...] = ()
    if_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE VIEW. `apply` fills in what the view uses, and its columns, from what its query names."""

    span: Span
    view: View
    references: tuple[Reference, ...] = ()
    outputs: tuple[Output, ...] | None = None
    or_replace: bool = False
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """`defaults` are those of its arguments, with their types."""

    span: Span
    function: Function
    or_replace: bool = False
    defaults: tuple[tuple[SqlType, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class CreateSchema:
    span: Span
    name: str
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class CreateExtension:
    span: Span
    name: str
    schema: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class Assignment:
    column: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Insert:
    """INSERT. `columns` is empty where none were written (then all, in order).

    `rows` is None where a query gives them, or more than a thousand are listed. An item None in a row is
    DEFAULT. `conflict` is None without ON CONFLICT; `target` are the columns of the key that it is about, or
    the name of its constraint (None: any key; a column that is an expression is empty). `overriding` where
    values may be given for an identity that is always generated.
    """

    span: Span
    table: Name
    columns: tuple[str, ...]
    rows: tuple[tuple[Expression | None, ...], ...] | None
    conflict: Literal["nothing", "update"] | None = None
    target: tuple[str, ...] | str | None = None
    overriding: bool = False


@dataclass(frozen=True, slots=True)
class JoinedTable:
    """A table that a statement joins, and what it is called there; `optional` where none of its rows need be
    found."""

    alias: str
    table: Name
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Update:
    """UPDATE. `where` is None for all rows. `alias` is the name the table goes by.

    `joined` are the tables that FROM brings in: the assignments and `where` may then refer to them, to those
    in `sources` by their own columns. `computes` says that FROM itself does what may fail.
    """

    span: Span
    table: Name
    assignments: tuple[Assignment, ...]
    where: Expression | None
    alias: str | None = None
    joined: tuple[Name, ...] = ()
    sources: tuple[JoinedTable, ...] = ()
    computes: bool = False


@dataclass(frozen=True, slots=True)
class Delete:
    """DELETE; as `Update` for `where`, `alias` and what is joined (USING)."""

    span: Span
    table: Name
    where: Expression | None
    alias: str | None = None
    joined: tuple[Name, ...] = ()
    sources: tuple[JoinedTable, ...] = ()
    computes: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE of one table. `together` are the tables that the same statement empties."""

    span: Span
    table: Name
    cascade: bool = False
    together: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Copy:
    """COPY … FROM: rows of unknown values."""

    span: Span
    table: Name
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetParameter:
    """SET of a session parameter; `value` is None for DEFAULT and RESET (whose name may be `all`)."""

    span: Span
    name: str
    value: tuple[str, ...] | None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Transaction:
    span: Span
    action: Literal["begin", "commit", "rollback", "savepoint", "release", "rollback to"]
    savepoint: str = ""
    chain: bool = False


@dataclass(frozen=True, slots=True)
class LockTable:
    span: Span
    tables: tuple[Name, ...]
    mode: str


@dataclass(frozen=True, slots=True)
class NoEffect:
    """Changes neither the schema nor rows: COMMENT, GRANT, OWNER TO, ANALYZE … (`what` says which).

    `table` is the table it is about, where there is one: some of these still lock it. `granted` is what it
    rests on and no schema tells: that a role exists.
    """

    span: Span
    what: str
    table: Name | None = None
    granted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an opaque statement may touch: these relations and types, or everything where `tables` is None.

    `calls` are functions that may touch more: `apply` adds what it knows of them, and a function it does
    not know may touch everything. `schema` is False where only rows can change.
    """

    tables: tuple[Name, ...] | None
    schema: bool = True
    calls: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Opaque:
    """Not understood: `reason` names the construct (`DO block`), lowercase, for messages."""

    span: Span
    reason: str
    footprint: Footprint


@dataclass(frozen=True, slots=True)
class Calls:
    """That the statement calls `functions` that are not PostgreSQL's own, each with what it is given: the
    name, where that may be a row, since `f(t)` may be the column `f` of `t`."""

    span: Span
    functions: tuple[tuple[Name, str | None], ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A SELECT that changes nothing: the relations that it `reads` must be there."""

    span: Span
    reads: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Requires:
    """What must be there for a statement to pass, and none of its other steps says.

    `scope` is what its query names. `named` are the names that it gives to the first of the query's columns,
    which must then all differ; `fills` the table that they go into, and its columns as they are listed. Of a
    function's body, `returns` are the types of the columns that it is to give.
    """

    span: Span
    things: tuple[Thing, ...] = ()
    scope: Scope | None = None
    named: tuple[str, ...] | None = None
    fills: tuple[Name, tuple[str, ...]] | None = None
    returns: tuple[SqlType, ...] | None = None


CURRENT_SCHEMA = Name(None, "")
"""What `current_schema()` answers."""


class CatalogHas(NamedTuple):
    """Whether a catalog (`pg_type`, `information_schema.columns`) has a row with these values.

    A column of a catalog to which it refers is written after the key: `conrelid.relname`. What a key itself
    is compared with (`'t'::regclass`) is a name as written; the server fails where there is no such thing.
    """

    catalog: str
    where: tuple[tuple[str, str | Name], ...]


@dataclass(frozen=True, slots=True)
class When:
    """IF in a block: `then` where each of `conditions` is as expected, else `otherwise`.

    `conditions` is None where it is not the catalog that decides.
    """

    span: Span
    conditions: tuple[tuple[CatalogHas, bool], ...] | None
    then: tuple[Step, ...]
    otherwise: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """What a block runs instead where one of `conditions` (`duplicate_object`) makes it fail."""

    conditions: frozenset[str]
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A block with handlers of its failures: all that it did is undone before one runs."""

    span: Span
    steps: tuple[Step, ...]
    handlers: tuple[Handler, ...]


ColumnChange = (
    AddColumn
    | DropColumn
    | RenameColumn
    | AlterColumnType
    | SetDefault
    | SetNotNull
    | DropNotNull
    | SetIdentity
    | SetExpression
)
ConstraintChange = AddConstraint | DropConstraint | ValidateConstraint | AlterConstraint | RenameConstraint
TableChange = AttachPartition | DetachPartition | SetInherit | SetRowSecurity | SetTriggers | ChangePolicy
Creation = (
    CreateTable
    | CreateIndex
    | CreateTrigger
    | CreateEnum
    | CreateDomain
    | CreateType
    | CreateSequence
    | CreateView
    | CreateFunction
    | CreateSchema
    | CreateExtension
)
ObjectChange = Drop | Rename | SetSchema | AddEnumValue | RenameEnumValue | AlterDomain | AlterSequence
SchemaChange = ColumnChange | ConstraintChange | TableChange | Creation | ObjectChange
RowChange = Insert | Update | Delete | Truncate | Copy
SessionChange = SetParameter | Transaction | LockTable


@dataclass(frozen=True, slots=True)
class Refused:
    """That the server refuses the step after this one whatever the rows are; `message` says why. The step
    is there all the same, for those who look at what it locks."""

    span: Span
    message: str


Conditional = When | Attempt | Query | Calls | Requires
"""Steps that are others, or none, by what the schema holds: `resolve` in `apply` says which."""

Step = SchemaChange | RowChange | SessionChange | Conditional | Refused | NoEffect | Opaque


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its steps happen together, in order. `tag` is its command (`ALTER TABLE`)."""

    span: Span
    tag: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A file read. After a syntax error nothing of the file is known: one opaque statement over all of it."""

    source: Source
    statements: tuple[Statement, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
