"""Defines `misfit`: why a parameter of a session, a relation or a column cannot be what it is set to."""

from __future__ import annotations

import re

from rung.migrations.server import Setting

_NUMBER = re.compile(
    r"\s*([+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))\s*([A-Za-z]*)\s*", re.ASCII
)
_OCTAL = re.compile(r"[+-]?0[0-7]+")
_KILO = 1024
_BYTES = {unit: _KILO**power for power, unit in enumerate(("B", "kB", "MB", "GB", "TB"))} | {"8kB": 8 * _KILO}
_MOMENTS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_WORDS = ("true", "false", "yes", "no")
_SWITCH = ("on", "of", "off", "1", "0")
# what is read and not listed: other words for `on` and `off`, levels of messages, ways to compress that only
# some servers are built with
_UNLISTED = {
    "on": {"true", "false", "yes", "no", "1", "0"},
    "notice": {"debug", "info", "fatal", "panic"},
    "origin": {"none"},
    "pglz": {"lz4", "zstd"},
}


def misfit(setting: Setting, written: str) -> str | None:
    """Why it cannot be this, in words that go after its name; None where it can."""
    match setting.type:
        case "bool":
            return None if is_boolean(written) else f"takes no `{written}` but on or off"
        case "enum":
            return _no_label(setting, written)
        case "integer" | "real":
            return _no_number(setting, written)
        case "string":
            return None


def is_boolean(written: str) -> bool:
    word = written.strip().lower()
    return word in _SWITCH or (word != "" and any(each.startswith(word) for each in _WORDS))


def _no_label(setting: Setting, written: str) -> str | None:
    word = written.lower()
    unlisted = (_UNLISTED.get(label, ()) for label in setting.labels)
    if word in setting.labels or any(word in labels for labels in unlisted):
        return None
    return f"takes no `{written}` but {', '.join(setting.labels)}"


def _no_number(setting: Setting, written: str) -> str | None:
    match = _NUMBER.fullmatch(written)
    if match is None:
        return f"takes no `{written}` but a number"
    text, unit = match.groups()
    units = next((each for each in (_BYTES, _MOMENTS) if setting.unit in each), dict[str, int]())
    if unit and unit not in units:
        named = f", of {', '.join(each for each in units if each != '8kB')}" if units else ""
        return f"takes no `{written}` but a number{named}"
    value = _read(text)
    if unit:
        assert setting.unit is not None, "without a unit there are no units"
        value = value * units[unit] / units[setting.unit]
    if setting.type == "integer":
        value = round(value)
    if setting.low <= value <= setting.high:
        return None
    return f"is from {setting.low:.15g} to {setting.high:.15g}, not `{written}`"


def _read(text: str) -> float:
    if "x" in text.lower():
        return int(text, 16)
    return int(text, 8) if _OCTAL.fullmatch(text) else float(text)
