"""A waiver for a gate that no route into its places requires changes nothing.

Often it names the wrong place, or the gate that is in the way is another one.

    promote dev -> qa { require tests_pass }
    promote qa -> prod { require scan_clean }
    waive tests_pass on prod as "W-104" by "ana@example.com"
        from 2026-11-20 until 2026-12-01 because "flaky runner"

A gate that nothing requires at all is spoken of as `unused-gate`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "waiver-lifts-nothing"

_POLICY = """
environment qa
environment prod after qa
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == 0
}
admit build -> qa { require tests_pass }
promote qa -> prod
"""

BAD = f"""{_POLICY}\
waive tests_pass on prod as "W-104" by "ana@example.com"
    from 2026-11-20 until 2026-12-01 because "flaky runner"
"""

GOOD = f"""{_POLICY}\
waive tests_pass on qa as "W-104" by "ana@example.com"
    from 2026-11-20 until 2026-12-01 because "flaky runner"
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the waivers of gates that are required elsewhere only."""
    if policy.is_baseline or not policy.waivers:
        return
    required = _required(policy)
    anywhere = set().union(*required.values())
    for waiver in policy.waivers:
        if waiver.gate in anywhere and not any(
            waiver.gate in required.get(each, ()) for each in waiver.places
        ):
            places = ", ".join(f"`{place}`" for place in waiver.places)
            message = f"nothing into {places} requires gate `{waiver.gate}`, so this lifts nothing"
            hint = "name the places where the gate stands in the way"
            yield Diagnostic(CODE, message, waiver.span, hint, severity="warning")


def _required(policy: model.Policy) -> dict[str, set[str]]:
    """The gates on any way into each environment, and on what is done there."""
    found: dict[str, set[str]] = {}
    ways: list[model.Route | model.Act] = [*policy.routes, *policy.acts]
    for way in ways:
        found.setdefault(way.target, set()).update(walk.gates_behind(way.requirements, policy))
    for strategy in policy.strategies:
        for step in strategy.steps:
            for place in strategy.places:
                found.setdefault(place, set()).update(walk.gates_behind(step.requirements, policy))
    return found
