"""The README shows what the program really prints, and names the commands that it really has."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from rung.cli.root import VERBS
from rung.diagnostics import Source
from rung.policy.from_syntax import policy_from_syntax
from rung.policy.lints import lint
from rung.syntax.parse import parse
from tests.cli.conftest import Rung

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["decision", "migration"])
def test_what_is_shown_is_what_is_printed(rung_: Rung, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shown = re.search(rf"<!-- {name} -->\n```console\n\$ rung (.*)\n((?:.*\n)*?)```\n", README)
    assert shown is not None
    monkeypatch.chdir(ROOT)
    done = rung_(*shlex.split(shown.group(1)))
    assert done.code == 1
    assert done.out == shown.group(2)


def test_the_comparison_shown_is_the_comparison(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    told, promised = _edited("comparison", rung_, monkeypatch)
    assert _anybody(told) == _anybody(promised)


def test_the_refutation_shown_is_the_refutation(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its history is one of many; verdict and reason are not the solver's choice."""
    told, promised = (text.splitlines() for text in _edited("refutation", rung_, monkeypatch))
    assert (told[:2], told[-1]) == (promised[:2], promised[-1])


def _edited(name: str, rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What a command of README.md says of an edited policy, which fails, and what is promised."""
    shown = re.search(
        rf"<!-- {name} -->\n```console\n\$ sed '(.*)' (.*) \| rung (.*)\n((?:.*\n)*?)```\n", README
    )
    assert shown is not None
    monkeypatch.chdir(ROOT)
    _, replaced, by, _ = shown.group(1).split("/")
    edited = Path(shown.group(2)).read_text(encoding="utf-8").replace(replaced, by)
    done = rung_(*shlex.split(shown.group(3)), stdin=edited)
    assert done.code == 1
    return done.out, shown.group(4)


def _anybody(text: str) -> str:
    """A request is one of many: who is in it, and by which strategy, is the solver's choice."""
    text = re.sub(r"[\w-]+@example\.com", "somebody", text)
    return " ".join(re.sub(r"\((canary|blue_green)\)", "(somehow)", text).split())


def test_the_policy_shown_is_sound() -> None:
    shown = re.search(r"```\n(rung 1\n(?:.*\n)*?)```\n", README)
    assert shown is not None
    file, mistakes = parse(Source("README.md", shown.group(1)))
    assert file is not None
    assert not mistakes
    policy, mistakes = policy_from_syntax(file)
    assert policy is not None, mistakes
    assert [each.message for each in lint(policy)] == []


def test_every_command_named_is_there() -> None:
    named = set(re.findall(r"`rung ([a-z]+)", README))
    assert named <= set(VERBS)
    assert set(VERBS) - named <= {"completion"}, "a command that the README does not name"
