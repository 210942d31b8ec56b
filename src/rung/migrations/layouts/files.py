"""Reads the files of a migration folder, or of a list, into `File`s, and refuses what no tool should run.

Nothing outside the named folder is read: links that leave it are errors, and so are folders that are links,
devices, text that is not UTF-8, and sizes no migration has.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rung.diagnostics import Diagnostic, Source
from rung.migrations.layouts.errors import migration_link, migration_unreadable
from rung.migrations.layouts.model import File
from rung.migrations.layouts.servers import without_server

MAX_FILE_BYTES = 16 * 1024 * 1024
MAX_FILES = 20_000
MAX_DEPTH = 8

_READ_SUFFIXES = (".sql", ".toml", ".conf", "manifest.json")


def read_files(paths: Sequence[Path]) -> tuple[list[File], list[Diagnostic]]:
    """The files of one folder, or the named files."""
    if len(paths) == 1 and _is(stat.S_ISDIR, paths[0]):
        return _read_folder(paths[0])
    return _read_list(paths)


def _read_folder(folder: Path) -> tuple[list[File], list[Diagnostic]]:
    """Every file below `folder` in the order of their paths, hidden ones left out."""
    files: list[File] = []
    diagnostics: list[Diagnostic] = []
    try:
        root = folder.resolve(strict=True)
        for found in _walk(folder, root, 0):
            if isinstance(found, Diagnostic):
                diagnostics.append(found)
                continue
            if len(files) == MAX_FILES:
                diagnostics.append(
                    migration_unreadable(str(folder), f"`{folder}` holds more than {MAX_FILES} files")
                )
                break
            _read_into(files, diagnostics, found, found.relative_to(folder).as_posix(), listed=False)
    except OSError as error:
        diagnostics.append(migration_unreadable(str(folder), f"`{folder}` cannot be read: {_reason(error)}"))
    return sorted(files, key=lambda file: file.path), diagnostics


def _read_list(paths: Sequence[Path]) -> tuple[list[File], list[Diagnostic]]:
    """The named files, in the order given; links are followed, since each file is named by the user."""
    files: list[File] = []
    diagnostics: list[Diagnostic] = []
    for path in paths:
        _read_into(files, diagnostics, path, path.as_posix(), listed=True)
    return files, diagnostics


def _walk(folder: Path, root: Path, depth: int) -> Iterator[Path | Diagnostic]:
    if depth > MAX_DEPTH:
        yield migration_unreadable(str(folder), f"`{folder}` is more than {MAX_DEPTH} folders deep")
        return
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    for entry in ordered:
        if entry.name.startswith("."):
            continue
        path = folder / entry.name
        if entry.is_symlink():
            yield _followed(path, root)
        elif entry.is_dir():
            yield from _walk(path, root, depth + 1)
        else:
            yield path


def _followed(link: Path, root: Path) -> Path | Diagnostic:
    """The link itself where it leads to a file inside `root`, else why it is refused."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return migration_link(str(link), f"the link `{link}` leads nowhere")
    if not target.is_relative_to(root):
        return migration_link(str(link), f"the link `{link}` leads out of the folder")
    if target.is_dir():
        return migration_link(str(link), f"the folder `{link}` is a link")
    return link


def _read_into(
    files: list[File], diagnostics: list[Diagnostic], path: Path, relative: str, *, listed: bool
) -> None:
    if not without_server(path.name).lower().endswith(_READ_SUFFIXES) and (
        not listed or _is(stat.S_ISREG, path)
    ):
        files.append(File(relative, str(path), None, listed))
        return
    content = _content(path)
    if isinstance(content, Diagnostic):
        diagnostics.append(content)
    else:
        files.append(File(relative, str(path), Source(str(path), content), listed))


def _content(path: Path) -> str | Diagnostic:
    try:
        # O_NONBLOCK: opening a named pipe must not wait for a writer
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return migration_unreadable(str(path), f"`{path}` is not a regular file")
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        return migration_unreadable(str(path), f"`{path}` cannot be read: {_reason(error)}")
    if len(data) > MAX_FILE_BYTES:
        return migration_unreadable(str(path), f"`{path}` is larger than {MAX_FILE_BYTES // 2**20} MiB")
    try:
        # utf-8-sig drops a byte order mark, so offsets count from the first character after it
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"`{path}` is not UTF-8 text (byte {error.start})"
        return migration_unreadable(str(path), message, "save the file as UTF-8")
    if "\0" in text:
        return migration_unreadable(str(path), f"`{path}` is not text: it holds a NUL character")
    return text


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    """Whether the path is of the kind; what cannot be looked at is of none, and reading it says why."""
    try:
        return kind(path.stat().st_mode)
    except OSError:
        return False


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
