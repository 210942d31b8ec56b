"""Defines what can be wrong with a file before it is read; the docstring is the reference page."""

from __future__ import annotations

from rung.diagnostics import Diagnostic


def unreadable_file(name: str, why: str) -> Diagnostic:
    """A file could not be read: it is missing, a directory, not permitted, or not text in UTF-8.

        rung check policies/

    Name the files: `rung check policies/*.rung`. `-` stands for standard input.
    """
    return Diagnostic("unreadable-file", f"cannot read `{name}`: {why}", None, file=name)
