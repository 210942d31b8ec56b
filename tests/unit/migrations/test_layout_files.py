"""What is refused before any layout sees it: links that lead out, devices, what is no text or too much."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rung.migrations.layouts import files, read_migrations


def codes(*paths: Path) -> list[str]:
    return [diagnostic.code for diagnostic in read_migrations(list(paths)).diagnostics]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "migrations"
    inside.mkdir()
    (inside / "1_a.sql").write_text("select 1;")
    return inside


def test_a_folder_that_is_itself_a_link_is_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    assert codes(tmp_path / "link") == []


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.sql").write_text("select 'secret';")
    (folder / "2_b.sql").symlink_to(tmp_path / "secret.sql")
    result = read_migrations([folder])
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["migration-link"]
    assert result.migrations == ()
    assert "secret" not in str(result)


def test_a_link_inside_the_folder_is_followed(folder: Path) -> None:
    (folder / "2_b.sql").symlink_to("1_a.sql")
    assert [migration.name for migration in read_migrations([folder]).migrations] == ["1_a", "2_b"]


def test_a_folder_below_that_is_a_link_is_refused(folder: Path) -> None:
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    assert codes(folder) == ["migration-link"]


@pytest.mark.parametrize("target", ["nowhere.sql", "2_b.sql"])
def test_a_link_that_leads_nowhere_is_refused(folder: Path, target: str) -> None:
    (folder / "2_b.sql").symlink_to(target)
    assert codes(folder) == ["migration-link"]


@pytest.mark.parametrize("content", [b"\xff\xfes\0e\0l\0", b"select 1;\0", b"caf\xe9"])
def test_what_is_not_text_is_refused(folder: Path, content: bytes) -> None:
    (folder / "2_b.sql").write_bytes(content)
    assert codes(folder) == ["migration-unreadable"]


def test_a_named_pipe_is_refused_without_waiting(folder: Path) -> None:
    os.mkfifo(folder / "2_b.sql")
    assert codes(folder) == ["migration-unreadable"]


def test_a_file_that_is_too_large_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 4)
    assert codes(folder) == ["migration-unreadable"]


def test_too_many_files_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILES", 1)
    (folder / "2_b.sql").write_text("")
    assert codes(folder) == ["migration-unreadable"]


def test_folders_too_deep_are_refused(folder: Path) -> None:
    deep = folder.joinpath(*"abcdefghij")
    deep.mkdir(parents=True)
    assert codes(folder) == ["migration-unreadable"]


@pytest.mark.parametrize("name", ["nowhere", "n" * 5000])
def test_a_path_that_does_not_exist_is_named(tmp_path: Path, name: str) -> None:
    result = read_migrations([tmp_path / name])
    assert [diagnostic.code for diagnostic in result.diagnostics] == ["migration-unreadable"]


def test_a_file_in_a_list_that_does_not_exist_is_an_error(folder: Path) -> None:
    assert codes(folder / "1_a.sql", folder / "2_b.sql") == ["migration-unreadable"]


def test_hidden_files_are_no_migrations(folder: Path) -> None:
    (folder / ".2_b.sql").write_bytes(b"\0")
    assert codes(folder) == []
