"""Turns the validator's flaws into diagnostics: in our words, with their places, one mistake once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, get_args

from rung.diagnostics import Diagnostic, Source, did_you_mean
from rung.inputs.errors import malformed_value, missing_field, unknown_field
from rung.inputs.located import Node, find
from rung.inputs.record import Record, document_name
from rung.inputs.shown import LONGEST, all_of, one_of, shown
from rung.inputs.validator import EXPECTED, Flaw

# What pydantic misses of the plain kinds, in the words of documents.
_KINDS = {
    "dataclass_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "frozen_set_type": "a list",
    "bool_type": "`true` or `false`",
    "too_short": "at least one entry",
}


def from_flaws(
    flaws: Sequence[Flaw], record: type[Record], source: Source, root: Node
) -> Iterator[Diagnostic]:
    """The diagnostics of a document that the validator did not take for a `record`."""
    absent = [flaw.path for flaw in flaws if flaw.kind == "missing"]
    hints: dict[tuple[str | int, ...], str | None] = {}
    meant: set[tuple[str | int, ...]] = set()  # absent fields whose values stand there under a wrong name
    for flaw in flaws:
        if flaw.kind == "unexpected_keyword_argument":
            parent, field = flaw.path[:-1], str(flaw.path[-1])
            lost = [path for path in absent if path[:-1] == parent]
            hint = near(field, [str(path[-1]) for path in lost])
            meant.update(path for path in lost if hint and f"`{path[-1]}`" in hint)
            hints[flaw.path] = hint or _field_hint(field, record, parent)
    for flaw in flaws:
        if flaw.kind == "unexpected_keyword_argument":
            key, within = find(root, flaw.path, key=True), find(root, flaw.path[:-1]).path
            yield unknown_field(key.span(source), within, shown(flaw.path[-1]), hints[flaw.path])
        elif flaw.kind != "missing":
            yield _malformed(flaw, source, root)
        elif flaw.path not in meant:
            spot = find(root, flaw.path[:-1])
            yield missing_field(spot.span(source), spot.path, str(flaw.path[-1]))


def _field_hint(field: str, record: type[Record], path: Sequence[str | int]) -> str | None:
    known = _field_names(_records_at(record, path))
    if path and field in _field_names(_records_at(record, path[:-1])):
        return (
            f"it belongs to another kind of record: with what else is there, the fields are {all_of(known)}"
        )
    return near(field, known) or f"the fields here are {all_of(known)}"


def near(word: str, candidates: Iterable[str]) -> str | None:
    """A hint that names the candidate nearest to `word`; a word too long to be a slip has none."""
    return did_you_mean(word, candidates) if len(word) <= LONGEST else None


def _malformed(flaw: Flaw, source: Source, root: Node) -> Diagnostic:
    is_key = flaw.path[-1:] == ("[key]",)
    spot = find(root, flaw.path[:-1] if is_key else flaw.path, key=is_key)
    expected, hint = _expectation(flaw)
    problem = f"expected {expected}, found {shown(flaw.found)}"
    return malformed_value(spot.span(source), spot.path, problem, hint)


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


def _records_at(record: type[Record], path: Sequence[str | int]) -> list[type[Record]]:
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
        if chosen or below:
            records = chosen or [each for annotation in below for each in _records_in(annotation)]
    return records


def _records_in(annotation: Any) -> list[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return [annotation]
    return [record for argument in get_args(annotation) for record in _records_in(argument)]


def _field_names(records: Sequence[type[Record]]) -> list[str]:
    return [document_name(name) for record in records for name in record.field_names]
