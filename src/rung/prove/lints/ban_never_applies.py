"""The condition of a deny or freeze never holds for what it binds, so it never keeps anything out.

    deny "no hotfixes at night" on prod sparing hotfix when lane == hotfix

The solver has shown that no proposal, no facts and no time make it apply. One that spares every lane is
spoken of as `toothless-ban`. In a baseline, to which others add routes, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.prove.lints.bans import Ban, Bans
from rung.prove.lints.readings import Readings, is_within_horizon

CODE = "ban-never-applies"
KIN = ("toothless-ban", "constant-comparison")

BAD = """
environment qa
environment prod after qa
admit build -> qa { require provenance from "https://ci.example.com" }
promote qa -> prod { require contains open hotfixes }
hotfix qa -> prod { require provenance from "https://ci.example.com" }
deny "no hotfixes" on prod sparing hotfix when lane == hotfix
"""

GOOD = """
environment qa
environment prod after qa
admit build -> qa { require provenance from "https://ci.example.com" }
promote qa -> prod { require contains open hotfixes }
hotfix qa -> prod { require provenance from "https://ci.example.com" }
deny "no hotfixes by canary" on prod when lane == hotfix and strategy == canary
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the bans with a condition that apply to nothing."""
    policy = readings.policy
    if policy.is_baseline:
        return
    bans = Bans(readings)
    rules: list[Ban] = [*policy.denies, *(each for each in policy.freezes if _has_condition(each))]
    for rule in rules:
        if bans.binds(rule) and not bans.applies(rule):
            kind = "deny" if isinstance(rule, model.Deny) else "freeze"
            message = f"this {kind} never applies to anything that it binds"
            yield Diagnostic(CODE, message, rule.span, "say what was meant, or remove it", (), "warning")


def _has_condition(freeze: model.Freeze) -> bool:
    return freeze.when is not None and is_within_horizon(freeze)
