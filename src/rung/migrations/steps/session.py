"""Defines the steps that change nothing of the schema: words to the session, what has no effect, and what is
not understood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rung.diagnostics import Span
from rung.migrations.schema import Name


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
