"""Turns the validator's flaws into diagnostics: in our words, with their places, one mistake once."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, get_args

from rung.diagnostics import Diagnostic
from rung.inputs.document import Document
from rung.inputs.errors import malformed_value, missing_field, unknown_field
from rung.inputs.located import MOST_REPORTED, in_order, near
from rung.inputs.record import Record, document_name
from rung.inputs.shown import all_of, one_of, shown
from rung.inputs.validator import EXPECTED, Flaw, Path, telling_field

# What pydantic misses of the plain kinds, in the words of documents.
_KINDS = {
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "bool_type": "`true` or `false`",
    "too_short": "at least one entry",
}


def from_flaws(flaws: Sequence[Flaw], record: type[Record], document: Document) -> list[Diagnostic]:
    """The diagnostics of a document that the validator did not take for a `record`."""
    flaws = flaws[: MOST_REPORTED + 1]
    absent = [flaw.path for flaw in flaws if flaw.kind == "missing"]
    meant: set[Path] = set()  # absent fields whose values stand there under a wrong name
    diagnostics = []
    for flaw in flaws:
        if flaw.kind == "unexpected_keyword_argument":
            field, parent = str(flaw.path[-1]), flaw.path[:-1]
            lost = [path for path in absent if path[:-1] == parent]
            hint = near(field, [str(path[-1]) for path in lost])
            meant.update(path for path in lost if hint and f"`{path[-1]}`" in hint)
            hint = hint or _field_hint(field, record, parent)
            span, within = document.span(flaw.path, key=True), document.spot(parent).path
            diagnostics.append(unknown_field(span, within, shown(field), hint))
        elif flaw.kind != "missing":
            diagnostics.append(_malformed(flaw, document))
    for path in absent:
        if path not in meant:
            at = path[:-1]
            diagnostics.append(missing_field(document.span(at), document.spot(at).path, str(path[-1])))
    return in_order(diagnostics, document.source)


def _field_hint(field: str, record: type[Record], path: Path) -> str | None:
    records = _records_at(record, path)
    known = _field_names(records)
    chosen = [each for each in records if path and each.__name__ == path[-1]]
    if chosen and field in _field_names(_records_at(record, path[:-1])):
        # The mapping was taken for one record of a union, and this is a field of another.
        telling = telling_field(chosen[0])
        others = [name for name in known if name != telling]
        return f"beside `{telling}` there may be {all_of(others) if others else 'nothing else'}"
    return near(field, known) or f"the fields here are {all_of(known)}"


def _malformed(flaw: Flaw, document: Document) -> Diagnostic:
    is_key = flaw.path[-1:] == ("[key]",)
    path = flaw.path[:-1] if is_key else flaw.path
    expected, hint = _expectation(flaw)
    problem = f"expected {expected}, found {shown(flaw.found)}"
    return malformed_value(document.span(path, key=is_key), document.spot(path).path, problem, hint)


def _expectation(flaw: Flaw) -> tuple[str, str | None]:
    """What was expected, and a hint."""
    if flaw.kind in _KINDS:
        return _KINDS[flaw.kind], None
    if flaw.kind == "literal_error":
        words = re.findall("'([^']*)'", flaw.context["expected"])
        return one_of(words), near(flaw.found, words) if isinstance(flaw.found, str) else None
    if flaw.kind == "value_error":
        expected = str(flaw.context["error"]).removeprefix("expected ")
    else:
        assert flaw.kind == EXPECTED, f"no schema of ours reports {flaw.kind}"
        expected = flaw.message
    is_number = isinstance(flaw.found, int | Decimal) and not isinstance(flaw.found, bool)
    return expected, "put it in quotes" if is_number else None


def _records_at(record: type[Record], path: Path) -> list[type[Record]]:
    """The records that may stand at a path; indexes, and the keys of mappings, lead nowhere else."""
    records = [record]
    for step in path:
        chosen = [each for each in records if each.__name__ == step]
        below = [
            annotation
            for each in records
            for name, annotation in each.__annotations__.items()
            if document_name(name) == step
        ]
        records = chosen or [each for annotation in below for each in _records_in(annotation)] or records
    return records


def _records_in(annotation: Any) -> list[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [record for argument in get_args(annotation) for record in _records_in(argument)]


def _field_names(records: Sequence[type[Record]]) -> list[str]:
    return [document_name(name) for record in records for name in record.field_names]
