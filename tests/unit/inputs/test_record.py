"""Records: frozen values with equality by class and fields."""

import pytest

from rung.inputs.facts import AboutCommit, AboutRelease
from rung.inputs.proposal import Artifact, MachineActor, PersonActor, Release, Strategy

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def test_a_record_takes_its_fields_and_defaults() -> None:
    strategy = Strategy(kind="canary")
    assert (strategy.kind, strategy.steps, strategy.max_unavailable) == ("canary", (), None)


@pytest.mark.parametrize("values", [{}, {"kind": "canary", "stepz": ()}])
def test_a_record_refuses_missing_and_unknown_fields(values: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="Strategy: missing or unknown"):
        Strategy(**values)


def test_a_record_is_frozen() -> None:
    strategy = Strategy(kind="canary")
    with pytest.raises(AttributeError, match="frozen"):
        strategy.kind = "rolling"  # type: ignore[misc]  # what the test is about
    with pytest.raises(AttributeError, match="frozen"):
        del strategy.kind


def test_records_are_equal_by_class_and_fields() -> None:
    assert AboutCommit(commit="a" * 40) == AboutCommit(commit="a" * 40)
    assert hash(AboutCommit(commit="a" * 40)) == hash(AboutCommit(commit="a" * 40))
    assert PersonActor(person="x") != MachineActor(machine="x")
    assert AboutCommit(commit="a" * 40) != "a" * 40


def test_a_changed_copy_leaves_the_original() -> None:
    canary = Strategy(kind="canary")
    assert canary.replace(kind="rolling") == Strategy(kind="rolling")
    assert canary.kind == "canary"


def test_a_record_shows_its_fields() -> None:
    assert repr(AboutCommit(commit="abc1234")) == "AboutCommit(commit='abc1234')"


def test_the_digests_of_a_release_are_those_of_its_artifacts_computed_once() -> None:
    release = Release(
        artifacts={"api": Artifact(digest=A), "worker": Artifact(digest=B), "twin": Artifact(digest=A)}
    )
    assert release.digests == AboutRelease(digests=frozenset({B, A})).digests
    assert release.digests is release.digests
    assert release == Release(artifacts=release.artifacts), "what was computed is no field"
