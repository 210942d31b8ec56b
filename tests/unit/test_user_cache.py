"""The user's cache keeps bytes, and is empty rather than wrong, foreign or in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rung import user_cache
from rung.diagnostics import Source
from rung.syntax import language
from rung.syntax.parse import Parsed, parse

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the cache, below one that does not exist yet."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user" / "caches"))
    return tmp_path / "user" / "caches" / "rung"


def only_file(folder: Path) -> Path:
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    return file


def test_what_was_written_is_read() -> None:
    assert user_cache.read("kind", "key") is None
    user_cache.write("kind", "key", b"one")
    user_cache.write("kind", "key", b"two")
    user_cache.write("kind", "../other", b"three")
    assert user_cache.read("kind", "key") == b"two"
    assert user_cache.read("kind", "../other") == b"three"
    assert user_cache.read("other", "key") is None


def test_nobody_else_may_look_in(cache: Path) -> None:
    user_cache.write("kind", "key", b"data")
    assert [oct(path.stat().st_mode & 0o777) for path in (cache, cache / "kind")] == ["0o700", "0o700"]
    assert oct(only_file(cache).stat().st_mode & 0o777) == "0o600"


@pytest.mark.parametrize("damage", [b"", b"x", b"x" * 100])
def test_a_damaged_entry_is_none(cache: Path, damage: bytes) -> None:
    user_cache.write("kind", "key", b"data")
    only_file(cache).write_bytes(damage)
    assert user_cache.read("kind", "key") is None


def test_a_folder_that_others_can_write_to_is_not_trusted(cache: Path) -> None:
    user_cache.write("kind", "key", b"data")
    (cache / "kind").chmod(0o777)
    assert user_cache.read("kind", "key") is None


def test_a_link_is_not_followed(cache: Path, tmp_path: Path) -> None:
    user_cache.write("kind", "key", b"data")
    (cache / "kind").rename(tmp_path / "elsewhere")
    (cache / "kind").symlink_to(tmp_path / "elsewhere")
    assert user_cache.read("kind", "key") is None


def test_a_place_that_is_no_folder_keeps_nothing(cache: Path) -> None:
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    user_cache.write("kind", "key", b"data")
    assert user_cache.read("kind", "key") is None


def test_the_oldest_entries_give_way(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_cache, "MOST_ENTRIES", 3)
    for number in range(10):
        user_cache.write("kind", str(number), b"data")
    assert len(list((cache / "kind").iterdir())) == 3


@pytest.mark.parametrize(
    ("platform", "variables", "place"),
    [
        ("linux", {"XDG_CACHE_HOME": "/caches"}, "/caches/rung"),
        ("linux", {"XDG_CACHE_HOME": ""}, "/home/ana/.cache/rung"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, "/home/ana/.cache/rung"),
        ("linux", {"XDG_CACHE_HOME": "", "HOME": "relative"}, None),
        ("darwin", {}, "/home/ana/Library/Caches/rung"),
    ],
)
def test_the_place_is_the_platforms(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], place: str | None
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name, value in {"HOME": "/home/ana", **variables}.items():
        monkeypatch.setenv(name, value)
    assert user_cache.folder() == place


TEXT = 'rung 1\npolicy "p"\nenvironment a\nenviroment b\ngate g { require a == 1 }\n'


def fresh() -> Parsed:
    """What a new process would read, from the cache if there is one."""
    language.language.cache_clear()
    try:
        return parse(Source("p.rung", TEXT))
    finally:
        language.language.cache_clear()


def test_a_parser_from_the_cache_reads_the_same(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fresh()
    assert only_file(cache).is_file()
    monkeypatch.setattr(language, "Lark", NoNewParser)
    assert fresh() == first


class NoNewParser(language.Lark):
    """A parser that may be restored, not made."""

    def __init__(self, *_: object, **__: object) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", b"cos\nsystem\n(S'echo harm'\ntR.", b"\x80\x04}.", b"\x80\x04K\x01."],
    ids=["empty", "garbage", "code", "no parser", "a number"],
)
def test_no_entry_changes_what_is_read(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = fresh()
    monkeypatch.setattr(user_cache, "read", lambda kind, key: content)
    assert fresh() == expected


def test_a_cache_that_cannot_be_written_changes_nothing(cache: Path) -> None:
    expected = fresh()
    only_file(cache).unlink()
    (cache / "grammar").rmdir()
    (cache / "grammar").write_text("in the way")
    assert fresh() == expected
