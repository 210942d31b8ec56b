"""Defines what an evaluation finds: whether a rule holds, until when, and what was seen.

An outcome keeps raw values and the node of the policy that they were held against; putting them into
words is left to `explain`, so that deciding costs little more than the comparisons themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from rung.frozen import light
from rung.inputs.facts import Event
from rung.policy import model

if TYPE_CHECKING:
    from rung.evaluate.situation import Situation

FOREVER = 2**62
"""The `until` of what passing time alone never changes."""


@light
class Outcome:
    """Whether `rule` holds, and the instant (UTC seconds) until which passing time cannot change that.

    `seen` is what was found where the rule looked (its class depends on the rule, see below), None
    for rules that only join others. `unknown` marks a condition that could not be told, and
    counts as what does not allow.
    """

    rule: Any
    holds: bool
    until: int
    seen: Any = None
    parts: tuple[Outcome, ...] = ()
    unknown: bool = False


@light
class Values:
    """Both sides of a comparison; `missing` names what the proposal does not state."""

    left: Any
    right: Any
    missing: str | None = None


@light
class LeftOut:
    """A person or account that a count leaves out, and why."""

    who: str
    why: str


@light
class PeopleSeen:
    """Who was counted, who was left out, and what made the count impossible, if anything did."""

    counted: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    problem: str | None


@light
class HealthSeen:
    """What was observed of the release in a place: healthy over [since, until), or the problem."""

    place: str
    since: int | None
    until: int | None
    problem: str | None


@light
class RecordSeen:
    """The record that a need found about a subject, with its time and source; or the problem."""

    subject: str
    time: int | None
    source: str | None
    problem: str | None


@light
class Seen:
    """A plain finding: what was seen, in words, and where it comes from."""

    text: str


class Need(NamedTuple):
    """The rule behind the outcome of a gate's need: the need and its evidence."""

    need: model.Need
    evidence: model.Evidence


class Gate(NamedTuple):
    """The rule behind the outcome of a gate, with the waiver that it holds by, if it does."""

    gate: model.Gate
    waiver: model.Waiver | None


class Source(NamedTuple):
    """The rule that a release must have come through its sources: what the lane asks of each."""

    route: model.Route
    environments: tuple[str, ...]
    at_least: int
    asked: str  # `earned health` or `been deployed`


class Candidate(NamedTuple):
    """The rule that a rollback goes to a candidate."""

    route: model.Route


class Rollout(NamedTuple):
    """The rule of how a rollout goes: `action` is `strategy` for the strategy of a deployment."""

    action: str
    target: str
    strategy: model.Strategy | None
    step: model.Step | None = None


class Owing(NamedTuple):
    """The rule that an obligation of an earlier event is discharged in time.

    Its parts are what discharges it. Without an obligation it is the rule that none is overdue.
    """

    obligation: model.Obligation | None
    event: Event | None
    due: int
    discharged: bool


@light
class RouteOutcome:
    """One route, or rule of an action, tried: what it asks, in the order of the policy."""

    route: model.Route | model.Act
    holds: bool
    until: int
    requirements: tuple[Outcome, ...]


Way = Callable[["Situation"], RouteOutcome]
