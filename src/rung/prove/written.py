"""Defines how values of the model are written in documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rung.inputs.scalars import format_instant
from rung.policy.types import (
    DECIMAL,
    DIGEST,
    DURATION,
    PERCENT,
    PERSON,
    SCALE,
    TEXT,
    TIME,
    VERSION,
    EnumType,
    Type,
    show_scaled,
    show_version,
)


def plain(type: Type) -> Any:
    """A value of a field that nothing looks at."""
    if isinstance(type, EnumType):
        return type.members[0]
    if type == VERSION:
        return "1.0.0"
    if type == DIGEST:
        return "sha256:" + "0d" * 32
    if type in (TEXT, PERSON):
        return "any"
    return written(type, True if getattr(type, "name", "") == "bool" else 0)


def written(type: Type, value: Any) -> Any:
    """A value as the model of policies has it, as a document has it."""
    if type == DECIMAL:
        return Decimal(value) / SCALE
    if type == PERCENT:
        return show_scaled(value) + "%"
    if type == DURATION:
        return f"{value}s"
    if type == TIME:
        return format_instant(value)
    if type == VERSION:
        return show_version(value)
    return value


def between(named: tuple[tuple[Any, ...], ...], below: int) -> str:
    """A version after the first `below` of those named, in order, and before the others."""
    if not named or below == 0:
        first = named[0] if named else None
        if first is None:
            return "1.0.0"
        lowest = f"{first[0]}.{first[1]}.{first[2]}-0"
        return lowest if first[:3] == (0, 0, 0) else "0.0.0"
    major, minor, patch = named[below - 1][:3]
    return f"{major}.{minor}.{patch + 1}" if below == len(named) else f"{major}.{minor}.{patch + 1}-0"
