"""Defines what a check of a rollout answers: `Finding`s, their `Verdict`, and the `Witness` that refutes.

PROVED holds for all rows and statements, under the assumptions listed. REFUTED shows one that fails, as SQL
that runs. UNKNOWN names what is not understood, and is never success.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from rung.diagnostics import Span


class Verdict(Enum):
    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


class Level(Enum):
    """What is asked of a state: see `compatibility` for the meaning of each."""

    NAME = "name"
    TYPE = "type"
    WRITE = "write"
    READ = "read"
    DATA = "data"


Direction = Literal["backward", "forward"]
"""Backward: new code meets old data. Forward: old code meets the new schema and its data."""

Role = Literal["setup", "migration", "live", "check"]


@dataclass(frozen=True, slots=True)
class Event:
    """One statement of a witness: a row that was there, a statement of the migration, or of live code."""

    role: Role
    sql: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """What happens, in order, from the schema before the rollout.

    With `contrast` empty, all of `events` succeed but the last, which fails. Otherwise `events` all succeed
    and the last of `contrast` fails: a value that is met now, and could not be before. With `differs`, a
    query, all of `events` succeed and the query answers differently before and after the migration's last.
    """

    row: str
    events: tuple[Event, ...]
    contrast: tuple[Event, ...] = ()
    differs: str | None = None
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: `subject` is the table, column or constraint; `code` the version that it concerns.

    `span` is the statement that brings it about. `reasons` say why an UNKNOWN is one, `assumptions` what a
    PROVED rests on, `repair` the steps that would make a REFUTED one safe.
    """

    level: Level
    verdict: Verdict
    state: str
    subject: str
    message: str
    code: str | None = None
    direction: Direction | None = None
    span: Span | None = None
    witness: Witness | None = None
    reasons: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    repair: tuple[str, ...] = ()


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """REFUTED before UNKNOWN before PROVED; PROVED where there are none."""
    present = set(verdicts)
    for verdict in (Verdict.REFUTED, Verdict.UNKNOWN):
        if verdict in present:
            return verdict
    return Verdict.PROVED
