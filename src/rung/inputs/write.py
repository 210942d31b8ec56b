"""Writes a proposal, facts or a request as the document that would be read as the same."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from json import dumps
from typing import Annotated, Any, get_args, get_origin

from rung.inputs.load import SCHEMAS, Content
from rung.inputs.record import Record, document_name
from rung.inputs.scalars import Scalar


def to_document(content: Content) -> dict[str, Any]:
    """The document as plain data; what has its default is left out, and decimals are Decimal."""
    name = next(name for name, record in SCHEMAS.items() if isinstance(content, record))
    return {"schema": name, **plain_record(content)}


def to_json(data: Any, indent: str = "") -> str:
    """Plain data as JSON, a line for each entry, in which decimals keep every digit."""
    inner = indent + "  "
    match data:
        case dict() if data:
            lines = [f"{inner}{dumps(key)}: {to_json(value, inner)}" for key, value in data.items()]
            return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
        case list() | tuple() if any(isinstance(item, dict | list | tuple) for item in data):
            return "[\n" + ",\n".join(inner + to_json(item, inner) for item in data) + f"\n{indent}]"
        case list() | tuple():
            return f"[{', '.join(to_json(item) for item in data)}]"
        case Decimal():
            return str(data)
        case _:
            return dumps(data)


def plain_record(record: Record) -> dict[str, Any]:
    """The fields of a record as plain data; what has its default is left out."""
    values = ((name, getattr(record, name)) for name in record.field_names)
    return {
        document_name(name): _plain(value, _writer(record.__annotations__[name]))
        for name, value in values
        if name not in record.field_defaults or value != record.field_defaults[name]
    }


def _plain(value: Any, write: Callable[[Any], str] | None) -> Any:
    match value:
        case Record():
            return plain_record(value)
        case tuple():
            return [_plain(item, write) for item in value]
        case frozenset():
            return sorted(value)
        case Mapping():
            return {key: _plain(item, write) for key, item in value.items()}
        case None:
            return None
        case _:
            return write(value) if write else value


def _writer(annotation: Any) -> Callable[[Any], str] | None:
    """How the scalars in a field of this annotation are written, unless as they are."""
    marks = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    writers = [mark.write for mark in marks if isinstance(mark, Scalar)]
    writers += [_writer(argument) for argument in get_args(annotation)]
    return next((writer for writer in writers if writer), None)
