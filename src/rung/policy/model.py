"""Defines the policy model: the one typed representation that every reading of a policy takes.

Everything is resolved and typed: names are known, numbers are in the representation of `types`,
local times are UTC. Models compare equal when they mean the same; spans do not count.
"""

from __future__ import annotations

from typing import Any, Literal

from rung.diagnostics import Span
from rung.frozen import field, frozen
from rung.policy.types import DIGEST, PERSON, TEXT, TIME, VERSION, EnumType, SetType, Type, Value

Modality = Literal["always", "never", "possible"]
MODALITIES: tuple[Modality, ...] = ("always", "never", "possible")
Actor = Literal["person", "machine", "delegate"]
ACTORS: tuple[Actor, ...] = ("person", "machine", "delegate")
Direction = Literal["rise", "fall"]
DIRECTIONS: tuple[Direction, ...] = ("rise", "fall")
Lane = Literal["admit", "promote", "hotfix", "rollback"]
LANES: tuple[Lane, ...] = ("admit", "promote", "hotfix", "rollback")
THROUGH_SOURCES = ("promote", "hotfix")  # the lanes that come from other environments
STRATEGIES = ("rolling", "canary", "blue_green", "atomic")
ACTIONS = ("deploy", "advance", "switch", "expose")
SUBJECTS = ("commit", "build", "artifact", "release", "environment")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LANE = EnumType(LANES, "lane")
STRATEGY = EnumType(STRATEGIES, "strategy")
ACTION = EnumType(ACTIONS, "action")

DEFAULT_HEALTH_AGE = 300  # seconds


def _span() -> Any:
    """A span that counts neither in comparisons nor in what is printed."""
    return field(compare=False, repr=False)


# ---------------------------------------------------------------- expressions
#
# Conditions are boolean expressions. Those on facts may be unknown; an unknown condition counts
# as whatever does not allow: false where it stands positively, true under a `not`.


@frozen
class Constant:
    type: Type
    value: Value
    span: Span = _span()


@frozen
class ParameterValue:
    """A parameter of the policy; `value` is what it was set to."""

    name: str
    type: Type
    value: Value
    span: Span = _span()


@frozen
class RequestValue:
    """A value that the proposal states (`strategy`, `release.version`) or the clock (`now`)."""

    name: str
    type: Type
    span: Span = _span()


@frozen
class EvidenceField:
    """A field of the record that the gate needs; the record is there when this is read."""

    evidence: str
    field: str
    type: Type
    span: Span = _span()


@frozen
class Role:
    """The person in a role: `actor` in decisions, the others in properties, of type person."""

    name: str
    span: Span = _span()


@frozen
class SetExpression:
    """A set with elements that are not all constant."""

    type: SetType
    elements: tuple[Operand, ...]
    span: Span = _span()


@frozen
class Arithmetic:
    """`left OP right`; `operator` is the name of one in `operators`."""

    operator: str
    type: Type
    left: Operand
    right: Operand
    span: Span = _span()


@frozen
class Compare:
    """`left OP right`; `operator` is the name of one in `operators`. Persons compare after aliases."""

    operator: str
    left: Operand
    right: Operand
    span: Span = _span()


@frozen
class Not:
    operand: Condition
    span: Span = _span()


@frozen
class And:
    operands: tuple[Condition, ...]
    span: Span = _span()


@frozen
class Or:
    operands: tuple[Condition, ...]
    span: Span = _span()


@frozen
class Implies:
    premise: Condition
    conclusion: Condition
    span: Span = _span()


@frozen
class Truth:
    """A value of type bool read as a condition."""

    value: Operand
    span: Span = _span()


@frozen
class GateHolds:
    """The gate named holds for this release and target, or is waived there."""

    gate: str
    span: Span = _span()


@frozen
class People:
    """At least `count` persons of any of the groups have approved (or reviewed), each counted once.

    `excluding` takes from the count: `authors` every author and co-author of the range, `actor`
    who deploys, else a group's members. `max_age` in seconds, None for any age.
    """

    kind: Literal["approval", "review"]
    count: int
    groups: tuple[str, ...]
    excluding: tuple[str, ...]
    max_age: int | None
    span: Span = _span()


@frozen
class PersonIn:
    """The person is in the set: a group, or the persons of a role (`authors`)."""

    person: Operand
    people: str
    span: Span = _span()


@frozen
class ActorIs:
    """Who acts is a person, a machine, or (`delegate`) a machine on behalf of a person."""

    kind: Actor
    span: Span = _span()


@frozen
class Healthy:
    """The release is healthy in `place` for `seconds` ending now, or (`once`) was so since it came there.

    `place` is an environment, `source` (each source of the deployment) or `target`.
    """

    once: bool
    place: str
    seconds: int
    span: Span = _span()


@frozen
class Provenance:
    """Every artifact of the release was built by one of the builders, and by no other."""

    builders: tuple[str, ...]
    span: Span = _span()


@frozen
class RollbackPlan:
    """The proposal says what to go back to, and that is what runs in the target now."""

    automatic: bool
    span: Span = _span()


@frozen
class ConfigurationHas:
    """The configuration that the proposal brings has every key named."""

    keys: tuple[str, ...]
    span: Span = _span()


@frozen
class MigrationsCompatible:
    """The release's migrations are compatible at every step of its rollout and after a rollback."""

    span: Span = _span()


@frozen
class NoMigrations:
    """The proposal brings no migrations: the schema of the target stays as it is."""

    span: Span = _span()


@frozen
class ContainsOpenHotfixes:
    """The release contains every hotfix into the target that was not brought back yet."""

    span: Span = _span()


@frozen
class NewFlagsOff:
    """Every flag that the target does not have yet is off in the proposal."""

    span: Span = _span()


@frozen
class NoDrift:
    """The place was observed to be what was deployed there; `source` and `target` as in `Healthy`."""

    place: str
    span: Span = _span()


@frozen
class LockHeld:
    """Who acts holds a lock on the target."""

    span: Span = _span()


@frozen
class InsideMaintenance:
    """A maintenance window of the target is open."""

    span: Span = _span()


@frozen
class DependenciesMet:
    """Every component that the release depends on runs in the target in a version that it accepts."""

    span: Span = _span()


@frozen
class Happened:
    """In properties only: `event` (deployed, earned, running, bad) of the release in a place.

    `place` is an environment or a variable; `lane` narrows `deployed` to entries by that lane.
    """

    event: str
    place: str
    lane: str | None
    span: Span = _span()


@frozen
class Held:
    """In properties only: the gate held, or was waived, at entry."""

    gate: str
    span: Span = _span()


@frozen
class Before:
    """In properties only: `first` happened earlier than `second`."""

    first: Happened
    second: Happened
    span: Span = _span()


Operand = Constant | ParameterValue | RequestValue | EvidenceField | Role | SetExpression | Arithmetic
Condition = (
    Compare
    | Not
    | And
    | Or
    | Implies
    | Truth
    | GateHolds
    | People
    | PersonIn
    | ActorIs
    | Healthy
    | Provenance
    | RollbackPlan
    | ConfigurationHas
    | MigrationsCompatible
    | NoMigrations
    | ContainsOpenHotfixes
    | NewFlagsOff
    | NoDrift
    | LockHeld
    | InsideMaintenance
    | DependenciesMet
    | Happened
    | Held
    | Before
)
Expression = Operand | Condition

# What a proposal and the clock offer to expressions, by name. Those in MAYBE_ABSENT can be
# missing from a well-formed proposal; a comparison with a missing value is unknown.
REQUEST_TYPES: dict[str, Type] = {
    "strategy": STRATEGY,
    "lane": LANE,
    "action": ACTION,
    "service": TEXT,
    "now": TIME,
    "release.version": VERSION,
    "release.configuration": DIGEST,
    "configuration_keys": SetType(TEXT),
}
MAYBE_ABSENT = frozenset({"strategy", "release.version", "release.configuration", "configuration_keys"})
ROLES = ("actor", "author", "approver", "reviewer")
ROLE_SETS = ("authors", "approvers", "reviewers")


# ---------------------------------------------------------------- declarations
#
# The span of a statement with a name is its head, such as `gate tests_pass` or `promote qa -> prod`.


@frozen
class Sources:
    """At least `count` of the environments named."""

    names: tuple[str, ...]
    count: int
    span: Span = _span()


@frozen
class Environment:
    """`after` orders: what comes before it, and how many of these; forward only: nothing rolls back."""

    name: str
    after: Sources | None
    forward_only: bool
    span: Span = _span()


@frozen
class Person:
    id: str
    accounts: tuple[str, ...]
    span: Span = _span()


@frozen
class Group:
    """`members` are person ids or accounts, those of member groups included; None for `from facts`.

    `includes` names the member groups, which say nothing that `members` does not.
    """

    name: str
    members: frozenset[str] | None
    includes: tuple[str, ...] = field(compare=False)
    span: Span = _span()


@frozen
class Evidence:
    """A type of evidence: what it is `about`, and its fields with their types."""

    name: str
    about: str
    once: bool
    fields: tuple[tuple[str, Type], ...]
    span: Span = _span()


@frozen
class Parameter:
    name: str
    type: Type
    value: Value
    direction: Direction | None
    span: Span = _span()


@frozen
class Requirement:
    """One condition of a `require`; the span is what the author wrote."""

    condition: Condition
    span: Span = _span()


@frozen
class Need:
    """Evidence that a gate needs. `place` is for evidence about an environment: one, `source` or `target`."""

    evidence: str
    place: str | None
    max_age: int | None
    span: Span = _span()


@frozen
class Gate:
    name: str
    title: str
    controls: tuple[str, ...]
    needs: tuple[Need, ...]
    requirements: tuple[Requirement, ...]
    span: Span = _span()


@frozen
class Obligation:
    """What an allowed deployment owes: to be discharged within `seconds` by its requirements."""

    name: str
    seconds: int
    requirements: tuple[Requirement, ...]
    span: Span = _span()


@frozen
class Route:
    """One way into `target`. `sources` is None for admit and rollback; `within` counts releases back."""

    lane: Lane
    sources: Sources | None
    target: str
    within: int
    requirements: tuple[Requirement, ...]
    obligations: tuple[Obligation, ...]
    span: Span = _span()


@frozen
class Freeze:
    """Nothing enters `places` in [begins, ends), except by the lanes spared; UTC seconds.

    `zone` is where its ends were read on the clock, which says nothing that they do not.
    """

    name: str
    places: tuple[str, ...]
    begins: int
    ends: int
    spares: tuple[str, ...]
    when: Condition | None
    zone: str = field(compare=False)
    span: Span = _span()


@frozen
class Slot:
    """On `days` (0 is Monday) from minute `opens` to before `closes`; past 1440 it runs into the next day."""

    days: frozenset[int]
    opens: int
    closes: int
    span: Span = _span()


@frozen
class Window:
    """Deployments enter `places` only within a slot, by the local clock of `zone`."""

    name: str
    places: tuple[str, ...]
    slots: tuple[Slot, ...]
    zone: str
    spares: tuple[str, ...]
    span: Span = _span()


@frozen
class Deny:
    name: str
    places: tuple[str, ...]
    spares: tuple[str, ...]
    when: Condition
    span: Span = _span()


@frozen
class Waiver:
    """Lets `gate` count as held on entry into `places` in [begins, ends); UTC seconds."""

    id: str
    gate: str
    places: tuple[str, ...]
    approver: str
    begins: int
    ends: int
    reason: str
    span: Span = _span()


@frozen
class Step:
    """A canary's step: the share that it reaches (a percent), and what must be before the next one."""

    share: int
    hold: int
    requirements: tuple[Requirement, ...]
    span: Span = _span()


@frozen
class Strategy:
    """How a rollout of this kind into the places is done.

    `steps` are a canary's, `max_unavailable` (a percent) a rolling update's, and for `keep` seconds
    after a switch nothing replaces the old side of a blue/green pair.
    """

    kind: str
    places: tuple[str, ...]
    steps: tuple[Step, ...]
    max_unavailable: int | None
    keep: int
    span: Span = _span()


@frozen
class Act:
    """What an action other than deploying requires: `advance`, `switch` or `expose` in `target`."""

    action: str
    target: str
    requirements: tuple[Requirement, ...]
    span: Span = _span()


@frozen
class Single:
    """Nothing enters the places while another rollout into them is under way."""

    places: tuple[str, ...]
    spares: tuple[str, ...]
    span: Span = _span()


@frozen
class Parity:
    """What enters a place finds the facets of those before it equal, now and when it entered these."""

    places: tuple[str, ...]
    facets: tuple[str, ...]
    spares: tuple[str, ...]
    span: Span = _span()


@frozen
class Keys:
    """The configuration brought into the places has every key."""

    places: tuple[str, ...]
    keys: tuple[str, ...]
    spares: tuple[str, ...]
    span: Span = _span()


@frozen
class Constraint:
    """What binds every route into the places, in whichever file, but those of the lanes exempt."""

    places: tuple[str, ...]
    exempt: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    span: Span = _span()


@frozen
class NamedProperty:
    """A property of the library, with what it speaks of; empty where nothing was written."""

    name: str
    lanes: tuple[str, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]
    policy: str | None
    span: Span = _span()


@frozen
class Quantifier:
    """`variable` ranges over `among`: names of environments, gates or groups (`kind`)."""

    kind: str
    variable: str
    among: tuple[str, ...]
    span: Span = _span()


@frozen
class FormulaProperty:
    title: str
    quantifiers: tuple[Quantifier, ...]
    modality: Modality
    claim: Condition
    span: Span = _span()


Property = NamedProperty | FormulaProperty


@frozen
class Policy:
    """A whole policy. Declarations stand in the order of the file; look-ups are by name.

    A baseline says what holds for files that use it: `every route …`, `open …`, `… may only rise`. Its
    constraints are part of the requirements of its own routes; `opens` are kinds with names, as in `open …`.
    """

    name: str
    environments: dict[str, Environment]
    persons: tuple[Person, ...]
    groups: dict[str, Group]
    evidence: dict[str, Evidence]
    parameters: dict[str, Parameter]
    gates: dict[str, Gate]
    routes: tuple[Route, ...]
    freezes: tuple[Freeze, ...]
    windows: tuple[Window, ...]
    denies: tuple[Deny, ...]
    waivers: tuple[Waiver, ...]
    strategies: tuple[Strategy, ...]
    acts: tuple[Act, ...]
    maintenance: tuple[Window, ...]
    singles: tuple[Single, ...]
    parities: tuple[Parity, ...]
    keys: tuple[Keys, ...]
    properties: tuple[Property, ...]
    health_age: int
    constraints: tuple[Constraint, ...]
    opens: frozenset[tuple[str, str]]
    is_baseline: bool = field(compare=False)
    span: Span = _span()


def type_of(value: Operand) -> Type:
    """The type of a value."""
    return PERSON if isinstance(value, Role) else value.type
