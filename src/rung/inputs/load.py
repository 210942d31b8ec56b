"""Loads documents: texts in JSON or YAML become a request, or everything that is wrong is said.

Every document says by its `schema` what it is. A decision takes one proposal and any number of facts; a
request is both in one document.
"""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from rung.diagnostics import Diagnostic, Related, Source, Span
from rung.inputs.consistency import Contradiction, contradictions
from rung.inputs.document import Document, read_document
from rung.inputs.errors import (
    conflicting_facts,
    duplicate_document,
    impossible_record,
    missing_document,
    missing_field,
    more_mistakes,
    unknown_field,
    unknown_schema,
)
from rung.inputs.facts import Facts
from rung.inputs.from_flaws import from_flaws, near
from rung.inputs.located import find
from rung.inputs.proposal import Proposal
from rung.inputs.request import Request, merge_facts
from rung.inputs.shown import one_of, shown
from rung.inputs.validator import validate

Content: TypeAlias = Proposal | Facts | Request
SCHEMAS: dict[str, type[Content]] = {
    "rung.proposal/1": Proposal,
    "rung.facts/1": Facts,
    "rung.request/1": Request,
}
MOST_REPORTED = 100  # of one document; a reader has had enough by then, and placing each takes time


class Root(NamedTuple):
    """Where a proposal or facts stand: a document, and the path within it."""

    document: Document
    path: tuple[str | int, ...] = ()

    def at(self, path: tuple[str | int, ...] = ()) -> tuple[Span, str]:
        """The span of what stands at a path from here, and the path as a reader of the document knows it."""
        spot = self.document.spot(self.path + path)
        return spot.span(self.document.source), spot.path


def load_request(sources: Sequence[Source]) -> tuple[Request | None, list[Diagnostic]]:
    """The request that the documents make up together, or None and all that is wrong with them."""
    diagnostics: list[Diagnostic] = []
    proposals: list[tuple[Root, Proposal]] = []
    facts: list[tuple[Root, Facts]] = []
    for source in sources:
        document, problems = read_document(source)
        diagnostics += _in_order(problems, source)
        if document is None:
            continue
        content, problems = load_content(document)
        diagnostics += _in_order(problems, source)
        match content:
            case Proposal():
                proposals.append((Root(document), content))
            case Facts():
                facts.append((Root(document), content))
            case Request():
                proposals.append((Root(document, ("proposal",)), content.proposal))
                facts.append((Root(document, ("facts",)), content.facts))
    spans = [root.at()[0] for root, _ in proposals] if len(proposals) > 1 else []
    diagnostics += [duplicate_document(span, spans[0]) for span in spans[1:]]
    roots, parts = [root for root, _ in facts], [part for _, part in facts]
    diagnostics += [_contradiction(each, roots) for each in islice(contradictions(parts), MOST_REPORTED)]
    if not proposals and not diagnostics:
        diagnostics.append(missing_document([source.name for source in sources]))
    if diagnostics:
        return None, diagnostics
    return Request(proposal=proposals[0][1], facts=merge_facts(parts)), []


def load_content(document: Document) -> tuple[Content | None, list[Diagnostic]]:
    """What a document says, by its `schema`; whether facts contradict each other is not asked here."""
    schema = document.data.get("schema")
    record = SCHEMAS.get(schema) if isinstance(schema, str) else None
    if record is None:
        return None, [_schema_problem(document)]
    content = validate(record, {key: value for key, value in document.data.items() if key != "schema"})
    if isinstance(content, list):
        return None, [*from_flaws(content[: MOST_REPORTED + 1], record, document.source, document.root)]
    return content, []


def _schema_problem(document: Document) -> Diagnostic:
    if "schema" in document.data:
        found = document.data["schema"]
        hint = near(found, SCHEMAS) if isinstance(found, str) else None
        return unknown_schema(Root(document).at(("schema",))[0], shown(found), one_of(SCHEMAS), hint)
    for key in document.data:
        if near(key, ["schema"]):
            spot = find(document.root, (key,), key=True)
            return unknown_field(spot.span(document.source), "", shown(key), near(key, ["schema"]))
    return missing_field(
        Root(document).at()[0], "", "schema", f"it says what the document is: {one_of(SCHEMAS)}"
    )


def _contradiction(found: Contradiction, roots: Sequence[Root]) -> Diagnostic:
    span, path = roots[found.place.part].at(found.place.path)
    if found.other is None:
        return impossible_record(span, path, found.problem)
    other, _ = roots[found.other.part].at(found.other.path)
    return conflicting_facts(span, path, found.problem, (Related(other, "the other one is here"),))


def _in_order(problems: Iterable[Diagnostic], source: Source) -> list[Diagnostic]:
    ordered = sorted(problems, key=lambda problem: problem.span.start if problem.span else 0)
    return [*ordered[:MOST_REPORTED], more_mistakes(source.name)] if len(ordered) > MOST_REPORTED else ordered
