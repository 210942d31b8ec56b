"""Defines what goes before an entry of a history: the facts that it is judged by, where they are new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
    Evidence,
    Lock,
    Manifest,
    People,
    Person,
    Review,
)
from rung.policy import model
from rung.prove.entry import MACHINE, Entry
from rung.prove.telling import HOUR, Record
from rung.prove.verdict import Happens, Step, Watched

SOURCE = {"builds": "ci", "evidence": "ci", "people": "directory", "approvals": "desk", "reviews": "forge"}


def happenings(entry: Entry) -> Iterator[Step]:
    """All that happens before an entry because of what its unknowns are."""
    yield from _origin(entry)
    yield from _people(entry)
    yield from _evidence(entry)
    yield from _words(entry)
    yield from _health(entry)
    yield from _state(entry)


def _origin(entry: Entry) -> Iterator[Step]:
    release = entry.release
    if not release.build_told:
        release.build_told = True
        release.built = entry.since if release.built is None else release.built
        builders = [*entry.telling.builders, "https://ci.example.com/another"]
        yield Happens(
            release.built,
            Build(
                digest=release.digest,
                commit=release.commit,
                builder=builders[entry.get("builder", default=0)],
                invocation=release.invocation,
                finished=release.built,
                source=SOURCE["builds"],
            ),
        )
    runs = entry.telling.runs(entry.target)
    base = None if runs is None else entry.telling.releases[runs].commit
    if base == release.commit:
        return
    fixes = [
        entry.telling.releases[each].commit
        for key, holds in entry.every("flag")
        if isinstance(key[1], model.ContainsOpenHotfixes) and holds and key[3]
        for each in entry.telling.hotfixes.get(entry.target, ())
    ]
    release.contains.update(fixes)
    contains = tuple(sorted(release.contains))
    if (base, contains) not in release.changes:
        release.changes.add((base, contains))
        authors = [key[2] for key, member in entry.every("person in") if key[1] == "authors" and member]
        lasting = [
            key[2]
            for key, member in release.lasting.items()
            if key[:2] == ("person in", "authors") and member
        ]
        yield Happens(
            entry.since,
            Change(
                base=base,
                head=release.commit,
                complete=True,
                authors=tuple(entry.person(each) for each in sorted({*authors, *lasting})),
                contains=contains,
                source="git",
            ),
        )


def _people(entry: Entry) -> Iterator[Step]:
    groups = entry.telling.groups
    known = {number: set(names) for number, names in groups.items()}
    for key, member in entry.every("person in"):
        if key[1] not in model.ROLE_SETS:
            known.setdefault(key[2], set()).discard(key[1])
            if member:
                known[key[2]].add(key[1])
    involved = {key[3] for key, said in entry.every("said") if said}
    involved |= {key[2] for key, member in entry.every("person in") if member}
    if entry.get("actor known"):
        involved.add(entry.get("actor", default=0))
    for number in involved:
        known.setdefault(number, set())
    kept = {number: names for number, names in known.items() if number in involved or number in groups}
    asked = any(key[1] not in model.ROLE_SETS for key, _ in entry.every("known"))
    if kept == groups and (entry.telling.directory or not asked):
        return
    entry.telling.directory = True
    entry.telling.groups = kept
    persons = tuple(
        Person(id=entry.person(number), groups=tuple(sorted(names))) for number, names in sorted(kept.items())
    )
    yield Happens(entry.since, People(source=SOURCE["people"], read=entry.since, persons=persons))


def _words(entry: Entry) -> Iterator[Step]:
    """Approvals and reviews that were not given before."""
    for key, said in entry.every("said"):
        _, kind, gate, number = key
        if not said:
            continue
        time = entry.at - entry.chosen["said ago", kind, gate, number]
        if kind == "review":
            if time == entry.release.reviewed.get(number):
                continue
            entry.release.reviewed[number] = time
            about = AboutCommit(commit=entry.release.commit)
            yield Happens(
                time,
                Review(
                    by=entry.person(number),
                    verdict="approved",
                    about=about,
                    time=time,
                    source=SOURCE["reviews"],
                ),
            )
        elif gate is None or not _said_generally(entry, number, time):
            if entry.release.approved.get((entry.target, gate, number)) == time:
                continue
            entry.release.approved[entry.target, gate, number] = time
            yield Happens(time, _approval(entry, number, gate, time))


def _said_generally(entry: Entry, number: int, time: int) -> bool:
    """Whether an approval for no gate in particular says it all."""
    general = ("said", "approval", None, number)
    ago = entry.get("said ago", "approval", None, number, default=0)
    return bool(entry.chosen.get(general)) and entry.at - ago == time


def _approval(entry: Entry, number: int, gate: str | None, time: int) -> Approval:
    about = AboutTarget(
        digests=frozenset({entry.release.digest}),
        configuration=entry.configuration(),
        target=entry.target,
        gate=gate,
    )
    by = entry.person(number)
    return Approval(by=by, verdict="approved", about=about, time=time, source=SOURCE["approvals"])


def _evidence(entry: Entry) -> Iterator[Step]:
    for key, there in entry.every("record"):
        _, evidence, place = key
        age = entry.chosen.get(("record age", evidence, place), HOUR // 2)
        time = entry.at - age
        known = entry.release.records.get((evidence, place))
        if not there or (known is not None and known.time == time):
            continue
        fields = {name: entry.field(evidence, place, name, type) for name, type in entry.fields(evidence)}
        own = {
            name: entry.chosen[("field", evidence, place, 0, name)]
            for name, _ in entry.fields(evidence)
            if ("field", evidence, place, 0, name) in entry.chosen
        }
        entry.release.records[evidence, place] = Record(time, own)
        for about in _about(entry, evidence, place):
            yield Happens(
                time,
                Evidence(type=evidence, about=about, time=time, fields=fields, source=SOURCE["evidence"]),
            )


def _about(entry: Entry, evidence: str, place: Any) -> Iterator[Any]:
    release = entry.release
    digests = frozenset({release.digest})
    match entry.telling.policy.evidence[evidence].about:
        case "commit":
            yield AboutCommit(commit=release.commit)
        case "build":
            yield AboutBuild(build=release.invocation)
        case "artifact":
            yield AboutArtifact(artifact=release.digest)
        case "release":
            yield AboutRelease(digests=digests, configuration=entry.configuration())
        case _:
            places = entry.came_from() if isinstance(place, tuple) else (place,)
            for each in places:
                yield AboutEnvironment(environment=each, digests=digests, configuration=entry.configuration())


def _health(entry: Entry) -> Iterator[Step]:
    places = {key[1] for key, _ in (*entry.every("earned for"), *entry.every("healthy for"))}
    for place in sorted(places):
        here = entry.telling.present.get((entry.release.number, place))
        if here is None or here.until is not None:
            continue
        earned = entry.get("earned for", place, default=-1)
        here.asked = entry.at
        if earned < 0:
            failed = here.first is not None or entry.get("ever bad", place)
            if failed and not here.bad and not here.failed:
                here.bad = True
                yield Watched(entry.at - 60, place, False)
            continue
        if here.first is None:
            here.first = entry.at - earned
            yield Watched(here.first, place, True)
        elif entry.at - here.first != earned:
            continue  # it was not looked at again
        here.last, here.ever = entry.at, True
        if here.first < entry.at:
            yield Watched(entry.at, place, True)


def _state(entry: Entry) -> Iterator[Step]:
    """Environments that are not as they were read last, and what the release depends on."""
    flags = {key[1:3]: holds for key, holds in entry.every("flag") if key[3]}
    wanted = {entry.target: entry.telling.environments[entry.target].replace(locks=())}
    for (node, _), holds in flags.items():
        match node:
            case model.NoDrift(place):
                # Over every route, rules ask of each environment; only those that can be meant are told of.
                for each in entry.telling.environments.keys() & entry.places(place):
                    now = wanted.get(each, entry.telling.environments[each])
                    wanted[each] = now.replace(drift=not holds)
            case model.LockHeld() if holds:
                acts_alone = entry.get("kind of actor", default=1) == 0
                lock = Lock(name="deployment", holder=entry.account() if acts_alone else MACHINE)
                wanted[entry.target] = wanted[entry.target].replace(locks=(lock,))
            case model.DependenciesMet():
                yield from _depends(entry)
                components = {"database": "1.0.0"} if holds else {}
                wanted[entry.target] = wanted[entry.target].replace(components=components)
            case _:
                pass
    for place, facets in _facets(entry):
        now = wanted.get(place, entry.telling.environments[place])
        wanted[place] = now.replace(facets={**now.facets, **facets})
    for name, environment in wanted.items():
        if environment != entry.telling.environments[name]:
            entry.telling.environments[name] = environment
            yield Happens(entry.at, environment.replace(read=entry.at))


def _facets(entry: Entry) -> Iterator[tuple[str, dict[str, str]]]:
    """The facets of environments: the target differs from all others alike, else these from the target."""
    unequal: dict[str, dict[str, bool]] = {}
    for (_, _, place, facet), differs in entry.every("unequal"):
        unequal.setdefault(facet, {})[place] = differs
    for facet, places in unequal.items():
        alone = all(places.values())
        yield entry.target, {facet: "2" if alone else "1"}
        for place, differs in places.items():
            yield place, {facet: "2" if differs and not alone else "1"}


def _depends(entry: Entry) -> Iterator[Step]:
    if not entry.release.manifest:
        entry.release.manifest = True
        needs = (Dependency(component="database", at_least="1.0.0"),)
        digests = frozenset({entry.release.digest})
        yield Happens(entry.since, Manifest(digests=digests, requires=needs, source="build"))
