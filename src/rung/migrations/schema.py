"""Defines the schema of a database as its catalog describes it: `Schema` and the objects in it.

Words are those of the PostgreSQL catalog. Everything is immutable: `apply` answers a new `Schema`.
A type's `schema` is None for a built-in one; for a user's type, (schema, name) is its key in
`Schema.enums`, `domains` or `types` (in a step, which has no schema to look in yet, as written, with
`UNRESOLVED` for its schema where that is to be searched; it stays so where nothing was found).
Where the statements that led here were not all understood, `opaque` says which objects they may have
touched and why; what is not marked is exactly what a real database would hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal, NamedTuple

from rung.diagnostics import Span
from rung.migrations.expressions import Expression, SqlType

UNRESOLVED = ""
TEMPORARY = "pg_temp"


class Name(NamedTuple):
    """A possibly qualified name. Inside a `Schema` always qualified; in a step as written.

    Names are folded as the database folds them (PostgreSQL: unquoted to lower case).
    """

    schema: str | None
    name: str

    def __str__(self) -> str:
        return self.name if self.schema in (None, "public") else f"{self.schema}.{self.name}"


class OpaqueReason(NamedTuple):
    """Why an object is not known exactly: `reason` names the statement, `span` is where it stands."""

    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class NotNull:
    """A NOT NULL constraint of one column. `validated` is False for NOT VALID: old rows may hold NULL."""

    name: str = ""
    validated: bool = True
    no_inherit: bool = False


Identity = Literal["always", "by default"]


@dataclass(frozen=True, slots=True)
class Generated:
    """GENERATED ALWAYS AS (`expression`), stored in the row or computed when read."""

    expression: Expression
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `default` is None where there is none (the default is then NULL)."""

    name: str
    type: SqlType
    not_null: NotNull | None = None
    default: Expression | None = None
    identity: Identity | None = None
    generated: Generated | None = None
    collation: Name | None = None
    span: Span | None = field(default=None, compare=False)

    @property
    def nullable(self) -> bool:
        return self.not_null is None


@dataclass(frozen=True, slots=True)
class Check:
    """CHECK (`expression`): every row for which it is true or NULL is accepted.

    `validated` is False for NOT VALID: rows written before may break it. `enforced` is False for
    NOT ENFORCED: it says nothing of any row.
    """

    name: str
    expression: Expression
    validated: bool = True
    no_inherit: bool = False
    enforced: bool = True
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Unique:
    """UNIQUE (`columns`); it owns an index of the same name."""

    name: str
    columns: tuple[str, ...]
    nulls_distinct: bool = True
    deferrable: bool = False
    include: tuple[str, ...] = ()
    without_overlaps: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """PRIMARY KEY (`columns`); it owns an index of the same name, and its columns are NOT NULL."""

    name: str
    columns: tuple[str, ...]
    deferrable: bool = False
    include: tuple[str, ...] = ()
    without_overlaps: bool = False
    span: Span | None = field(default=None, compare=False)


Action = Literal["no action", "restrict", "cascade", "set null", "set default"]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """FOREIGN KEY (`columns`) REFERENCES `table` (`referenced`); `referenced` is filled in by `apply`."""

    name: str
    columns: tuple[str, ...]
    table: Name
    referenced: tuple[str, ...] = ()
    on_delete: Action = "no action"
    on_update: Action = "no action"
    match: Literal["simple", "full"] = "simple"
    deferrable: bool = False
    validated: bool = True
    enforced: bool = True
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column, or an expression. `label` is what names made from it say.

    `operators` is the operator class, where one is written, and `ordered` where DESC or NULLS is.
    """

    column: str | None
    expression: Expression | None = None
    label: str = ""
    operators: Name | None = None
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """EXCLUDE: only its keys are known; which rows it refuses is not."""

    name: str
    keys: tuple[IndexKey, ...]
    text: str
    deferrable: bool = False
    method: str = "gist"
    span: Span | None = field(default=None, compare=False)


Constraint = Check | Unique | PrimaryKey | ForeignKey | Exclusion
"""A table constraint. Its name is empty only in a step, where `apply` names it as the database would."""


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no constraint owns. `where` is the predicate of a partial index."""

    name: str
    keys: tuple[IndexKey, ...]
    unique: bool = False
    nulls_distinct: bool = True
    where: Expression | None = None
    method: str = "btree"
    include: tuple[str, ...] = ()
    valid: bool = True
    span: Span | None = field(default=None, compare=False)


RelationUses = tuple[tuple[Name, frozenset[str] | None], ...]
"""Relations, each with the columns of it that are named; None for all."""


class Condition(NamedTuple):
    """A condition on rows that names columns of `uses`, and calls functions."""

    uses: RelationUses
    calls: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of row security: the conditions on the rows that are seen, and on those that are written."""

    name: str
    seen: Condition | None = None
    written: Condition | None = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return tuple(filter(None, (self.seen, self.written)))

    @property
    def uses(self) -> RelationUses:
        return tuple(found for condition in self.conditions for found in condition.uses)

    def used(self, change: Callable[[RelationUses], RelationUses]) -> Policy:
        """The policy with what it uses changed, as where something is renamed."""
        seen, written = (
            None if found is None else found._replace(uses=change(found.uses))
            for found in (self.seen, self.written)
        )
        return replace(self, seen=seen, written=written)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger: rows written to its table may be changed, refused, or written elsewhere.

    `columns` are those that it names, after UPDATE OF and in its condition, which `calls` functions.
    """

    name: str
    timing: Literal["before", "after", "instead of"]
    events: tuple[Literal["insert", "update", "delete", "truncate"], ...]
    function: Name
    columns: frozenset[str] = frozenset()
    calls: tuple[Name, ...] = ()
    enabled: bool = True
    deferrable: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Partitioning:
    """PARTITION BY `strategy` (`keys`); a key that is an expression is None in `columns`."""

    strategy: Literal["range", "list", "hash"]
    columns: tuple[str | None, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Bound:
    """Which rows a partition has: those of the `values` of a list, of the two of a range, or with the
    remainder of a modulus in `hash`."""

    form: Literal["default", "hash", "list", "range"]
    values: tuple[tuple[Expression | Literal["minvalue", "maxvalue"], ...], ...] = ()
    hash: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `parents` are the tables that it inherits from or, with `bounds`, the one it partitions;
    `bound` is what these say."""

    name: Name
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    parents: tuple[Name, ...] = ()
    partitioning: Partitioning | None = None
    bounds: str | None = None
    bound: Bound | None = None
    temporary: bool = False
    dropped_on_commit: bool = False
    row_security: bool = False
    opaque: tuple[OpaqueReason, ...] = ()
    span: Span | None = field(default=None, compare=False)

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def constraint(self, name: str) -> Constraint | None:
        return next((constraint for constraint in self.constraints if constraint.name == name), None)

    def index(self, name: str) -> Index | None:
        return next((index for index in self.indexes if index.name == name), None)

    @property
    def primary_key(self) -> PrimaryKey | None:
        return next((found for found in self.constraints if isinstance(found, PrimaryKey)), None)


@dataclass(frozen=True, slots=True)
class EnumType:
    """CREATE TYPE … AS ENUM; `values` in their sort order."""

    name: Name
    values: tuple[str, ...]
    opaque: tuple[OpaqueReason, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Domain:
    """CREATE DOMAIN; in its checks the value is the column reference `value`."""

    name: Name
    type: SqlType
    not_null: NotNull | None = None
    default: Expression | None = None
    checks: tuple[Check, ...] = ()
    opaque: tuple[OpaqueReason, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UserType:
    """Any other type: composite (with its `columns`), range or base."""

    name: Name
    kind: Literal["composite", "range", "base"]
    columns: tuple[Column, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence. `owner` is the (table, column) that it is dropped with; `settings` are the statements that
    changed which numbers it gives."""

    name: Name
    type: SqlType = field(default_factory=lambda: SqlType("int8"))
    owner: tuple[Name, str] | None = None
    settings: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class View:
    """A view. `uses` are the relations that it reads, `calls` functions that are not the server's own.

    `columns` is None where the names of its own columns are not known; `types` has as many types, those
    without a name not known.
    """

    name: Name
    uses: RelationUses
    columns: tuple[str, ...] | None = None
    materialized: bool = False
    text: str = ""
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    opaque: tuple[OpaqueReason, ...] = ()
    types: tuple[SqlType, ...] = ()
    calls: tuple[Name, ...] = ()
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Function:
    """A function or procedure: its name, the types of its arguments, and the tables that its body changes.

    What it does to them is not known, only that the same `text` does the same. `tables` is None where its
    body could change any table; `calls` are functions whose effects are its own as well. `volatility` is as
    declared, `returns` is None for nothing and for a set, and `body` is what an SQL function stands for.
    `gives` are the types of all that comes out of it; `inline` where its body is no text, and needs what it
    calls to stay.
    `optional` is how many of the arguments may be left out, None where the last one may be repeated; `names`
    are theirs.
    """

    name: Name
    arguments: tuple[SqlType, ...]
    language: str
    tables: tuple[Name, ...] | None
    calls: tuple[Name, ...] = ()
    procedure: bool = False
    text: str = ""
    volatility: Literal["i", "s", "v", "?"] = "v"
    returns: SqlType | None = None
    body: Expression | None = None
    gives: tuple[SqlType, ...] = ()
    inline: bool = False
    optional: int | None = 0
    names: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


class Kind(Enum):
    """A kind of object that a name can stand for, as written in DROP and ALTER."""

    TABLE = "table"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    INDEX = "index"
    SEQUENCE = "sequence"
    TYPE = "type"
    DOMAIN = "domain"
    FUNCTION = "function"
    TRIGGER = "trigger"
    SCHEMA = "schema"
    EXTENSION = "extension"


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything that a database holds, as far as the migrations read so far tell.

    `dialect` says how unnamed constraints are named, and where index names must differ.
    `opaque` is filled by statements that may have touched anything: every name is then in doubt.
    `doubtful` are names that the model does not hold and an opaque statement may have made.
    `own_operators` where operators, casts or kinds of indexes were made that the model does not hold.
    """

    dialect: Literal["postgres", "mysql", "sqlite"] = "postgres"
    schemas: frozenset[str] = frozenset({"public"})
    tables: Mapping[Name, Table] = field(default_factory=dict)
    enums: Mapping[Name, EnumType] = field(default_factory=dict)
    domains: Mapping[Name, Domain] = field(default_factory=dict)
    types: Mapping[Name, UserType] = field(default_factory=dict)
    sequences: Mapping[Name, Sequence] = field(default_factory=dict)
    views: Mapping[Name, View] = field(default_factory=dict)
    functions: Mapping[Name, tuple[Function, ...]] = field(default_factory=dict)
    extensions: frozenset[str] = frozenset()
    own_operators: bool = False
    search_path: tuple[str, ...] = ("public",)
    opaque: tuple[OpaqueReason, ...] = ()
    doubtful: Mapping[Name, tuple[OpaqueReason, ...]] = field(default_factory=dict)

    def table(self, name: Name) -> Table | None:
        """The table that `name` means here: through the search path where it is not qualified."""
        if name.schema is not None:
            return self.tables.get(name)
        for schema in (TEMPORARY, *self.search_path):
            found = self.tables.get(Name(schema, name.name))
            if found is not None:
                return found
        return None
