"""Defines how a gate finds the evidence that it needs, and types its fields by the policy.

For each subject (each artifact, build, commit, place) the latest record at or before the time of the
decision counts; at equal times all must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from rung.evaluate.history import Episode, ReleaseKey
from rung.evaluate.outcome import FOREVER, Need, Outcome, RecordSeen
from rung.evaluate.situation import Situation
from rung.inputs.facts import AboutArtifact, AboutBuild, AboutCommit, AboutEnvironment, AboutRelease, Evidence
from rung.inputs.scalars import parse_instant
from rung.policy import model
from rung.policy.types import (
    EnumType,
    SetType,
    Type,
    Value,
    parse_digest,
    parse_duration,
    parse_percent,
    parse_scaled,
    parse_version,
)

Fields = Mapping[str, Any]
Choice = Mapping[str, Fields]
Typed = Callable[[Any], Value | None]


# What a need found: one outcome for each subject's record, and the records to choose from. Each choice has
# the fields of a record by the name of its evidence; there is none unless the need holds.
Found = tuple[tuple[Outcome, ...], tuple[Choice, ...]]


def need(node: model.Need, evidence: model.Evidence) -> Callable[[Situation], Found]:
    """A closure that finds the records of a need."""
    typed = tuple((name, typed_value(type)) for name, type in evidence.fields)
    rule = Need(node, evidence)
    subjects_of, is_about, shown = SUBJECTS[evidence.about]
    name, same = evidence.name, f"{evidence.name} {node.place!r} {node.max_age}"

    def find(situation: Situation) -> Found:
        known: Found | None = situation.found.get(same)
        if known is None:
            known = situation.found[same] = look(situation)
            return known
        # Found for another gate that needs the same: here it is the need of this one.
        outcomes, choices = known
        own: list[Outcome] = []
        for each in outcomes:
            own.append(Outcome(rule, each.holds, each.until, each.seen, (), each.unknown))
        return tuple(own), choices

    def look(situation: Situation) -> Found:
        subjects, problem = subjects_of(node, situation)
        if problem is not None:
            seen = RecordSeen("", None, None, problem)
            return (Outcome(rule, False, FOREVER, seen, (), True),), ()
        records, at = situation.evidence.get(name, ()), situation.at
        outcomes: list[Outcome] = []
        choices: list[Choice] = []
        for subject in subjects:
            latest: list[Evidence] = []
            why = "about something else" if records else "absent"
            for record in records:
                if not is_about(record, subject):
                    continue
                if record.time > at:
                    why = "dated in the future"
                elif not latest or record.time > latest[0].time:
                    latest = [record]
                elif record.time == latest[0].time:
                    latest.append(record)
            if not latest:
                seen = RecordSeen(shown(subject), None, None, why)
                outcomes.append(Outcome(rule, False, FOREVER, seen, (), True))
            for record in latest:
                outcome, fields = _read(rule, typed, record, shown(subject), at)
                outcomes.append(outcome)
                if fields is not None:
                    choices.append({name: fields})
        return tuple(outcomes), tuple(choices) if len(choices) == len(outcomes) else ()

    return find


def _read(
    rule: Need,
    typed: tuple[tuple[str, Typed], ...],
    record: Evidence,
    subject: str,
    at: int,
) -> tuple[Outcome, Fields | None]:
    """The outcome of one record, with its fields where they are all of their types."""
    age = rule.need.max_age
    raw, time = record.fields, record.time
    until = FOREVER if age is None else time + age
    values: dict[str, Any] = {}
    problem = "expired" if at >= until else None
    for name, read in typed:
        value = values[name] = read(raw.get(name))
        if value is None:
            lack = "lacks" if raw.get(name) is None else "has an unreadable"
            problem = f"malformed: it {lack} `{name}`"
            break
    seen = RecordSeen(subject, time, record.source, problem)
    if problem is not None:
        return Outcome(rule, False, FOREVER, seen), None
    return Outcome(rule, True, until, seen), values


# ---------------------------------------------------------------- what evidence is about

# What there must be a record about, or why that is not known.
Subjects = tuple[Iterable[Any], str | None]
IsAbout = Callable[[Evidence, Any], bool]


def _artifacts(node: model.Need, situation: Situation) -> Subjects:
    return sorted(situation.release[0]), None


def _is_about_artifact(record: Evidence, digest: str) -> bool:
    return isinstance(record.about, AboutArtifact) and record.about.artifact == digest


def _builds(node: model.Need, situation: Situation) -> Subjects:
    origin = situation.origin
    return origin.invocations, origin.problem


def _is_about_build(record: Evidence, invocation: str) -> bool:
    return isinstance(record.about, AboutBuild) and record.about.build == invocation


def _commits(node: model.Need, situation: Situation) -> Subjects:
    origin = situation.origin
    return origin.commits, origin.problem


def _is_about_commit(record: Evidence, commit: str) -> bool:
    return isinstance(record.about, AboutCommit) and record.about.commit == commit


def _releases(node: model.Need, situation: Situation) -> Subjects:
    return [situation.release], None


def _is_about_release(record: Evidence, release: ReleaseKey) -> bool:
    about = record.about
    return isinstance(about, AboutRelease) and (about.digests, about.configuration) == release


def _environments(node: model.Need, situation: Situation) -> Subjects:
    """The target as it is, else places with this release in them."""
    if node.place == "target":
        target = situation.proposal.target
        if situation.proposal.action == "deploy":
            return [(target, None, ())], None
        # Going on with a rollout, the target has the release in it, as a candidate or as what runs.
        return [(target, situation.release, situation.stays(target))], None
    places = situation.sources if node.place == "source" else (str(node.place),)
    problem = None if places else "the release comes from no environment"
    release = situation.release
    return [(place, release, situation.stays(place)) for place in places], problem


def _is_about_environment(record: Evidence, subject: tuple[str, ReleaseKey | None, list[Episode]]) -> bool:
    """About an environment, with the release in it: the record says so, or is of its time there."""
    about, (place, release, episodes) = record.about, subject
    if not isinstance(about, AboutEnvironment) or about.environment != place:
        return False
    if release is None:
        return True
    if about.digests is not None:
        return (about.digests, about.configuration) == release
    return any(
        each.since <= record.time and (each.until is None or record.time < each.until) for each in episodes
    )


# How the subjects are found, whether a record is about one, and what it is called.
SUBJECTS: dict[str, tuple[Callable[[model.Need, Situation], Subjects], IsAbout, Callable[[Any], str]]] = {
    "artifact": (_artifacts, _is_about_artifact, str),
    "build": (_builds, _is_about_build, str),
    "commit": (_commits, _is_about_commit, str),
    "release": (_releases, _is_about_release, lambda release: "the release"),
    "environment": (_environments, _is_about_environment, lambda subject: str(subject[0])),
}


# ---------------------------------------------------------------- typing of fields


def typed_value(type: Type) -> Typed:
    """A function that reads a raw field as a value of a type, None for what is none, as for None."""
    if isinstance(type, SetType):
        element = typed_value(type.element)
        return lambda raw: _typed_set(raw, element)
    if isinstance(type, EnumType):
        members = frozenset(type.members)
        return lambda raw: raw if isinstance(raw, str) and raw in members else None
    return SCALAR_READERS[type.name]


def _typed_set(raw: Any, element: Typed) -> frozenset[Value] | None:
    if not isinstance(raw, tuple):
        return None
    values = [element(each) for each in raw]
    return None if None in values else frozenset(value for value in values if value is not None)


def _integer(raw: Any) -> int | None:
    return raw if type(raw) is int else None


def _decimal(raw: Any) -> int | None:
    if type(raw) is int:
        return parse_scaled(str(raw))
    return parse_scaled(f"{raw:f}") if isinstance(raw, Decimal) and abs(raw.adjusted()) < 30 else None


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) else None


def _from_text(parse: Callable[[str], Value | None]) -> Typed:
    return lambda raw: parse(raw) if isinstance(raw, str) else None


def _instant(text: str) -> int | None:
    try:
        return parse_instant(text)
    except ValueError:
        return None


def _truth(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


SCALAR_READERS: dict[str, Typed] = {
    "bool": _truth,
    "int": _integer,
    "decimal": _decimal,
    "percent": _from_text(parse_percent),
    "duration": _from_text(parse_duration),
    "time": _from_text(_instant),
    "text": _text,
    "person": _text,
    "version": _from_text(parse_version),
    "digest": _from_text(parse_digest),
}
