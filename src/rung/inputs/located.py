"""Defines a document's values with their places in its text, what is refused in them, and their paths."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from rung.diagnostics import Diagnostic, Source, Span, did_you_mean
from rung.inputs.errors import document_too_large, duplicate_key, malformed_value, more_mistakes
from rung.inputs.json_text import MAX_DEPTH, MAX_NODES
from rung.inputs.numbers import read_number
from rung.inputs.shown import LONGEST, shown

MOST_REPORTED = 100  # of one document: a reader has had enough by then, and placing each takes time


class Refused(NamedTuple):
    """In the place of a scalar that cannot be read: what to report, given its span and path."""

    report: Callable[[Span, str], Diagnostic]


class Leaf(NamedTuple):
    """A scalar that stands in text[start:end]."""

    start: int
    end: int
    value: Any


class Items(NamedTuple):
    """A list that stands in text[start:end]."""

    start: int
    end: int
    nodes: list["Node"]


class Entries(NamedTuple):
    """A mapping that stands in text[start:end]; a key that stands twice is here twice."""

    start: int
    end: int
    pairs: list[tuple[Leaf, "Node"]]


Node: TypeAlias = Leaf | Items | Entries


class Spot(NamedTuple):
    """Where a path leads: how it is spelled for a reader, and the characters [start, end)."""

    path: str
    start: int
    end: int

    def span(self, source: Source) -> Span:
        """The spot as a span of its source."""
        return Span(source.name, self.start, self.end)


def near(word: str, candidates: Iterable[str]) -> str | None:
    """A hint that names the candidate nearest to `word`; a word too long to be a slip has none."""
    return did_you_mean(word, candidates) if len(word) <= LONGEST else None


def in_order(diagnostics: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """The first diagnostics of a document, as they stand in its text."""
    ordered = sorted(diagnostics, key=lambda each: each.span.start if each.span else 0)
    rest = [more_mistakes(source.name)] if len(ordered) > MOST_REPORTED else []
    return ordered[:MOST_REPORTED] + rest


def number_or_refusal(text: str) -> int | Decimal | Refused:
    """The number that `text` is, or that it is none that a document may have."""
    try:
        return read_number(text)
    except ValueError as error:
        problem = f"{error}, found {shown(text)}"
        return Refused(lambda span, path: malformed_value(span, path, problem, None))


def too_large(span: Span, *, deep: bool) -> Diagnostic:
    """The document goes past a limit at `span`: that of depth, or that of values."""
    limit = f"{MAX_DEPTH} levels of nesting" if deep else f"{MAX_NODES:,} values"
    return document_too_large(span, f"the document has more than {limit}", span.file)


def plain(node: Node) -> Any:
    """The node as dicts, lists and scalars."""
    match node:
        case Leaf():
            return node.value
        case Items():
            return [plain(item) for item in node.nodes]
        case Entries():
            return {key.value: plain(value) for key, value in node.pairs}


def find(root: Node, path: Sequence[str | int], *, key: bool = False) -> Spot:
    """The spot of the value at `path`, or with `key` of the key that its last step names.

    A step that leads nowhere is passed over: pydantic puts the name of the chosen record of a union
    into its paths, and the index of the one element where one alone stands for a list.
    """
    node, spelled, at_key = root, "", None
    for step in path:
        below = _step(node, step)
        if below is not None:
            at_key, node = below
            spelled = spell(spelled, step)
    if key and at_key is not None:
        return Spot(spelled, at_key.start, at_key.end)
    # A whole list or mapping may go on for pages: its first character stands for it.
    return Spot(spelled, node.start, node.end if isinstance(node, Leaf) else node.start + 1)


def spell(path: str, step: str | int) -> str:
    """The path with one more step, as in `evidence[0].time`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    return f"{path}.{shown(step, quote='')}" if path else shown(step, quote="")


def refusals(root: Node, source: Source) -> Iterator[Diagnostic]:
    """Everything in the tree that no document may have: refused scalars and keys that stand twice."""
    waiting: list[tuple[Node, str]] = [(root, "")]
    while waiting:
        node, path = waiting.pop()
        match node:
            case Leaf():
                yield from _leaf_refusals(node, path, source)
            case Items():
                waiting.extend((item, spell(path, i)) for i, item in reversed([*enumerate(node.nodes)]))
            case Entries():
                first: dict[str, Leaf] = {}
                for key, _ in node.pairs:
                    bad = [*_leaf_refusals(key, path, source)]
                    yield from bad
                    if not bad and first.setdefault(key.value, key) is not key:
                        twice, once = (Span(source.name, *k[:2]) for k in (key, first[key.value]))
                        yield duplicate_key(twice, path, shown(key.value), once)
                waiting.extend((value, spell(path, key.value)) for key, value in reversed(node.pairs))


def _leaf_refusals(leaf: Leaf, path: str, source: Source) -> Iterator[Diagnostic]:
    span = Span(source.name, leaf.start, leaf.end)
    match leaf.value:
        case Refused(report):
            yield report(span, path)
        case str() as text if re.search("[\ud800-\udfff]", text):
            yield malformed_value(span, path, "expected text, found half of a surrogate pair", None)


def _step(node: Node, step: str | int) -> tuple[Leaf | None, Node] | None:
    match node:
        case Entries():
            return next(((key, value) for key, value in node.pairs if key.value == step), None)
        case Items() if isinstance(step, int) and 0 <= step < len(node.nodes):
            return None, node.nodes[step]
        case _:
            return None
