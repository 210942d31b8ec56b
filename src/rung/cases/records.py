"""Defines what a file of cases holds: proposals, the histories before them, and what must be decided.

Releases have names, and their digests follow from these, so that nobody writes digests. The events of a
history have labels, by which a case changes or takes away what it inherits.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from rung.inputs.facts import Dependency, Outcome, Status, Verdict
from rung.inputs.proposal import Action, Actor, FlagState, Lane, StrategyKind
from rung.inputs.record import EMPTY, Record, Shape
from rung.inputs.scalars import Instant, Name, Raw, Scalar, Share, Text, Value, Version, parse_duration

Anything = Annotated[Any, Raw(lambda value: value)]
"""What is looked at in a second step, when names in it have become digests."""
Duration = Annotated[int, Scalar("a duration, such as `90m`", r"^[0-9]{1,9}[smhdw]$", 12, parse_duration)]
Names = Annotated[tuple[Name, ...], Shape.ONE_OR_MORE]
Texts = Annotated[tuple[Text, ...], Shape.ONE_OR_MORE]


class Needed(Record):
    """The versions of a component that will do."""

    at_least: Version | None = None
    below: Version | None = None

    def dependency(self, component: str) -> Dependency:
        return Dependency(component=component, at_least=self.at_least, below=self.below)


class Release(Record):
    """A release: what it was built of, and who wrote what is new since the release before it."""

    after: Text | None = None
    """The release that it was developed from; without one, all of it is new."""
    authors: Texts = ()
    """The authors of what is new."""
    coauthors: Texts = ()
    """Their co-authors."""
    contains: Texts = ()
    """Other releases whose changes were picked into it."""
    complete: bool = True
    """Whether all that is new was seen."""
    commit: Text | None = None
    """A name for what it was built from, if not its own: releases of one commit differ in configuration."""
    artifacts: Names = ("app",)
    """The names of its artifacts."""
    configuration: Text = "default"
    """A name for its configuration."""
    version: Version | None = None
    """Its version; its name, where that is one."""
    requires: Mapping[Text, Needed] | None = None
    """The components that it depends on; left out when that is not known."""


class Build(Record):
    """A release was built."""

    build: Text
    by: Text
    run: Text | None = None
    at: Instant | None = None
    ago: Duration | None = None


class Evidence(Record):
    """A tool found something out: about a release, or about environments (with the release in them)."""

    evidence: Name
    of: Text | None = None
    in_: Names = ()
    run: Text | None = None
    fields: Mapping[Name, Value] = EMPTY
    at: Instant | None = None
    ago: Duration | None = None


class Review(Record):
    """Persons said something about the last commit of a release."""

    review: Text
    by: Texts
    verdict: Verdict = "approved"
    at: Instant | None = None
    ago: Duration | None = None


class Approval(Record):
    """Persons said something about a release for a target."""

    approval: Text
    by: Texts
    for_: Name
    gate: Name | None = None
    verdict: Verdict = "approved"
    at: Instant | None = None
    ago: Duration | None = None


class Deployment(Record):
    """A release came into environments, or went a step further there."""

    deployment: Text
    in_: Names
    lane: Lane
    action: Action = "deploy"
    share: Share | None = None
    strategy: StrategyKind | None = None
    facets: Mapping[Text, Text] | None = None
    actor: Actor | None = None
    took: Duration = 0
    outcome: Outcome = "succeeded"
    at: Instant | None = None
    ago: Duration | None = None


class Health(Record):
    """A release was observed in environments from a time on; until now, unless said."""

    health: Text
    in_: Names
    status: Status = "healthy"
    for_: Duration | None = None
    at: Instant | None = None
    ago: Duration | None = None


class Environment(Record):
    """What was read of an environment; what runs there follows from the history unless said."""

    running: Text | None = None
    drift: bool | None = None
    locks: Mapping[Text, Text] = EMPTY
    """The holder of each lock."""
    components: Mapping[Text, Version] = EMPTY
    facets: Mapping[Text, Text] = EMPTY
    flags: Mapping[Name, FlagState] = EMPTY
    migrated_to: Text | None = None
    at: Instant | None = None
    ago: Duration | None = None


class Person(Record):
    """A person of the directory."""

    accounts: Texts = ()
    groups: Names = ()


Event: TypeAlias = Build | Evidence | Review | Approval | Deployment | Health


class Case(Record):
    """One case, with all that it inherits."""

    expect: Literal["allowed", "denied"]
    because: Texts = ()
    """The rules that fail, by name or text: all of them."""
    owes: Texts | None = None
    """The obligations that it raises: all of them; not looked at when left out."""
    waivers: Texts | None = None
    """The ids of the waivers that it is let in under: all of them; not looked at when left out."""
    at: Instant
    proposal: Anything
    """A proposal, as `rung decide` takes it; releases in it may be named."""
    releases: Mapping[Text, Release] = EMPTY
    history: Mapping[Text, Event] = EMPTY
    environments: Mapping[Name, Environment] = EMPTY
    people: Mapping[Text, Person] | None = None
    """The directory by id; left out when there is none."""
    complete_since: Instant = 0
    """Every deployment since then is in the history."""
    facts: Anything = None
    """More facts, as `rung decide` takes them."""


EXPECTATIONS = frozenset({"expect", "because", "owes", "waivers"})


class File(Record):
    """A file of cases, in which each is layered over the one that it is like, or else over the base."""

    policy: Text | None = None
    """The path of the policy, if it is not the one beside the file that has its name."""
    base: Anything = None
    cases: Mapping[Text, Anything]
