"""Makes the JSON Schema of a document from the same annotations that the validator reads."""

import ast
import inspect
from collections.abc import Mapping
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from rung.inputs.load import SCHEMAS
from rung.inputs.proof import SCHEMA as PROOF
from rung.inputs.proof import ProofFile
from rung.inputs.record import Record, Shape, document_name
from rung.inputs.scalars import MAX_TEXT, PLAIN, Raw, Scalar

Schema: TypeAlias = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LIMITS = (
    "Of the text itself a schema cannot speak: it is UTF-8 of at most 16 MiB, at most 64 levels deep, with "
    "at most 1,000,000 values and no key twice in a mapping; integers fit 64 bits, numbers have at most 40 "
    "digits. Instants are days that the calendar has."
)


def json_schema(document: Literal["proposal", "facts", "request", "proof"]) -> Schema:
    """The JSON Schema (2020-12) of a kind of document."""
    name = f"rung.{document}/1"
    definitions: dict[str, Schema] = {}
    records: dict[str, type[Record]] = {**SCHEMAS, PROOF: ProofFile}
    whole = _record_schema(records[name], definitions)
    return {
        "$schema": DIALECT,
        "$id": f"urn:rung:{document}:1",
        "$comment": LIMITS,
        "title": name,
        **whole,
        "properties": {"schema": {"const": name}, **whole["properties"]},
        "required": ["schema", *whole["required"]],
        "$defs": dict(sorted(definitions.items())),
    }


def field_docs(record: type[Record]) -> dict[str, str]:
    """What the texts under the fields of a record say about them."""
    (definition,) = ast.parse(inspect.getsource(record)).body
    assert isinstance(definition, ast.ClassDef), "a record is a class"
    docs = {}
    for field, doc in pairwise(definition.body):
        match field, doc:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(str(text))):
                docs[name] = text
    return docs


def _record_schema(record: type[Record], definitions: dict[str, Schema]) -> Schema:
    docs, properties = field_docs(record), {}
    for name, annotation in record.__annotations__.items():
        default = record.field_defaults.get(name)
        shown_default = {"default": default} if isinstance(default, str | bool) else {}
        schema = _schema(annotation, definitions)
        properties[document_name(name)] = {"description": docs[name], **schema, **shown_default}
    return {
        "description": inspect.getdoc(record),
        "type": "object",
        "properties": properties,
        "required": [document_name(name) for name in record.field_names if name not in record.field_defaults],
        "additionalProperties": False,
    }


def _schema(annotation: Any, definitions: dict[str, Schema]) -> Schema:
    """The schema of one annotation; those of records go into `definitions`. The cases are the validator's."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        if annotation.__name__ not in definitions:
            definitions[annotation.__name__] = _record_schema(annotation, definitions)
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    if annotation is bool:
        return {"type": "boolean"}
    if origin is Annotated:
        return _annotated_schema(arguments[0], arguments[1:], definitions)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(kind, definitions) for kind in arguments]}
    if annotation is NoneType:
        return {"type": "null"}
    if origin in (tuple, frozenset):
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is Mapping:
        keys, values = (_schema(argument, definitions) for argument in arguments)
        return {"type": "object", "propertyNames": keys, "additionalProperties": values}
    raise TypeError(f"no document can hold {annotation}")


def _annotated_schema(base: Any, marks: tuple[Any, ...], definitions: dict[str, Schema]) -> Schema:
    schema: Schema = {}
    for mark in marks:
        match mark:
            case Scalar():
                schema = {"type": "string", "pattern": mark.pattern, "maxLength": mark.limit}
            case Raw():
                text = {"type": "string", "pattern": f"^{PLAIN}*$", "maxLength": MAX_TEXT}
                scalar = {"anyOf": [{"type": "boolean"}, {"type": "number"}, text]}
                schema = {"anyOf": [*scalar["anyOf"], {"type": "array", "items": scalar}]}
            case Shape.NON_EMPTY:
                inner = _schema(base, definitions)
                schema = {**inner, "minItems" if inner["type"] == "array" else "minProperties": 1}
            case Shape.ONE_OR_MORE:
                many = schema or _schema(base, definitions)
                schema = {"anyOf": [many["items"], many]}
    return schema
