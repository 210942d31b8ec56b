"""Defines how a solver's model of an entry becomes documents: a proposal, and the facts that go before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import z3

from rung.inputs.facts import (
    AboutArtifact,
    AboutBuild,
    AboutCommit,
    AboutEnvironment,
    AboutRelease,
    AboutTarget,
    Approval,
    Build,
    Change,
    Dependency,
    Environment,
    Evidence,
    Lock,
    Manifest,
    People,
    Person,
    Review,
)
from rung.inputs.proposal import (
    Artifact,
    MachineActor,
    PersonActor,
    Proposal,
    Rollback,
    Strategy,
)
from rung.inputs.proposal import Release as ProposedRelease
from rung.inputs.scalars import format_instant
from rung.policy import model
from rung.policy.types import (
    DECIMAL,
    DIGEST,
    DURATION,
    PERCENT,
    PERSON,
    SCALE,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    SetType,
    Type,
    show_scaled,
    show_version,
)
from rung.prove.claims import sources_of
from rung.prove.decide import Encoder
from rung.prove.errors import NotEncodedError
from rung.prove.telling import HOUR, Candidate, Debt, Presence, Record, Release, Telling
from rung.prove.verdict import Decides, Happens, Step, Watched
from rung.prove.world import Key, is_lasting

MACHINE = "release-bot"
WHOLE = 100 * SCALE
SOURCE = {"builds": "ci", "evidence": "ci", "people": "directory", "approvals": "desk", "reviews": "forge"}
Values = Mapping[Key, Any]


def values(encoder: Encoder, found: Any) -> dict[Key, Any]:
    """The value of each unknown in a model, as python has it."""
    return {key: _python(found.eval(unknown, True)) for key, unknown in encoder.world.unknowns.items()}


def _python(term: Any) -> Any:
    return z3.is_true(term) if z3.is_bool(term) else term.as_long()


def tell(
    telling: Telling,
    number: int,
    way: model.Route | model.Act,
    chosen: Values,
    *,
    allowed: bool = True,
    decided: bool = True,
) -> None:
    """Go on with a history by an entry, or an action, whose unknowns have the values chosen.

    What is not `decided` is only what goes before one.
    """
    entry = _Entry(telling, telling.releases[number], way, chosen)
    steps = list(entry.steps(allowed, decided))
    telling.steps += sorted(steps, key=lambda each: each.at)
    telling.time = entry.at
    entry.release.lasting.update(lasting(chosen))
    if not allowed:
        return
    if isinstance(way, model.Act):
        _went_on(telling, way, entry.at)
        return
    if way.lane == "hotfix":
        telling.hotfixes.setdefault(way.target, []).append(number)
    owed = telling.owed.setdefault(way.target, [])
    owed += [Debt(number, each, entry.at + each.seconds) for each in _owes(telling.policy, way)]
    share = entry.share()
    if share is not None:
        telling.candidates[way.target] = Candidate(number, way.lane, share, entry.at)
        return
    _entered(telling, number, way.target, way.lane, entry.at)


def lasting(chosen: Values) -> dict[Key, Any]:
    """What of an entry's values belongs to the release or its people."""
    derived = ("built by", "person of", "known")
    return {key: value for key, value in chosen.items() if is_lasting(key) and key[0] not in derived}


def watch(telling: Telling, number: int, place: str) -> None:
    """See that what has just entered a place is healthy there."""
    here = telling.present[number, place]
    here.first = here.last = telling.time + HOUR // 2
    here.ever = True
    telling.time += HOUR // 2
    telling.steps.append(Watched(telling.time, place, True))


def _owes(policy: model.Policy, way: model.Route) -> Iterator[model.Obligation]:
    """What enters by a lane owes what any route of that lane does."""
    for route in policy.routes:
        if (route.lane, route.target) == (way.lane, way.target):
            yield from route.obligations


def _went_on(telling: Telling, act: model.Act, at: int) -> None:
    """The rollout of a place has come to its next share."""
    rollout = telling.candidates.get(act.target)
    if act.action == "expose" or rollout is None:
        return
    canaries = [each for each in telling.policy.strategies if act.target in each.places]
    steps = [step.share for each in canaries for step in each.steps]
    following = min((each for each in steps if each > rollout.share), default=WHOLE)
    if act.action == "switch" or following == WHOLE:
        del telling.candidates[act.target]
        _entered(telling, rollout.number, act.target, rollout.lane, at)
    else:
        rollout.share, rollout.since = following, at


def _entered(telling: Telling, number: int, place: str, lane: model.Lane, at: int) -> None:
    """A release has all the traffic of a place."""
    before = telling.runs(place)
    if before is not None and before != number:
        telling.present[before, place].until = at
        if lane == "rollback":
            telling.present[before, place].bad = True
            if before in telling.hotfixes.get(place, ()):
                telling.hotfixes[place].remove(before)
    telling.running.setdefault(place, []).append(number)
    known = telling.present.get((number, place))
    first = lane if known is None else known.lane
    telling.present[number, place] = Presence(at, first, ever=known is not None and known.ever)


class _Entry:
    """One entry, from the values of its unknowns."""

    def __init__(
        self, telling: Telling, release: Release, way: model.Route | model.Act, chosen: Values
    ) -> None:
        self.telling = telling
        self.release = release
        self.way = way
        self.target = way.target
        self.chosen = chosen
        self.at: int = chosen["at",]
        self.since = telling.time + 60  # what is new becomes known after the last decision

    def steps(self, allowed: bool, decided: bool) -> Iterator[Step]:
        yield from self._origin()
        yield from self._people()
        yield from self._evidence()
        yield from self._words()
        yield from self._health()
        yield from self._state()
        if decided:
            yield Decides(self.at, self._proposal(), allowed, self.way)

    def _get(self, *key: Any, default: Any = None) -> Any:
        return self.chosen.get(key, default)

    def _all(self, word: str) -> Iterator[tuple[Key, Any]]:
        return ((key, value) for key, value in self.chosen.items() if key[0] == word)

    def _person(self, number: int) -> str:
        ids = self.telling.persons.ids
        return ids[number] if number < len(ids) else f"person-{number - len(ids) + 1}@example.com"

    # -- where the release comes from

    def _origin(self) -> Iterator[Step]:
        release = self.release
        if release.built is None:
            release.built = self.since
            builders = [*self.telling.builders, "https://ci.example.com/another"]
            yield Happens(
                self.since,
                Build(
                    digest=release.digest,
                    commit=release.commit,
                    builder=builders[self._get("builder", default=0)],
                    invocation=release.invocation,
                    finished=self.since,
                    source=SOURCE["builds"],
                ),
            )
        runs = self.telling.runs(self.target)
        base = None if runs is None else self.telling.releases[runs].commit
        if base == release.commit:
            return
        fixes = [
            self.telling.releases[each].commit
            for key, holds in self._all("flag")
            if isinstance(key[1], model.ContainsOpenHotfixes) and holds and key[3]
            for each in self.telling.hotfixes.get(self.target, ())
        ]
        release.contains.update(fixes)
        contains = tuple(sorted(release.contains))
        if (base, contains) not in release.changes:
            release.changes.add((base, contains))
            authors = [key[2] for key, member in self._all("person in") if key[1] == "authors" and member]
            lasting = [
                key[2]
                for key, member in release.lasting.items()
                if key[:2] == ("person in", "authors") and member
            ]
            yield Happens(
                self.since,
                Change(
                    base=base,
                    head=release.commit,
                    complete=True,
                    authors=tuple(self._person(each) for each in sorted({*authors, *lasting})),
                    contains=contains,
                    source="git",
                ),
            )

    # -- who

    def _people(self) -> Iterator[Step]:
        groups = self.telling.groups
        known = {number: set(names) for number, names in groups.items()}
        for key, member in self._all("person in"):
            if key[1] not in model.ROLE_SETS:
                known.setdefault(key[2], set()).discard(key[1])
                if member:
                    known[key[2]].add(key[1])
        involved = {key[3] for key, said in self._all("said") if said}
        involved |= {key[2] for key, member in self._all("person in") if member}
        if self._get("actor known"):
            involved.add(self._get("actor", default=0))
        for number in involved:
            known.setdefault(number, set())
        kept = {number: names for number, names in known.items() if number in involved or number in groups}
        asked = any(key[1] not in model.ROLE_SETS for key, _ in self._all("known"))
        if kept == groups and (self.telling.directory or not asked):
            return
        self.telling.directory = True
        self.telling.groups = kept
        persons = tuple(
            Person(id=self._person(number), groups=tuple(sorted(names)))
            for number, names in sorted(kept.items())
        )
        yield Happens(self.since, People(source=SOURCE["people"], read=self.since, persons=persons))

    def _words(self) -> Iterator[Step]:
        """Approvals and reviews that were not given before."""
        for key, said in self._all("said"):
            _, kind, gate, number = key
            if not said:
                continue
            time = self.at - self.chosen["said ago", kind, gate, number]
            if kind == "review":
                if time == self.release.reviewed.get(number):
                    continue
                self.release.reviewed[number] = time
                about = AboutCommit(commit=self.release.commit)
                yield Happens(
                    time,
                    Review(
                        by=self._person(number),
                        verdict="approved",
                        about=about,
                        time=time,
                        source=SOURCE["reviews"],
                    ),
                )
            elif gate is None or not self._said_generally(number, time):
                if self.release.approved.get((self.target, gate, number)) == time:
                    continue
                self.release.approved[self.target, gate, number] = time
                yield Happens(time, self._approval(number, gate, time))

    def _said_generally(self, number: int, time: int) -> bool:
        """Whether an approval for no gate in particular says it all."""
        general = ("said", "approval", None, number)
        ago = self._get("said ago", "approval", None, number, default=0)
        return bool(self.chosen.get(general)) and self.at - ago == time

    def _approval(self, number: int, gate: str | None, time: int) -> Approval:
        about = AboutTarget(
            digests=frozenset({self.release.digest}),
            configuration=self._configuration(),
            target=self.target,
            gate=gate,
        )
        by = self._person(number)
        return Approval(by=by, verdict="approved", about=about, time=time, source=SOURCE["approvals"])

    # -- what tools found out

    def _evidence(self) -> Iterator[Step]:
        for key, there in self._all("record"):
            _, evidence, place = key
            age = self.chosen.get(("record age", evidence, place), HOUR // 2)
            time = self.at - age
            known = self.release.records.get((evidence, place))
            if not there or (known is not None and known.time == time):
                continue
            fields = {name: self._field(evidence, place, name, type) for name, type in self._fields(evidence)}
            own = {
                name: self.chosen[("field", evidence, place, 0, name)]
                for name, _ in self._fields(evidence)
                if ("field", evidence, place, 0, name) in self.chosen
            }
            self.release.records[evidence, place] = Record(time, own)
            for about in self._about(evidence, place):
                yield Happens(
                    time,
                    Evidence(type=evidence, about=about, time=time, fields=fields, source=SOURCE["evidence"]),
                )

    def _fields(self, evidence: str) -> tuple[tuple[str, Type], ...]:
        return self.telling.policy.evidence[evidence].fields

    def _about(self, evidence: str, place: Any) -> Iterator[Any]:
        release = self.release
        digests = frozenset({release.digest})
        match self.telling.policy.evidence[evidence].about:
            case "commit":
                yield AboutCommit(commit=release.commit)
            case "build":
                yield AboutBuild(build=release.invocation)
            case "artifact":
                yield AboutArtifact(artifact=release.digest)
            case "release":
                yield AboutRelease(digests=digests, configuration=self._configuration())
            case _:
                places = self._from() if isinstance(place, tuple) else (place,)
                for each in places:
                    yield AboutEnvironment(
                        environment=each, digests=digests, configuration=self._configuration()
                    )

    def _field(self, evidence: str, place: Any, name: str, type: Type) -> Any:
        key = ("field", evidence, place, 0, name)
        if isinstance(type, SetType):
            return self._members(key, type)
        value = self.chosen.get(key)
        return _plain(type) if value is None else self._raw(type, value, key)

    def _members(self, key: Key, type: SetType) -> tuple[Any, ...]:
        members = [each[-1] for each, holds in self.chosen.items() if each[:-1] == (*key, "has") and holds]
        others = [
            each for each, holds in self.chosen.items() if each[:-1] == (*key, "has other than") and holds
        ]
        if others and type.element == TEXT:
            members.append("another")
        elif others:
            raise NotEncodedError("a set with a member that the policy does not name")
        return tuple(_written(type.element, each) for each in sorted(members, key=repr))

    def _raw(self, type: Type, value: Any, key: Key) -> Any:
        """A value as the solver has it, as a document has it."""
        if isinstance(type, EnumType):
            return type.members[value]
        if type in (TEXT, PERSON, DIGEST):
            return self._text(type, value, key)
        if type == VERSION:
            return self._version(value)
        return _written(type, value)

    def _text(self, type: Type, code: int, key: Key) -> str:
        texts = {each: text for text, each in self.telling.vocabulary.texts.items()}
        if code in texts:
            return texts[code]
        if type == DIGEST:
            return "sha256:" + f"{code % 256:02x}" * 32
        starts = [k[-1] for k, holds in self.chosen.items() if k[:-1] == (*key, "starts") and holds]
        ends = [k[-1] for k, holds in self.chosen.items() if k[:-1] == (*key, "ends") and holds]
        middle = "other" if code == len(texts) else f"other-{code}"
        return max(starts, key=len, default="") + middle + max(ends, key=len, default="")

    def _version(self, rank: int) -> str:
        named = self.telling.vocabulary.versions
        if rank % 2:
            return show_version(named[rank // 2])
        return between(named, rank // 2)

    # -- how it fared, and the state of the target

    def _health(self) -> Iterator[Step]:
        places = {key[1] for key, _ in (*self._all("earned for"), *self._all("healthy for"))}
        for place in sorted(places):
            here = self.telling.present.get((self.release.number, place))
            if here is None or here.until is not None:
                continue
            earned = self._get("earned for", place, default=-1)
            here.asked = self.at
            if earned < 0:
                if here.first is not None and not here.bad:
                    here.bad = True
                    yield Watched(self.at - 60, place, False)
                continue
            if here.first is None:
                here.first = self.at - earned
                yield Watched(here.first, place, True)
            elif self.at - here.first != earned:
                continue  # it was not looked at again
            here.last, here.ever = self.at, True
            if here.first < self.at:
                yield Watched(self.at, place, True)

    def _state(self) -> Iterator[Step]:
        """Environments that are not as they were read last, and what the release depends on."""
        flags = {key[1:3]: holds for key, holds in self._all("flag") if key[3]}
        wanted = {self.target: self.telling.environments[self.target].replace(locks=())}
        for (node, _), holds in flags.items():
            match node:
                case model.NoDrift(place):
                    for each in self._places(place):
                        now = wanted.get(each, self.telling.environments[each])
                        wanted[each] = now.replace(drift=not holds)
                case model.LockHeld() if holds:
                    acts_alone = self._get("kind of actor", default=1) == 0
                    lock = Lock(name="deployment", holder=self._account() if acts_alone else MACHINE)
                    wanted[self.target] = wanted[self.target].replace(locks=(lock,))
                case model.DependenciesMet():
                    yield from self._depends()
                    components = {"database": "1.0.0"} if holds else {}
                    wanted[self.target] = wanted[self.target].replace(components=components)
                case _:
                    pass
        for key, differs in self._all("unequal"):
            facets = dict.fromkeys(key[2].facets, "2" if differs else "1")
            now = wanted[self.target]
            wanted[self.target] = now.replace(facets={**now.facets, **facets})
        for name, environment in wanted.items():
            if environment != self.telling.environments[name]:
                self.telling.environments[name] = environment
                yield Happens(self.at, environment.replace(read=self.at))

    def _depends(self) -> Iterator[Step]:
        if not self.release.manifest:
            self.release.manifest = True
            needs = (Dependency(component="database", at_least="1.0.0"),)
            digests = frozenset({self.release.digest})
            yield Happens(self.since, Manifest(digests=digests, requires=needs, source="build"))

    def _places(self, place: str) -> tuple[str, ...]:
        return {"source": self._from(), "target": (self.target,)}.get(place, (place,))

    # -- the proposal

    def _from(self) -> tuple[str, ...]:
        sources = sources_of(self.way)
        return tuple(each for each in sources if self._get("stated source", each)) or sources

    def _account(self) -> str:
        if self._get("kind of actor", default=1) == 1:
            return MACHINE
        return (
            self._person(self._get("actor", default=0)) if self._get("actor known") else "an-unknown-account"
        )

    def _configuration(self) -> str | None:
        lasting = {**self.release.lasting, **self.chosen}
        if lasting.get(("stated", "release.configuration"), True) is False:
            return None
        code = lasting.get(("request", "release.configuration"))
        if code is None:
            return "sha256:" + f"{0xF1 + self.release.number:02x}" * 32
        return self._text(DIGEST, code, ("request", "release.configuration"))

    def _release(self) -> ProposedRelease:
        lasting = {**self.release.lasting, **self.chosen}
        rank = lasting.get(("request", "release.version"))
        version = f"{self.release.number + 1}.0.0" if rank is None else self._version(rank)
        if lasting.get(("stated", "release.version"), True) is False:
            stated: str | None = None
        else:
            stated = version
        artifacts = {"app": Artifact(digest=self.release.digest)}
        return ProposedRelease(version=stated, configuration=self._configuration(), artifacts=artifacts)

    def _proposal(self) -> Proposal:
        lasting = {**self.release.lasting, **self.chosen}
        service = lasting.get(("request", "service"))
        account = self._account()
        kind = self._get("kind of actor", default=1)
        keys = None
        if self._get("stated", "configuration_keys"):
            keys = self._members(("request", "configuration_keys"), SetType(TEXT))
        new_flags = [holds for key, holds in self._all("flag") if isinstance(key[1], model.NewFlagsOff)]
        return Proposal(
            service="shop" if service is None else self._text(TEXT, service, ("request", "service")),
            action="deploy" if isinstance(self.way, model.Route) else _action(self.way),
            lane=self._lane(),
            from_=() if self._get("no source stated") or not self._stated() else self._from(),
            target=self.target,
            release=self._release(),
            strategy=self._strategy(),
            rollback=self._plan(),
            actor=PersonActor(person=account)
            if kind == 0
            else MachineActor(machine=MACHINE, on_behalf_of=None if kind == 1 else account),
            configuration_keys=keys,
            flags={} if all(new_flags) else {"new-feature": "on"},
        )

    def _lane(self) -> model.Lane:
        if isinstance(self.way, model.Route):
            return self.way.lane
        found: int = self._get("request", "lane", default=0)
        return model.LANES[found]

    def share(self) -> int | None:
        """The share of traffic that a deployment begins with, None for all of it."""
        strategy = self._strategy()
        if strategy is None:
            return None
        if strategy.kind == "canary" and strategy.steps and strategy.steps[0] != 100:
            return int(strategy.steps[0] * SCALE)
        acts = self.telling.policy.acts
        switches = any(each.action == "switch" and each.target == self.target for each in acts)
        return 0 if strategy.kind == "blue_green" and switches else None

    def _stated(self) -> bool:
        return any(stated for _, stated in self._all("stated source"))

    def _strategy(self) -> Strategy | None:
        if not self._get("stated", "strategy"):
            return None
        kind = model.STRATEGIES[self._get("request", "strategy", default=0)]
        rules = [each for each in self.telling.policy.strategies if self.target in each.places]
        rule = next((each for each in rules if each.kind == kind), None)
        unlike = self._get("unlike", self.target, kind, default=False)
        steps: tuple[Decimal, ...] = ()
        most: Decimal | None = None
        if rule is not None and kind == "canary" and not unlike:
            steps = tuple(Decimal(each.share) / SCALE for each in rule.steps)
        if rule is not None and rule.max_unavailable is not None:
            most = Decimal(100) if unlike else Decimal(rule.max_unavailable) / SCALE
        return Strategy(kind=_strategy_kind(kind), steps=steps, max_unavailable=most)

    def _plan(self) -> Rollback | None:
        plans = {(key[1].automatic, key[3]): holds for key, holds in self._all("flag") if _is_plan(key[1])}
        runs = self.telling.runs(self.target)
        if not plans or runs is None:
            return None
        fits = any(holds for (_, sign), holds in plans.items() if sign)
        automatic = plans.get((True, True), False)
        if fits:
            return Rollback(to=frozenset({self.telling.releases[runs].digest}), automatic=automatic)
        if all(holds for (_, sign), holds in plans.items() if not sign):
            return None
        return Rollback(to=frozenset({"sha256:" + "0e" * 32}), automatic=automatic)


def _is_plan(node: Any) -> bool:
    return isinstance(node, model.RollbackPlan)


def _action(act: model.Act) -> Any:
    return act.action


def _strategy_kind(kind: str) -> Any:
    return kind


def _plain(type: Type) -> Any:
    """A value of a field that nothing looks at."""
    if isinstance(type, EnumType):
        return type.members[0]
    if type == VERSION:
        return "1.0.0"
    if type == DIGEST:
        return "sha256:" + "0d" * 32
    if type in (TEXT, PERSON):
        return "any"
    return _written(type, True if getattr(type, "name", "") == "bool" else 0)


def _written(type: Type, value: Any) -> Any:
    """A value as the model of policies has it, as a document has it."""
    if type == DECIMAL:
        return Decimal(value) / SCALE
    if type == PERCENT:
        return show_scaled(value) + "%"
    if type == DURATION:
        return f"{value}s"
    if type == TIME:
        return format_instant(value)
    if type == VERSION:
        return show_version(value)
    return value


def between(named: tuple[tuple[Any, ...], ...], below: int) -> str:
    """A version after the first `below` of those named, in order, and before the others."""
    if not named or below == 0:
        first = named[0] if named else None
        if first is None:
            return "1.0.0"
        lowest = f"{first[0]}.{first[1]}.{first[2]}-0"
        return lowest if first[:3] == (0, 0, 0) else "0.0.0"
    major, minor, patch = named[below - 1][:3]
    return f"{major}.{minor}.{patch + 1}" if below == len(named) else f"{major}.{minor}.{patch + 1}-0"


def initially(name: str, at: int, facets: tuple[str, ...]) -> Environment:
    """An environment as it is when a story begins."""
    return Environment(
        name=name,
        read=at,
        running=frozenset(),
        drift=False,
        components={},
        facets=dict.fromkeys(facets, "1"),
        flags={},
    )
