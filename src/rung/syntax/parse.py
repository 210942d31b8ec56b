"""Defines `parse`: text → syntax tree and diagnostics."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from lark.exceptions import UnexpectedInput

from rung.diagnostics import Diagnostic, Source, Span
from rung.syntax import errors, tree
from rung.syntax.language import language
from rung.syntax.recovery import recover

LONGEST_POLICY = 4 * 1024 * 1024
DEEPEST_NESTING = 64
MOST_FORBIDDEN = 10

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\r(?!\n)"
)
_BRACKETS = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|[({]|[)}]')
_COMMENTS = re.compile(r'"(?:[^"\\\n]|\\.)*"|(#[^\n]*)')
_VERSION = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+rung[ \t\r\n]+([0-9]+)(?![0-9A-Za-z_.])")


class Parsed(NamedTuple):
    """The tree of what could be read (None when nothing could), and every mistake in the text.

    With mistakes, the tree may lack statements and requirements: it serves to find more mistakes in
    one go, and nothing may be decided or proved by it.
    """

    file: tree.PolicyFile | None
    diagnostics: tuple[Diagnostic, ...]


def parse(source: Source) -> Parsed:
    """Parse a policy; the tree holds every statement that could be read."""
    refused = list(_refused(source))
    if refused:
        return Parsed(None, tuple(refused))
    try:
        children, mistakes = language().run(source.name, source.text, 0, "start")
    except UnexpectedInput as error:
        found = recover(source, error)
        mistakes = sorted(found.diagnostics, key=lambda mistake: mistake.span or Span(source.name, 0, 0))
        if found.name is None:
            return Parsed(None, tuple(mistakes))
        return _file(source, found.name, found.statements, found.broken, mistakes)
    _, name, *statements = children
    return _file(source, name, statements, frozenset(), mistakes)


def _file(
    source: Source,
    name: tree.Text,
    statements: Sequence[tree.Statement],
    broken: frozenset[str],
    mistakes: list[Diagnostic],
) -> Parsed:
    whole = Span(source.name, 0, len(source.text))
    comments = tuple(_comments(source))
    file = tree.PolicyFile(1, name, tuple(statements), comments, broken, whole)
    return Parsed(file, tuple(mistakes))


def _refused(source: Source) -> Iterator[Diagnostic]:
    """What makes a text unfit to be parsed at all."""
    text, name = source.text, source.name
    if len(text) > LONGEST_POLICY:
        yield errors.policy_too_large(Span(name, LONGEST_POLICY, LONGEST_POLICY), LONGEST_POLICY)
        return
    if "\0" in text:
        start = text.index("\0")
        hint = "this seems to be no text file"
        yield errors.forbidden_character(Span(name, start, start + 1), "U+0000 (control character)", hint)
        return
    for match in islice(_FORBIDDEN.finditer(text), MOST_FORBIDDEN):
        yield _forbidden(match.group(), Span(name, match.start(), match.end()))
    version = _VERSION.match(text)
    if version and version.group(1) != "1":
        yield errors.unsupported_version(Span(name, version.start(1), version.end(1)), version.group(1))
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match.group() in "({":
            depth += 1
            if depth > DEEPEST_NESTING:
                yield errors.nested_too_deep(Span(name, match.start(), match.end()), DEEPEST_NESTING)
                return
        elif match.group() in ")}":
            depth = max(0, depth - 1)


def _forbidden(character: str, span: Span) -> Diagnostic:
    described = f"U+{ord(character):04X} ({unicodedata.name(character, 'control character').lower()})"
    hint = None
    if character == "\r":
        hint = "end lines with a line feed"
    elif character == "\ufeff" and span.start == 0:
        hint = "save the file as UTF-8 without a byte order mark"
    return errors.forbidden_character(span, described, hint)


def _comments(source: Source) -> Iterator[tree.Comment]:
    if "#" not in source.text:
        return
    for match in _COMMENTS.finditer(source.text):
        if match.group(1):
            start = match.start()
            line_start = source.text.rfind("\n", 0, start) + 1
            own_line = not source.text[line_start:start].strip()
            yield tree.Comment(match.group(1).rstrip(), own_line, Span(source.name, start, match.end()))
