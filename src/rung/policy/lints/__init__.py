"""Defines LINTS, the only registry of lints: what is well-formed in a policy and yet hardly meant.

A lint is a module named as its code. Its docstring is the reference page; `BAD` is a policy (without
its first lines) in which it finds one thing, `GOOD` one in which it finds nothing; `check` finds.
"""

from __future__ import annotations

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.policy.lints import (
    always_open_window,
    clashing_windows,
    constant_comparison,
    contradictory_requirements,
    covered_freeze,
    duplicate_requirement,
    empty_gate,
    empty_obligation,
    endless_freeze,
    endless_rollout,
    endless_waiver,
    forgotten_hotfix,
    loosening_parameter,
    responders_locked_out,
    route_skips_order,
    self_approval,
    soak_outlives_evidence,
    too_few_in_group,
    toothless_ban,
    twin_routes,
    unguarded_route,
    unreachable_environment,
    unread_evidence,
    unused_evidence,
    unused_gate,
    unused_group,
    unused_parameter,
    waiver_lifts_nothing,
)

LINTS = (
    unused_gate,
    unused_group,
    unused_evidence,
    unused_parameter,
    unread_evidence,
    empty_gate,
    empty_obligation,
    unreachable_environment,
    route_skips_order,
    unguarded_route,
    twin_routes,
    forgotten_hotfix,
    endless_rollout,
    loosening_parameter,
    self_approval,
    too_few_in_group,
    duplicate_requirement,
    contradictory_requirements,
    constant_comparison,
    soak_outlives_evidence,
    responders_locked_out,
    toothless_ban,
    covered_freeze,
    endless_freeze,
    always_open_window,
    clashing_windows,
    waiver_lifts_nothing,
    endless_waiver,
)


def lint(policy: model.Policy) -> tuple[Diagnostic, ...]:
    """What every lint finds in a policy without mistakes, in the order of its file.

    What stands in a baseline is found when the baseline itself is checked.
    """
    found = [each for module in LINTS for each in module.check(policy)]
    own = [each for each in found if each.span is None or each.span.file == policy.span.file]
    return tuple(sorted(own, key=lambda each: each.span or policy.span))
