"""Defines how tests read a policy: its statements without the first lines, and what is said about it."""

from __future__ import annotations

from rung.diagnostics import Diagnostic, Source
from rung.policy import lints, model
from rung.policy.from_syntax import policy_from_syntax
from rung.syntax.parse import parse

HEAD = 'rung 1\npolicy "example"\n'


def source(statements: str) -> Source:
    return Source("example.rung", HEAD + statements)


def mistakes(statements: str) -> tuple[Diagnostic, ...]:
    """Every mistake, of syntax and of meaning, in the order of the text."""
    file, slips = parse(source(statements))
    if file is None:
        return slips
    return tuple(sorted((*slips, *policy_from_syntax(file).mistakes), key=lambda each: each.span or (0,)))


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
