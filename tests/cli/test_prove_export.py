"""`rung prove --export` and `--recheck`: each step of each proof for other solvers, and what one says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from rung.prove import recheck
from rung.report.json_schema import json_schema
from tests.cli.conftest import Rung
from tests.cli.test_proof_file import ORDERED

PROVES = ORDERED + "prove possible: deployed(prod)\nprove built-once\n"
ARGUMENTS = ("prove", "policy.rung", "--demanded")
EXPORT = (*ARGUMENTS, "--export", "out")
OUT = Path("out")


@pytest.fixture(autouse=True)
def _policy(surroundings: Path) -> None:
    (surroundings / "policy.rung").write_text(PROVES)


def test_each_step_is_a_file_that_says_what_unsat_means(rung_: Rung) -> None:
    result = rung_(*EXPORT)
    assert (result.code, result.err) == (0, "wrote 3 steps of proofs to out\n")
    manifest = json.loads((OUT / "manifest.json").read_text())
    Draft202012Validator(json_schema("obligations")).validate(manifest)
    files = {each["file"]: each for part in manifest["properties"] for each in part["obligations"]}
    assert sorted(files) == ["in-order.001.smt2", "in-order.002.smt2", "in-order.003.smt2"]
    assert {path.name for path in OUT.iterdir()} == {*files, "manifest.json"}
    for name, step in files.items():
        content = (OUT / name).read_bytes()
        assert step["sha256"] == hashlib.sha256(content).hexdigest()
        head = content.decode().partition("(set-logic")[0]
        assert all(line.startswith(";") for line in head.splitlines())
        assert f"; unsat means that this is shown:\n;   {step['shows']}\n" in head
        assert '; property: "in order": always deployed(prod) implies deployed(dev) before' in head
        assert "(policy.rung:9)" in head
        assert f"; policy: ordered, {manifest['digest']}" in head
        assert ";   nothing changes an environment but what is decided here\n" in head
        assert "at-least" not in content.decode()
        assert recheck.answer(content.decode(), 60) == "unsat"
    shown = [files[name]["shows"] for name in sorted(files)]
    assert shown[0] == "the order holds at first, when nothing is deployed"
    assert shown[1].startswith("what enters by `promote dev -> qa` has earned health in `dev`")
    assert shown[2].startswith("by `promote qa -> prod` it is never so that in order: not so when")


def test_the_same_policy_makes_the_same_files(rung_: Rung) -> None:
    rung_(*EXPORT)
    rung_(*ARGUMENTS, "--export", "again", "--jobs", "1")
    assert {path.name: path.read_bytes() for path in OUT.iterdir()} == {
        path.name: path.read_bytes() for path in Path("again").iterdir()
    }


def test_an_earlier_export_gives_way(rung_: Rung) -> None:
    rung_(*EXPORT)
    Path("policy.rung").write_text(PROVES.replace('"in order"', '"one after the other"'))
    assert rung_(*EXPORT).code == 0
    assert {path.name.partition(".")[0] for path in OUT.iterdir()} == {"manifest", "one-after-the-other"}


@pytest.mark.parametrize("there", [{"mine": ""}, {"manifest.json": "{}"}, {"manifest.json": "[", "a": ""}])
def test_a_folder_that_holds_other_things_is_left_alone(rung_: Rung, there: dict[str, str]) -> None:
    OUT.mkdir()
    for name, text in there.items():
        (OUT / name).write_text(text)
    result = rung_(*EXPORT)
    assert (result.code, result.out) == (2, "")
    assert "`out` holds other things" in result.err
    assert {path.name: path.read_text() for path in OUT.iterdir()} == there


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("policy.rung", "not a directory"),
        ("", "no such file or directory"),
        ("a\0b", "no file can have this name"),
    ],
)
def test_a_folder_that_is_none(rung_: Rung, folder: str, said: str) -> None:
    result = rung_(*ARGUMENTS, "--export", folder)
    assert result.code == 2
    assert said in result.err


# ---------------------------------------------------------------- a second solver


RECHECK = (*ARGUMENTS, "--recheck", "cvc5")


def test_a_second_solver_agrees(rung_: Rung) -> None:
    result = rung_(*RECHECK)
    assert result.code == 0
    assert result.out.splitlines()[-2].endswith("agrees on 3 of 3 steps")
    told = json.loads(rung_(*RECHECK, "--format", "json").out)
    Draft202012Validator(json_schema("proofs")).validate(told)
    assert (told["recheck"]["asked"], told["recheck"]["agreed"]) == (3, 3)


@pytest.mark.parametrize(("said", "code"), [("sat", 4), ("unknown", 3)])
def test_a_second_solver_that_does_not_agree(
    rung_: Rung, monkeypatch: pytest.MonkeyPatch, said: str, code: int
) -> None:
    answers = iter(["unsat", said, "unsat"] * 2)
    monkeypatch.setattr(recheck, "side_by_side", lambda *arguments: [next(answers) for _ in range(3)])
    result = rung_(*RECHECK)
    assert result.code == code
    assert "what enters by `promote dev -> qa`" in " ".join(result.out.split())
    assert "agrees on 2 of 3 steps" in result.out
    assert rung_(*RECHECK, "--format", "json").code == code


def test_a_second_solver_that_is_not_installed(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = rung_(*RECHECK)
    assert (result.code, result.out) == (2, "")
    assert "cvc5 is not installed: `pip install 'rung[cvc5]'` brings it" in result.err


def test_a_refutation_stays_one_whatever_a_second_solver_says(rung_: Rung) -> None:
    Path("policy.rung").write_text(PROVES + "promote dev -> prod\nprove no-environment-skipped\n")
    assert rung_(*RECHECK).code == 1


def test_verdicts_follow_their_schema(rung_: Rung) -> None:
    Path("policy.rung").write_text(PROVES + "promote dev -> prod\nprove no-environment-skipped\n")
    told = json.loads(rung_("prove", "policy.rung", "--format", "json").out)
    Draft202012Validator(json_schema("proofs")).validate(told)
    assert told["recheck"] is None
    assert verdicts(told["verdicts"])["no-environment-skipped"] == "refuted"


def verdicts(found: Sequence[dict[str, str]]) -> dict[str, str]:
    return {each["property"]: each["verdict"] for each in found}
