"""Defines how tests read a policy: its statements without the first lines, and what is said about it."""

from __future__ import annotations

from hypothesis import settings

from rung.diagnostics import Diagnostic, Source
from rung.policy import lints, model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

steady = settings(max_examples=200, derandomize=True, deadline=None, database=None)

HEAD = 'rung 1\npolicy "example"\n'
BASE = """\
environment qa
environment staging_eu after qa
environment prod after staging_eu
group managers { "ana@example.com", "bo@example.com" }
group deployers from facts
parameter minimum: percent = 80%
parameter limit: int = 5
evidence tests about build {
    passed: int, failed: int, coverage: percent, ok: bool, took: duration, seen: time, score: decimal,
    result: one of { green, red }, labels: set of text, owner: person, v: version, d: digest
}
evidence smoke about environment { failed: int }
gate tests_pass {
    needs tests no older than 7d
    require tests.failed == 0
}
admit build -> qa { require tests_pass }
"""


def source(statements: str) -> Source:
    return Source("example.rung", HEAD + statements)


def mistakes(statements: str, baseline: str | None = None) -> tuple[Diagnostic, ...]:
    """Every mistake, of syntax and of meaning, in the order of the text."""
    file, slips = parse(source(statements))
    if file is None:
        return slips
    used, _ = parse(Source("baseline.rung", HEAD + (baseline or "")))
    assert used is not None
    found = policy_from_syntax(file, [] if baseline is None else [used]).mistakes
    return tuple(sorted((*slips, *found), key=lambda each: each.span or file.span))


def policy(statements: str) -> model.Policy:
    """The policy that statements without a mistake make."""
    assert [each.message for each in mistakes(statements)] == []
    file, _ = parse(source(statements))
    assert file is not None
    made = policy_from_syntax(file).policy
    assert made is not None
    return made


def warnings(statements: str) -> tuple[Diagnostic, ...]:
    return lints.lint(policy(statements))


def marked(statements: str, found: Diagnostic) -> str:
    """What a diagnostic points at."""
    assert found.span is not None
    return source(statements).text[found.span.start : found.span.end]
