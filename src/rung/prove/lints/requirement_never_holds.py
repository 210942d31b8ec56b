"""A requirement can never hold together with those beside it, so the block that it stands in never holds.

    needs unit_tests
    require unit_tests.failed + unit_tests.skipped < 3
    require unit_tests.failed > 5 and unit_tests.skipped > 0

The solver has shown that no facts fulfil them all. What can be seen without it, such as `failed == 0` beside
`failed > 0`, is spoken of as `contradictory-requirements`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.prove.lints.readings import Readings, related

CODE = "requirement-never-holds"
KIN = ("contradictory-requirements", "constant-comparison", "too-few-in-group", "empty-gate")

BAD = """
environment prod
evidence unit_tests about build { failed: int, skipped: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed + unit_tests.skipped < 3
    require unit_tests.failed > 5 and unit_tests.skipped > 0
}
admit build -> prod { require tests_pass }
"""

GOOD = """
environment prod
evidence unit_tests about build { failed: int, skipped: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed + unit_tests.skipped < 3
    require unit_tests.failed == 0 or unit_tests.skipped > 0
}
admit build -> prod { require tests_pass }
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the first condition of each block that nothing fulfils together with those before it."""
    for block in readings.blocks:
        if block.together:
            continue
        reading = block.anywhere
        last = next(each for each in range(len(reading.parts)) if not reading.can(range(each + 1)))
        if readings.rests_on_broken([reading.parts[last]]):
            continue  # that is said of the gate
        others = [reading.parts[each].span for each in reading.conflict(range(last + 1)) if each != last]
        what = " together with what is required before" if others else ""
        hint = "where either may hold, write `or`" if others else "say what was meant, or remove it"
        span, beside = reading.parts[last].span, related(others, "required here")
        yield Diagnostic(CODE, f"this can never hold{what}", span, hint, beside, "warning")
