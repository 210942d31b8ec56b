"""A freeze lasts longer than a year, which is more often a slip in a date than meant.

    freeze "Year end" on prod from 2026-12-18 to 2037-01-04 in "UTC" sparing rollback

An environment that is closed for good needs no route into it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "endless-freeze"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
freeze "Year end" on prod from 2026-12-18 to 2037-01-04 in "UTC"
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC"
"""

DAY = 86_400
YEAR = 366 * DAY


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the freezes without a condition that last longer than a year."""
    for freeze in policy.freezes:
        days = (freeze.ends - freeze.begins) // DAY
        if freeze.when is None and freeze.ends - freeze.begins > YEAR:
            message = f"this freeze lasts {days:,} days"
            yield Diagnostic(CODE, message, freeze.span, "look at its dates", severity="warning")
