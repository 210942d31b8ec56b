"""`rung prove`: verdicts, exit codes, and what cannot be proved at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Rung

HEAD = """\
rung 1
policy "small"
environment dev
environment qa after dev
environment prod after qa
admit build -> dev
promote dev -> qa
promote qa -> prod
"""
SKIPS = "promote dev -> prod\n"
PROVES = "prove no-environment-skipped\nprove built-once\n"


@pytest.fixture
def policy(surroundings: Path) -> Path:
    return surroundings / "small.rung"


def test_all_proved(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + PROVES)
    result = rung_("prove", "small.rung")
    assert result.code == 0
    assert result.out.splitlines()[-1] == "2 properties: 2 proved, 0 refuted, 0 unknown"
    assert "✓ no-environment-skipped" in result.out


def test_a_refutation_is_a_dated_story_with_the_lines_of_the_policy(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + SKIPS + PROVES)
    result = rung_("prove", "small.rung")
    assert result.code == 1
    assert "✗ no-environment-skipped" in result.out
    assert "a release enters `prod` that has not earned health in `qa`" in result.out
    demanded = result.out.partition("Not demanded")[0]
    story = [line.split() for line in demanded.splitlines() if "small.rung:" in line and "✗" not in line]
    assert [line[-1] for line in story if "into" in line] == ["small.rung:6", "small.rung:9"]
    assert "2 properties: 1 proved, 1 refuted, 0 unknown" in result.out


def test_unknown_is_no_success(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + 'prove "well": always deployed(prod) implies running(qa)\n')
    result = rung_("prove", "small.rung")
    assert result.code == 3
    assert result.out.splitlines()[-1] == "1 property: 0 proved, 0 refuted, 1 unknown"


def test_a_refutation_weighs_more_than_what_is_unknown(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + SKIPS + 'prove "well": always deployed(prod) implies running(qa)\n' + PROVES)
    assert rung_("prove", "small.rung", "--jobs", "1").code == 1


def test_one_property_alone(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + SKIPS + PROVES + 'prove "mine": always deployed(qa) implies deployed(dev)\n')
    assert rung_("prove", "small.rung", "--property", "built-once").code == 0
    assert rung_("prove", "small.rung", "--property", "mine").code == 0
    result = rung_("prove", "small.rung", "--property", "built-onec")
    assert (result.code, result.out) == (2, "")
    assert "there is no property `built-onec`, did you mean `built-once`?" in result.err


def test_nothing_to_prove_is_an_error(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD)
    result = rung_("prove", "small.rung", "--demanded")
    assert (result.code, result.out) == (2, "")
    assert "nothing to prove" in result.err
    assert "such as `prove no-environment-skipped`" in result.err


def test_what_applies_to_a_policy_is_proved_without_being_demanded(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + "hotfix dev -> prod\nprove built-once\n")
    result = rung_("prove", "small.rung")
    assert result.code == 0  # what is demanded is proved
    demanded, _, others = result.out.partition("Not demanded by the policy, but about it:")
    assert "✓ built-once" in demanded
    assert "✓ no-environment-skipped except hotfix" in others
    assert "✗ hotfix-comes-home" in others
    assert "an ordinary release overwrites a hotfix in `prod` that it lacks" in others
    assert "✓ possible: every lane into every environment" in others
    assert result.out.splitlines()[-2:] == [
        "not demanded: 3 properties: 2 proved, 1 refuted, 0 unknown",
        "1 property: 1 proved, 0 refuted, 0 unknown",
    ]


def test_where_nothing_is_demanded_what_applies_counts(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + "hotfix dev -> prod\n")
    result = rung_("prove", "small.rung")
    assert result.code == 1
    assert result.out.splitlines()[-1] == "3 properties: 2 proved, 1 refuted, 0 unknown"
    assert rung_("prove", "small.rung", "--property", "possible").code == 0


def test_a_policy_with_mistakes_is_not_proved(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD.replace("qa -> prod", "qa -> prdo") + PROVES)
    result = rung_("prove", "small.rung")
    assert result.code == 2
    assert "nothing proved: 1 error" in result.out


def test_each_step_of_a_history_can_be_decided(rung_: Rung, policy: Path, surroundings: Path) -> None:
    policy.write_text(HEAD + SKIPS + PROVES)
    result = rung_("prove", "small.rung", "--format", "json")
    assert result.code == 1
    document = json.loads(result.out)
    assert (document["proved"], document["refuted"], document["unknown"]) == (1, 1, 0)
    decided = [each for proof in document["verdicts"] for each in proof["history"] if "request" in each]
    assert len(decided) >= 3
    for step in decided:
        (surroundings / "step.json").write_text(json.dumps(step["request"]))
        again = rung_("decide", "small.rung", "step.json", "--at", step["at"])
        # What the rules allow still waits for a proof, which there cannot be.
        assert again.code == (3 if step["allowed"] else 1)
        assert ("It would be allowed by" in again.out) == step["allowed"]


def test_a_witness_is_shown_when_asked_for(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + PROVES)
    assert "such a history" not in rung_("prove", "small.rung").out
    told = rung_("prove", "-v", "small.rung").out
    assert "such a history, in which it holds:" in told
    assert "Assumed:" in told


def test_a_release_brings_its_migrations_wherever_it_goes(rung_: Rung, policy: Path) -> None:
    policy.write_text(HEAD + "prove migrations-in-order on prod\n")
    told = rung_("prove", "small.rung", "--demanded", "-v").out
    entries = [line for line in told.splitlines() if " into " in line]
    assert len(entries) == 3
    assert all("with migrations" in each for each in entries)
