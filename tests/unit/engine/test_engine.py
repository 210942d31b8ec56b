"""The engine checks, formats and decides; what is wrong comes back as values."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung import engine
from rung.diagnostics import Source
from rung.engine import PolicyText

GOOD = 'rung 1\npolicy "p"\nenvironment prod\nadmit build -> prod { require actor is machine }\n'
PROPOSAL = """{"schema": "rung.proposal/1", "service": "s", "lane": "admit", "target": "prod",
"actor": {"machine": "ci"}, "release": {"artifacts": {"a": {"digest": "sha256:%s"}}}}""" % ("0" * 64)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def text(content: str) -> PolicyText:
    return PolicyText(Source("p.rung", content), ".", ".")


def test_decide() -> None:
    policy = engine.load(text(GOOD)).policy
    assert policy is not None
    decided = engine.decide(policy, [Source("p.json", PROPOSAL)], 0)
    assert decided.decision is not None
    assert decided.decision.allowed
    refused = engine.decide(policy, [Source("p.json", "{}")], 0)
    assert refused.decision is None
    assert refused.mistakes


def test_check_runs_the_lints_on_a_policy_without_mistakes_only() -> None:
    unused = 'group nobody_asks { "a" }\n'
    [found] = engine.check(text(GOOD + unused)).mistakes
    assert (found.code, found.severity) == ("unused-group", "warning")
    codes = [each.code for each in engine.check(text(GOOD + unused + "environment prod\n")).mistakes]
    assert codes == ["duplicate-name"]


def test_slips_and_mistakes_are_found_together() -> None:
    found = engine.check(text(GOOD + "freeze\nadmit build -> prdo { require actor is machine }\n"))
    assert found.policy is None
    assert {each.code for each in found.mistakes} == {"unexpected-text", "unknown-name"}


def test_what_cannot_be_read_at_all_has_no_policy() -> None:
    found = engine.check(text("rung 2\n"))
    assert (found.policy, [each.code for each in found.mistakes]) == (None, ["unsupported-version"])


def test_format_needs_the_grammar_only() -> None:
    assert engine.format_policy(Source("p", 'rung 1\npolicy  "p"\nadmit build->x')).text == (
        'rung 1\npolicy "p"\nadmit build -> x\n'
    )
    broken = engine.format_policy(Source("p", "rung 1\npolicy"))
    assert broken.text is None
    assert broken.mistakes
