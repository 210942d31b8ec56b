"""Defines what is kept in the user's own cache folder: bytes, by kind and key.

A cache may be missing, damaged, full, or somebody else's: then there is nothing in it, and nothing
fails. It never lies in the working directory or in what is judged, nor is it read from a folder
that others can write to.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress

# `os.path` and not pathlib, which takes longer to import than reading what is kept.

MOST_ENTRIES = 256

_DIGEST = hashlib.sha256().digest_size


def folder() -> str | None:
    """Rung's folder among the user's caches, where the platform has them; None if there is no such place."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or ""
        # The XDG specification has relative paths ignored; they would lie in the working directory.
        base = base if os.path.isabs(base) else os.path.join(home, ".cache")
    return os.path.join(base, "rung") if os.path.isabs(base) else None


def read(kind: str, key: str) -> bytes | None:
    """What was written last for this kind and key, or None."""
    place = _folder_of(kind)
    if place is None:
        return None
    try:
        with open(os.path.join(place, _file_name(key)), "rb") as file:
            content = file.read()
    except OSError:
        return None
    digest, data = content[:_DIGEST], content[_DIGEST:]
    return data if hashlib.sha256(data).digest() == digest else None


def write(kind: str, key: str, data: bytes) -> None:
    """Keep the data, at once or not at all; the oldest entries of the kind give way."""
    import tempfile

    place = _folder_of(kind)
    if place is None:
        return
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        handle, temporary = tempfile.mkstemp(dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            os.replace(temporary, os.path.join(place, _file_name(key)))
        except OSError:
            with suppress(OSError):
                os.unlink(temporary)
        entries = sorted(os.scandir(place), key=lambda entry: entry.stat().st_mtime)
        for entry in entries[:-MOST_ENTRIES]:
            with suppress(OSError):
                os.unlink(entry.path)


def _file_name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _folder_of(kind: str) -> str | None:
    """The folder of a kind, made if need be; None if others may write to it."""
    top = folder()
    if top is None:
        return None
    place = os.path.join(top, kind)
    for path in (top, place):
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
            status = os.lstat(path)
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode):
            return None
        if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return None
    return place
