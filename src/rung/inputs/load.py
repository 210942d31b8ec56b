"""Loads documents: texts in JSON or YAML become a request, or everything that is wrong is said.

Every document says by its `schema` what it is. A decision takes one proposal and any number of facts; a
request is both in one document.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from rung.diagnostics import Diagnostic, Source
from rung.inputs.consistency import contradictions
from rung.inputs.document import Document, Root, read_document
from rung.inputs.facts import Facts
from rung.inputs.proposal import Proposal
from rung.inputs.request import Request, merge_facts
from rung.inputs.validator import AnyRecord, validate

Content: TypeAlias = Proposal | Facts | Request
SCHEMAS: dict[str, type[Content]] = {
    "rung.proposal/1": Proposal,
    "rung.facts/1": Facts,
    "rung.request/1": Request,
}


def load_request(sources: Sequence[Source]) -> tuple[Request | None, list[Diagnostic]]:
    """The request that the documents make up together, or None and all that is wrong with them."""
    diagnostics: list[Diagnostic] = []
    proposals: list[tuple[Root, Proposal]] = []
    facts: list[tuple[Root, Facts]] = []
    for source in sources:
        document, problems = read_document(source)
        content = None
        if document is not None:
            content, problems = load_content(document, SCHEMAS)
        diagnostics += problems
        match content, document:
            case Proposal(), Document():
                proposals.append((Root(document, ()), content))
            case Facts(), Document():
                facts.append((Root(document, ()), content))
            case Request(), Document():
                proposals.append((Root(document, ("proposal",)), content.proposal))
                facts.append((Root(document, ("facts",)), content.facts))
    parts = [part for _, part in facts]
    contradictory = list(contradictions(parts))
    if not diagnostics and not contradictory and len(proposals) == 1:
        return Request(proposal=proposals[0][1], facts=merge_facts(parts)), []
    from rung.inputs import mistakes

    diagnostics += mistakes.several_proposals([root for root, _ in proposals])
    diagnostics += mistakes.contradictory_facts(contradictory, [root for root, _ in facts])
    # Where something else is wrong, the proposal may well be there and only not be understood.
    return None, diagnostics or [mistakes.no_proposal(sources)]


def load_content(
    document: Document, schemas: Mapping[str, type[AnyRecord]]
) -> tuple[AnyRecord | None, list[Diagnostic]]:
    """What a document says, by its `schema`; whether facts contradict each other is not asked here."""
    schema = document.data.get("schema")
    record = schemas.get(schema) if isinstance(schema, str) else None
    if record is None:
        from rung.inputs.mistakes import no_schema

        return None, [no_schema(document, schemas)]
    content = validate(record, {key: value for key, value in document.data.items() if key != "schema"})
    if isinstance(content, list):
        from rung.inputs.from_flaws import from_flaws

        return None, from_flaws(content, record, document)
    return content, []
