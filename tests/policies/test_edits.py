"""Edits of the worked policies, and how each policy stands to the one that it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung.diagnostics import Source
from rung.engine import PolicyText, load
from rung.explain.comparison import Comparison, comparison
from rung.policy import model
from rung.prove.compare import compare_all

POLICIES = Path(__file__).parents[2] / "policies"
W_9 = """
waive signed_off on prod as "W-9" by "ana@example.com" from 2026-11-26 until 2026-12-02 because "holidays"
"""
EDITS = {
    # what: (the policy, what is replaced, by what, how the edited policy stands to it)
    "a comment": ("standard-model", "# Who decides.", "# Who decides, and who does not.", "same"),
    "lines in another order": (
        "standard-model",
        "    require artifact_scan.critical == 0\n    require artifact_scan.secrets == 0\n",
        "    require artifact_scan.secrets == 0\n    require artifact_scan.critical == 0\n",
        "same",
    ),
    "a gate renamed": ("standard-model", "signed_off", "released", "same"),
    "lower coverage": ("standard-model", "percent = 80%", "percent = 70%", "looser"),
    "higher coverage": ("standard-model", "percent = 80%", "percent = 85%", "tighter"),
    "one approval less": (
        "standard-model",
        "at least 2 approvals from release_managers",
        "at least 1 approval from release_managers",
        "looser",
    ),
    "no soak": ("standard-model", "    require healthy in staging for 24h\n", "", "looser"),
    "a freeze that spares more": (
        "saas",
        "    sparing rollback, hotfix\n    when",
        "    sparing rollback, hotfix, promote\n    when",
        "looser",
    ),
    "a freeze that begins earlier": ("saas", "2026-12-03 06:00", "2026-12-03 05:00", "tighter"),
    "any of instead of all of": (
        "standard-model",
        "promote all of { staging, performance }",
        "promote any of { staging, performance }",
        "looser",
    ),
    "a way past staging": (
        "standard-model",
        "rollback prod within",
        "promote qa -> prod { require signed_off }\nrollback prod within",
        "looser",
    ),
    "a longer deadline": ("standard-model", "owes backport within 72h", "owes backport within 96h", "looser"),
    "a shorter deadline": ("standard-model", "owes review within 48h", "owes review within 24h", "tighter"),
    "a waiver": ("standard-model", "\nprove built-once", W_9 + "prove built-once", "looser"),
    "one person more who approves": (
        "standard-model",
        '"bo@example.com", "chen@example.com" }',
        '"bo@example.com", "chen@example.com", "gil@example.com" }',
        "looser",
    ),
    "one person fewer who exposes": (
        "saas",
        '{ "pia@example.com", "quy@example.com" }',
        '{ "pia@example.com" }',
        "tighter",
    ),
    "further back": ("saas", "rollback prod within 5 releases", "rollback prod within 6 releases", "looser"),
    "further back, where migrations must go with it": (
        "standard-model",
        "rollback prod within 3 releases",
        "rollback prod within 4 releases",
        "incomparable",
    ),
    "a shorter hold": ("standard-model", "step 5% hold 30m", "step 5% hold 10m", "looser"),
    "no hotfix, whose debts are let off": (
        "payments",
        """hotfix staging_eu -> prod {
    require tests_pass, no migrations
    require at least 1 approval from release_managers except authors no older than 1h
    owes backport within 72h { require once healthy in dev }
    owes review within 48h { require at least 1 approval from auditors }
}
""",
        "",
        "incomparable",
    ),
    "people may deploy": (
        "saas",
        "sparing rollback when actor is person",
        "sparing rollback, hotfix when actor is person",
        "looser",
    ),
}


def read(name: str, text: str) -> model.Policy:
    loaded = load(PolicyText(Source(name, text), str(POLICIES), str(POLICIES)))
    assert loaded.policy is not None, loaded.mistakes
    return loaded.policy


def compared(name: str, replaced: str, by: str) -> Comparison:
    text = (POLICIES / f"{name}.rung").read_text(encoding="utf-8")
    assert replaced in text, "the policy is another one by now"
    texts = {"old.rung": text, "new.rung": text.replace(replaced, by)}
    if name == "payments":
        texts["new.rung"] = texts["new.rung"].replace("prove possible: deployed(prod) by hotfix\n", "")
    old, new = (read(*each) for each in texts.items())
    sources = {each: Source(each, content) for each, content in texts.items()}
    return comparison(old, new, compare_all(old, new, 60.0, 1), sources)


@pytest.mark.parametrize(("name", "replaced", "by", "relation"), EDITS.values(), ids=EDITS)
def test_an_edit(name: str, replaced: str, by: str, relation: str) -> None:
    found = compared(name, replaced, by)
    assert not found.broken
    assert found.relation == relation
    assert found.looser == (relation in ("looser", "incomparable"))


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.rung")), ids=lambda path: path.stem)
def test_a_policy_is_what_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    policy = read(path.name, text)
    again = read("again.rung", "\n" + text.replace("rung 1", "rung 1\n# the same", 1).lstrip("\n"))
    assert all(each.same for each in compare_all(policy, again, 60.0, 1))
