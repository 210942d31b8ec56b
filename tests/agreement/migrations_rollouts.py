"""Defines `rollout`: a report on migrations given as text, for tests."""

from __future__ import annotations

from collections.abc import Callable

from rung.diagnostics import Source
from rung.migrations.apply import replay
from rung.migrations.dialects.postgres import read
from rung.migrations.dialects.postgres_code import read_queries
from rung.migrations.plan import Plan, Report, check_rollout, migration_of
from rung.migrations.plan import Replay as Replayer
from rung.migrations.queries import Queries
from rung.migrations.rollout import Migration, Strategy
from rung.migrations.schema import Schema
from rung.migrations.verdicts import Finding, Level, Verdict


def queries(text: str) -> Queries:
    found, diagnostics = read_queries([Source("queries.sql", text)])
    assert diagnostics == ()
    return found


def rollout(
    base: str,
    pre: str = "",
    post: str = "",
    *,
    strategy: Strategy = "rolling",
    window: bool = True,
    atomic: bool = True,
    old: str | None = None,
    new: str | None = None,
    replayer: Callable[[str], Replayer] | None = None,
) -> Report:
    """What is said of the migrations `pre` and `post` of the schema that `base` makes."""
    before = replay(Schema(), [read(Source("base.sql", base))])
    assert before.diagnostics == ()
    plan = Plan(
        strategy,
        window,
        queries_before=None if old is None else queries(old),
        queries_after=None if new is None else queries(new),
    )
    return check_rollout(
        before.schema,
        _migrations("pre.sql", pre, atomic),
        _migrations("post.sql", post, atomic),
        plan,
        None if replayer is None else replayer(base),
    )


def _migrations(name: str, text: str, atomic: bool) -> list[Migration]:
    return [migration_of(read(Source(name, text)), name, atomic)] if text else []


def verdict(report: Report, level: Level, code: str | None = None) -> Verdict:
    """The worst verdict at a level, of one version of the code where it is named."""
    order = [Verdict.REFUTED, Verdict.UNKNOWN, Verdict.PROVED]
    found = {each.verdict for each in report.findings if each.level is level and code in (None, each.code)}
    return next((each for each in order if each in found), Verdict.PROVED)


def refuted(report: Report, level: Level) -> list[Finding]:
    return [each for each in report.findings if each.level is level and each.verdict is Verdict.REFUTED]
