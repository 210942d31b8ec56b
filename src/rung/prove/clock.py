"""Defines time for the solver: offsets from UTC as a table, weekday and minute by arithmetic."""

from __future__ import annotations

from functools import cache

import z3

from rung.policy import model
from rung.policy.moments import DAY_MINUTES, offsets
from rung.prove.terms import Term, all_of, any_of, number
from rung.prove.world import World

THURSDAY = 3  # 1970-01-01, counted from Monday


def local(world: World, name: str) -> Term:
    """The local clock of a zone, as seconds since 1970-01-01 00:00 local."""
    key = ("local", name)
    if key not in world.unknowns:
        term = world.integer(key)
        world.assume(term == _shifted(world.at, name))
    return world.unknowns[key]


@cache
def _shifted(at: Term, name: str) -> Term:
    """An instant with the offset that a zone has then."""
    (_, shift), *later = offsets(name)
    total = number(shift)
    for instant, change in later:
        total = z3.If(at >= instant, number(change), total)
    return at + total


def is_open(window: model.Window, world: World) -> Term:
    """Whether the local clock shows a slot of a window."""
    return _within(window, local(world, window.zone))


@cache
def _within(window: model.Window, now: Term) -> Term:
    minutes = now / 60  # whole, and rounded down: local times are not negative
    day = (minutes / DAY_MINUTES + THURSDAY) % 7
    minute = minutes % DAY_MINUTES
    slots = []
    for slot in window.slots:
        today = any_of([day == each for each in sorted(slot.days)])
        slots.append(all_of(today, minute >= slot.opens, minute < slot.closes))
        if slot.closes > DAY_MINUTES:
            yesterday = any_of([day == (each + 1) % 7 for each in sorted(slot.days)])
            slots.append(all_of(yesterday, minute + DAY_MINUTES < slot.closes))
    return any_of(slots)
