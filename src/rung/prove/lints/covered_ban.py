"""A deny, window or freeze applies only where another one applies as well, so it keeps nothing out by itself.

    deny "no machines for somebody" on prod when actor is delegate
    deny "no machines" on prod when actor is machine

Whoever removes the one that covers the other finds the other still in the way, and whoever relies on the
other relies on a copy. The solver has shown that there is no proposal, no facts and no time for which the one
applies alone. A freeze within a longer one is spoken of as `covered-freeze`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model
from rung.prove.lints.bans import Ban, Bans
from rung.prove.lints.readings import Readings, is_within_horizon

CODE = "covered-ban"
KIN = ("covered-freeze", "ban-never-applies", "toothless-ban")

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
deny "no machines for somebody" on prod when actor is delegate
deny "no machines" on prod when actor is machine
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
deny "no machines for somebody" on prod when actor is delegate
deny "no persons" on prod when actor is person
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the bans that another one covers; of two that cover each other, the later one."""
    policy = readings.policy
    if policy.is_baseline:
        return
    bans = Bans(readings)
    freezes = [each for each in policy.freezes if is_within_horizon(each)]
    rules: list[Ban] = [*freezes, *policy.windows, *policy.denies]
    rules.sort(key=lambda each: each.span)
    left = list(rules)
    for rule in reversed(rules):
        for other in left:
            if other is not rule and not _plain(rule, other) and bans.covers(other, rule):
                left.remove(rule)
                message = f'whatever this {_kind(rule)} keeps out, `"{other.name}"` keeps out as well'
                beside = (Related(other.span, "keeps it out as well"),)
                yield Diagnostic(CODE, message, rule.span, "remove one of them", beside, "warning")
                break


def _plain(rule: Ban, other: Ban) -> bool:
    """Whether two rules are freezes that can be compared by their dates alone."""
    freezes = [each for each in (rule, other) if isinstance(each, model.Freeze) and each.when is None]
    return len(freezes) == 2


def _kind(rule: Ban) -> str:
    match rule:
        case model.Freeze():
            return "freeze"
        case model.Window():
            return "window"
        case model.Deny():
            return "deny"
