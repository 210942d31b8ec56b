"""Defines LINTS, the only registry of lints that ask a solver: rules that can never matter, each proved.

A lint is a module named as its code. Its docstring is the reference page; `BAD` is a policy (without
its first lines) in which it finds one thing, `GOOD` one in which it finds nothing; `check` finds. `KIN` are
the codes of others that may have found the same mistake, in which case they alone speak.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rung.diagnostics import Diagnostic, Span
from rung.policy import model
from rung.prove.lints import (
    ban_never_applies,
    covered_ban,
    covered_requirement,
    environment_never_reached,
    requirement_always_holds,
    requirement_never_holds,
    route_never_usable,
    waiver_never_counts,
)
from rung.prove.lints.readings import Readings
from rung.prove.solve import Clock, TimeIsUpError

LINTS = (
    requirement_never_holds,
    requirement_always_holds,
    covered_requirement,
    route_never_usable,
    environment_never_reached,
    ban_never_applies,
    covered_ban,
    waiver_never_counts,
)


def lint(policy: model.Policy, known: Sequence[Diagnostic], seconds: float) -> tuple[Diagnostic, ...]:
    """What the lints find in a policy of which some things are `known` already, in the order of its file.

    What they cannot tell in so many seconds is not found. What stands in a baseline is found when the
    baseline itself is checked.
    """
    readings = Readings(policy, Clock(seconds))
    found: list[Diagnostic] = []
    for module in LINTS:
        kin = [each for each in (*known, *found) if each.code in module.KIN]
        new = [each for each in _within_time(module.check(readings)) if not _touches(each, kin)]
        found += {each.span: each for each in new}.values()
    own = [each for each in found if each.span is None or each.span.file == policy.span.file]
    return tuple(sorted(own, key=lambda each: each.span or policy.span))


def _within_time(found: Iterator[Diagnostic]) -> Iterator[Diagnostic]:
    try:
        yield from found
    except TimeIsUpError:
        return


def _touches(found: Diagnostic, others: Iterable[Diagnostic]) -> bool:
    """Whether a finding speaks of a place that another one speaks of."""
    said = [span for each in others for span in _spans(each)]
    return any(_meet(mine, each) for mine in _spans(found) for each in said)


def _spans(found: Diagnostic) -> list[Span]:
    own = [] if found.span is None else [found.span]
    return [*own, *(each.span for each in found.related)]


def _meet(one: Span, other: Span) -> bool:
    return one.file == other.file and one.start < other.end and other.start < one.end
