"""Defines what the files of a policy are called: by the paths that lead to them from the policy."""

from __future__ import annotations

import os.path


def name_beside(user: str, written: str) -> str:
    """The name of the file that another one uses by a relative path."""
    return os.path.normpath(os.path.join(os.path.dirname(user), written))
