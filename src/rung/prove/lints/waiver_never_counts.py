"""A waiver lets nothing in that would not enter without it, though the gate that it names is required.

    freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC"
    waive tests_pass on prod as "W-104" by "ana@example.com"
        from 2026-12-20 until 2026-12-30 because "flaky runner"

Here all of its time is in a freeze. The solver has shown that whatever enters under the waiver would enter
without it. A waiver of a gate that nothing there requires is spoken of as `waiver-lifts-nothing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.policy.walk import gates_behind, required_on
from rung.prove.claim_terms import history
from rung.prove.cone import cone
from rung.prove.decide import Encoder
from rung.prove.lints.readings import Readings, is_within_horizon
from rung.prove.solve import Answer, Question
from rung.prove.terms import no

CODE = "waiver-never-counts"
KIN = ("waiver-lifts-nothing", "requirement-always-holds", "route-never-usable", "constant-comparison")

_POLICY = """
environment prod
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == 0
}
admit build -> prod { require tests_pass }
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC"
"""

BAD = f"""{_POLICY}\
waive tests_pass on prod as "W-104" by "ana@example.com"
    from 2026-12-20 until 2026-12-30 because "flaky runner"
"""

GOOD = f"""{_POLICY}\
waive tests_pass on prod as "W-104" by "ana@example.com"
    from 2026-12-01 until 2026-12-30 because "flaky runner"
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the waivers without which as much is let in."""
    policy = readings.policy
    if policy.is_baseline:
        return
    ways: list[model.Route | model.Act] = [*policy.routes, *policy.acts]
    for waiver in filter(is_within_horizon, policy.waivers):
        lifted = [
            each
            for each in ways
            if each.target in waiver.places and waiver.gate in gates_behind(required_on(each, policy), policy)
        ]
        if lifted and not any(_counts(waiver, each, readings) for each in lifted):
            message = "nothing enters under this waiver that would not enter without it"
            hint = "look at its dates, and at what else is in the way"
            yield Diagnostic(CODE, message, waiver.span, hint, (), "warning")


def _counts(waiver: model.Waiver, way: model.Route | model.Act, readings: Readings) -> bool:
    """Whether something can be let in by a way only because of a waiver, as far as the solver can tell."""
    policy = cone(readings.policy, (way,))
    others = tuple(each for each in policy.waivers if each is not waiver)
    encoder = Encoder(policy, guess=True)
    without = Encoder(policy, others, world=encoder.world, persons=encoder.persons, guess=True)
    allowed, denied = encoder.allowed(way), no(without.allowed(way))
    history(policy, encoder, way)
    question = Question(readings.clock, [*encoder.world.axioms, allowed, denied])
    return question.ask() is not Answer.IMPOSSIBLE
