"""Defines how texts of others become Markdown that says what they say and nothing more."""

from __future__ import annotations

import re

from rung.report.plain import plain

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$!@])")
_ORDERED = re.compile(r"^(\s*)([-+=]|[0-9]+[.)])")
_FENCE = re.compile(r"`+")


def text(written: str) -> str:
    """A text as prose: nothing in it is a link, a tag, emphasis, code, a heading or a mention."""
    escaped = _SPECIAL.sub(r"\\\1", plain(written).strip())
    return _ORDERED.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", escaped)


def code(written: str) -> str:
    """A text as code: as it is, between backticks enough."""
    inside = plain(written)
    if not inside.strip():
        return f"` {inside}`" if inside else "``"
    fence = "`" * (max(map(len, _FENCE.findall(inside)), default=0) + 1)
    pad = " " if inside[0] in "` " or inside[-1] in "` " else ""
    return f"{fence}{pad}{inside}{pad}{fence}"
