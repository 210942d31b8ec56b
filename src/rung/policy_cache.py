"""Defines where typed policies are kept between runs, and how they are read back safely.

An entry is found by what its policy depends on: the text and where it stands, this program and its
version, Python's, and the time zones'. It holds only while the baselines are what they were. An entry
that cannot be read is as good as none.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import rung
from rung import diagnostics, user_cache
from rung.diagnostics import Source, Span
from rung.policy import model, types
from rung.policy.moments import tzdata_version

KIND = "policies"
_HOME = os.path.dirname(__file__)
_MAKERS = ("", "policy", "syntax", "grammar", os.path.join("..", "..", "grammar"))


class Kept(NamedTuple):
    """A policy, its identity, and the texts of its baselines."""

    policy: model.Policy
    identity: dict[str, str]
    baselines: tuple[Source, ...]


def key(source: Source, folder: str, root: str) -> str:
    """All that a policy without baselines depends on, as one text."""
    versions = (rung.__version__, sys.version, tzdata_version(), _fingerprint())
    places = (os.path.realpath(folder), os.path.realpath(root), source.name)
    return "\0".join((*versions, *places, source.text))


def read(key: str) -> Kept | None:
    """What is kept for a key, if its baselines have not changed."""
    data = user_cache.read(KIND, key)
    if data is None:
        return None
    try:
        policy, identity, files = _Models(io.BytesIO(data)).load()
        baselines = tuple([_unchanged(*file) for file in files])
    except Exception:  # an entry that somebody tampered with can make the unpickler raise anything
        return None
    if not isinstance(policy, model.Policy) or None in baselines:
        return None
    return Kept(policy, identity, tuple(each for each in baselines if each is not None))


def write(
    key: str, policy: model.Policy, identity: dict[str, str], baselines: Sequence[tuple[str, Source]]
) -> None:
    """Keep a policy with its identity, and the paths and texts of its baselines."""
    files = [(path, source.name, _digest(source.text)) for path, source in baselines]
    user_cache.write(KIND, key, pickle.dumps((policy, identity, files), pickle.HIGHEST_PROTOCOL))


def _unchanged(path: str, name: str, digest: str) -> Source | None:
    """The text of a baseline, if it is reached as it was and says what it said."""
    from rung.baselines import read_text

    if os.path.realpath(path) != path:
        return None
    text = read_text(path)
    return Source(name, text) if isinstance(text, str) and _digest(text) == digest else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class _Models(pickle.Unpickler):
    """Reads the classes of which a model is made, and refuses everything else."""

    def find_class(self, module: str, name: str) -> Any:
        home = _HOMES.get(module)
        found = None if home is None else vars(home).get(name)
        own = isinstance(found, type) and found.__module__ == module
        if found is Span or (own and home is not diagnostics):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a model")


_HOMES: dict[str, ModuleType] = {each.__name__: each for each in (model, types, diagnostics)}


def _fingerprint() -> str:
    """The sizes and times of the files that make policies: a checkout changes without a new version."""
    marks = []
    for folder in _MAKERS:
        try:
            with os.scandir(os.path.join(_HOME, folder)) as entries:
                for entry in entries:
                    if entry.name.endswith((".py", ".lark")):
                        status = entry.stat()
                        marks.append(f"{folder}/{entry.name} {status.st_size} {status.st_mtime_ns}")
        except OSError:
            continue  # the grammar is in one of two folders
    return "\n".join(sorted(marks))
