"""Defines what a source taught, and what it could not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Learned(NamedTuple):
    """Fields of a piece of evidence, when it was found out (UTC seconds), and what is unknown."""

    fields: Mapping[str, Any]
    time: int | None
    unknown: tuple[str, ...] = ()


class UnreadableError(Exception):
    """A source cannot be read; the message says why, lowercase and without a full stop."""
