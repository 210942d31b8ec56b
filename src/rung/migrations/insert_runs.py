"""Defines which INSERTs of a rollout can be asked about at once: `inserts_from`, and the `joined` step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from rung.migrations.rollout import Moment, State
from rung.migrations.schema import Name
from rung.migrations.steps import Insert

MOST_ROWS = 1_000


def goes_on(moment: Moment, latest: object, name: Name) -> bool:
    """Whether the step inserts rows of given values, as the latest step did.

    What live code may write in between it may as well have written before both, where it may write anything
    and knows every column: proofs about many rows inserted one by one then stay short.
    """
    if not isinstance(moment.step, Insert) or not isinstance(latest, Insert):
        return False
    if moment.step.rows is None or latest.rows is None:
        return False
    table = moment.before.tables.get(name)
    own = [code.writes.tables.get(name) for code in moment.live if code.queries is None]
    return len(own) == len(moment.live) and all(
        known is not None and table is not None and known.columns == table.columns for known in own
    )


def inserts_from(course: Sequence[Moment | State], start: int, name: Name) -> tuple[list[Moment], int]:
    """The INSERTs into the table from `start` on of which one fails where one of all the rows does, and
    where the course goes on then. No code that knows the table runs in between.
    """
    found: list[Moment] = []
    rows, end = 0, start
    for index, part in enumerate(islice(course, start, None), start):
        if isinstance(part, State):
            if any(name in code.writes.tables or name in code.reads.tables for code in part.codes):
                break
            continue
        step = part.step
        if not isinstance(step, Insert) or step.rows is None or step.conflict is not None:
            break
        target = part.before.table(step.table)
        rows += len(step.rows)
        if target is None or target.name != name or part.before != part.after or rows > MOST_ROWS:
            break
        if found:
            first = found[0].step
            assert isinstance(first, Insert)
            alike = (first.columns, first.overriding) == (step.columns, step.overriding)
            strange = all(name not in code.writes.tables for code in part.live)
            if not alike or not (strange or not part.text or goes_on(part, first, name)):
                break
        found.append(part)
        end = index + 1
    return found, end


def joined(run: Sequence[Moment]) -> Moment:
    """One INSERT of all the rows."""
    steps = [moment.step for moment in run if isinstance(moment.step, Insert)]
    rows = tuple(row for step in steps for row in step.rows or ())
    return replace(run[0], step=replace(steps[0], rows=rows), after=run[-1].after)
