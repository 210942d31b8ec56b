"""Defines which XML texts are read: small enough, and without entities that could swell or reach out."""

from __future__ import annotations

from pathlib import Path

from rung.collect.learned import UnreadableError

MOST_BYTES = 64 * 1024 * 1024


def xml_bytes(path: Path) -> bytes:
    """The content of an XML file that is fit to be parsed."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError((error.strerror or str(error)).lower()) from error
    if len(content) > MOST_BYTES:
        raise UnreadableError(f"it is larger than {MOST_BYTES >> 20} MiB")
    if b"<!ENTITY" in content or b"<!\x00E\x00N\x00T\x00I\x00T\x00Y" in content:
        raise UnreadableError("it declares entities, which are not read")
    return content
