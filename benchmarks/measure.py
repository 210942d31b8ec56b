"""Defines how things are timed and what comes of it: `in_turns`, and `Row`, a ratio of two times.

Machines are shared and change their speed. So subjects take turns in short batches, and only ratios of one
run are told: what disturbs one disturbs the other, and the best of many turns is what disturbs least.
"""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

Promise = tuple[Literal["at most", "at least"], float]


class Row(NamedTuple):
    """How many times `slower` takes as long as `faster`, and what was promised of that."""

    slower: str
    faster: str
    times: tuple[float, float]  # seconds, of the slower and the faster
    promise: Promise | None = None

    @property
    def ratio(self) -> float:
        return self.times[0] / self.times[1]

    @property
    def kept(self) -> bool | None:
        """Whether the promise is kept, None without one."""
        if self.promise is None:
            return None
        bound, limit = self.promise
        return self.ratio <= limit if bound == "at most" else self.ratio >= limit


class Section(NamedTuple):
    """What one benchmark found: its rows, and in words how it was done."""

    title: str
    how: str
    rows: tuple[Row, ...]


def children_time() -> float:
    """The processor time of all child processes that have ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def in_turns(
    subjects: Mapping[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = time.process_time
) -> dict[str, float]:
    """The shortest processor time (seconds) of each subject over so many turns, after one unmeasured."""
    best: dict[str, float] = {}
    for run in subjects.values():
        run()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, run in subjects.items():
                begun = clock()
                run()
                taken = clock() - begun
                best[name] = min(taken, best.get(name, taken))
    finally:
        gc.enable()
    return best
