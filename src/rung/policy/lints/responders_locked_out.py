"""A freeze or window spares neither rollback nor hotfix, so nobody can respond to an outage meanwhile.

    freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin"

Write `sparing rollback`, `sparing hotfix` or both. Places that have no such routes, and freezes with a
condition (`when …`), are not spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "responders-locked-out"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin"
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin" sparing rollback
"""

RESPONSES = ("rollback", "hotfix")


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the bans by time alone that leave no lane for responders where there is one."""
    lanes: dict[str, set[str]] = {}
    for route in policy.routes:
        if route.lane in RESPONSES:
            lanes.setdefault(route.target, set()).add(route.lane)
    bans: list[tuple[str, model.Freeze | model.Window]] = [
        *(("freeze", freeze) for freeze in policy.freezes if freeze.when is None),
        *(("window", window) for window in policy.windows),
    ]
    for kind, ban in bans:
        locked = [place for place in ban.places if place in lanes and lanes[place].isdisjoint(ban.spares)]
        if locked:
            responses = [lane for lane in RESPONSES if lane in lanes[locked[0]]]
            message = f"while {'this freeze lasts' if kind == 'freeze' else 'this window is closed'}, "
            message += f"no {' or '.join(responses)} can enter `{locked[0]}`"
            hint = f"write `sparing {', '.join(responses)}`"
            yield Diagnostic(CODE, message, ban.span, hint, severity="warning")
