"""Defines `checks`: the findings of a report, each question once with all the states that have its answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rung.migrations.plan import Report
from rung.migrations.verdicts import Finding, Verdict


@dataclass(frozen=True, slots=True)
class Check:
    """One answer: the finding in the first of the states, and all of them in the order of the rollout."""

    finding: Finding
    states: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        return self.finding.verdict


def checks(report: Report) -> list[Check]:
    """The checks in the order of the rollout."""
    found: dict[object, list[Finding]] = {}
    for each in report.findings:
        key = (each.level, each.verdict, each.subject, each.code, each.span, each.reasons)
        found.setdefault(key, []).append(each)
    return [
        Check(several[0], tuple(dict.fromkeys(each.state for each in several))) for several in found.values()
    ]


def counted(several: Sequence[Check], more: int = 0) -> str:
    """How many checks there are by verdict; `more` are unknown because a statement does not apply."""
    count = {verdict: sum(each.verdict is verdict for each in several) for verdict in Verdict}
    count[Verdict.UNKNOWN] += more
    total = len(several) + more
    noun = "check" if total == 1 else "checks"
    return f"{total} {noun}: " + ", ".join(f"{count[each]} {each.value}" for each in Verdict)


@dataclass(frozen=True, slots=True)
class Doubt:
    """The checks of one table that are unknown, and all that is not understood about them."""

    table: str
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]


def doubts(several: Iterable[Check]) -> list[Doubt]:
    """What is unknown, table by table."""
    found: dict[str, list[Check]] = {}
    for each in several:
        if each.verdict is Verdict.UNKNOWN:
            found.setdefault(each.finding.subject.partition(".")[0], []).append(each)
    return [
        Doubt(
            table,
            tuple(same),
            tuple(dict.fromkeys(reason for each in same for reason in each.finding.reasons)),
        )
        for table, same in found.items()
    ]
