"""Defines `parse`: text → syntax tree and diagnostics. The only module that runs lark.

A file without mistakes is parsed in one go. Otherwise it is cut at the words that begin a
statement in column 1, and within a broken statement at the words that begin a member, so that
every slip is reported once and all the rest is still read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from rung.diagnostics import Diagnostic, Source, Span, did_you_mean
from rung.syntax import errors, tree
from rung.syntax.build import Builder
from rung.syntax.grammar import grammar_text

LONGEST_POLICY = 4 * 1024 * 1024
DEEPEST_NESTING = 64

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\r(?!\n)"
)
_BRACKETS = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[({]|[)}]')
_COMMENTS = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*)')
_FIRST_WORD = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*", re.MULTILINE)
_MEMBER = re.compile(r"^[ \t]*(?:(?:require|needs|owes)\b|\})", re.MULTILINE)
_DECLARATION = re.compile(r"\s*(?:environment|group|evidence|parameter|gate)\s+([A-Za-z_][A-Za-z0-9_-]*)")
_MEMBER_WORDS = frozenset({"require", "needs", "owes"})
_DESCRIPTIONS = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "INT": "a whole number",
    "DECIMAL": "a number",
    "PERCENT": "a percentage",
    "DURATION": "a duration such as `24h`",
    "DATE": "a date such as `2026-12-18`",
    "CLOCK": "a time such as `18:00`",
    "$END": "the end of the file",
}


class Parsed(NamedTuple):
    """The tree of what could be read (None when nothing could), and every mistake in the text."""

    file: tree.PolicyFile | None
    diagnostics: tuple[Diagnostic, ...]


class _Language(NamedTuple):
    parser: Lark
    builder: Builder
    words: dict[str, str]  # terminal name → its text, for terminals that are fixed words
    statements: frozenset[str]


@cache
def _language() -> _Language:
    builder = Builder()
    parser = Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=["start", "fragment"],
        transformer=builder,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
    words = {
        terminal.name: terminal.pattern.value
        for terminal in parser.terminals
        if terminal.pattern.type == "str"
    }
    states = parser.parse_interactive("", start="fragment").accepts()
    return _Language(parser, builder, words, frozenset(words[name] for name in states if name in words))


def parse(source: Source) -> Parsed:
    """Parse a policy; the tree holds every statement that could be read."""
    text = source.text
    fatal = list(_refused(source))
    if fatal:
        return Parsed(None, tuple(fatal))
    try:
        children = _run(source.name, text, 0, "start")
    except UnexpectedInput:
        return _recover(source)
    version, name, *statements = children
    return _file(source, version, name, statements, frozenset(), [])


def _file(
    source: Source,
    version: tree.Name,
    name: tree.Text,
    statements: list[tree.Statement],
    broken: frozenset[str],
    diagnostics: list[Diagnostic],
) -> Parsed:
    if version.text != "1":
        return Parsed(None, (errors.unsupported_version(version.span, version.text),))
    whole = Span(source.name, 0, len(source.text))
    comments = tuple(_comments(source))
    file = tree.PolicyFile(1, name, tuple(statements), comments, broken, whole)
    return Parsed(file, tuple(sorted(diagnostics, key=lambda found: found.span or whole)))


def _run(file: str, text: str, base: int, start: str) -> tuple[Any, ...]:
    language = _language()
    language.builder.file, language.builder.base = file, base
    result: Any = language.parser.parse(text, start=start)
    return tuple(result)


def _refused(source: Source) -> Iterator[Diagnostic]:
    """What makes a text unfit to be parsed at all."""
    text, name = source.text, source.name
    if len(text) > LONGEST_POLICY:
        yield errors.policy_too_large(Span(name, LONGEST_POLICY, LONGEST_POLICY), LONGEST_POLICY)
        return
    for match in _FORBIDDEN.finditer(text):
        character = match.group()
        described = f"U+{ord(character):04X} ({unicodedata.name(character, 'control character').lower()})"
        yield errors.forbidden_character(Span(name, match.start(), match.end()), described)
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match.group() in "({":
            depth += 1
            if depth > DEEPEST_NESTING:
                yield errors.nested_too_deep(Span(name, match.start(), match.end()), DEEPEST_NESTING)
                return
        elif match.group() in ")}":
            depth = max(0, depth - 1)


def _comments(source: Source) -> Iterator[tree.Comment]:
    if "#" not in source.text:
        return
    for match in _COMMENTS.finditer(source.text):
        if match.group(1):
            start = match.start()
            line_start = source.text.rfind("\n", 0, start) + 1
            own_line = not source.text[line_start:start].strip()
            yield tree.Comment(match.group(1).rstrip(), own_line, Span(source.name, start, match.end()))


# ---------------------------------------------------------------- recovery


def _recover(source: Source) -> Parsed:
    """Parse statement by statement, and member by member where a statement is broken."""
    text = source.text
    language = _language()
    diagnostics: list[Diagnostic] = []
    statements: list[tree.Statement] = []
    broken: set[str] = set()
    starts = [
        match.start()
        for match in _FIRST_WORD.finditer(text)
        if match.group() in language.statements or match.group() not in language.words.values()
    ]
    bounds = [*starts, len(text)]
    header = _header(source, text[: bounds[0]], diagnostics)
    for start, end in zip(bounds, bounds[1:], strict=False):
        found = _statements(source, text[start:end], start, diagnostics)
        if found is None:
            declared = _DECLARATION.match(text, start, end)
            broken.update([declared.group(1)] if declared else [])
        else:
            statements.extend(found)
    if header is None:
        return Parsed(None, tuple(diagnostics))
    return _file(source, header[0], header[1], statements, frozenset(broken), diagnostics)


def _header(source: Source, text: str, diagnostics: list[Diagnostic]) -> tuple[tree.Name, tree.Text] | None:
    try:
        version, name = _run(source.name, text, 0, "start")[:2]
    except UnexpectedInput as error:
        diagnostics.append(_describe(source, text, 0, error))
        return None
    return version, name


def _statements(
    source: Source, text: str, base: int, diagnostics: list[Diagnostic]
) -> tuple[Any, ...] | None:
    """The statements of a piece; a broken member is reported, blanked out, and the rest read again."""
    reported: set[int] = set()
    while True:
        try:
            return _run(source.name, text, base, "fragment")
        except UnexpectedInput as error:
            diagnostics.append(_describe(source, text, base, error))
            region = _member_at(text, _position(text, error))
            if region is None or region[0] in reported:
                return None
            reported.add(region[0])
            text = text[: region[0]] + re.sub(r"[^\n]", " ", text[slice(*region)]) + text[region[1] :]


def _member_at(text: str, position: int) -> tuple[int, int] | None:
    """The member of a block in which the position lies, up to the next member or closing brace."""
    begins = [match for match in _MEMBER.finditer(text)]
    inside = [match for match in begins if match.start() <= position]
    if not inside or inside[-1].group().strip() not in _MEMBER_WORDS:
        return None
    start = inside[-1].start()
    later = [match.start() for match in begins if match.start() > start]
    end = later[0] if later else len(text)
    # An `owes` block opens a block of its own; without its head the braces would no longer match.
    return (
        None
        if "{" in text[start:end] and text[start:end].count("{") > text[start:end].count("}")
        else (start, end)
    )


def _position(text: str, error: UnexpectedInput) -> int:
    position = error.pos_in_stream
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return len(text.rstrip())
    return len(text) if position is None else position


def _describe(source: Source, text: str, base: int, error: UnexpectedInput) -> Diagnostic:
    position = _position(text, error)
    if isinstance(error, UnexpectedCharacters):
        return _unreadable(source, text, base, position)
    assert isinstance(error, UnexpectedToken)
    token = error.token
    end = position + (len(token) if token.type != "$END" else 0)
    span = Span(source.name, base + position, base + end)
    words = _language().words
    expected = {words.get(name, name) for name in error.accepts or error.expected}
    found = "the end of the statement" if token.type == "$END" else f"`{token}`"
    if token.type == "$END" and base + position >= len(source.text.rstrip()):
        found = "the end of the file"
    return errors.unexpected_text(span, found, _listed(expected), _hint(token, text, position, expected))


def _unreadable(source: Source, text: str, base: int, position: int) -> Diagnostic:
    character = text[position]
    word = re.compile(r"[0-9A-Za-z_.:%-]+").match(text, position)
    span = Span(source.name, base + position, base + (word.end() if word else position + 1))
    hint = None
    if character == '"':
        end = text.find("\n", position)
        span = Span(source.name, base + position, base + (end if end >= 0 else len(text)))
        hint = (
            'a text ends with `"` on its line; inside it, write `\\"` for a quote and `\\\\` for a backslash'
        )
        return errors.unreadable_character(span, "this text", hint)
    if character == "'":
        hint = 'texts stand in double quotes: `"`'
    elif character in "&|!":
        hint = "write `and`, `or`, `not`"
    elif character == "=":
        hint = "equality is `==`"
    elif word and re.fullmatch(r"[0-9]:[0-9]{2}", word.group()):
        hint = f"write `0{word.group()}`"
    elif word and re.fullmatch(r"[0-9]+(min|hours?|days?|minutes?|seconds?|weeks?|y|mo)", word.group()):
        hint = "durations are one number and one of s, m, h, d, w: `90m`, `24h`, `7d`"
    elif word and re.fullmatch(r"(?:[0-9]+[smhdw]){2,}", word.group()):
        hint = "a duration is one number and one unit: `90m` instead of `1h30m`"
    elif not character.isascii():
        hint = "names are made of the letters a to z, digits, `_` and `-`"
    return errors.unreadable_character(span, f"`{word.group() if word else character}`", hint)


def _listed(expected: set[str]) -> str:
    described = sorted(
        {
            _DESCRIPTIONS.get(item, f"`{item}`")
            for item in expected
            if item not in _soft_words() or "NAME" not in expected
        }
    )
    if len(described) > 6:
        described = [*described[:6], "…"]
    return " or ".join([", ".join(described[:-1]), described[-1]]) if len(described) > 1 else described[0]


@cache
def _soft_words() -> frozenset[str]:
    """The words that may also be names; where a name is expected they need no mention of their own."""
    rules = _language().parser.rules
    words = _language().words
    return frozenset(
        words[rule.expansion[0].name]
        for rule in rules
        if rule.origin.name == "name" and rule.expansion[0].name in words
    )


def _hint(token: Token, text: str, position: int, expected: set[str]) -> str | None:
    statement = text[:position].split()
    first = statement[0] if statement else ""
    if token == "," and first in {"promote", "hotfix", "environment"}:
        return "say how many are meant: `all of { a, b }`, `any of { a, b }` or `at least 2 of { a, b, c }`"
    if token == "because" and first == "waive":
        return "a waiver needs an end: `until 2026-12-01`"
    if token in {"==", "!=", "<", "<=", ">", ">="}:
        return "comparisons do not chain: write `a < b and b < c`"
    if token == "not" and "not" in statement[-1:]:
        return "`not` stands once; put a second one in parentheses"
    if token.type in {"NAME", "INT"} and "-" in expected:
        return None
    candidates = [word for word in expected if word.isalpha()]
    return did_you_mean(str(token), candidates) if token.type == "NAME" else None
