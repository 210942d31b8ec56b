"""Defines which obligations are open: derived from the history, never supplied.

What entered by a lane whose routes owe something owes it from then on, until its requirements hold.
"""

from __future__ import annotations

from collections.abc import Sequence

from rung.evaluate.expressions import Check, Gates, all_of, condition
from rung.evaluate.outcome import FOREVER, Outcome, Owing
from rung.evaluate.situation import Situation
from rung.inputs.facts import Event
from rung.policy import model


def overdue(routes: Sequence[model.Route], gates: Gates) -> Check:
    """Holds while no obligation of what entered the target earlier is overdue; the routes all lead there."""
    owed = [
        (route.lane, obligation, [condition(each.condition, gates) for each in obligation.requirements])
        for route in routes
        for obligation in route.obligations
    ]

    def check(situation: Situation) -> Outcome:
        before = situation.past(situation.proposal.target)
        parts = []
        for event in (*before.older, *before.entries):
            if event.action != "deploy" or before.undone(event):
                continue
            entered = situation.at_entry(event)
            for lane, obligation, requirements in owed:
                if lane != event.lane:
                    continue
                outcomes = tuple([requirement(entered) for requirement in requirements])
                discharged, until = all_of(outcomes)
                if not discharged and _was_discharged(event, requirements, situation):
                    discharged, until, outcomes = True, FOREVER, ()
                due = (event.finished or event.started) + obligation.seconds
                holds = discharged or situation.at < due
                rule = Owing(obligation, event, due, discharged)
                parts.append(Outcome(rule, holds, until if discharged or not holds else due, None, outcomes))
        holds, until = all_of(tuple(parts))
        return Outcome(Owing(None, None, 0, holds), holds, until, None, tuple(parts))

    return check


def _was_discharged(event: Event, requirements: Sequence[Check], situation: Situation) -> bool:
    """Whether the requirements held at some time since the entry: what is discharged stays so.

    They can begin to hold only when a fact comes in, so those times are looked at, the last ones first.
    """
    facts, begin = situation.facts, event.finished or event.started
    times = {each.time for each in facts.evidence} | {each.observed_until for each in facts.health}
    times |= {each.time for each in facts.reviews} | {each.time for each in facts.approvals}
    for time in sorted((each for each in times if begin < each < situation.at), reverse=True):
        then = situation.at_entry(event, time)
        if all_of(tuple([requirement(then) for requirement in requirements]))[0]:
            return True
    return False
