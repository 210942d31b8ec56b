"""A waiver lasts longer than a year, so it is no exception but another policy.

    waive scan_clean on prod as "W-104" by "ana@example.com"
        from 2026-11-20 until 2036-12-01 because "scanner outage"

Change the gate if it asks for too much. An exception ends while somebody remembers why it was made.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.policy.lints.endless_freeze import DAY, YEAR

CODE = "endless-waiver"

_POLICY = """
environment prod
evidence scan about artifact { critical: int }
gate scan_clean {
    needs scan
    require scan.critical == 0
}
admit build -> prod { require scan_clean }
"""

BAD = f"""{_POLICY}\
waive scan_clean on prod as "W-104" by "ana@example.com"
    from 2026-11-20 until 2036-12-01 because "scanner outage"
"""

GOOD = f"""{_POLICY}\
waive scan_clean on prod as "W-104" by "ana@example.com"
    from 2026-11-20 until 2026-12-01 because "scanner outage"
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the waivers that last longer than a year."""
    for waiver in policy.waivers:
        if waiver.ends - waiver.begins > YEAR:
            message = f"this waiver lasts {(waiver.ends - waiver.begins) // DAY:,} days"
            hint = "let it end sooner, or change the gate"
            yield Diagnostic(CODE, message, waiver.span, hint, severity="warning")
