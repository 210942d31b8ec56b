"""The policies that come with Rung are well-formed, canonical, and decide as the cases beside them say."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung import engine
from rung.cases.coverage import Coverage
from rung.cases.read import read_cases
from rung.cli import run
from rung.diagnostics import Source
from rung.engine import PolicyText
from rung.inputs.proof import ProofFile

ROOT = Path(__file__).parents[2] / "policies"
POLICIES = sorted(ROOT.rglob("*.rung"))
CASES = sorted(ROOT.rglob("*.test.yaml"))
LONGEST_SERVICE = 15  # lines


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def text_of(path: Path) -> PolicyText:
    return PolicyText(Source(name(path), path.read_text(encoding="utf-8")), str(path.parent), str(ROOT))


@pytest.mark.parametrize("path", POLICIES, ids=name)
def test_nothing_is_wrong_with_it(path: Path) -> None:
    checked = engine.check(text_of(path), 60.0)
    assert checked.policy is not None
    assert checked.mistakes == ()


@pytest.mark.parametrize("path", POLICIES, ids=name)
def test_it_is_canonical(path: Path) -> None:
    source = text_of(path).source
    assert engine.format_policy(source).text == source.text


@pytest.mark.parametrize("path", CASES, ids=name)
def test_its_cases_pass(path: Path) -> None:
    cases = read_cases(Source(name(path), path.read_text(encoding="utf-8")))
    assert cases.cases, cases.mistakes
    policy = path.with_name(path.name.removesuffix(".test.yaml") + ".rung")
    tested = engine.test(text_of(policy), cases.cases, Coverage())
    assert tested.mistakes == ()
    assert [each.name for each in tested.results if not each.passed] == []
    assert len(tested.results) == len(cases.cases)


def test_its_cases_see_every_rule_allow_and_deny(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    names = [name(path) for path in CASES if path.parent == ROOT] + ["monorepo"]
    assert run(["test", "--coverage", *names]) == 0
    assert "(100%)" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted((ROOT / "monorepo" / "services").glob("*.rung")), ids=name)
def test_a_service_over_a_baseline_is_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_SERVICE


# ---------------------------------------------------------------- proofs


def demanding() -> list[Path]:
    """The policies that demand properties."""
    found = [(path, engine.load(text_of(path)).policy) for path in POLICIES]
    return [path for path, policy in found if policy is not None and policy.properties]


@pytest.mark.parametrize("path", demanding(), ids=name)
def test_its_proof_file_is_current(path: Path) -> None:
    text = text_of(path)
    loaded = engine.identified(text, engine.load(text))
    file = path.with_suffix(".proof.json")
    found = engine.proof_of(loaded, Source(name(file), file.read_text(encoding="utf-8")), "just prove")
    assert isinstance(found, ProofFile), found


@pytest.mark.parametrize("path", demanding(), ids=name)
def test_a_second_solver_agrees_on_each_step_of_its_proofs(path: Path) -> None:
    loaded = engine.load(text_of(path))
    assert loaded.policy is not None
    properties = loaded.policy.properties
    found = engine.prove(loaded.policy, properties, loaded.sources, 60.0, 1, scripts=True)
    rechecked = engine.recheck(found, 60.0, 1)
    assert rechecked.agreed == rechecked.asked > 0
