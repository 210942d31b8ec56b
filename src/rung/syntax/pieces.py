"""Defines the pieces of which a text is made: names, texts, lists, blocks, and parts of statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, assert_never

from rung.diagnostics import Span
from rung.syntax import tree
from rung.syntax.layout import Break, Group, Part, Token, Words, group


class Spanned(Protocol):
    @property
    def span(self) -> Span: ...


def words_of(node: Spanned, text: str) -> Words:
    return Words(text, node.span.start, node.span.end)


def begin(node: Spanned, text: str) -> Words:
    """The words that begin a node."""
    return Words(text, node.span.start, node.span.start)


def end_of(node: Spanned) -> Words:
    """Nothing to read: comments before the end of the node stand within it."""
    return Words("", node.span.end, node.span.end)


def name_of(name: tree.Name) -> Words:
    return words_of(name, name.text)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def text_of(text: tree.Text) -> Words:
    return words_of(text, quoted(text.text))


def clause(first: Part, *parts: Part) -> tuple[Part, ...]:
    """A clause that may begin a line of its own."""
    return (Break(), Token(first) if isinstance(first, str) else first, *parts)


def comma_list(parts: Iterable[Part]) -> tuple[Part, ...]:
    first, *others = parts
    return (first, *(piece for part in others for piece in (",", Break(), part)))


def braces(parts: Iterable[Part]) -> Group:
    """`{ a, b }`; or, where that is too long, one on each line."""
    return group("{", Break(), *comma_list(parts), Break(depth=0, comma=True, closes=True), Token("}"))


def names_of(names: Sequence[tree.Name]) -> Group:
    return braces(map(name_of, names))


def one_or_braces(parts: Sequence[Part]) -> Part:
    """One, or several in braces."""
    return parts[0] if len(parts) == 1 else braces(parts)


def block(head: Part, members: Sequence[Part], end: Part, *, hard: bool = True) -> Group:
    between = (
        piece
        for index, member in enumerate(members)
        for piece in (Break(opens=index == 0, keeps_blank=True), member)
    )
    return group(head, *between, Break(depth=0, closes=True, keeps_blank=True), end, hard=hard)


def lanes_of(lanes: Sequence[tree.Name]) -> str:
    return ", ".join(lane.text for lane in lanes)


def places_of(places: tree.Places) -> Part:
    if places.every:
        return words_of(places, "every environment")
    return words_of(places, places.names[0].text) if len(places.names) == 1 else names_of(places.names)


def sources_of(sources: tree.Sources) -> Part:
    match sources.kind:
        case "one":
            return words_of(sources, sources.names[0].text)
        case "at least" if sources.count is not None:
            return group(begin(sources, f"at least {sources.count.text} of "), names_of(sources.names))
        case _:
            return group(begin(sources, f"{sources.kind} of "), names_of(sources.names))


def age_of(age: tree.Duration | None) -> tuple[Part, ...]:
    return () if age is None else ("no older than ", words_of(age, age.text))


def moment_of(moment: tree.Moment) -> Words:
    return words_of(moment, " ".join(filter(None, (moment.date, moment.clock, moment.which))))


def slot_of(slot: tree.Slot) -> Words:
    days = slot.first.text if slot.last is None else f"{slot.first.text}..{slot.last.text}"
    return words_of(slot, f"{days} {slot.opens.text}..{slot.closes.text}")


def type_of(type_: tree.Type) -> Part:
    match type_:
        case tree.NamedType():
            return words_of(type_, type_.name.text)
        case tree.EnumType():
            return group(begin(type_, "one of "), names_of(type_.members))
        case tree.SetType():
            return group(begin(type_, "set of "), type_of(type_.element))
        case _:
            assert_never(type_)


def is_one(count: str) -> bool:
    return count.lstrip("0") == "1"
