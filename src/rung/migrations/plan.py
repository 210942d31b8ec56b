"""Defines `check_rollout`: a rollout's `Report`, with every finding and the plan state by state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rung.diagnostics import Diagnostic
from rung.migrations.compatibility import findings, place
from rung.migrations.rollout import Code, Migration, Moment, Plan, Timeline, timeline
from rung.migrations.schema import Schema
from rung.migrations.steps import NoEffect, Script
from rung.migrations.verdicts import Direction, Finding, Level, Verdict, Witness, worst

__all__ = [
    "NotReproducedError",
    "Plan",
    "Replay",
    "Replayed",
    "Report",
    "Stage",
    "check_rollout",
    "migration_of",
]

Replayed = Literal["fails", "passes", "cannot run", "no base"]
"""What came of replaying a witness: it fails as foretold, it does not, or it could not be set up."""

Replay = Callable[[Witness], Replayed]


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the plan: a migration being run, or a state; those between the statements of one migration
    are one. `schema_version` counts migrations run."""

    name: str
    kind: Literal["state", "migration"]
    schema_version: str
    live: tuple[str, ...]
    returning: tuple[str, ...]
    verdict: Verdict
    findings: tuple[Finding, ...]

    def level(self, level: Level) -> Verdict:
        return worst(finding.verdict for finding in self.findings if finding.level is level)


@dataclass(frozen=True, slots=True)
class Report:
    """The whole answer. `diagnostics` are mistakes in the migrations themselves, `granted` what they rest on
    and no schema tells."""

    stages: tuple[Stage, ...]
    diagnostics: tuple[Diagnostic, ...]
    granted: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(finding for stage in self.stages for finding in stage.findings)

    @property
    def verdict(self) -> Verdict:
        """REFUTED where anything is; UNKNOWN also where a migration does not apply, or may not."""
        found = [finding.verdict for finding in self.findings]
        if self.diagnostics:
            found.append(Verdict.UNKNOWN)
        return worst(found)

    def direction(self, direction: Direction) -> Verdict:
        """BACKWARD: new code, old data; FORWARD: old code, new schema and data. FULL is the worst of both."""
        return worst(finding.verdict for finding in self.findings if finding.direction == direction)


def migration_of(script: Script, name: str, atomic: bool) -> Migration:
    """A file's statements, each with its text; `atomic` where the tool runs the file in one transaction."""
    text = script.source.text
    return Migration(
        name, tuple((each, text[each.span.start : each.span.end]) for each in script.statements), atomic
    )


def check_rollout(
    before: Schema,
    pre: Sequence[Migration],
    post: Sequence[Migration] = (),
    plan: Plan | None = None,
    replay: Replay | None = None,
) -> Report:
    """Whether the migrations are safe at every step of the rollout and after a rollback.

    `pre` run before the deployment, `post` after it. With `replay`, each refutation is replayed first; one
    that cannot be is UNKNOWN with its row, one that does not fail is an error of ours.
    """
    course = timeline(before, pre, post, plan or Plan())
    found = _once(findings(course))
    if replay is not None:
        found = [_replayed(finding, replay) for finding in found]
    steps = [moment.step for moment in course.moments]
    granted = dict.fromkeys(each for step in steps if isinstance(step, NoEffect) for each in step.granted)
    return Report(tuple(_stages(course, found)), course.diagnostics, tuple(granted))


def _once(found: Iterable[Finding]) -> list[Finding]:
    """Each answer once: between its statements a migration has states of one name, often with one answer."""
    said: dict[object, Finding] = {}
    for each in found:
        key = (each.state, each.level, each.verdict, each.subject, each.message, each.code, each.span)
        said.setdefault(key, each)
    return list(said.values())


class NotReproducedError(AssertionError):
    """A refutation did not fail when it was replayed: the reasoning is wrong."""


def _replayed(finding: Finding, replay: Replay) -> Finding:
    if finding.witness is None:
        return finding
    refuted = finding.verdict is Verdict.REFUTED
    match replay(finding.witness):
        case "fails":
            witness = replace(finding.witness, replayed=True)
            return replace(finding, verdict=Verdict.REFUTED, witness=witness, reasons=())
        case "no base":
            lacking = "the migrations that have run do not pass on the embedded PostgreSQL"
            return replace(finding, verdict=Verdict.UNKNOWN, reasons=(lacking,), repair=())
        case "cannot run":
            reasons = finding.reasons or ("its row could not be replayed",)
            return replace(finding, verdict=Verdict.UNKNOWN, reasons=reasons, repair=())
        case "passes" if refuted:
            raise NotReproducedError(f"{finding.message}: {finding.witness}")
        case "passes":
            # What was in doubt (a trigger) kept this row out; another may still fail.
            return replace(finding, witness=None, repair=())


_STATE: Literal["state"] = "state"
_MIGRATION: Literal["migration"] = "migration"


def _stages(course: Timeline, found: Sequence[Finding]) -> list[Stage]:
    stages: list[Stage] = []
    version, seen = 0, set[str]()
    returning: tuple[Code, ...]
    for index, part in enumerate(course.course):
        if place(part) in seen:
            continue
        if isinstance(part, Moment):
            following = course.course[index + 1] if index + 1 < len(course.course) else None
            if isinstance(following, Moment) and following.migration == part.migration:
                continue
            version += 1
            kind: Literal["state", "migration"] = _MIGRATION
            name, live, returning = place(part), part.live, ()
        else:
            kind, name, live, returning = _STATE, place(part), part.live, part.returning
        seen.add(name)
        own = tuple(finding for finding in found if finding.state == name)
        stages.append(
            Stage(
                name,
                kind,
                str(version),
                tuple(code.name for code in live),
                tuple(code.name for code in returning),
                worst(finding.verdict for finding in own),
                own,
            )
        )
    return stages
