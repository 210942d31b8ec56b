"""Reads a file of cases: each as its layers make it, or all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rung.cases import errors
from rung.cases.layers import Layered, entry, layered, without
from rung.cases.records import EXPECTATIONS, Case, File
from rung.diagnostics import Diagnostic, Source, Span, did_you_mean
from rung.inputs.document import Document, read_document
from rung.inputs.errors import malformed_value
from rung.inputs.from_flaws import from_flaws
from rung.inputs.located import Entries, Leaf, Node
from rung.inputs.mistakes import no_schema
from rung.inputs.validator import validate

SCHEMA = "rung.cases/1"


class Written(NamedTuple):
    """A case with the document that its layers make; `span` is where its name stands."""

    name: str
    span: Span
    case: Case
    document: Document


class Cases(NamedTuple):
    """The cases of a file in order, and the policy that it names; or None and all that is wrong."""

    policy: str | None
    cases: tuple[Written, ...] | None
    mistakes: tuple[Diagnostic, ...] = ()


def read_cases(source: Source) -> Cases:
    """The cases that a text holds."""
    document, problems = read_document(source)
    if document is None:
        return Cases(None, None, tuple(problems))
    if document.data.get("schema") != SCHEMA:
        return Cases(None, None, (no_schema(document, [SCHEMA]),))
    file = validate(File, {key: value for key, value in document.data.items() if key != "schema"})
    if isinstance(file, list):
        return Cases(None, None, tuple(from_flaws(file, File, document)))
    reader = _Reader(document)
    found = [reader.case(name) for name in file.cases]
    mistakes = tuple(dict.fromkeys(reader.mistakes))  # what is wrong with a base is wrong once
    cases = tuple(each for each in found if each is not None)
    return Cases(file.policy, None if mistakes else cases, mistakes)


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.base = entry(document.root, "base")
        cases = entry(document.root, "cases")
        assert isinstance(cases, Entries), "the form of the file was validated"
        self.nodes = {key.value: (key, node) for key, node in cases.pairs}
        self.mistakes: list[Diagnostic] = []
        for name in sorted(EXPECTATIONS & self._keys(self.base)):
            span = document.span(("base", name), key=True)
            self.mistakes.append(errors.misplaced_expectation(span, name, "write it in the cases"))

    def case(self, name: str) -> Written | None:
        key, node = self.nodes[name]
        span = Span(self.document.source.name, key.start, key.end)
        below = self._below(name, (name,))
        if not isinstance(node, Entries):
            where, expected = self.document.spot(("cases", name)), "expected a mapping"
            self.mistakes.append(
                malformed_value(where.span(self.document.source), where.path, expected, None)
            )
            return None
        root = without(layered(below, node), frozenset({"like"}))
        document = Layered(self.document.source, root)
        case = validate(Case, document.data)
        if isinstance(case, list):
            self.mistakes += from_flaws(case, Case, document)
            return None
        self.mistakes += _expectations(name, case, document)
        return Written(name, span, case, document)

    def _below(self, name: str, seen: tuple[str, ...]) -> Node | None:
        """What a case inherits: all but the expectations of the case that it is like, or the base."""
        like = entry(self.nodes[name][1], "like")
        if like is None:
            return self.base
        other = like.value if isinstance(like, Leaf) else None
        span = Span(
            self.document.source.name, like.start, like.end if isinstance(like, Leaf) else like.start + 1
        )
        if not isinstance(other, str) or other not in self.nodes:
            hint = did_you_mean(str(other), self.nodes)
            self.mistakes.append(errors.unknown_reference(span, "case", str(other), hint))
            return self.base
        if other in seen:
            self.mistakes.append(errors.circular_reference(span, "case", other))
            return self.base
        whole = layered(self._below(other, (*seen, other)), self.nodes[other][1])
        return without(whole, EXPECTATIONS | {"like"})

    def _keys(self, node: Node | None) -> set[str]:
        return {key.value for key, _ in node.pairs} if isinstance(node, Entries) else set()


def _expectations(name: str, case: Case, document: Document) -> Iterator[Diagnostic]:
    """Expectations that say nothing, or too little."""
    if case.expect == "denied" and not case.because:
        yield errors.unexplained_denial(document.span(("expect",)), name)
    misplaced = ("because",) if case.expect == "allowed" else ("owes", "waivers")
    for field in misplaced:
        if field in document.data:
            hint = f"it speaks of what is {'denied' if field == 'because' else 'allowed'}"
            yield errors.misplaced_expectation(document.span((field,), key=True), field, hint)
