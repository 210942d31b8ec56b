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
from rung.inputs.located import Entries, Leaf, Node, plain
from rung.inputs.mistakes import no_schema
from rung.inputs.shown import shown
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
        self.mistakes: list[Diagnostic] = []
        cases = entry(document.root, "cases")
        assert isinstance(cases, Entries), "the form of the file was validated"
        self.keys = {key.value: key for key, _ in cases.pairs}
        self.nodes = {key.value: node for key, node in cases.pairs}
        self.base = self._mapping(entry(document.root, "base"), "base")
        self._whole: dict[str, Node] = {}  # each case with all that it inherits
        for key, _ in self.base.pairs if self.base else ():
            if key.value in EXPECTATIONS:
                hint = "write it in the cases"
                self.mistakes.append(errors.misplaced_expectation(self._span(key), key.value, hint))

    def case(self, name: str) -> Written | None:
        if self._mapping(self.nodes[name], "cases", name) is None:
            return None
        document = Layered(self.document.source, self._with_inherited(name))
        case = validate(Case, document.data)
        if isinstance(case, list):
            self.mistakes += from_flaws(case, Case, document)
            return None
        self.mistakes += _expectations(name, case, document)
        return Written(name, self._span(self.keys[name]), case, document)

    def _with_inherited(self, name: str) -> Node:
        """A case laid over the one that it is like, or else over the base; expectations are not inherited."""
        line = [name]
        while line[-1] not in self._whole and (other := self._like(line)) is not None:
            line.append(other)
        below: Node | None = self.base
        for each in reversed(line):
            if each not in self._whole:
                self._whole[each] = without(layered(below, self.nodes[each]), frozenset({"like"}))
            below = without(self._whole[each], EXPECTATIONS)
        return self._whole[name]

    def _like(self, line: list[str]) -> str | None:
        """The case that the last one of a line is like; reported, and None, where that cannot be."""
        node = entry(self.nodes[line[-1]], "like")
        if node is None:
            return None
        other = node.value if isinstance(node, Leaf) else None
        if not isinstance(other, str) or other not in self.nodes:
            name = shown(plain(node), quote="")
            hint = did_you_mean(name, self.nodes)
            self.mistakes.append(errors.unknown_reference(self._span(node), "case", name, hint))
            return None
        if other in line:
            self.mistakes.append(errors.circular_reference(self._span(node), "case", other))
            return None
        return other

    def _mapping(self, node: Node | None, *path: str) -> Entries | None:
        """A mapping, None for nothing; anything else is reported."""
        if node is None or isinstance(node, Entries):
            return node
        problem = f"expected a mapping, found {shown(plain(node))}"
        spelled = self.document.spot(path).path
        self.mistakes.append(malformed_value(self._span(node), spelled, problem, None))
        return None

    def _span(self, node: Node) -> Span:
        # A whole list or mapping may go on for pages: its first character stands for it.
        end = node.end if isinstance(node, Leaf) else node.start + 1
        return Span(self.document.source.name, node.start, end)


def _expectations(name: str, case: Case, document: Document) -> Iterator[Diagnostic]:
    """Expectations that say nothing, or too little."""
    if case.expect == "denied" and not case.because:
        yield errors.unexplained_denial(document.span(("expect",)), name)
    misplaced = ("because",) if case.expect == "allowed" else ("owes", "waivers")
    for field in misplaced:
        if field in document.data:
            hint = f"it speaks of what is {'denied' if field == 'because' else 'allowed'}"
            yield errors.misplaced_expectation(document.span((field,), key=True), field, hint)
