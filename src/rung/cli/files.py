"""Defines how the files that a command names are read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from rung.cli.errors import unreadable_file
from rung.diagnostics import Diagnostic, Source
from rung.engine import PolicyText

Function = TypeVar("Function", bound=Callable[..., Any])
STDIN = "-"
STDIN_NAME = "<stdin>"
MOST_BYTES = 16 * 1024 * 1024


def once(names: Sequence[str]) -> None:
    """Standard input can be read once; usage error otherwise."""
    if names.count(STDIN) > 1:
        raise click.UsageError("`-` can stand only once: standard input can be read only once")


def read_bytes(name: str) -> tuple[str, bytes | Diagnostic]:
    """What a file is called in reports, and its first MOST_BYTES + 1 bytes, or why there are none."""
    try:
        if name == STDIN:
            if sys.stdin is None:
                return STDIN_NAME, unreadable_file(STDIN_NAME, "standard input is closed")
            return STDIN_NAME, sys.stdin.buffer.read(MOST_BYTES + 1)
        with open(name, "rb") as file:
            return name, file.read(MOST_BYTES + 1)
    except OSError as error:
        return name, unreadable_file(name, (error.strerror or str(error)).lower())
    except ValueError:
        return name, unreadable_file(name, "no file can have this name")


def read_policy(name: str, root: str | None = None) -> PolicyText | Diagnostic:
    """The text of a policy, whose baselines stay within its own folder unless a wider `root` is named."""
    source = _policy_source(name)
    if isinstance(source, Diagnostic):
        return source
    folder = "." if name == STDIN else os.path.dirname(name) or "."
    return PolicyText(source, folder, root or folder)


def _policy_source(name: str) -> Source | Diagnostic:
    called, content = read_bytes(name)
    if isinstance(content, Diagnostic):
        return content
    if len(content) > MOST_BYTES:
        # Long enough for the parser to refuse it, wherever a character was cut.
        return Source(called, content.decode(errors="ignore"))
    try:
        return Source(called, content.decode())
    except UnicodeDecodeError as error:
        return unreadable_file(called, f"it is not text in UTF-8 (byte {error.start + 1})")


def proof_path(policy: str) -> str | None:
    """Where the proof of a policy is unless somebody says otherwise; None for standard input."""
    from rung.inputs.proof import SUFFIX

    return None if policy == STDIN else policy.removesuffix(".rung") + SUFFIX


def prove_command(policy: str, root: str | None) -> str:
    """The command that proves a policy."""
    import shlex

    from rung.report.plain import plain

    name = "POLICY" if policy == STDIN else shlex.quote(plain(policy))
    return f"rung prove {name}" + (f" --root {shlex.quote(plain(root))}" if root else "")


def read_proof(policy: str, named: str | None) -> Source | Diagnostic:
    """The text of a policy's proof file, or why there is none."""
    from rung.inputs.document import source_of

    name = named or proof_path(policy)
    if name is None:
        return unreadable_file(STDIN_NAME, "beside standard input is no proof; name one with `--proof`")
    called, content = read_bytes(name)
    if isinstance(content, Diagnostic):
        return content
    source, problems = source_of(called, content)
    return unreadable_file(called, problems[0].message) if source is None else source


def read_documents(names: Sequence[str]) -> tuple[list[Source], list[Diagnostic]]:
    """The texts of documents, and what is wrong with those that cannot be read."""
    from rung.inputs.document import source_of

    sources, problems = [], []
    for name in names:
        called, content = read_bytes(name)
        if isinstance(content, Diagnostic):
            problems.append(content)
            continue
        source, wrong = source_of(called, content)
        problems.extend(wrong)
        if source is not None:
            sources.append(source)
    return sources, problems


def root_option(function: Function) -> Function:
    """The option `--root`."""
    return click.option(
        "--root",
        metavar="DIR",
        help="The folder that baselines (`use`) stay in; the policy's own unless named.",
    )(function)
