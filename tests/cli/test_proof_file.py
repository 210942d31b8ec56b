"""The proof file: written by `rung prove --write`, believed by `rung decide`, not by `rung prove --check`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import rung
from rung.inputs.schema import json_schema
from rung.report import json_schema as report_schema
from tests.cli.conftest import AT, Rung, rewrite
from tests.cli.test_process import imported

PROVES = "prove no-environment-skipped\nprove built-once\n"
FILES = ("policy.rung", "proposal.json", "facts.json")
DECIDE = ("decide", *FILES, "--at", AT)
WRITE, CHECK = ("prove", "policy.rung", "--write"), ("prove", "policy.rung", "--check")
PROOF = Path("policy.proof.json")
ORDERED = """\
rung 1
policy "ordered"
environment dev
environment qa after dev
environment prod after qa
admit build -> dev
promote dev -> qa
promote qa -> prod
prove "in order": always deployed(prod) implies deployed(dev) before deployed(prod)
"""

pytestmark = pytest.mark.usefixtures("starters")


@pytest.fixture(autouse=True)
def _demands(starters: dict[str, Any]) -> None:
    """The policy that `rung init` writes, with something to prove."""
    add(PROVES)


def add(text: str) -> None:
    with Path("policy.rung").open("a") as file:
        file.write(text)


def proof() -> Any:
    return json.loads(PROOF.read_text())


# ---------------------------------------------------------------- writing


def test_it_says_what_is_proved_and_of_what(rung_: Rung) -> None:
    result = rung_(*WRITE)
    assert (result.code, result.err) == (0, "wrote policy.proof.json\n")
    Draft202012Validator(json_schema("proof")).validate(proof())
    assert [(each["property"], each["verdict"]) for each in proof()["verdicts"]] == [
        ("no-environment-skipped", "proved"),
        ("built-once", "proved"),
    ]
    assert proof()["versions"].keys() == {"rung", "language", "z3", "tzdata"}
    assert "nothing changes an environment but what is decided here" in proof()["assumptions"]


def test_it_is_the_same_whenever_it_is_written(rung_: Rung) -> None:
    rung_(*WRITE)
    first = PROOF.read_text()
    Path("policy.rung").write_text("# a comment\n" + Path("policy.rung").read_text())
    rung_(*WRITE, "--jobs", "1")
    assert PROOF.read_text() == first


def test_it_holds_what_a_proof_rests_on(rung_: Rung) -> None:
    Path("policy.rung").write_text(ORDERED)
    assert rung_(*WRITE).code == 0
    assert proof()["verdicts"][0]["order"] == ["dev before qa"]
    assert rung_(*CHECK).code == 0


def test_what_is_refuted_or_unknown_is_written_as_well(rung_: Rung) -> None:
    add("promote staging -> prod\nprove every-gate-counted on prod { signed_off }\n")
    assert rung_(*WRITE).code == 1
    assert [each["verdict"] for each in proof()["verdicts"]] == ["proved", "proved", "refuted"]
    assert "signed_off" in proof()["verdicts"][2]["reason"]


def test_what_the_policy_does_not_demand_is_not_in_it(rung_: Rung) -> None:
    assert "Not demanded by the policy" in rung_(*WRITE).out
    assert len(proof()["verdicts"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*WRITE, "--property", "built-once"), "without `--property`"),
        (("prove", "-", "--write"), "`--write` needs a policy in a file"),
        (("prove", "-", "--check"), "`--check` needs a policy in a file"),
        ((*CHECK, "--write"), "without `--write`"),
        ((*CHECK, "--export", "new"), "without `--export`"),
        ((*CHECK, "--property", "built-once"), "without `--property`"),
    ],
)
def test_options_that_do_not_go_together(rung_: Rung, arguments: tuple[str, ...], said: str) -> None:
    result = rung_(*arguments, stdin=Path("policy.rung").read_text())
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not PROOF.exists()


def test_a_policy_that_demands_nothing_has_no_proof(rung_: Rung) -> None:
    Path("policy.rung").write_text(Path("policy.rung").read_text().replace(PROVES, ""))
    for arguments in (WRITE, CHECK):
        result = rung_(*arguments)
        assert (result.code, result.out) == (2, "")
        assert "nothing waits for a proof" in result.err
    assert rung_(*DECIDE).code == 0


def test_a_place_where_nothing_can_be_written(rung_: Rung) -> None:
    PROOF.mkdir()
    result = rung_(*WRITE)
    assert result.code == 2
    assert "cannot write `policy.proof.json`: is a directory" in result.err


# ---------------------------------------------------------------- deciding


def test_with_a_proof_all_is_as_without_demands(rung_: Rung) -> None:
    rung_(*WRITE)
    result = rung_(*DECIDE)
    assert (result.code, result.out.split()[0]) == (0, "ALLOWED")
    assert "proved" not in result.out
    assert "✓ 2 properties are proved (policy.proof.json)" in rung_(*DECIDE, "-v").out


def test_a_promotion_waits_for_a_proof(rung_: Rung) -> None:
    result = rung_(*DECIDE)
    lines = result.out.splitlines()
    assert (result.code, lines[0].split()[0]) == (3, "UNDECIDED")
    assert lines[1] == "It would be allowed by `promote staging -> prod`, but the policy is not proved."
    assert lines[-6:-2] == [
        "Missing:",
        "  • a proof of what the policy demands: cannot read `policy.proof.json`: no such file or directory",
        "",
        "Run `rung prove policy.rung --write`.",
    ]


def test_an_admission_waits_as_well(rung_: Rung, starters: dict[str, Any]) -> None:
    proposal = starters["proposal.json"] | {"lane": "admit", "from": "build", "target": "staging"}
    rewrite("proposal.json", proposal)
    assert rung_(*DECIDE).code == 3
    rung_(*WRITE)
    assert rung_(*DECIDE).code == 0


def test_a_hotfix_does_not_wait_and_the_verdict_says_so(rung_: Rung, starters: dict[str, Any]) -> None:
    add("hotfix staging -> prod { require tests_pass }\n")
    rewrite("proposal.json", starters["proposal.json"] | {"lane": "hotfix"})
    result = rung_(*DECIDE)
    assert (result.code, result.out.split()[0]) == (0, "ALLOWED")
    assert "! the policy is not proved; hotfix does not wait for that:" in result.out
    assert "cannot read `policy.proof.json`" in result.out
    told = json.loads(rung_(*DECIDE, "--format", "json").out)
    assert (told["allowed"], told["proof"]["state"]) == (True, "missing")


def test_what_is_denied_stays_denied(rung_: Rung, starters: dict[str, Any]) -> None:
    facts = starters["facts.json"]
    facts["approvals"] = []
    rewrite("facts.json", facts)
    result = rung_(*DECIDE)
    assert (result.code, result.out.split()[0]) == (1, "DENIED")
    assert "! the policy is not proved:" in result.out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("coverage >= 80%", "coverage >= 70%", "changed since it was proved: gates"),
        ("require tests_pass, signed_off }", "require signed_off }", "changed since it was proved: routes"),
        ("prove built-once\n", "", "changed since it was proved: properties"),
        ("at least 1 approval", "# a comment\n    at least 1 approval", ""),
    ],
)
def test_a_proof_is_of_one_policy(rung_: Rung, old: str, new: str, said: str) -> None:
    rung_(*WRITE)
    text = Path("policy.rung").read_text()
    assert old in text
    Path("policy.rung").write_text(text.replace(old, new))
    result = rung_(*DECIDE)
    assert result.code == (3 if said else 0)
    assert said in " ".join(result.out.split())
    assert rung_(*CHECK).code == (3 if said else 0)


def test_a_proof_is_of_what_the_policy_refines_as_well(rung_: Rung) -> None:
    base = ORDERED.partition("prove")[0]
    Path("base.rung").write_text(base)
    Path("policy.rung").write_text(ORDERED + 'prove refines "base.rung"\n')
    rung_(*WRITE)
    assert "changed" not in rung_(*CHECK).err
    Path("base.rung").write_text(base + "# a comment\n")
    assert "changed" not in rung_(*CHECK).err
    Path("base.rung").write_text(base + "promote dev -> prod\n")
    result = rung_(*CHECK)
    assert result.code == 3
    assert "changed since it was proved: what base.rung says" in result.err


def test_a_proof_of_another_version_of_rung_says_so(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    rung_(*WRITE)
    monkeypatch.setattr(rung, "__version__", "7.0.0")
    result = rung_(*DECIDE)
    assert result.code == 3
    assert "it is about Rung 0.1.0, and this is 7.0.0" in result.out


def test_a_promotion_waits_where_something_is_refuted(rung_: Rung) -> None:
    add("promote staging -> prod\nprove every-gate-counted on prod { signed_off }\n")
    rung_(*WRITE)
    result = rung_(*DECIDE)
    assert result.code == 3
    said = " ".join(result.out.split())
    assert "demands: refuted: every-gate-counted on prod { signed_off } (a release enters `prod`" in said
    assert "Run `rung prove policy.rung`." in said


def test_proved_without_a_waiver_is_enough_and_is_said(rung_: Rung) -> None:
    add(
        "prove separation-of-duties on prod { author, approver }\n"
        'waive signed_off on prod as "W-7" by "ana@example.com"\n'
        '    from 2026-03-01 until 2026-04-01 because "offsite"\n'
    )
    assert rung_(*WRITE).code == 0
    assert proof()["verdicts"][2]["without_waivers"] == ["W-7"]
    result = rung_(*DECIDE)
    assert result.code == 0
    assert "! proved without W-7, refuted with it: separation-of-duties on prod" in result.out
    assert rung_(*CHECK).code == 0


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": "rung.facts/1"}', "<<<<<<< HEAD", "\x00"])
def test_what_is_no_proof_file_is_none(rung_: Rung, text: str, starters: dict[str, Any]) -> None:
    PROOF.write_text(text)
    result = rung_(*DECIDE)
    assert result.code == 3
    assert "`policy.proof.json` is no proof file" in " ".join(result.out.split())
    add("hotfix staging -> prod { require tests_pass }\n")
    rewrite("proposal.json", starters["proposal.json"] | {"lane": "hotfix"})
    assert rung_(*DECIDE).code == 0
    result = rung_(*CHECK)
    assert (result.code, result.out) == (3, "")
    assert "`policy.proof.json` is no proof file" in result.err


def test_a_proof_speaks_of_the_years_that_it_covers(rung_: Rung, starters: dict[str, Any]) -> None:
    rung_(*WRITE)
    text = json.dumps([starters["proposal.json"], starters["facts.json"]]).replace("2026-", "2041-")
    for name, data in zip(("proposal.json", "facts.json"), json.loads(text), strict=True):
        rewrite(name, data)
    result = rung_("decide", *FILES, "--at", AT.replace("2026", "2041"))
    assert result.code == 3
    said = " ".join(result.out.split())
    assert "proofs speak of decisions from 2025-01-01 00:00 UTC to 2036-01-01 00:00 UTC" in said


def test_a_policy_from_standard_input_has_a_proof_only_by_name(rung_: Rung) -> None:
    rung_(*WRITE)
    text = Path("policy.rung").read_text()
    arguments = ("decide", "-", *FILES[1:], "--at", AT)
    result = rung_(*arguments, stdin=text)
    assert result.code == 3
    assert "name one with `--proof`" in result.out
    assert rung_(*arguments, "--proof", "policy.proof.json", stdin=text).code == 0
    assert rung_(*arguments, "--proof", "missing.json", stdin=text).code == 3


@pytest.mark.parametrize("prepare", [lambda: None, lambda: PROOF.write_text("{"), PROOF.mkdir])
def test_a_decision_for_programs_follows_its_schema(rung_: Rung, prepare: Callable[[], object]) -> None:
    validator = Draft202012Validator(report_schema.json_schema("decision"))
    prepare()
    told = json.loads(rung_(*DECIDE, "--format", "json").out)
    validator.validate(told)
    assert (told["allowed"], told["verdict"], told["proof"]["state"]) == (False, "undecided", "missing")
    assert told["proof"]["remedy"] == "rung prove policy.rung --write"
    assert told["missing"][0]["text"].startswith("a proof of what the policy demands")


def test_no_solver_is_loaded(rung_: Rung) -> None:
    rung_(*WRITE)
    rung_(*DECIDE)
    modules = imported(*DECIDE)
    assert "rung.inputs.proof" in modules
    assert modules.isdisjoint({"z3", "lark", "rung.prove.prover", "rung.syntax.parse"})


# ---------------------------------------------------------------- checking


def test_what_holds_is_checked_without_looking_for_it(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    from rung.prove import entries, stories

    Path("policy.rung").write_text(ORDERED)
    rung_(*WRITE)

    def refuse(*arguments: object) -> None:
        raise AssertionError("it is looked for")

    monkeypatch.setattr(entries, "kept", refuse)
    monkeypatch.setattr(stories.Stories, "find", refuse)
    result = rung_(*CHECK)
    assert (result.code, result.out.splitlines()[-1]) == (0, "1 property: 1 proved, 0 refuted, 0 unknown")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda file: file["verdicts"][0].update(property="built-once"),
            'where the policy demands `"in order',
        ),
        (lambda file: file["verdicts"][0].update(without_waivers=["W-9"]), "it speaks of `W-9`"),
        (lambda file: file["verdicts"][0].update(excepted_lanes=["hotfix"]), "it excepts other lanes"),
        (lambda file: file["verdicts"][0].update(order=["dev before quay"]), "it rests on `dev before quay`"),
        (lambda file: file["verdicts"][0].update(order=["dev"]), "it rests on `dev`"),
        (lambda file: file["verdicts"].pop(), "it has 0 verdicts, and the policy demands 1"),
        (lambda file: file["verdicts"].append(file["verdicts"][0]), "it has 2 verdicts"),
        (lambda file: file["verdicts"][0].update(verdict="prooved"), "is no proof file: "),
        (lambda file: file["verdicts"][0].update(more=1), "is no proof file: "),
        (lambda file: file["assumptions"].pop(), "it takes other things for granted than proofs do"),
        (lambda file: file["assumptions"].append("the moon is full"), "it takes other things for granted"),
        (lambda file: file.update(digest="sha256:" + "0" * 64), "its digest is not that of its parts"),
        (lambda file: file["identity"].update(gates="1"), "changed since it was proved: gates"),
        (lambda file: file["identity"].pop("gates"), "changed since it was proved: gates"),
        (
            lambda file: file["identity"].update(horizon="2025-01-01/2099-01-01"),
            "changed since it was proved: horizon",
        ),
        (lambda file: file.update(schema="rung.proof/2"), "rung.proof/1"),
    ],
)
def test_a_file_that_is_not_about_the_policy_is_as_good_as_none(
    rung_: Rung, starters: dict[str, Any], change: Callable[[Any], object], said: str
) -> None:
    """Whoever believes it and whoever checks it say the same."""
    add('prove "in order": always deployed(prod) implies deployed(staging)\n')
    text = Path("policy.rung").read_text()
    Path("policy.rung").write_text(text.replace(PROVES, ""))
    rung_(*WRITE)
    assert (rung_(*DECIDE).code, rung_(*CHECK).code) == (0, 0)
    file = proof()
    change(file)
    PROOF.write_text(json.dumps(file))
    result = rung_(*DECIDE)
    assert result.code == 3
    assert said in " ".join(result.out.split())
    assert "Run `rung prove policy.rung --write`." in result.out
    result = rung_(*CHECK)
    assert (result.code, result.out) == (3, "")
    assert said in " ".join(result.err.split())
    assert result.err.endswith("`rung prove policy.rung --write` makes one\n")


def test_layout_is_no_other_policy(rung_: Rung) -> None:
    add("prove every-gate-counted on {staging} {tests_pass,} # one\n")
    rung_(*WRITE)
    rung_("fmt", "policy.rung")
    assert "{staging}" not in Path("policy.rung").read_text()
    assert (rung_(*DECIDE).code, rung_(*CHECK).code) == (0, 0)


def test_a_claim_that_does_not_hold_is_found(rung_: Rung) -> None:
    skips = 'promote dev -> prod\nprove "in order": always deployed(prod) implies deployed(qa)\n'
    Path("policy.rung").write_text(ORDERED.partition("prove")[0] + skips)
    rung_(*WRITE)
    file = proof()
    file["verdicts"][0] = {"property": file["verdicts"][0]["property"], "verdict": "proved"}
    PROOF.write_text(json.dumps(file))
    result = rung_(*CHECK)
    assert result.code == 1
    assert "the file claims that it is proved" in " ".join(result.out.split())


@pytest.mark.parametrize("content", [b"\xff", b"\xef\xbb\xbf{}", b"{" * 100_000])
def test_what_is_no_text_is_no_proof_file(rung_: Rung, content: bytes) -> None:
    PROOF.write_bytes(content)
    assert rung_(*DECIDE).code == 3
    result = rung_(*CHECK)
    assert (result.code, result.out) == (3, "")
    assert "policy.proof.json" in result.err


def test_a_mistake_of_the_policy_comes_first(rung_: Rung) -> None:
    add("promote staging -> nowhere\n")
    PROOF.write_text("{")
    assert rung_(*CHECK).code == 2


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ([], "it was not shown again"),
        (["qa before dev"], "histories do not keep the order"),
        (["dev before qa", "qa before dev"], "histories do not keep the order"),
    ],
)
def test_an_order_that_histories_do_not_keep_proves_nothing(rung_: Rung, order: list[str], said: str) -> None:
    Path("policy.rung").write_text(ORDERED)
    rung_(*WRITE)
    file = proof()
    file["verdicts"][0]["order"] = order
    PROOF.write_text(json.dumps(file))
    result = rung_(*CHECK)
    assert result.code == 1
    assert said in " ".join(result.out.split())


def test_an_honest_refutation_is_no_mistake_and_no_success(rung_: Rung) -> None:
    add("promote staging -> prod\nprove every-gate-counted on prod { signed_off }\n")
    rung_(*WRITE)
    result = rung_(*CHECK)
    assert (result.code, "claims" in result.out) == (1, False)


def test_without_a_file_nothing_is_checked(rung_: Rung) -> None:
    result = rung_(*CHECK)
    assert (result.code, result.out) == (3, "")
    assert result.err == (
        "error: cannot read `policy.proof.json`: no such file or directory; "
        "`rung prove policy.rung --write` makes one\n"
    )
