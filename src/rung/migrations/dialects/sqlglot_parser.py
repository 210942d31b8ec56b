"""Defines the door to sqlglot: text → statements with character spans. Only importer of sqlglot.

sqlglot gives no places, so the text is cut at its semicolons first, by its own tokens. It takes a statement
that it does not know for a `Command`, which stays unknown here, and some that it knows it misreads: those
are recognised by their tokens.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from rung.diagnostics import Source, Span

__all__ = ["Dialect", "Failure", "Parsed", "exp", "statements", "text_of"]

Dialect = Literal["mysql", "sqlite"]

# what it does not support it logs as a warning; here each such statement becomes an opaque step
logging.getLogger("sqlglot").setLevel(logging.ERROR)

# what holds semicolons of its own, between BEGIN and END
_BODY_OWNERS = {"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement: its words in upper case, for what sqlglot gets wrong, and its tree."""

    span: Span
    words: tuple[str, ...]
    tree: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement that sqlglot does not read."""

    span: Span
    words: tuple[str, ...]
    message: str


def statements(source: Source, start: int, end: int | None, dialect: Dialect) -> Iterator[Parsed | Failure]:
    """The statements in the characters [start, end) of a file, in order."""
    text = source.text[start:end]
    try:
        tokens = sqlglot.tokenize(text, read=dialect)
    except SqlglotError as error:
        yield Failure(Span(source.name, start, start + len(text)), (), _first_line(error))
        return
    for piece in _pieces(tokens):
        span = Span(source.name, start + piece[0].start, start + piece[-1].end + 1)
        words = tuple(token.text.upper() for token in piece)
        try:
            trees = sqlglot.parse(source.text[span.start : start + _essential_end(piece)], read=dialect)
        except SqlglotError as error:
            yield Failure(span, words, _first_line(error))
            continue
        except RecursionError:
            # sqlglot descends without a limit of its own
            yield Failure(span, words, "the statement is nested too deeply")
            continue
        yield Parsed(span, words, trees[0])


def _essential_end(piece: list[Token]) -> int:
    """Where a statement about an index ends, without how MySQL is to run it: `LOCK = NONE`."""
    if "INDEX" in {token.text.upper() for token in piece[:3]}:
        for before, token in pairwise(piece):
            if token.text.upper() in ("LOCK", "ALGORITHM") and before.text != ".":
                return before.end + 1
    return piece[-1].end + 1


def _first_line(error: SqlglotError) -> str:
    return str(error).splitlines()[0]


def _pieces(tokens: list[Token]) -> Iterator[list[Token]]:
    """The tokens of each statement; a routine's body is one with its CREATE."""
    piece: list[Token] = []
    depth = 0
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON and depth == 0:
            if piece:
                yield piece
            piece = []
            continue
        piece.append(token)
        word = token.text.upper()
        owned = bool(_BODY_OWNERS & {each.text.upper() for each in piece[:6]})
        if owned and (word == "BEGIN" or (word == "CASE" and depth)):
            depth += 1
        elif word == "END" and depth:
            depth -= 1
    if piece:
        yield piece


def text_of(tree: Any, dialect: Dialect) -> str:
    """A part of a statement as SQL text."""
    return str(tree.sql(dialect=dialect, comments=False))
