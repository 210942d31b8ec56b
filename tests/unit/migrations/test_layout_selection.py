"""Which migrations a rollout runs: between revisions named in any usual way, or added by a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung.diagnostics import Diagnostic, Source
from rung.migrations.layouts import Migration, Script, Selection, difference, select


def step(version: str, name: str, text: str = "") -> Migration:
    return Migration(
        version, name, f"migrations/{name}.sql", (Script(Source(name, text), 0, text, "statements"),)
    )


HISTORY = [
    step("001", "001_crates"),
    step("002", "002_owners"),
    step("0a1b2c", "0a1b2c_x"),
    step("0a1bff", "y"),
]


def names(selection: Selection | Diagnostic) -> list[str]:
    assert isinstance(selection, Selection), selection
    return [migration.name for migration in selection.rollout]


@pytest.mark.parametrize("revision", ["001", "1", "001_crates", "migrations/001_crates.sql", "0-0-1"])
def test_a_revision_goes_by_many_names(revision: str) -> None:
    assert names(select(HISTORY, revision, "002")) == ["002_owners"]


def test_the_folder_of_a_version_names_its_last_migration() -> None:
    history = [step(name, name) for name in ("0.1/1_a", "0.1/2_b", "0.10/1_c", "0.2/1_d")]
    assert names(select(history, "0.1", "0.10")) == ["0.10/1_c"]


def test_the_ends_have_names(tmp_path: Path) -> None:
    assert names(select(HISTORY, None, None)) == names(select(HISTORY, "base", "head"))
    assert len(names(select(HISTORY, None, None))) == 4
    assert names(select(HISTORY, "head", None)) == []


def test_what_ran_before_is_kept() -> None:
    selection = select(HISTORY, "002", None)
    assert isinstance(selection, Selection)
    assert [migration.version for migration in selection.before] == ["001", "002"]


def test_the_beginning_of_a_version_names_it_where_it_is_the_only_one() -> None:
    assert names(select(HISTORY, None, "0a1b2"))[-1] == "0a1b2c_x"
    ambiguous = select(HISTORY, None, "0a1b")
    assert isinstance(ambiguous, Diagnostic)
    assert ambiguous.code == "revision-ambiguous"


@pytest.mark.parametrize(
    ("revision", "hint"),
    [("001_crate", "did you mean `001_crates`?"), ("zzz", "the revisions go from `001` to `0a1bff`")],
)
def test_an_unknown_revision_gets_a_hint(revision: str, hint: str) -> None:
    unknown = select(HISTORY, revision, None)
    assert isinstance(unknown, Diagnostic)
    assert (unknown.code, unknown.hint) == ("revision-unknown", hint)


def test_revisions_the_wrong_way_round_are_an_error() -> None:
    wrong = select(HISTORY, "002", "001")
    assert isinstance(wrong, Diagnostic)
    assert (wrong.code, wrong.hint) == ("revision-order", "did you mean --from 001 --to 002?")


def test_the_difference_of_two_folders_is_what_the_later_adds() -> None:
    added = difference(HISTORY[:2], HISTORY)
    assert isinstance(added, Selection)
    assert names(added) == ["0a1b2c_x", "y"]


def test_what_has_run_may_neither_change_nor_vanish() -> None:
    problems = difference(HISTORY[:2], [step("002", "002_owners", "changed")])
    assert isinstance(problems, list)
    assert [problem.code for problem in problems] == ["migration-vanished", "migration-changed"]
