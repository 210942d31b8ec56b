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
from pathlib import Path

MOST_ENTRIES = 256

_DIGEST = hashlib.sha256().digest_size


def folder() -> Path | None:
    """Rung's folder among the user's caches, by the custom of the platform; None if there is no place."""
    try:
        home = Path.home()
    except RuntimeError:  # the user has no home
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
        # The XDG specification has relative paths ignored; they would lie in the working directory.
        base = base if base.is_absolute() else home / ".cache"
    return base / "rung" if base.is_absolute() else None


def read(kind: str, key: str) -> bytes | None:
    """What was written last for this kind and key, or None."""
    place = _folder_of(kind)
    if place is None:
        return None
    try:
        content = (place / _file_name(key)).read_bytes()
    except OSError:
        return None
    digest, data = content[:_DIGEST], content[_DIGEST:]
    return data if hashlib.sha256(data).digest() == digest else None


def write(kind: str, key: str, data: bytes) -> None:
    """Keep the data, at once or not at all; the oldest entries of the kind give way."""
    place = _folder_of(kind)
    if place is None:
        return
    name = _file_name(key)
    temporary = place / f"{name}.{os.getpid()}"
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        try:
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(data).digest() + data)
            temporary.replace(place / name)
        finally:
            temporary.unlink(missing_ok=True)
        entries = sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime)
        for entry in entries[:-MOST_ENTRIES]:
            entry.unlink(missing_ok=True)


def _file_name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _folder_of(kind: str) -> Path | None:
    """The folder of a kind, made if need be; None if others may write to it."""
    top = folder()
    if top is None:
        return None
    for path in (top, top / kind):
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            status = path.lstat()
        except OSError:
            return None
        if not stat.S_ISDIR(status.st_mode):
            return None
        if sys.platform != "win32" and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return None
    return top / kind
