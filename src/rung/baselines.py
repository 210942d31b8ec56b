"""Defines how the baselines that a policy uses are found and read, each before the files that use it.

Paths are relative to the file that uses them and stay within a root folder. What is read is exactly what was
checked: no symbolic link is followed on the way.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rung.diagnostics import Diagnostic, Source
from rung.policy import errors
from rung.policy.files import name_beside

if TYPE_CHECKING:
    from rung.syntax import tree

MOST_FILES = 64
MOST_BYTES = 16 * 1024 * 1024  # the parser refuses shorter texts already


@dataclass
class Collected:
    """A policy's files, baselines first and the policy itself last; or all that is wrong with them.

    `paths` are where the baselines were read, in the order of `sources` without the policy.
    """

    files: list[tree.PolicyFile] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    mistakes: list[Diagnostic] = field(default_factory=list)


def collect(source: Source, folder: str, root: str) -> Collected:
    """Read a policy that stands in `folder`, and all baselines that it uses, within `root`."""
    found = Collected()
    _visit(source, os.path.realpath(folder), os.path.realpath(root), found, (), "")
    return found


def _visit(
    source: Source, folder: str, root: str, found: Collected, users: tuple[str, ...], path: str
) -> None:
    from rung.syntax import tree
    from rung.syntax.parse import parse

    parsed = parse(source)
    found.mistakes.extend(parsed.diagnostics)
    if parsed.file is None:
        found.sources.append(source)
        return
    for statement in parsed.file.statements:
        if isinstance(statement, tree.Use):
            _use(statement, source, folder, root, found, (*users, path))
    if path:
        found.paths.append(path)
    found.files.append(parsed.file)
    found.sources.append(source)


def _use(
    node: tree.Use, user: Source, folder: str, root: str, found: Collected, users: tuple[str, ...]
) -> None:
    wanted = os.path.normpath(os.path.join(folder, node.path.text))
    problem, hint = _unfit(node.path.text, wanted, root)
    if problem is None and wanted in users:
        problem = "files use each other in a circle"
    if problem is None and wanted in found.paths:
        return
    if problem is None and len(found.paths) + len(users) > MOST_FILES:
        problem = f"a policy may have {MOST_FILES} files"
    text = "" if problem is not None else read_text(wanted)
    if isinstance(text, OSError | UnicodeDecodeError):
        problem = _unreadable(text)
    if problem is not None or not isinstance(text, str):
        found.mistakes.append(errors.unusable_baseline(node.path.span, node.path.text, problem or "", hint))
        return
    _visit(
        Source(name_beside(user.name, node.path.text), text),
        os.path.dirname(wanted),
        root,
        found,
        users,
        wanted,
    )


def read_beside(written: str, folder: str, root: str) -> tuple[str, str] | str:
    """The path and text of a policy that a file in `folder` names, within `root`; or why there is none."""
    folder, root = os.path.realpath(folder), os.path.realpath(root)
    wanted = os.path.normpath(os.path.join(folder, written))
    problem, _ = _unfit(written, wanted, root)
    if problem is not None:
        return problem
    text = read_text(wanted)
    return (wanted, text) if isinstance(text, str) else _unreadable(text)


def _unfit(written: str, wanted: str, root: str) -> tuple[str | None, str | None]:
    """Why a path cannot be used, with a hint; before anything is read."""
    if os.path.isabs(written) or "\0" in written:
        return "a path is relative to the file that uses it", None
    if os.path.commonpath([root, wanted]) != root:
        return "it is outside the policy's root", "name a wider root with `--root`"
    if os.path.realpath(wanted) != wanted:
        return "it is reached through a symbolic link", None
    return None, None


def _unreadable(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is not text in UTF-8"
    return (error.strerror or "it cannot be read").lower()


def read_text(path: str) -> str | OSError | UnicodeDecodeError:
    """The text of a regular file that is no symbolic link, or why it cannot be read."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return OSError(0, "it is not a file")
            return file.read(MOST_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return error
