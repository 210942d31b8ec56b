"""Says what is wrong with whole documents, and with several of them together."""

from collections.abc import Iterable, Sequence
from itertools import islice

from rung.diagnostics import Diagnostic, Related, Source, Span
from rung.inputs import errors
from rung.inputs.consistency import Contradiction, Place
from rung.inputs.document import MAX_BYTES, Document, Root
from rung.inputs.located import MOST_REPORTED, near
from rung.inputs.shown import one_of, shown


def too_long(name: str) -> Diagnostic:
    """The file has too many bytes."""
    return errors.document_too_large(None, f"the document has more than {MAX_BYTES // 2**20} MiB", name)


def not_utf8(name: str, error: UnicodeDecodeError) -> Diagnostic:
    """The bytes of the file are no text."""
    problem = (
        f"expected text in UTF-8, found the byte 0x{error.object[error.start]:02x} at offset {error.start}"
    )
    return errors.malformed_document(None, problem, "save the file as UTF-8", name)


def unfit_text(source: Source) -> Diagnostic:
    """The text has a byte order mark, cannot be written in UTF-8, or is too long."""
    if source.text.startswith("\ufeff"):
        hint = "save the file as UTF-8 without a byte order mark"
        return errors.malformed_document(
            Span(source.name, 0, 1), "found a byte order mark", hint, source.name
        )
    try:
        source.text.encode()
    except UnicodeEncodeError as error:
        span = Span(source.name, error.start, error.end)
        problem = "expected text in UTF-8, found half of a surrogate pair"
        return errors.malformed_document(span, problem, None, source.name)
    return too_long(source.name)


def not_a_mapping(document: Document) -> Diagnostic:
    """The document is a list or a scalar."""
    span = document.span(())
    problem = f"expected a mapping, found {shown(document.data)}"
    return errors.malformed_document(span, problem, None, document.source.name)


def no_schema(document: Document, schemas: Iterable[str]) -> Diagnostic:
    """The document does not say, by a schema that we know, what it is."""
    if "schema" in document.data:
        found = document.data["schema"]
        hint = near(found, schemas) if isinstance(found, str) else None
        return errors.unknown_schema(document.span(("schema",)), shown(found), one_of(schemas), hint)
    for key in document.data:
        hint = near(key, ["schema"])
        if hint:
            return errors.unknown_field(document.span((key,), key=True), "", shown(key), hint)
    hint = f"it says what the document is: {one_of(schemas)}"
    return errors.missing_field(document.span(()), "", "schema", hint)


def no_proposal(sources: Sequence[Source]) -> Diagnostic:
    """None of the documents has a proposal."""
    return errors.missing_document([source.name for source in sources])


def several_proposals(roots: Sequence[Root]) -> list[Diagnostic]:
    """A diagnostic for each proposal but the first."""
    spans = [root.document.span(root.path) for root in roots]
    return [errors.duplicate_document(span, spans[0]) for span in spans[1:]]


def contradictory_facts(found: Iterable[Contradiction], roots: Sequence[Root]) -> list[Diagnostic]:
    """The diagnostics of contradictions in facts that begin at `roots`."""
    return [_contradiction(each, roots) for each in islice(found, MOST_REPORTED)]


def _contradiction(found: Contradiction, roots: Sequence[Root]) -> Diagnostic:
    span, path = _at(found.place, roots)
    if found.other is None:
        return errors.impossible_record(span, path, found.problem)
    other, _ = _at(found.other, roots)
    return errors.conflicting_facts(span, path, found.problem, (Related(other, "the other one is here"),))


def _at(place: Place, roots: Sequence[Root]) -> tuple[Span, str]:
    """The span of a place, and its path as a reader of its document knows it."""
    document, path = roots[place.part]
    spot = document.spot(path + place.path)
    return spot.span(document.source), spot.path
