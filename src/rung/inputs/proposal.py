"""Defines the proposal: the choices of whoever wants a deployment, and nothing observed."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

from rung.inputs.record import EMPTY, Record, Shape
from rung.inputs.scalars import Digest, Name, Share, Text, Version

Action: TypeAlias = Literal["deploy", "advance", "switch", "expose"]
Lane: TypeAlias = Literal["admit", "promote", "hotfix", "rollback"]
StrategyKind: TypeAlias = Literal["rolling", "canary", "blue_green", "atomic"]
FlagState: TypeAlias = Literal["on", "off"]
# The digests of a release, by which it is known: two records speak of the same release iff these are equal.
Digests = Annotated[frozenset[Digest], Shape.NON_EMPTY]


class Artifact(Record):
    """One artifact of a release."""

    kind: Text | None = None
    """What it is, such as `oci`."""
    digest: Digest
    """Its digest, which alone identifies it."""


class Release(Record):
    """The unit of deployment: named artifacts and one configuration, the same everywhere."""

    version: Version | None = None
    """Its version, as semantic versioning writes it."""
    configuration: Digest | None = None
    """The digest of its configuration."""
    artifacts: Annotated[Mapping[Name, Artifact], Shape.NON_EMPTY]
    """Its artifacts by name."""

    @cached_property
    def digests(self) -> frozenset[str]:
        """The digests of all artifacts; computed once, afterwards a plain attribute."""
        return frozenset(artifact.digest for artifact in self.artifacts.values())


class Strategy(Record):
    """How the release replaces what runs in the target."""

    kind: StrategyKind
    """The kind of rollout."""
    steps: tuple[Share, ...] = ()
    """The shares of traffic that a canary goes through, in order."""
    max_unavailable: Share | None = None
    """The largest share of nodes that a rolling update takes away at a time."""


class Rollback(Record):
    """The plan for going back."""

    to: Annotated[Digests, Shape.ONE_OR_MORE]
    """The digests of the release to go back to; one alone needs no list."""
    automatic: bool = False
    """Whether failed health rolls back without a person."""


class PersonActor(Record):
    """A person who deploys by hand."""

    person: Text
    """The person's id or account."""


class MachineActor(Record):
    """A machine that deploys."""

    machine: Text
    """The machine's identity."""
    on_behalf_of: Text | None = None
    """The id or account of the person who set it going."""


Actor: TypeAlias = PersonActor | MachineActor


class Migrations(Record):
    """The database migrations that the release brings, from one version of the schema to another."""

    directory: Text
    """The directory of the migrations, relative to the sources."""
    from_: Text
    """The last migration that the target has already run."""
    to: Text
    """The last migration of the release."""


class Proposal(Record):
    """What somebody wants to do: choices only."""

    service: Text
    """The service to deploy."""
    action: Action = "deploy"
    """The step to take: a new deployment, or the next step of one that is under way."""
    lane: Lane
    """The lane whose rules the proposal claims to satisfy."""
    from_: Annotated[tuple[Name, ...], Shape.ONE_OR_MORE] = ()
    """The environments that the release comes from; one alone needs no list."""
    target: Name
    """The environment to deploy into."""
    release: Release
    """The release to deploy."""
    strategy: Strategy | None = None
    """How to roll it out."""
    rollback: Rollback | None = None
    """How to go back."""
    actor: Actor
    """Who deploys."""
    configuration_keys: tuple[Text, ...] | None = None
    """The names of the configuration's keys; left out when they are not known."""
    flags: Mapping[Name, FlagState] = EMPTY
    """The feature flags that the proposal sets."""
    migrations: Migrations | None = None
    """The database migrations that go with it."""
