"""Defines the facts: everything observed, each with its source and its time.

A list that is left out is empty: nothing of the kind was observed, which never counts in favour.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rung.inputs.proposal import Action, Actor, Digests, FlagState, Lane, StrategyKind
from rung.inputs.record import EMPTY, Record
from rung.inputs.scalars import CommitId, Digest, Instant, Name, Share, Text, Value, Version

Verdict: TypeAlias = Literal["approved", "rejected"]
Outcome: TypeAlias = Literal["succeeded", "failed", "in_progress"]
Status: TypeAlias = Literal["healthy", "unhealthy"]


class Build(Record):
    """Provenance: which invocation of which builder made an artifact, of which commit."""

    digest: Digest
    """The digest of the artifact."""
    commit: CommitId
    """The commit that was built."""
    builder: Text
    """The identity of the builder."""
    invocation: Text
    """The run of the builder; the same for all that the run made."""
    finished: Instant
    """When the run ended."""
    source: Text
    """Where the record comes from."""


class Change(Record):
    """The commits of a range and who wrote them."""

    base: CommitId | None
    """The commit before the first of the range; null for a range from the very beginning."""
    head: CommitId
    """The last commit of the range."""
    complete: bool
    """Whether every commit of the range was seen."""
    authors: tuple[Text, ...]
    """The authors of all its commits."""
    coauthors: tuple[Text, ...] = ()
    """The co-authors of all its commits."""
    contains: tuple[CommitId, ...] = ()
    """The commits that `head` is known to contain, by ancestry or recorded cherry-picks."""
    source: Text
    """Where the record comes from."""


class AboutCommit(Record):
    """About a commit."""

    commit: CommitId
    """The commit."""


class AboutBuild(Record):
    """About a run of a builder."""

    build: Text
    """The invocation, as the provenance names it."""


class AboutArtifact(Record):
    """About one artifact."""

    artifact: Digest
    """The digest of the artifact."""


class AboutEnvironment(Record):
    """About an environment, perhaps with a release in it."""

    environment: Name
    """The environment."""
    digests: Digests | None = None
    """The artifacts of the release that ran there."""
    configuration: Digest | None = None
    """The configuration of the release that ran there."""


class AboutRelease(Record):
    """About a release."""

    digests: Digests
    """The digests of all its artifacts."""
    configuration: Digest | None = None
    """The digest of its configuration."""
    release: Text | None = None
    """What the source calls it."""


class AboutTarget(Record):
    """About a release in an environment to come."""

    digests: Digests
    """The digests of all its artifacts."""
    configuration: Digest | None = None
    """The digest of its configuration."""
    release: Text | None = None
    """What the source calls it."""
    target: Name
    """The environment that the approval is for."""
    gate: Name | None = None
    """The gate that the approval is for, when the source says so."""


class Evidence(Record):
    """What a tool found out about one thing; its fields get their types from the policy."""

    type: Name
    """The type of evidence, as the policy names it."""
    about: AboutCommit | AboutBuild | AboutArtifact | AboutEnvironment | AboutRelease
    """What the evidence is about."""
    time: Instant
    """When it was found out."""
    fields: Mapping[Name, Value]
    """What was found out."""
    source: Text
    """The tool, or where its record comes from."""


class Review(Record):
    """A person's verdict on a change, bound to its last commit."""

    by: Text
    """The id or account of the person."""
    verdict: Verdict
    """What the person said."""
    about: AboutCommit
    """The last commit of the change."""
    time: Instant
    """When it was said."""
    source: Text
    """Where the record comes from."""


class Approval(Record):
    """A person's verdict on a release for a target; one about a commit counts as a review."""

    by: Text
    """The id or account of the person."""
    verdict: Verdict
    """What the person said."""
    about: AboutCommit | AboutTarget
    """The release and its target, or the last commit of a change."""
    time: Instant
    """When it was said."""
    source: Text
    """Where the record comes from."""


class Event(Record):
    """One deployment into an environment, or a step of one."""

    environment: Name
    """The environment."""
    release: Text | None = None
    """What the log calls the release."""
    digests: Digests
    """The digests of all its artifacts."""
    configuration: Digest | None = None
    """The digest of its configuration."""
    commit: CommitId | None = None
    """The commit that it was built from."""
    lane: Lane
    """The lane that it came by."""
    action: Action = "deploy"
    """The step that was taken."""
    share: Share | None = None
    """The share of traffic that the release has after it; left out for all of it."""
    facets: Mapping[Text, Text] | None = None
    """What the environment was made of when it happened; left out when that is not known."""
    actor: Actor | None = None
    """Who deployed."""
    strategy: StrategyKind | None = None
    """How it was rolled out."""
    waivers: tuple[Text, ...] = ()
    """The ids of the waivers that it was let in under."""
    started: Instant
    """When it began."""
    finished: Instant | None = None
    """When it ended; left out, or null, while it is in progress."""
    outcome: Outcome
    """How it ended."""


class History(Record):
    """The deployments so far, with the instant since which none is missing."""

    complete_since: Instant
    """Every deployment that began at this instant or later is listed."""
    source: Text
    """Where the log comes from."""
    events: tuple[Event, ...] = ()
    """The deployments."""


class Health(Record):
    """An interval in which a release was observed, without a gap, to be healthy or unhealthy."""

    environment: Name
    """The environment."""
    digests: Digests
    """The digests of the release that ran."""
    configuration: Digest | None = None
    """The digest of its configuration."""
    status: Status
    """What was observed."""
    from_: Instant
    """When the interval begins."""
    observed_until: Instant
    """The last observation."""
    source: Text
    """Who observed it."""


class Person(Record):
    """One person, whatever accounts and groups."""

    id: Text
    """The person's id."""
    accounts: tuple[Text, ...] = ()
    """The accounts that belong to this person alone."""
    groups: tuple[Name, ...] = ()
    """The groups that the person is a member of."""


class People(Record):
    """The persons and their groups, as a directory gave them."""

    source: Text
    """The directory."""
    read: Instant | None = None
    """When it was read."""
    persons: tuple[Person, ...] = ()
    """The persons."""


class Lock(Record):
    """A lock on an environment."""

    name: Text
    """What it is called."""
    holder: Text
    """The id or account of who holds it."""


class Environment(Record):
    """The state of an environment when it was read."""

    name: Name
    """The environment."""
    read: Instant
    """When it was read."""
    running: frozenset[Digest] | None = None
    """The digests that run there: an empty list when none does; null, or left out, when that is not known."""
    configuration: Digest | None = None
    """The digest of the configuration in use."""
    drift: bool | None = None
    """Whether it differs from what was deployed; null, or left out, when that is not known."""
    locks: tuple[Lock, ...] = ()
    """The locks that are held on it."""
    components: Mapping[Text, Version] = EMPTY
    """The versions of the components that run there, those of other services included."""
    facets: Mapping[Text, Text] = EMPTY
    """What it is made of, such as versions of runtimes and databases."""
    flags: Mapping[Name, FlagState] = EMPTY
    """The feature flags and their states."""
    migrated_to: Text | None = None
    """The last migration that its database has run; null, or left out, when that is not known."""


class Dependency(Record):
    """A component that a release depends on, in the versions that it accepts."""

    component: Text
    """The component."""
    at_least: Version | None = None
    """The earliest version that will do."""
    below: Version | None = None
    """The earliest version that will not do any more."""


class Manifest(Record):
    """What a release depends on."""

    digests: Digests
    """The digests of all its artifacts."""
    requires: tuple[Dependency, ...]
    """Everything that it depends on."""
    source: Text
    """Where the record comes from."""


class Facts(Record):
    """Everything observed."""

    builds: tuple[Build, ...] = ()
    """Who built what."""
    changes: tuple[Change, ...] = ()
    """What changed, and by whom."""
    evidence: tuple[Evidence, ...] = ()
    """What tools found out."""
    reviews: tuple[Review, ...] = ()
    """Verdicts of persons on changes."""
    approvals: tuple[Approval, ...] = ()
    """Verdicts of persons on releases."""
    history: History | None = None
    """The deployments so far."""
    health: tuple[Health, ...] = ()
    """How releases fared where they ran."""
    people: People | None = None
    """Who is who."""
    environments: tuple[Environment, ...] = ()
    """The state of the environments."""
    manifests: tuple[Manifest, ...] = ()
    """What releases depend on."""
