"""The slots of a window cover the whole week, so it never closes.

    window "Office hours" on prod mon..sun 00:00..24:00 in "Europe/Berlin" sparing rollback

So it is with a maintenance window: one that is always open permits at any time what it should confine.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.policy.week import WHOLE_WEEK, open_minutes

CODE = "always-open-window"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
window "Office hours" on prod mon..sun 06:00..22:00, mon..sun 22:00..06:00 in "Europe/Berlin"
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
window "Office hours" on prod mon..fri 00:00..24:00 in "Europe/Berlin"
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the windows that are open in every minute of the week."""
    for window in (*policy.windows, *policy.maintenance):
        if open_minutes(window) == WHOLE_WEEK:
            message = f'window `"{window.name}"` never closes'
            yield Diagnostic(CODE, message, window.span, "leave it out, or narrow it", severity="warning")
