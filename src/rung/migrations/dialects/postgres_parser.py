"""Defines the door to libpg_query: text → raw statements with character spans. Only importer of postgast.

libpg_query counts bytes; everything that leaves this module counts characters. A file it refuses is cut
into statements first and each is parsed alone, so that one bad statement does not hide the others.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError
from postgast import PgQueryError, deparse, parse, parse_plpgsql
from postgast import pg_query_pb2 as pb

from rung.diagnostics import Source, Span
from rung.migrations.steps import Step

__all__ = [
    "Context",
    "RawStatement",
    "Read",
    "SyntaxFailure",
    "expression_text",
    "messages_in",
    "node_of",
    "parts_of",
    "pb",
    "plpgsql_mistake",
    "plpgsql_tree",
    "raw_statements",
    "statement_tree",
]

_LEADING = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/|;)+", re.DOTALL)
_PUNCTUATION = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|[(),;\[\]]", re.DOTALL
)
_LINK = re.compile(
    r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$"
    r"|[(),;\[\]]|\b(?:and|or)\b|(?P<link>[-+*/%|<>=~!@#^&?:]+|\b(?:except|intersect|join|not|union)\b)",
    re.DOTALL | re.IGNORECASE,
)
_LONGEST_CHAIN = 4_000
# levels of messages that the readers here, which recurse, go down to; and the size that none deeper is below
_DEEPEST = 400
_SMALLEST_DEEP = 2 * _DEEPEST
_REFUSED = (PgQueryError, DecodeError)
# psql's own words, which are not SQL: `\connect db`, `\restrict key`; and the data lines of COPY … FROM stdin
_PSQL_LINE = re.compile(r"^\\[^\n]*", re.MULTILINE)
_COPY_DATA = re.compile(
    r"(\bfrom\s+stdin\b[^;\n]*;[^\S\n]*\n)(.*?^\\\.)[^\S\n]*$", re.I | re.DOTALL | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Context:
    """One file being read: turns byte offsets into spans."""

    source: Source
    byte_starts: list[int] | None

    @staticmethod
    def of(source: Source) -> Context:
        if source.text.isascii():
            return Context(source, None)
        lengths = (len(character.encode()) for character in source.text)
        return Context(source, list(accumulate(lengths, initial=0)))

    def offset(self, byte: int) -> int:
        """The character offset of a byte offset."""
        return byte if self.byte_starts is None else bisect_left(self.byte_starts, byte)

    def byte(self, offset: int) -> int:
        """The byte offset of a character offset."""
        return offset if self.byte_starts is None else self.byte_starts[offset]

    def span(self, start: int, end: int) -> Span:
        """The span of characters [start, end), without the space and comments before it."""
        leading = _LEADING.match(self.source.text, start, end)
        start = leading.end() if leading else start
        while end > start and self.source.text[end - 1].isspace():
            end -= 1
        return Span(self.source.name, start, end)

    def element(self, byte: int, statement: Span) -> Span:
        """The span of the list element that starts at `byte`: up to its comma or closing parenthesis."""
        start = self.offset(byte)
        depth = 0
        for token in _PUNCTUATION.finditer(self.source.text, start, statement.end):
            match token.group():
                case "(" | "[":
                    depth += 1
                case ")" | "]" if depth:
                    depth -= 1
                case ")" | "]" | "," | ";" if not depth:
                    return self.span(start, token.start())
        return self.span(start, statement.end)


Read = Callable[[Context], list[Step]]
"""Reads the statements of a text that stands inside another statement."""


@dataclass(frozen=True, slots=True)
class RawStatement:
    """A statement as parsed: its kind (`create_stmt`) and its message."""

    span: Span
    kind: str
    message: Any


@dataclass(frozen=True, slots=True)
class SyntaxFailure:
    """A statement that is not PostgreSQL: `message` is the parser's, `at` where it gave up."""

    span: Span
    message: str
    at: Span


def node_of(node: pb.Node) -> tuple[str, Any]:
    """The kind of a node and its message; the kind is empty for an empty node."""
    kind = node.WhichOneof("node")
    return ("", None) if kind is None else (kind, getattr(node, kind))


def raw_statements(context: Context) -> list[RawStatement | SyntaxFailure]:
    """The statements of the file, in order."""
    text = context.source.text
    if _chained(text) < _LONGEST_CHAIN:
        try:
            return _whole(context, text)
        except _REFUSED:
            text = _without_psql(text)
            context = Context.of(Source(context.source.name, text))
        try:
            return _whole(context, text)
        except _REFUSED:
            pass
    return [found for start, end in _pieces(text) for found in _piece(context, text, start, end)]


def _chained(text: str) -> int:
    """At most how many operators stand around an operand: libpg_query recurses along them without a limit."""
    if len(text) < 2 * _LONGEST_CHAIN:
        return 0
    longest, counts = 0, [0]
    for found in _LINK.finditer(text):
        match found[0].lower():
            case _ if found.lastgroup == "link":
                counts[-1] += 1
                longest = max(longest, sum(counts))
            case "(" | "[":
                counts.append(0)
            case ")" | "]" if len(counts) > 1:
                counts.pop()
            case "," | ";" | "and" | "or":
                counts[-1] = 0
    return longest


def _trees(text: str) -> list[Any]:
    """The raw statements of a text that is not too deep for libpg_query."""
    try:
        return list(parse(text).stmts)
    except DecodeError:
        # protobuf reads a hundred levels, some fifty operators, unless told otherwise
        allow = getattr(api_implementation._c_module, "SetAllowOversizeProtos", None)
        if allow is None:
            raise
        allow(True)
        try:
            return list(parse(text).stmts)
        finally:
            allow(False)


def _found(span: Span, raw: Any) -> RawStatement | SyntaxFailure:
    if raw.ByteSize() > _SMALLEST_DEEP and _depth(raw) > _DEEPEST:
        return SyntaxFailure(span, "the statement is nested too deeply", span)
    return RawStatement(span, *node_of(raw.stmt))


def _depth(message: Any) -> int:
    """How many messages deep it goes."""
    deepest, level = 0, [message]
    while level:
        deepest += 1
        level = [part for each in level for part in parts_of(each)]
    return deepest


def _whole(context: Context, text: str) -> list[RawStatement | SyntaxFailure]:
    found: list[RawStatement | SyntaxFailure] = []
    for raw in _trees(text):
        start = context.offset(raw.stmt_location)
        end = context.offset(raw.stmt_location + raw.stmt_len) if raw.stmt_len else len(text)
        found.append(_found(context.span(start, end), raw))
    return found


def _piece(context: Context, text: str, start: int, end: int) -> Iterator[RawStatement | SyntaxFailure]:
    """The statement at [start, end), parsed after as many spaces as bytes stand before it: its offsets
    are then those of the whole file."""
    span = context.span(start, end)
    piece = text[start:end]
    try:
        if _chained(piece) >= _LONGEST_CHAIN:
            yield SyntaxFailure(span, "the statement is nested too deeply", span)
            return
        for raw in _trees(" " * context.byte(start) + piece):
            yield _found(span, raw)
    except PgQueryError as error:
        at = min(max(span.start, context.offset(max(error.cursorpos - 1, 0))), span.end)
        yield SyntaxFailure(span, error.message, Span(span.file, at, min(at + 1, len(text))))
    except DecodeError:
        yield SyntaxFailure(span, "the statement is nested too deeply", span)


def _without_psql(text: str) -> str:
    """The text with psql's commands and COPY's data blanked: as many characters, the same lines."""

    def blank(found: str) -> str:
        return re.sub(r"[^\n]", " ", found)

    text = _COPY_DATA.sub(lambda match: match[1] + blank(match[2]), text)
    return _PSQL_LINE.sub(lambda match: blank(match[0]), text)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement of a text that does not parse starts and ends: at its semicolons."""
    start = 0
    for end in [*(found.end() for found in _PUNCTUATION.finditer(text) if found[0] == ";"), len(text)]:
        leading = _LEADING.match(text, start, end)
        if (leading.end() if leading else start) < end:
            yield start, end
        start = end


def statement_tree(sql: str) -> list[tuple[str, Any]] | None:
    """The statements of an SQL text found inside another (a function body); None if it does not parse."""
    if _chained(sql) >= _LONGEST_CHAIN:
        return None
    try:
        trees = _trees(sql)
    except _REFUSED:
        return None
    return [node_of(raw.stmt) for raw in trees if _depth(raw) <= _DEEPEST] if trees else []


def plpgsql_tree(sql: str) -> list[Any] | None:
    """The PL/pgSQL tree of a `CREATE FUNCTION` or `DO` statement; None if it does not parse, empty if the
    library cannot read it."""
    try:
        return parse_plpgsql(sql)
    except PgQueryError as refused:
        # the library takes each type that is the user's for a record's
        return [] if "pseudo-type" in str(refused) else None
    except ValueError:
        # the library printed a tree that is not JSON
        return []


def plpgsql_mistake(sql: str) -> str | None:
    """What is wrong with the PL/pgSQL in a statement; None where nothing is known to be."""
    try:
        parse_plpgsql(sql)
    except PgQueryError as error:
        return str(error)
    except ValueError:
        pass
    return None


def expression_text(node: pb.Node) -> str:
    """An expression as SQL text; a comment that names it where the library cannot write it."""
    target = pb.Node(res_target=pb.ResTarget(val=node))
    select = pb.SelectStmt(target_list=[target], limit_option=pb.LIMIT_OPTION_DEFAULT, op=pb.SETOP_NONE)
    tree = pb.ParseResult(stmts=[pb.RawStmt(stmt=pb.Node(select_stmt=select))])
    try:
        return deparse(tree).removeprefix("SELECT ")
    except PgQueryError:
        return f"/* {node.WhichOneof('node')} */"


def parts_of(message: Any) -> list[Any]:
    """The messages directly inside a message, in the order of their fields."""
    found: list[Any] = []
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.is_repeated:
            found.extend(value)
        else:
            found.append(value)
    return found


def messages_in(message: Any) -> Iterator[Any]:
    """The message and every message inside it, outermost first."""
    pending = [message]
    while pending:
        found = pending.pop()
        yield found
        pending.extend(reversed(parts_of(found)))
