"""A typed policy is kept by all that it depends on, and read back without trust."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path

import pytest

from rung import engine, policy_cache, user_cache
from rung.diagnostics import Source, Span
from rung.engine import PolicyText, load
from rung.policy import model

TEXT = Path("policies/payments.rung").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def policy_text(text: str = TEXT, name: str = "p.rung", folder: str = ".") -> PolicyText:
    return PolicyText(Source(name, text), folder, folder)


def kept(text: PolicyText) -> policy_cache.Kept | None:
    return policy_cache.read(policy_cache.key(*text))


def test_what_is_read_back_is_the_policy_with_its_spans() -> None:
    text = policy_text()
    assert kept(text) is None
    loaded = load(text)
    found = kept(text)
    assert found is not None
    assert found.policy == loaded.policy
    assert loaded.policy is not None
    assert [each.span for each in found.policy.routes] == [each.span for each in loaded.policy.routes]
    gates = zip(found.policy.gates.values(), loaded.policy.gates.values(), strict=True)
    assert all(one.span == other.span for one, other in gates)
    assert load(text) == loaded


def test_another_text_name_or_folder_is_another_policy(tmp_path: Path) -> None:
    load(policy_text())
    assert kept(policy_text(TEXT + "\n")) is None
    assert kept(policy_text(name="q.rung")) is None
    assert kept(policy_text(folder=str(tmp_path))) is None


def test_another_version_is_another_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    for target in ("rung.__version__", "sys.version"):
        load(policy_text())
        assert kept(policy_text()) is not None
        monkeypatch.setattr(target, "other")
        assert kept(policy_text()) is None


def test_another_program_is_another_policy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "rung"
    shutil.copytree(Path(engine.__file__).parent / "policy", home / "policy")
    monkeypatch.setattr(policy_cache, "_HOME", str(home))
    load(policy_text())
    assert kept(policy_text()) is not None
    changed = home / "policy" / "types.py"
    os.utime(changed, (1, 1))
    assert kept(policy_text()) is None


def test_policies_with_mistakes_are_not_kept() -> None:
    text = policy_text(TEXT + "\nenvironment dev\n")
    assert load(text).policy is None
    assert kept(text) is None
    assert load(text).mistakes == load(text).mistakes != ()


def test_a_baseline_that_changed_is_read_again(tmp_path: Path) -> None:
    base = tmp_path / "base.rung"
    base.write_text('rung 1\npolicy "base"\nenvironment prod\n')
    text = policy_text(
        'rung 1\npolicy "p"\nuse "base.rung"\nadmit build -> prod { require actor is machine }\n',
        folder=str(tmp_path),
    )
    loaded = load(text)
    assert loaded.policy is not None
    found = kept(text)
    assert found is not None
    assert found.baselines[0].text == base.read_text()
    assert load(text).sources.keys() == loaded.sources.keys() == {"base.rung", "p.rung"}
    base.write_text('rung 1\npolicy "base"\nenvironment prod\nenvironment qa\n')
    assert kept(text) is None
    again = load(text).policy
    assert again is not None
    assert set(again.environments) == {"prod", "qa"}
    moved = tmp_path / "moved.rung"
    base.rename(moved)
    base.symlink_to(moved)
    assert kept(text) is None


class Harm:
    """What would run when it is unpickled."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call[0], tuple(self.call[1:])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage",
        pickle.dumps(None),
        pickle.dumps((None, [])),
        pickle.dumps((Span("a", 0, 1), [])),
        pickle.dumps((model.Person("a", (), Span("a", 0, 1)), [])),
        pickle.dumps(Harm(os.mkdir, "harmed")),
        pickle.dumps(Harm(print, "harm")),
        pickle.dumps(Harm(Source, "a", "b")),
        pickle.dumps(Harm(Path, "a")),
        b"crung.policy.model\nfield\n.",
        b"crung.policy.model\nAny\n.",
    ],
)
def test_an_entry_that_is_no_policy_is_none(
    data: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PolicyText(Source("p.rung", TEXT), ".", ".")
    user_cache.write(policy_cache.KIND, policy_cache.key(*text), data)
    assert kept(text) is None
    assert not Path("harmed").exists()
    assert load(text).policy is not None
    assert kept(text) is not None


def test_without_a_cache_all_works(cache: Path) -> None:
    cache.write_text("in the way")
    assert load(policy_text()).policy is not None
