"""`rung compare`: what an edit newly allows, denies and demands, with exit codes for pipelines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rung.report.json_schema import json_schema
from tests.cli.conftest import Rung

OLD = """\
rung 1
policy "shop"
environment qa
environment prod after qa
group leads { "ana", "bo", "chen" }
gate signed "Two leads approve" { require at least 2 approvals from leads except authors }
admit build -> qa
promote qa -> prod { require signed, healthy in qa for 24h }
hotfix qa -> prod {
    require signed
    owes review within 48h { require at least 1 approval from leads }
}
rollback prod within 2 releases
"""
LOOSER = OLD.replace("at least 2 approvals", "at least 1 approval")
TIGHTER = OLD.replace("for 24h", "for 48h")


@pytest.fixture
def folder(surroundings: Path) -> Path:
    (surroundings / "old.rung").write_text(OLD)
    return surroundings


def test_what_is_newly_allowed_is_told_by_one_request_with_the_lines_of_both(
    rung_: Rung, folder: Path
) -> None:
    (folder / "new.rung").write_text(LOOSER)
    result = rung_("compare", "old.rung", "new.rung")
    assert result.code == 1
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0][0] == "LOOSER"
    assert ["+", "promote", "qa", "->", "prod", "new.rung:8"] in lines
    assert "✗ at least 2 approvals from leads except authors" in result.out
    assert "now: at least 1 approval from leads except authors" in result.out
    assert "1 of 2: " in result.out
    assert "Newly denied: nothing" in result.out
    assert "Owed otherwise: nothing" in result.out
    assert "Nothing else has changed: 2 of 4 ways in are as they were." in result.out


def test_a_tighter_policy_passes(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(TIGHTER)
    result = rung_("compare", "old.rung", "new.rung")
    assert result.code == 0
    assert result.out.startswith("TIGHTER")
    assert "Newly allowed: nothing" in result.out
    assert "- promote qa -> prod" in result.out
    assert "✗ healthy in qa for 48h" in result.out
    assert "before: healthy in qa for 24h" in result.out


def test_the_same_policy_from_standard_input(rung_: Rung, folder: Path) -> None:
    result = rung_("compare", "old.rung", "-", stdin=OLD + "# nothing but a comment\n")
    assert result.code == 0
    assert result.out.startswith("SAME")
    assert "Nothing has changed: 4 ways in are as they were." in result.out


def test_what_is_owed_otherwise(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(OLD.replace("within 48h", "within 3d"))
    result = rung_("compare", "old.rung", "new.rung")
    assert result.code == 1
    assert "~ hotfix qa -> prod" in result.out
    assert "owed review within 48h: at least 1 approval from leads" in result.out
    assert "now owes review within 3d: at least 1 approval from leads" in result.out


def test_what_cannot_be_shown_is_neither_same_nor_tighter(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(OLD + "health no older than 1h\n")
    result = rung_("compare", "old.rung", "new.rung")
    assert result.code == 3
    assert result.out.startswith("UNKNOWN")
    assert "health is stale after 1h, and was after 5m" in result.out


def test_each_request_is_decided_as_it_is_shown(rung_: Rung, folder: Path) -> None:
    both = (
        LOOSER.replace("for 24h", "for 48h").replace("gate signed", "gate agreed").replace("signed", "agreed")
    )
    (folder / "new.rung").write_text(both)
    result = rung_("compare", "old.rung", "new.rung", "--format", "json")
    assert result.code == 1
    document = json.loads(result.out)
    Draft202012Validator(json_schema("comparison")).validate(document)
    assert document["schema"] == "rung.comparison/1"
    assert document["relation"] == "incomparable"
    assert document["looser"] is True
    decided = 0
    for kind, codes in (("newly_allowed", (1, 0)), ("newly_denied", (0, 1))):
        for each in document[kind]:
            (folder / "request.json").write_text(json.dumps(each["witness"]["request"]))
            for policy, code in zip(("old.rung", "new.rung"), codes, strict=True):
                assert rung_("decide", policy, "request.json", "--at", each["witness"]["at"]).code == code
                decided += 1
    assert decided >= 4


def test_mistakes_in_either_policy(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(OLD.replace("qa -> prod", "qa -> prdo"))
    result = rung_("compare", "old.rung", "new.rung")
    assert result.code == 2
    assert "did you mean `prod`?" in result.out
    assert "nothing compared: 2 errors" in result.out
    assert rung_("compare", "missing.rung", "old.rung").code == 2
    assert rung_("compare", "-", "-", stdin=OLD).code == 2


def test_too_little_time_is_unknown(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(LOOSER)
    result = rung_("compare", "old.rung", "new.rung", "--timeout", "0.001")
    assert result.code == 3
    assert "it takes longer than 0.001 s" in result.out


def test_the_whole_history_when_asked_for(rung_: Rung, folder: Path) -> None:
    (folder / "new.rung").write_text(LOOSER)
    assert "admits 1.0.0 into qa" not in rung_("compare", "old.rung", "new.rung").out
    assert "admits 1.0.0 into qa" in rung_("compare", "old.rung", "new.rung", "-v").out


def test_a_policy_refines_the_one_that_it_names(rung_: Rung, folder: Path) -> None:
    (folder / "shop.rung").write_text(TIGHTER + 'prove refines "old.rung"\n')
    assert rung_("prove", "shop.rung", "--demanded").code == 0
    (folder / "shop.rung").write_text(LOOSER + 'prove refines "old.rung"\n')
    result = rung_("prove", "shop.rung", "--demanded")
    assert result.code == 1
    assert "something is allowed that `old.rung` denies" in result.out
    assert "shop asks for `at least 2 approvals from leads except authors`: 1 of 2" in result.out


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("missing.rung", "no such file"),
        ("../old.rung", "outside the policy's root"),
        ("broken.rung", "unexpected"),
    ],
)
def test_a_policy_to_refine_that_cannot_be_read(rung_: Rung, folder: Path, path: str, said: str) -> None:
    (folder / "broken.rung").write_text("rung 1\npolicy { }\n")
    (folder / "shop.rung").write_text(OLD + f'prove refines "{path}"\n')
    result = rung_("prove", "shop.rung")
    assert result.code == 2
    assert said in result.out
    assert "nothing proved" in result.out


def test_a_baseline_names_the_policy_to_refine_from_where_it_stands(rung_: Rung, folder: Path) -> None:
    (folder / "company").mkdir()
    (folder / "company" / "rules.rung").write_text(OLD)
    (folder / "company" / "base.rung").write_text(
        OLD.replace("shop", "base") + 'prove refines "rules.rung"\n'
    )
    (folder / "shop.rung").write_text('rung 1\npolicy "shop"\nuse "company/base.rung"\n')
    assert rung_("prove", "shop.rung", "--demanded").code == 0
