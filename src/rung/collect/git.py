"""Defines how the changes of a range are learned from git: who wrote them, and what the head contains.

git is run without the repository's hooks, pagers or external programs, and its configuration is not read for
anything but what git itself needs.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from rung.collect.learned import UnreadableError
from rung.inputs.facts import Change

SECONDS = 60
MOST_CONTAINED = 10_000
_TRAILER = re.compile(r"^co-authored-by:[^<\n]*<([^<>\n]+)>\s*$", re.IGNORECASE | re.MULTILINE)
_EMAIL = re.compile(r"[^\s<>\x00-\x1f\x7f-\x9f]{1,320}")


class Range(NamedTuple):
    """The changes of a range, and what git could not tell of them."""

    change: Change
    unknown: tuple[str, ...]


def read(repository: Path, base: str | None, head: str) -> Range:
    """The commits after `base` (None: from the very beginning) up to `head`; authors as `git:EMAIL`."""
    top = _commit(repository, head)
    bottom = None if base is None else _commit(repository, base)
    unknown = []
    if _git(repository, "rev-parse", "--is-shallow-repository").strip() != "false":
        unknown.append("all commits: the repository is shallow")
    if bottom is not None and not _is_ancestor(repository, bottom, top):
        unknown.append(f"all commits: {bottom[:12]} is no ancestor of {top[:12]}")
    span = top if bottom is None else f"{bottom}..{top}"
    authors: set[str] = set()
    coauthors: set[str] = set()
    for entry in _git(repository, "log", "-z", "--no-mailmap", "--format=%H%n%ae%n%B", span).split("\0"):
        if not entry.strip():
            continue
        commit, email, message = entry.lstrip("\n").split("\n", 2)
        if not _EMAIL.fullmatch(email):
            unknown.append(f"the author of {commit[:12]}")
            continue
        authors.add(f"git:{email}")
        coauthors.update(f"git:{each.strip()}" for each in _TRAILER.findall(message))
    contained = _git(repository, "rev-list", f"--max-count={MOST_CONTAINED}", top).split()
    change = Change(
        base=bottom,
        head=top,
        complete=not unknown,
        authors=tuple(sorted(authors)),
        coauthors=tuple(sorted(coauthors - authors)),
        contains=tuple(contained),
        source="git",
    )
    return Range(change, tuple(unknown))


def _commit(repository: Path, revision: str) -> str:
    found = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return found.strip()


def _is_ancestor(repository: Path, old: str, new: str) -> bool:
    return _run(repository, "merge-base", "--is-ancestor", old, new).returncode == 0


def _git(repository: Path, *arguments: str) -> str:
    done = _run(repository, *arguments)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise UnreadableError(f"git {arguments[0]}: {said[-1] if said else 'there is no such revision'}")
    return done.stdout


def _run(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "core.fsmonitor=", "-c", "log.showSignature=false", "--no-pager", *arguments]
    try:
        return subprocess.run(
            command,
            cwd=repository,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnreadableError(f"git cannot be run ({type(error).__name__})") from error
