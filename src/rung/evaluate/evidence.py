"""Defines how a gate finds the evidence that it needs, and types its fields by the policy.

For each subject (each artifact, build, commit, place) the latest record at or before the time of the
decision counts; at equal times all must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

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
Typed = Callable[[Any], Value | None]


class Found(NamedTuple):
    """What a need found: one outcome for each subject's record, and the fields of all records."""

    outcomes: tuple[Outcome, ...]
    records: tuple[Fields, ...]

    @property
    def holds(self) -> bool:
        return all(outcome.holds for outcome in self.outcomes)


def need(node: model.Need, evidence: model.Evidence) -> Callable[[Situation], Found]:
    """A closure that finds the records of a need."""
    typed = tuple((name, typed_value(type)) for name, type in evidence.fields)
    rule = Need(node, evidence)

    def find(situation: Situation) -> Found:
        known: Found | None = situation.found.get(node)
        if known is None:
            known = situation.found[node] = look(situation)
            return known
        # Found for another gate that needs the same: here it is the need of this one.
        return known._replace(outcomes=tuple([each._replace(rule=rule) for each in known.outcomes]))

    def look(situation: Situation) -> Found:
        records = situation.evidence.get(evidence.name, ())
        outcomes: list[Outcome] = []
        fields: list[Fields] = []
        subjects, problem = _subjects(node, evidence, situation)
        if problem is not None:
            return Found((Outcome(rule, False, FOREVER, RecordSeen("", None, None, problem), (), True),), ())
        for subject, matches in subjects:
            latest, why = _latest(records, matches, situation.at)
            if not latest:
                seen = RecordSeen(subject, None, None, why)
                outcomes.append(Outcome(rule, False, FOREVER, seen, (), True))
            for record in latest:
                outcome, values = _read(rule, typed, record, subject, situation.at)
                outcomes.append(outcome)
                if values is not None:
                    fields.append(values)
        return Found(tuple(outcomes), tuple(fields))

    return find


def _latest(
    records: Sequence[Evidence], matches: Callable[[Evidence], bool], at: int
) -> tuple[list[Evidence], str]:
    """The latest records about a subject, and why there is none."""
    latest: list[Evidence] = []
    why = "about something else" if records else "absent"
    for record in records:
        if not matches(record):
            continue
        if record.time > at:
            why = "dated in the future"
        elif not latest or record.time > latest[0].time:
            latest = [record]
        elif record.time == latest[0].time:
            latest.append(record)
    return latest, why


def _read(
    rule: Need,
    typed: tuple[tuple[str, Typed], ...],
    record: Evidence,
    subject: str,
    at: int,
) -> tuple[Outcome, Fields | None]:
    """The outcome of one record, with its fields where they are all of their types."""
    age = rule.need.max_age
    values: dict[str, Any] = {}
    problem = None
    for name, read in typed:
        raw = record.fields.get(name)
        value = None if raw is None else read(raw)
        if value is None:
            lack = "lacks" if raw is None else "has an unreadable"
            problem = f"malformed: it {lack} `{name}`"
            break
        values[name] = value
    if age is not None and at - record.time >= age:
        problem = problem or "expired"
    seen = RecordSeen(subject, record.time, record.source, problem)
    if problem is not None:
        return Outcome(rule, False, FOREVER, seen), None
    until = FOREVER if age is None else record.time + age
    return Outcome(rule, True, until, seen), values


Subjects = list[tuple[str, Callable[[Evidence], bool]]]


def _subjects(
    node: model.Need, evidence: model.Evidence, situation: Situation
) -> tuple[Subjects, str | None]:
    """What there must be a record about: a name for it, and the test whether a record is about it."""
    digests, configuration = situation.release
    match evidence.about:
        case "artifact":
            return [(digest, _about_artifact(digest)) for digest in sorted(digests)], None
        case "build":
            invocations, problem = situation.invocations
            return [(invocation, _about_build(invocation)) for invocation in invocations], problem
        case "commit":
            commits, problem = situation.commits
            return [(commit, _about_commit(commit)) for commit in commits], problem
        case "release":
            return [("the release", _about_release(digests, configuration))], None
        case _:
            return _environments(node, situation)


def _environments(node: model.Need, situation: Situation) -> tuple[Subjects, str | None]:
    if node.place == "target":
        target = situation.proposal.target
        return [(target, _about_environment(target))], None
    places = situation.sources if node.place == "source" else (str(node.place),)
    problem = None if places else "the release comes from no environment"
    return [(place, _about_release_in(place, situation)) for place in places], problem


def _about_artifact(digest: str) -> Callable[[Evidence], bool]:
    return lambda record: isinstance(record.about, AboutArtifact) and record.about.artifact == digest


def _about_build(invocation: str) -> Callable[[Evidence], bool]:
    return lambda record: isinstance(record.about, AboutBuild) and record.about.build == invocation


def _about_commit(commit: str) -> Callable[[Evidence], bool]:
    return lambda record: isinstance(record.about, AboutCommit) and record.about.commit == commit


def _about_release(digests: frozenset[str], configuration: str | None) -> Callable[[Evidence], bool]:
    return lambda record: (
        isinstance(record.about, AboutRelease)
        and record.about.digests == digests
        and record.about.configuration == configuration
    )


def _about_environment(name: str) -> Callable[[Evidence], bool]:
    return lambda record: isinstance(record.about, AboutEnvironment) and record.about.environment == name


def _about_release_in(place: str, situation: Situation) -> Callable[[Evidence], bool]:
    """About an environment with this release in it: the record says so, or is of its time there."""
    digests, configuration = situation.release
    episodes = [each for each in situation.past(place).episodes if each.release == situation.release]

    def matches(record: Evidence) -> bool:
        about = record.about
        if not isinstance(about, AboutEnvironment) or about.environment != place:
            return False
        if about.digests is not None:
            return about.digests == digests and about.configuration == configuration
        return any(
            each.since <= record.time and (each.until is None or record.time < each.until)
            for each in episodes
        )

    return matches


# ---------------------------------------------------------------- typing of fields


def typed_value(type: Type) -> Typed:
    """A function that reads a raw field as a value of a type; it returns None for what is none."""
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
