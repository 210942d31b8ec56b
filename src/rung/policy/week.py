"""Defines the minutes of a week in which a window is open, as a set of bits."""

from __future__ import annotations

from rung.policy import model
from rung.policy.moments import DAY_MINUTES

WEEK_MINUTES = 7 * DAY_MINUTES
WHOLE_WEEK = (1 << WEEK_MINUTES) - 1


def open_minutes(window: model.Window) -> int:
    """Bit n is set where the window is open in the n-th minute since Monday 00:00, by its local clock."""
    minutes = 0
    for slot in window.slots:
        for day in slot.days:
            minutes |= ((1 << (slot.closes - slot.opens)) - 1) << (day * DAY_MINUTES + slot.opens)
    return (minutes | minutes >> WEEK_MINUTES) & WHOLE_WEEK
