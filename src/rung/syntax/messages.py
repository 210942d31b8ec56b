"""Defines `mistake`: lark's error → one diagnostic in a reader's words, and what recovery must know of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rung.diagnostics import Diagnostic, Source, Span
from rung.syntax import errors
from rung.syntax.hints import unexpected_hint, unreadable_hint
from rung.syntax.language import language

MOST_EXPECTED = 6

_PIECES = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*)|[^\s"#]+|"')
MEMBERS = frozenset({"require", "needs", "owes"})
# What a reader takes for one word, though the language does not: `18.12.2026`, `ana@example.com`.
_RUN = re.compile(r'(?:(?!\.\.)[^\s,;(){}"#])+')
_READ_AS_ONE = frozenset({"STRING", "INT", "DURATION", "DATE", "CLOCK"})
_OPERATORS = frozenset({"&&", "||", "=>", "=="})
_DESCRIPTIONS = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "INT": "a whole number",
    "DECIMAL": "a number",
    "PERCENT": "a percentage",
    "DURATION": "a duration such as `24h`",
    "DATE": "a date such as `2026-12-18`",
    "CLOCK": "a time such as `18:00`",
}


class Mistake(NamedTuple):
    """A diagnostic, and where in the text read reading stopped."""

    diagnostic: Diagnostic
    position: int
    at_end: bool = False  # the text ended too early
    after_statement: bool = False  # all before is complete, and a new line begins
    begins_member: bool = False  # a new line begins where a member of a block could


def mistake(source: Source, text: str, base: int, error: UnexpectedInput) -> Mistake:
    """Describe the error at which reading `text`, which stands `base` characters into the source, stopped."""
    if isinstance(error, UnexpectedToken):
        return _unexpected(source, text, base, error)
    if isinstance(error, UnexpectedCharacters):
        return _unreadable(source, text, base, error.pos_in_stream or 0)
    raise error


def _unexpected(source: Source, text: str, base: int, error: UnexpectedToken) -> Mistake:
    words = language().words
    expected = frozenset(words.get(name, name) for name in error.accepts)
    at_end = error.token.type == "$END"
    position = len(text) if at_end else error.token.start_pos or 0
    before = _end_of_words(text, position)
    found = _as_read(text, position, error.token.type, expected) or str(error.token)
    new_line = before > 0 and "\n" in text[before:position]
    after_statement = new_line and not at_end and "$END" in expected
    begins_member = (
        new_line and not at_end and bool(MEMBERS & expected) and found not in MEMBERS and found != "}"
    )
    hint = unexpected_hint(found, error.token.type, expected, text[:before])
    if at_end:
        is_last = not _PIECES.sub(_only_comments, source.text[base + len(text) :]).strip()
        described = "end of the file" if is_last else "end of the statement"
        span = Span(source.name, base + before, base + before)
        position = before
    elif new_line and not after_statement and not begins_member and _begins_line(found):
        # The line before is what stopped too early; this one is innocent.
        described, hint = "end of the line", None
        span = Span(source.name, base + before, base + before)
        position = before
    else:
        described = f"`{found}`"
        span = Span(source.name, base + position, base + position + len(found))
    diagnostic = errors.unexpected_text(span, described, _listed(expected), hint)
    return Mistake(diagnostic, position, at_end, after_statement, begins_member)


def _only_comments(match: re.Match[str]) -> str:
    return "" if match.group(1) else match.group()


def _end_of_words(text: str, position: int) -> int:
    """Where the last word before the position ends, comments aside."""
    end = 0
    for match in _PIECES.finditer(text, 0, position):
        if not match.group(1):
            end = match.end()
    return end


def _begins_line(word: str) -> bool:
    return word in MEMBERS or word == "}" or word in language().statements


def _as_read(text: str, position: int, kind: str, expected: frozenset[str]) -> str | None:
    """The whole of what a reader sees at the position, where the word found is only its beginning."""
    for operator in _OPERATORS:
        if text.startswith(operator, position):
            return operator
    if kind not in {"NAME", "INT", "DECIMAL", "PERCENT"} or "NAME" in expected or not expected & _READ_AS_ONE:
        return None
    run = _RUN.match(text, position)
    return run.group() if run else None


def _listed(expected: frozenset[str]) -> str:
    """What could stand at a place: kinds of things first, then words, then signs."""
    known = language()
    rest = set(expected) - {"$END"}
    kinds: list[str] = []
    if known.conditions <= rest:
        kinds.append("a condition")
        rest -= known.conditions | {"not"}
    elif known.values <= rest:
        kinds.append("a value")
        rest -= known.values
    if "and" in rest:
        kinds.append("an operator")
        rest -= known.operators
    last: list[str] = []
    if known.statements <= rest:
        last.append("a new statement")
        rest -= known.statements
    if "NAME" in rest:
        rest -= known.soft
    kinds += [_DESCRIPTIONS[item] for item in sorted(rest & _DESCRIPTIONS.keys())]
    fixed = sorted(rest - _DESCRIPTIONS.keys(), key=lambda word: (not word[0].isalpha(), word))
    items = [*kinds, *(f"`{word}`" for word in fixed), *last] or ["the end of the file"]
    if len(items) > MOST_EXPECTED:
        items = [*items[: MOST_EXPECTED - 1], "…"]
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]


def _unreadable(source: Source, text: str, base: int, position: int) -> Mistake:
    character = text[position]
    start, end = position, position + 1
    if character == '"':
        line_end = text.find("\n", position)
        end = line_end if line_end >= 0 else len(text)
        described = "this text"
    else:
        while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "_-") and character.isalnum():
            start -= 1
        run = _RUN.match(text, start)
        if character.isalnum() and run:
            end = run.end()
        elif text[position : position + 2] in _OPERATORS | {"//", "/*"}:
            end = position + 2
        described = f"`{text[start:end]}`" if character.isprintable() else "this character"
    span = Span(source.name, base + start, base + end)
    hint = unreadable_hint(text[start:end], character)
    return Mistake(errors.unreadable_character(span, described, hint), position)
