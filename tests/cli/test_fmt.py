"""`rung fmt`: files in their canonical form, or left as they are."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Rung

UGLY = 'rung   1\npolicy "p"\nenvironment    prod # here\n'
PRETTY = 'rung 1\npolicy "p"\nenvironment prod  # here\n'
BROKEN = 'rung 1\npolicy "p"\nenvironment\n'


def test_a_file_is_formatted_in_place_and_keeps_its_mode(rung_: Rung) -> None:
    path = Path("p.rung")
    path.write_text(UGLY)
    path.chmod(0o640)
    assert rung_("fmt", "p.rung") == (0, "", "")
    assert path.read_text() == PRETTY
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in Path().iterdir()] == ["p.rung"]


def test_a_link_stays_a_link(rung_: Rung) -> None:
    Path("p.rung").write_text(UGLY)
    Path("link.rung").symlink_to("p.rung")
    assert rung_("fmt", "link.rung").code == 0
    assert Path("link.rung").is_symlink()
    assert Path("p.rung").read_text() == PRETTY


def test_a_file_in_its_canonical_form_is_not_touched(rung_: Rung) -> None:
    Path("p.rung").write_text(PRETTY)
    before = Path("p.rung").stat()
    assert rung_("fmt", "p.rung").code == 0
    assert Path("p.rung").stat().st_ino == before.st_ino


def test_check_lists_what_would_change_and_changes_nothing(rung_: Rung) -> None:
    Path("ugly.rung").write_text(UGLY)
    Path("pretty.rung").write_text(PRETTY)
    assert rung_("fmt", "--check", "ugly.rung", "pretty.rung") == (1, "would change ugly.rung\n", "")
    assert Path("ugly.rung").read_text() == UGLY
    assert rung_("fmt", "--check", "pretty.rung") == (0, "", "")


def test_diff_shows_what_would_change_and_changes_nothing(rung_: Rung) -> None:
    Path("p.rung").write_text(UGLY)
    result = rung_("fmt", "--diff", "p.rung")
    assert result.code == 0
    assert "-environment    prod # here\n+environment prod  # here\n" in result.out
    assert Path("p.rung").read_text() == UGLY
    assert rung_("fmt", "--diff", "--check", "p.rung").code == 1


def test_standard_input_goes_to_standard_output(rung_: Rung) -> None:
    assert rung_("fmt", "-", stdin=UGLY) == (0, PRETTY, "")


def test_a_file_with_mistakes_stays_and_the_others_are_formatted(rung_: Rung) -> None:
    Path("broken.rung").write_text(BROKEN)
    Path("p.rung").write_text(UGLY)
    result = rung_("fmt", "broken.rung", "p.rung", "missing.rung")
    assert result.code == 2
    assert Path("broken.rung").read_text() == BROKEN
    assert Path("p.rung").read_text() == PRETTY
    assert "error[unexpected-text]" in result.out
    assert "cannot read `missing.rung`" in result.out
    assert result.out.endswith("not formatted: 2 errors\n")


def test_a_folder_that_cannot_be_written_is_one_line(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("p.rung").write_text(UGLY)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    result = rung_("fmt", "p.rung")
    assert result == (2, "", "error: cannot write `p.rung`: permission denied\n")
    assert Path("p.rung").read_text() == UGLY
