"""Defines `replay`: a witness run on a real PostgreSQL, on the schema that the earlier migrations made."""

from __future__ import annotations

from collections.abc import Sequence

from rung.migrations.oracle import Server
from rung.migrations.plan import Replayed
from rung.migrations.verdicts import Event, Witness


def replay(server: Server, base: Sequence[str], witness: Witness) -> Replayed:
    """What comes of the witness in a database in which the statements `base` were run first."""
    if witness.differs is not None:
        return _compare(server, base, witness.events, witness.differs)
    if not witness.contrast:
        return _last_fails(server, base, witness.events)
    with server.after(base) as database:
        if database is None:
            return "no base"
        if not database.all_pass(event.sql for event in witness.events):
            return "cannot run"
    return _last_fails(server, base, witness.contrast)


def _last_fails(server: Server, base: Sequence[str], events: Sequence[Event]) -> Replayed:
    with server.after(base) as database:
        if database is None:
            return "no base"
        if not database.all_pass(event.sql for event in events[:-1]):
            return "cannot run"
        return "passes" if database.execute(events[-1].sql) is None else "fails"


def _compare(server: Server, base: Sequence[str], events: Sequence[Event], query: str) -> Replayed:
    """Whether the query answers otherwise after the last event than before it."""
    with server.after(base) as database:
        if database is None:
            return "no base"
        if not database.all_pass(event.sql for event in events[:-1]):
            return "cannot run"
        before = database.rows(query)
        if database.execute(events[-1].sql) is not None:
            return "fails"
        return "passes" if database.rows(query) == before else "fails"
