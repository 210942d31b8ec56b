"""Defines the hints that go with a syntax error: what its writer probably meant."""

from __future__ import annotations

import re
import unicodedata

from rung.diagnostics import did_you_mean
from rung.syntax.language import language

_TEXTS = 'a text ends with `"` on its line; inside it, write `\\"` for a quote and `\\\\` for a backslash'
_SOURCES = "say how many are meant: `all of { a, b }`, `any of { a, b }` or `at least 2 of { a, b, c }`"
_HEADER = 'a policy begins with `rung 1` and `policy "its name"`'
_DURATIONS = "a duration is one number and one of s, m, h, d, w: `90m`, `24h`, `7d`"
_TIMES = "times have four digits, up to 24 hours: `09:00`, `18:30`"
_DATES = "dates are written year, month, day, and the time apart: `2026-12-18 18:00`"

_SIGNS = {
    "'": 'texts stand in double quotes: `"`',
    "“": 'texts stand in straight double quotes: `"`',
    "”": 'texts stand in straight double quotes: `"`',
    "&": "write `and`",
    "&&": "write `and`",
    "|": "write `or`",
    "||": "write `or`",
    "!": "write `not`",
    "/": "numbers cannot be divided; a comment begins with `#`",
    "//": "a comment begins with `#`",
    "/*": "a comment begins with `#`",
    ";": "nothing is written at the end of a line",
    "[": "lists stand in braces: `{ a, b }`",
    "%": "a percentage is one word: `80%`",
    "→": "write `->`",
    "≥": "write `>=`",
    "≤": "write `<=`",
    "≠": "write `!=`",
    "–": "write `-`",  # noqa: RUF001  # what word processors make of a hyphen
    "—": "write `-`",
    "…": "write `..`",
}

_PATTERNS = (
    (re.compile(r"[0-9]{1,2}(:[0-9]{1,2}){0,2}([ap]m)?|[0-9]{1,2}:.*"), _TIMES),
    (re.compile(r"([0-9]+[smhdw]){2,}"), "a duration is one number and one unit: `90m` instead of `1h30m`"),
    (re.compile(r"[0-9]+ ?(ms|sec|min|mo|y|[a-z]*(second|minute|hour|day|week|month|year)s?)"), _DURATIONS),
    (re.compile(r"[0-9]+[./-][0-9]+[./-][0-9]+.*"), _DATES),
    (re.compile(r"[0-9][0-9_]*_[0-9_]*"), "numbers are written in digits alone"),
    (re.compile(r"[0-9].*[A-Za-z_].*"), "names begin with a letter"),
)


def unreadable_hint(word: str, character: str) -> str | None:
    """A hint for a word, or the one character, that the language does not have."""
    if character == '"':
        return _TEXTS
    sign = _SIGNS.get(word) or _SIGNS.get(character)
    if sign:
        return sign
    for pattern, hint in _PATTERNS:
        if pattern.fullmatch(word):
            return hint
    if character.isascii():
        return None
    name = unicodedata.name(character, "no name").lower()
    if not character.isprintable():
        return f"this is U+{ord(character):04X} ({name}): use a plain blank"
    return f"`{character}` is U+{ord(character):04X} ({name}); names have only a to z, digits, `_` and `-`"


def unexpected_hint(found: str, kind: str, expected: frozenset[str], before: str) -> str | None:
    """A hint for a word of this kind that stands where only other things may; `before` is the text so far."""
    words = before.split()
    if expected in ({"rung"}, {"policy"}) or words[-1:] == ["rung"]:
        return _HEADER
    return _for_a_kind(found, kind, expected) or _for_a_word(found, kind, expected, words)


def _for_a_kind(found: str, kind: str, expected: frozenset[str]) -> str | None:
    """For a value written in another way than the language has it."""
    if "DURATION" in expected and kind == "INT":
        return _DURATIONS
    if "DATE" in expected and kind in {"INT", "DECIMAL", "STRING"}:
        return _DATES
    if "CLOCK" in expected and kind in {"INT", "STRING"} and "INT" not in expected:
        return _TIMES
    if expected == {"INT"}:
        return "write the number in digits"
    if (
        kind == "NAME"
        and "STRING" in expected
        and "NAME" not in expected
        and not did_you_mean(found, expected)
    ):
        return f'put it in quotes: `"{found}"`' if len(expected) == 1 else None
    if "NAME" in expected and kind == "STRING" and re.fullmatch(r'"[A-Za-z_][\w-]*"', found):
        return f"a name stands without quotes: `{found[1:-1]}`"
    if "NAME" in expected and not expected & {"{", "STRING"} and found.isalpha() and kind != "NAME":
        return f"`{found}` is a word of the language: choose another name"
    return None


def _for_a_word(found: str, kind: str, expected: frozenset[str], words: list[str]) -> str | None:
    """For a word or sign that its writer took for another, or put in the wrong place."""
    last = words[-1] if words else ""
    if found == "," and words[-2:-1] in (["after"], ["promote"], ["hotfix"]):
        return _SOURCES
    if expected == {"{"} and last == "of":
        return "several stand in braces: `{ a, b }`"
    if found == "because" and "until" in expected:
        return "a waiver needs an end: `until 2026-12-01`"
    if found in {"=", "=="} and ("==" in expected or last == "=="):
        return "equality is `==`"
    if found == ">" and last == "<":
        return "inequality is `!=`"
    if found == "=>" and "implies" in expected:
        return "write `implies`, or `>=` for at least"
    if found in {"==", "!=", "<", "<=", ">", ">="} and "and" in expected:
        return "comparisons do not chain: write `a < b and b < c`"
    if found == last == "not" or found == last == "-":
        return f"`{found}` stands once; put a second one in parentheses"
    if found in {"require", "needs", "owes"} and "require" not in expected:
        return f"`{found}` stands in the braces of a gate or a route"
    if found == "needs" and "owes" in expected:
        return "gates need evidence: put this into a gate, and require the gate"
    if found in language().statements and "}" in expected:
        return "close the block with `}` first"
    if found == "except" and "sparing" in expected:
        return "lanes are spared with `sparing`"
    if found == "}" and expected >= language().statements:
        return "there is no `{` that this could close"
    if kind == "$END" and "}" in expected:
        return "a `{` before this is not closed"
    candidates = [word for word in expected if word.isalpha() and word.islower()]
    if found.lower() in candidates and found != found.lower():
        return f"words are written in lower case: `{found.lower()}`"
    return did_you_mean(found, candidates) if kind == "NAME" else None
