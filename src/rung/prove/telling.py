"""Defines a history while it is told: what has happened so far, and what a next entry can be after that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import z3

from rung.inputs.facts import Environment
from rung.policy import model
from rung.policy.moments import END
from rung.policy.types import BOUNDS, DURATION, PERCENT, SCALE, TIME
from rung.prove.claims import sources_of
from rung.prove.decide import Encoder
from rung.prove.relations import alike_in_sources, sets_and_texts, words_for_all
from rung.prove.scene import Persons
from rung.prove.terms import FALSE, Term, all_of, any_of, below, from_, implies, no, same
from rung.prove.verdict import Step
from rung.prove.world import OTHER, Key, Vocabulary, is_lasting

START = 1_770_109_200  # 2026-02-03T09:00:00Z, a Tuesday
HOUR, DAY = 3600, 86_400


@dataclass
class Presence:
    """A release in an environment: when it came, and the healthy time over [first, last] seen there.

    `asked` is when a decision last depended on that nothing was seen there; `lanes` are those by which it
    came, `lane` the last of them; `failed` says that it went bad when it was there before.
    """

    since: int
    lane: str
    lanes: frozenset[str]
    failed: bool = False
    asked: int = 0
    until: int | None = None
    first: int | None = None
    last: int | None = None
    bad: bool = False
    ever: bool = False


@dataclass
class Candidate:
    """A release in a rollout: the share of traffic that it has reached, and since when."""

    number: int
    lane: model.Lane
    share: int
    since: int


@dataclass
class Debt:
    """What a release owes since it entered, and until when."""

    number: int
    obligation: model.Obligation
    due: int


@dataclass
class Record:
    """The latest record of an evidence: its time, and its fields as the solver has them."""

    time: int
    fields: dict[str, Any]


@dataclass
class Release:
    """A release of the story, told from others by its number; what is `lasting` holds at all its steps."""

    number: int
    built: int | None = None
    lasting: dict[Key, Any] = field(default_factory=dict)
    records: dict[tuple[str, Any], Record] = field(default_factory=dict)
    # When each person said yes: to the change, or for a target and a gate (None for any).
    reviewed: dict[int, int] = field(default_factory=dict)
    approved: dict[tuple[str, str | None, int], int] = field(default_factory=dict)
    changes: set[tuple[str | None, tuple[str, ...]]] = field(default_factory=set)
    contains: set[str] = field(default_factory=set)
    migrates: bool = False  # wherever it goes, if it can
    is_adopted: bool = False
    build_told: bool = False
    manifest: bool = False

    @property
    def digest(self) -> str:
        return "sha256:" + f"{0xA1 + self.number:02x}" * 32

    @property
    def commit(self) -> str:
        return f"{0xC1 + self.number:02x}" * 20

    @property
    def invocation(self) -> str:
        return f"build-{100 + self.number}"


@dataclass
class Telling:
    """A history so far: its steps, and what they have led to."""

    policy: model.Policy
    builders: list[str]  # whom the policy names; the next number stands for another one
    vocabulary: Vocabulary
    persons: Persons
    began: int = START
    time: int = START  # of the last decision
    steps: list[Step] = field(default_factory=list)
    releases: dict[int, Release] = field(default_factory=dict)
    present: dict[tuple[int, str], Presence] = field(default_factory=dict)
    running: dict[str, list[int]] = field(default_factory=dict)  # what ran, in order
    candidates: dict[str, Candidate] = field(default_factory=dict)
    environments: dict[str, Environment] = field(default_factory=dict)
    groups: dict[int, set[str]] = field(default_factory=dict)
    directory: bool = False  # whether somebody has said who is who
    kept: dict[str, int] = field(default_factory=dict)  # until when the idle side of a pair is not free
    kept_beside: dict[str, int] = field(default_factory=dict)  # the same under another policy
    hotfixes: dict[str, list[int]] = field(default_factory=dict)  # those open, by target
    owed: dict[str, list[Debt]] = field(default_factory=dict)  # what is not fulfilled, by target
    due: dict[str, list[int]] = field(
        default_factory=dict
    )  # until when something is owed under other policies

    def runs(self, place: str) -> int | None:
        """The number of the release that runs in a place."""
        return self.running[place][-1] if self.running.get(place) else None


def possible(
    telling: Telling, number: int, way: model.Route | model.Act, encoder: Encoder, least: int = HOUR
) -> Iterator[Term]:
    """What the unknowns of an entry by a release can be after all that was told, `least` seconds later."""
    world, release = encoder.world, telling.releases[number]
    yield world.at >= telling.time + least
    yield world.at < END
    yield from well_told(telling.policy, telling.builders, way, encoder)
    for key, unknown in list(world.unknowns.items()):
        if key[:2] == ("person in", "authors") and telling.runs(way.target) == number:
            yield no(unknown)  # of what runs there already nothing is new
        elif is_lasting(key) and key in release.lasting:
            yield same(unknown, release.lasting[key])
        yield from _one(key, unknown, telling, release, way, encoder)


def well_told(
    policy: model.Policy, builders: list[str], way: model.Route | model.Act, encoder: Encoder
) -> Iterator[Term]:
    """What is so of every entry in a story: nothing about it is left untold."""
    world = encoder.world
    kind = world.integer(("kind of actor",), 0, 2)
    yield implies(kind == 1, no(world.boolean(("actor known",))))
    builder = world.integer(("builder",), 0, len(builders))
    sources = sources_of(way)
    for key, unknown in list(world.unknowns.items()):
        match key:
            case ("person of", str(account)):
                own = encoder.persons.number(account)
                yield same(unknown, (-1 if own is None else own))
            case ("known", _) | ("commits known",) | ("from build",):
                yield unknown
            case ("doubted", *_) | ("from elsewhere", _):
                yield no(unknown)
            case ("no source stated",):
                stated = [term for each, term in world.unknowns.items() if each[0] == "stated source"]
                yield same(unknown, no(any_of(stated)))
            case ("stated source", str(name)) if name not in sources:
                yield no(unknown)
            case ("built by", tuple(named)):
                yield same(unknown, any_of([same(builder, builders.index(each)) for each in named]))
            case ("brings migrations",) if isinstance(way, model.Act):
                yield no(unknown)  # they ran when the rollout began
            case ("flag", node, str(place), True) if not isinstance(node, model.RollbackPlan):
                yield same(unknown, world.boolean(("flag", node, place, False)))
            case ("field", str(evidence), _, int(), str(name)):
                if dict(encoder.policy.evidence[evidence].fields)[name] == DURATION:
                    yield from_(unknown, 0)  # no document has another
            case _:
                pass
    yield from _roles(encoder)
    yield from sets_and_texts(world)
    yield from (same(one, other) for one, other in alike_in_sources(world))


def _roles(encoder: Encoder) -> Iterator[Term]:
    """Approvers and reviewers are those who said yes, if not before; a word for all gates is one for each."""
    world = encoder.world
    said = {key: term for key, term in world.unknowns.items() if key[0] == "said"}
    for name, kind in (("approvers", "approval"), ("reviewers", "review")):
        for number in encoder.persons.numbers:
            if ("person in", name, number) in world.unknowns:
                words = [term for key, term in said.items() if (key[1], key[3]) == (kind, number)]
                if words:
                    yield world.unknowns["person in", name, number] == any_of(words)
    yield from words_for_all(world)


def _one(
    key: Key,
    unknown: Term,
    telling: Telling,
    release: Release,
    way: model.Route | model.Act,
    encoder: Encoder,
) -> Iterator[Term]:
    world = encoder.world
    fresh = world.at - telling.time  # what is new is no older
    match key:
        case ("known", "authors") if release.is_adopted:
            yield no(unknown)  # nobody knows what ran before it
        case ("person in" | "known", "authors", *_) if isinstance(way, model.Act):
            if telling.runs(way.target) is None:
                yield FALSE  # of a rollout before which nothing ran, it is not known who wrote what is new
        case ("person in", "approvers" | "reviewers" as name, int(number)):
            words = [each for each in world.unknowns if each[0] == "said" and each[3] == number]
            kind = "approval" if name == "approvers" else "review"
            if not any(each[1] == kind for each in words):
                approved = any((each[0], each[2]) == (way.target, number) for each in release.approved)
                yield same(unknown, approved if kind == "approval" else number in release.reviewed)
        case ("busy", str(place)):
            yield same(unknown, (place in telling.candidates))
        case ("goes on", str(action), str(place)):
            yield same(unknown, _goes_on(action, place, telling, release))
        case ("share" | "held for" as word, str(place)):
            rollout = telling.candidates.get(place)
            if rollout is not None:
                yield same(unknown, (rollout.share if word == "share" else world.at - rollout.since))
        case ("request", "lane"):
            yield from _lane(telling, release, way, unknown)
        case ("deployed", str(place)):
            yield same(unknown, ((release.number, place) in telling.present))
        case ("entered by", str(place), str(lane)):
            found = telling.present.get((release.number, place))
            yield same(unknown, (found is not None and lane in found.lanes))
        case ("ever earned", str(place)):
            found = telling.present.get((release.number, place))
            earned = world.integer(("earned for", place), -1)
            yield same(unknown, any_of(found is not None and found.ever, from_(earned, 0)))
        case ("ever bad", str(place)):
            yield _went_bad(place, telling, release, unknown, encoder)
        case ("earned for", str(place)):
            yield any_of(list(_fared(place, telling, release, encoder)))
        case ("healthy as candidate", _):
            yield same(unknown, -1)  # no story watches what has only a share of the traffic
        case ("candidate", str(place), int(within)):
            others = list(dict.fromkeys(reversed(telling.running.get(place, []))))[1 : within + 1]
            earned = world.integer(("earned for", place), -1)
            given_up = place in telling.candidates and telling.runs(place) == release.number
            yield same(unknown, any_of(given_up, all_of(release.number in others, from_(earned, 0))))
        case ("flag", node, str(place), bool(sign)):
            yield from _flag(node, place, sign, unknown, telling, release)
        case ("unlike", str(place), "blue_green"):
            yield same(unknown, below(world.at, telling.kept.get(place, 0)))
        case (str(word), "unlike", str(place), "blue_green") if word == OTHER:
            yield same(unknown, below(world.at, telling.kept_beside.get(place, 0)))
        case ("overdue", str(place)):
            yield no(unknown)
            yield from (world.at < each.due for each in telling.owed.get(place, ()))
        case (str(word), "overdue", str(place)) if word == OTHER:
            yield same(unknown, any_of([from_(world.at, each) for each in telling.due.get(place, ())]))
        case ("record", str(evidence), place):
            if (evidence, place) in release.records or _of_another(telling, release, evidence, place):
                yield unknown
        case ("record age", str(evidence), place):
            again = _again(release.records.get((evidence, place)), (evidence, place), unknown, encoder)
            if _of_another(telling, release, evidence, place):
                again = FALSE  # theirs may be later
            once = telling.policy.evidence[evidence].once and (evidence, place) in release.records
            yield again if once else any_of(below(unknown, fresh), again)
        case ("known", "authors") if _only_rolls_out(telling, way.target):
            yield no(unknown)
        case ("said ago", "review", None, int(number)) if number in release.reviewed:
            said = world.boolean(("said", "review", None, number))
            yield said
            yield any_of(unknown == world.at - release.reviewed[number], below(unknown, fresh))
        case ("said ago", "approval", gate, int(number)):
            said = world.boolean(("said", "approval", gate, number))
            since = _approved_since(release, way.target, gate, number)
            if since is not None:
                yield said
                yield any_of(same(unknown, world.at - since), below(unknown, fresh))
            else:
                yield below(unknown, fresh)
        case ("said ago", *_):
            yield below(unknown, fresh)
        case _:
            return


def builders_of(*policies: model.Policy) -> list[str]:
    """Every builder that the policies name."""
    from rung.policy.walk import conditions, parts

    nodes = (node for policy in policies for condition in conditions(policy) for node in parts(condition))
    return sorted({each for node in nodes if isinstance(node, model.Provenance) for each in node.builders})


def _approved_since(release: Release, target: str, gate: Any, number: int) -> int | None:
    """When a person last approved a release for a target and a gate, or for all its gates."""
    times = [release.approved.get((target, each, number)) for each in {gate, None}]
    return max((each for each in times if each is not None), default=None)


def _of_another(telling: Telling, release: Release, evidence: str, place: Any) -> bool:
    """Whether there is evidence about an environment that came with another release.

    About the target as it is, any record counts.
    """
    others = (each for each in telling.releases.values() if each is not release)
    return isinstance(place, str) and any((evidence, place) in each.records for each in others)


def _goes_on(action: str, place: str, telling: Telling, release: Release) -> bool:
    """Whether an action of a release can go on with what there is in a place."""
    rollout = telling.candidates.get(place)
    if action == "expose":
        return telling.runs(place) == release.number
    if rollout is None or rollout.number != release.number:
        return False
    return (rollout.share == 0) == (action == "switch")


def _lane(telling: Telling, release: Release, way: model.Route | model.Act, unknown: Term) -> Iterator[Term]:
    """An action goes on by the lane that its release came by."""
    if isinstance(way, model.Act):
        rollout = telling.candidates.get(way.target)
        here = telling.present.get((release.number, way.target))
        lane = rollout.lane if rollout is not None else here.lane if here is not None else "promote"
        yield same(unknown, model.LANES.index(lane))


def _fared(place: str, telling: Telling, release: Release, encoder: Encoder) -> Iterator[Term]:
    """The ways in which the release can have fared in a place by now, healthy time first and last."""
    world = encoder.world
    earned, healthy = (world.integer((word, place), -1) for word in ("earned for", "healthy for"))
    here = telling.present.get((release.number, place))
    if here is None or here.bad:
        yield all_of(same(earned, -1), same(healthy, -1))
        return
    runs = here.until is None
    if here.first is None or here.last is None:
        yield all_of(same(earned, -1), same(healthy, -1))
        if runs:
            longest = world.at - max(here.since, here.asked)
            yield all_of(same(earned, healthy), from_(earned, 0), earned <= longest)
        return
    length = here.last - here.first
    if not runs:
        yield all_of(same(earned, length), same(healthy, -1))
        return
    yield all_of(earned == world.at - here.first, same(healthy, earned))
    stale = world.at - here.last >= telling.policy.health_age
    yield all_of(same(earned, length), z3.If(stale, same(healthy, -1), same(healthy, length)))
    yield all_of(same(earned, -1), same(healthy, -1))


def _went_bad(place: str, telling: Telling, release: Release, unknown: Term, encoder: Encoder) -> Term:
    """Whether the release was ever marked bad in a place: before, or now that it is not healthy there."""
    here = telling.present.get((release.number, place))
    if here is None or here.failed or here.bad or here.until is not None:
        return same(unknown, here is not None and (here.failed or here.bad))
    now = same(encoder.world.integer(("earned for", place), -1), -1)
    return implies(unknown, now) if here.first is None else same(unknown, now)


def _flag(
    node: Any, place: str, sign: bool, unknown: Term, telling: Telling, release: Release
) -> Iterator[Term]:
    match node:
        case model.RollbackPlan():
            if telling.runs(place) is None:
                yield same(unknown, (not sign))
        case model.ContainsOpenHotfixes() | model.NoDrift() if _only_rolls_out(telling, place):
            yield same(unknown, not sign)
        case model.ContainsOpenHotfixes():
            fixes = {telling.releases[each].commit for each in telling.hotfixes.get(place, ())}
            missing = fixes - release.contains - {release.commit}
            if not missing:
                yield unknown
        case _:
            return


def _only_rolls_out(telling: Telling, place: str) -> bool:
    """Whether the first release of a place has but a share of it, so that what ran before is not known."""
    return place in telling.candidates and telling.runs(place) is None


def _again(known: Record | None, record: tuple[str, Any], age: Term, encoder: Encoder) -> Term:
    """That the record of before is the latest still."""
    if known is None:
        return FALSE
    world = encoder.world
    unchanged = [same(age, world.at - known.time)]
    for key, unknown in world.unknowns.items():
        if key[0] == "field" and key[1:3] == record:
            if len(key) > 5:
                return FALSE  # of sets only members are known
            if key[4] not in known.fields:
                return FALSE
            unchanged.append(same(unknown, known.fields[key[4]]))
    return all_of(unchanged)


# ---------------------------------------------------------------- what is plain


def wishes(telling: Telling, number: int, way: model.Route | model.Act, encoder: Encoder) -> Iterator[Term]:
    """What a reader would expect of an entry about which nothing else is known, most important first."""
    world, release = encoder.world, telling.releases[number]
    sources = sources_of(way)
    kind = world.integer(("kind of actor",), 0, 2)
    yield same(kind, 1)
    yield implies(kind != 1, world.boolean(("actor known",)))
    for key, unknown in list(world.unknowns.items()):
        match key:
            case ("flag", model.LockHeld(), *_):
                yield no(unknown)
            case ("brings migrations",):
                yield same(unknown, release.migrates)
            case ("flag", *_) | ("record", *_):
                yield unknown
            case ("stated source", str(name)):
                yield same(unknown, (name in sources and (number, name) in telling.present))
            case ("unequal" | "unlike" | "said" | "stated" | "person in", *_):
                yield no(unknown)
            case ("record age", str(evidence), place):
                known = release.records.get((evidence, place))
                again = _again(known, (evidence, place), unknown, encoder)
                yield from _rather(again, same(unknown, HOUR // 2))
            case ("said ago", *_):
                yield same(unknown, HOUR // 2)
            case ("field", str(evidence), _, int(), str(name)):
                yield from _plain_field(evidence, name, unknown, encoder)
            case ("request", "strategy"):
                yield same(unknown, model.STRATEGIES.index("rolling"))
            case _:
                pass


def _plain_field(evidence: str, name: str, unknown: Term, encoder: Encoder) -> Iterator[Term]:
    type = dict(encoder.policy.evidence[evidence].fields)[name]
    if z3.is_bool(unknown):
        yield unknown
    elif type == TIME:
        yield all_of(unknown <= encoder.world.at, unknown >= encoder.world.at - DAY)
    elif type in BOUNDS:
        yield from_(unknown, 0)
        plain = (100 * SCALE, 0, 1) if type == PERCENT else (0, 1)
        yield from _rather(*[same(unknown, each) for each in plain])


def _rather(*terms: Term) -> Iterator[Term]:
    """Wishes for one of some terms, earlier ones first; where one is fulfilled no other is looked for."""
    for count in range(1, len(terms) + 1):
        yield any_of(terms[:count])
