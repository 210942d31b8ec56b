"""Two windows on one place are never open together, so nothing can enter.

A deployment must be within every window of its target, not within any of them.

    window "Morning" on prod mon..fri 09:00..12:00 in "Europe/Berlin"
    window "Evening" on prod mon..fri 17:00..19:00 in "Europe/Berlin"

Write one window with both slots:

    window "Hours" on prod mon..fri 09:00..12:00, mon..fri 17:00..19:00 in "Europe/Berlin"

Windows of different time zones are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model
from rung.policy.week import WHOLE_WEEK, open_minutes

CODE = "clashing-windows"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
window "Morning" on prod mon..fri 09:00..12:00 in "Europe/Berlin"
window "Evening" on prod mon..fri 17:00..19:00 in "Europe/Berlin"
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
window "Hours" on prod mon..fri 09:00..12:00, mon..fri 17:00..19:00 in "Europe/Berlin"
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the windows that leave no minute of those before them, for some lane into some place."""
    together: dict[tuple[str, str, str], tuple[int, list[model.Window]]] = {}
    lanes = {(route.target, route.lane) for route in policy.routes}
    for window in policy.windows:
        minutes = open_minutes(window)
        clash: list[model.Window] = []
        for place in window.places:
            for lane in model.LANES:
                if lane in window.spares or (place, lane) not in lanes:
                    continue
                left, before = together.get((place, window.zone, lane), (WHOLE_WEEK, []))
                if left and not left & minutes:
                    clash = before
                together[place, window.zone, lane] = left & minutes, [*before, window]
        if clash:
            message = f'window `"{window.name}"` is never open together with the others on its place'
            related = tuple(Related(each.span, "must be open too") for each in clash)
            hint = "write one window with all the slots"
            yield Diagnostic(CODE, message, window.span, hint, related, "warning")
