"""Defines what kinds of indexes take: `check_index` and, of one key, `check_key`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rung.migrations import server
from rung.migrations.resolution import Kind, NoMeaningError, category
from rung.migrations.schema import Index, Schema

# the classes of extensions that take texts alone
_OF_TEXTS = {"gin_trgm_ops", "gist_trgm_ops"}


def check_index(schema: Schema, index: Index, kinds: Sequence[Kind]) -> Iterator[str]:
    """What is in doubt about an index over keys of these types; `NoMeaningError` where it is refused."""
    # the server takes the old name for the new
    method = "gist" if index.method == "rtree" else index.method
    can = server.properties(method)
    if can is None:
        yield from _brought(schema, method, f"access method `{method}`")
        return
    for wanted, needed, what in (
        (index.unique, "unique", "no unique indexes"),
        (bool(index.include), "include", "no included columns"),
        (len(index.keys) > 1, "several", "no indexes of several columns"),
        (any(key.ordered for key in index.keys), "order", "no ASC, DESC or NULLS"),
    ):
        if wanted and needed not in can:
            raise NoMeaningError(f"access method `{method}` has {what}")
    for key, kind in zip(index.keys, kinds, strict=True):
        if key.operators is None:
            if method != "btree" and any(map(_brings_classes, schema.extensions)):
                continue
            if check_key(method, kind, f"`{key.label}`") is None and method != "btree":
                yield f"index of `{key.label}`, whose type `{method}` may not take"
            continue
        name = key.operators.name
        classes = [each for each in server.classes(method) if each.name == name]
        if not classes:
            if kind is not None and name in _OF_TEXTS and not _is_of(kind, "text"):
                raise NoMeaningError(f"operator class `{name}` does not take `{key.label}`, of type {kind}")
            yield from _brought(schema, name, f"operator class `{name}` of `{method}`")
        elif kind is not None and not any(_is_of(kind, each.type) for each in classes):
            raise NoMeaningError(f"operator class `{name}` does not take `{key.label}`, of type {kind}")


def check_key(method: str, kind: Kind, shown: str) -> Kind:
    """The type by whose class keys of this type are in an index, None where it is not known."""
    if kind is None:
        return None
    kind = "text" if kind == "unknown" else kind
    defaults = [each.type for each in server.classes(method) if each.default]
    if kind in defaults:
        return kind
    found = next((each for each in defaults if _is_of(kind, each)), None)
    if found is None:
        raise NoMeaningError(
            f"an index by `{method}` of {shown}, of type {kind}, which has no operator class for it"
        )
    return found


def _is_of(kind: str, wanted: str) -> bool:
    """Whether a class for the one type is one for the other."""
    if kind == wanted:
        return True
    match wanted:
        case "anyarray":
            return kind.startswith("_")
        case "anyenum":
            return kind.startswith("enum ")
        case "record":
            return kind.startswith("row ")
        case "anyrange":
            return category(kind) == "R" and "multirange" not in kind
        case "anymultirange":
            return "multirange" in kind
        case _:
            found = server.cast(kind, wanted)
            return found is not None and found.method == "b" and found.context == "i"


def _brings_classes(extension: str) -> bool:
    return not server.contents_known(extension) or server.brings_classes(extension)


def _brought(schema: Schema, name: str, shown: str) -> Iterator[str]:
    """That an extension is to bring it: one that the migrations make, or one made by hand."""
    bringers = server.bringers(name)
    if bringers & schema.extensions or schema.own_operators:
        return
    if not bringers and all(map(server.contents_known, schema.extensions)):
        raise NoMeaningError(f"{shown} does not exist")
    yield f"{shown}, which no migration makes"
