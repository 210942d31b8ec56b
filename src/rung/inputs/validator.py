"""Turns the annotations of a record into pydantic's core schema, and validates plain data with it.

This asks pydantic-core directly. Its parent package would do the same from the same annotations, but its
model machinery alone takes longer to import than a whole decision may.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, TypeVar, Union, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema
from pydantic_core.core_schema import CoreConfig

from rung.inputs.record import Record, Shape, document_name
from rung.inputs.scalars import Raw, Scalar
from rung.inputs.shown import one_of

Path: TypeAlias = tuple[str | int, ...]
AnyRecord = TypeVar("AnyRecord", bound=Record)
EXPECTED = "expected"  # the type of an error whose message says what was expected
CONFIG = CoreConfig(extra_fields_behavior="forbid")


class Flaw(NamedTuple):
    """One thing that is wrong with plain data: where, the kind of error, and what was found there."""

    path: Path
    kind: str
    message: str
    found: object
    context: Mapping[str, Any]


def validate(record: type[AnyRecord], data: object) -> AnyRecord | list[Flaw]:
    """The record that plain data (dicts, lists, scalars) describes, or everything that is wrong with it."""
    try:
        validator = _validator(record)  # type: ignore[arg-type]  # mypy takes the class for an instance here
        value: AnyRecord = validator.validate_python(data)
    except ValidationError as error:
        return [
            Flaw(flaw["loc"], flaw["type"], flaw["msg"], flaw["input"], flaw.get("ctx", {}))
            for flaw in error.errors(include_url=False)
        ]
    return value


@cache
def _validator(record: type[Record]) -> SchemaValidator:
    definitions: dict[str, CoreSchema] = {}
    root = _schema(record, definitions)
    return SchemaValidator(core_schema.definitions_schema(root, list(definitions.values())), CONFIG)


def _schema(annotation: Any, definitions: dict[str, CoreSchema]) -> CoreSchema:
    """The schema of one annotation; schemas worth sharing go into `definitions`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return _shared(annotation.__name__, partial(_record_schema, annotation, definitions), definitions)
    if annotation is bool:
        return core_schema.bool_schema(strict=True)
    if origin is Annotated:
        return _annotated_schema(arguments[0], arguments[1:], definitions)
    if origin is Literal:
        return core_schema.literal_schema(list(arguments))
    if origin in (Union, UnionType):
        kinds = [kind for kind in arguments if kind is not NoneType]
        inner = _schema(kinds[0], definitions) if len(kinds) == 1 else _union_schema(kinds, definitions)
        return core_schema.nullable_schema(inner) if NoneType in arguments else inner
    if origin is tuple:
        return core_schema.tuple_variable_schema(_schema(arguments[0], definitions))
    if origin is frozenset:
        return core_schema.frozenset_schema(_schema(arguments[0], definitions))
    if origin is Mapping:
        return core_schema.dict_schema(*(_schema(argument, definitions) for argument in arguments))
    raise TypeError(f"no document can hold {annotation}")


def _annotated_schema(base: Any, marks: tuple[Any, ...], definitions: dict[str, CoreSchema]) -> CoreSchema:
    schema: CoreSchema | None = None
    for mark in marks:
        match mark:
            case Scalar():
                schema = _shared(mark.expected, partial(_scalar_schema, mark), definitions)
            case Raw(parse):
                schema = core_schema.no_info_plain_validator_function(parse)
            case Shape.NON_EMPTY:
                schema = {**_schema(base, definitions), "min_length": 1}
            case Shape.ONE_OR_MORE:
                inner = schema or _schema(base, definitions)
                schema = core_schema.no_info_before_validator_function(_listed, inner)
    assert schema is not None, f"no mark of {base} is known"
    return schema


def _scalar_schema(scalar: Scalar) -> CoreSchema:
    if scalar.parse:
        return core_schema.no_info_plain_validator_function(scalar.parse)
    text = core_schema.str_schema(strict=True, pattern=scalar.pattern, max_length=scalar.limit)
    return core_schema.custom_error_schema(text, EXPECTED, custom_error_message=scalar.expected)


def _record_schema(record: type[Record], definitions: dict[str, CoreSchema]) -> CoreSchema:
    fields = []
    for name, annotation in record.__annotations__.items():
        schema = _schema(annotation, definitions)
        if name in record.field_defaults:
            schema = core_schema.with_default_schema(
                schema, default_factory=_constant(record.field_defaults[name])
            )
        alias = document_name(name)
        fields.append(core_schema.dataclass_field(name, schema, kw_only=True, validation_alias=alias))
    arguments = core_schema.dataclass_args_schema(record.__name__, fields)
    return core_schema.dataclass_schema(record, arguments, list(record.field_names), config=CONFIG)


def _union_schema(kinds: list[type[Record]], definitions: dict[str, CoreSchema]) -> CoreSchema:
    """Records are told apart by the first field that each requires; the first one found decides."""
    telling = {telling_field(kind): kind.__name__ for kind in kinds}

    def tag(data: object) -> str | None:
        names = data if isinstance(data, dict) else ()
        return next((telling[name] for name in telling if name in names), None)

    choices: dict[Any, CoreSchema] = {kind.__name__: _schema(kind, definitions) for kind in kinds}
    expected = f"a mapping with {one_of(list(telling))}"
    return core_schema.tagged_union_schema(
        choices, tag, custom_error_type=EXPECTED, custom_error_message=expected
    )


def telling_field(record: type[Record]) -> str:
    """The field whose presence tells that a mapping is meant to be this record, in a union of records."""
    return next(document_name(name) for name in record.field_names if name not in record.field_defaults)


def _shared(name: str, make: Callable[[], CoreSchema], definitions: dict[str, CoreSchema]) -> CoreSchema:
    if name not in definitions:
        definitions[name] = {**make(), "ref": name}
    return core_schema.definition_reference_schema(name)


def _constant(value: object) -> Callable[[], Any]:
    """A factory: pydantic deep-copies a default that cannot be hashed, which not every one survives."""
    return lambda: value


def _listed(data: object) -> object:
    return [data] if isinstance(data, str) else data
