"""Defines `judge_in`: who tells a decision whether a proposal's migrations are compatible.

The migrations are judged only when a rule asks, and without the code's queries: live code is taken to use
everything in its schema. What cannot be read, or is not understood, is not known to be compatible.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rung.evaluate.situation import Judge, Judged
from rung.inputs.proposal import Migrations, Proposal, StrategyKind
from rung.policy import model

if TYPE_CHECKING:
    from rung.migrations.assess import Assessment
    from rung.migrations.rollout import Strategy
    from rung.migrations.verdicts import Finding


def judge_in(folder: str, policy: model.Policy) -> Judge:
    """A judge of migrations whose directories are in a folder; each rollout is judged once."""
    windows: dict[str, int] = {}
    for route in policy.routes:
        if route.lane == "rollback":
            windows[route.target] = max(route.within, windows.get(route.target, 0))

    @cache
    def judged(brought: Migrations, strategy: StrategyKind, window: int) -> Judged:
        return _judged(Path(folder), brought, strategy, window)

    def judge(proposal: Proposal) -> Judged:
        if proposal.migrations is None:
            return Judged(True, "the proposal brings none")
        # Side by side is the worst that may happen, where the proposal does not say how it goes.
        strategy = "rolling" if proposal.strategy is None else proposal.strategy.kind
        return judged(proposal.migrations, strategy, windows.get(proposal.target, 1))

    return judge


def _judged(root: Path, brought: Migrations, strategy: StrategyKind, window: int) -> Judged:
    problem = _outside(root, brought.directory)
    if problem is not None:
        return Judged(None, problem)
    from rung.migrations.assess import Request, assess

    kind: Strategy = "recreate" if strategy == "atomic" else strategy
    asked = Request((root / brought.directory,), brought.from_, brought.to, strategy=kind, window=window)
    return _told(assess(asked))


def _outside(root: Path, directory: str) -> str | None:
    """Why a directory is not to be read; None for a folder below the root to which no link leads."""
    parts = Path(directory).parts
    if "\0" in directory or Path(directory).is_absolute() or ".." in parts:
        return f"the directory {directory} of the migrations is not within the sources"
    place = root
    try:
        for part in parts:
            place /= part
            if place.is_symlink():
                return f"the directory {directory} of the migrations leads through a link"
        return None if place.is_dir() else f"the sources have no folder {directory}"
    except OSError:
        return f"the directory {directory} of the migrations cannot be read"


def _told(found: Assessment) -> Judged:
    from rung.migrations.checks import checks, counted
    from rung.migrations.verdicts import Verdict

    errors = [each for each in found.diagnostics if each.is_error]
    if found.report is None:
        return Judged(None, f"the migrations cannot be judged: {errors[0].message}")
    several = checks(found.report)
    worst = [each for each in several if each.verdict is found.verdict]
    match found.verdict:
        case Verdict.PROVED:
            taken = [] if found.assumes is None else [found.assumes]
            if found.request.window > 1:
                taken.append("no release before brought more than one migration")
            assumed = f", assuming that {' and that '.join(taken)}" if taken else ""
            return Judged(True, f"{counted(several)}{assumed}")
        case Verdict.REFUTED:
            first = worst[0]
            return Judged(False, f"{first.states[0]}: {_finding(found, first.finding)}{_more(len(worst))}")
        case _ if errors:
            return Judged(None, f"a migration does not apply: {errors[0].message}{_more(len(errors))}")
        case _:
            reasons = list(dict.fromkeys(reason for each in worst for reason in each.finding.reasons))
            return Judged(None, f"not understood: {'; '.join(reasons[:3])}{_more(len(reasons) - 2)}")


def _more(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""


def _finding(found: Assessment, finding: Finding) -> str:
    """What is found, and the file and line that bring it about."""
    if finding.span is None:
        return finding.message
    name, line = finding.span.file, found.sources[finding.span.file].place(finding.span.start).line
    return f"{finding.message} ({'/'.join(Path(name).parts[-2:])}:{line})"
