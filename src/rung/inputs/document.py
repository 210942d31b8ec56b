"""Reads a file into a document: plain data, and the places of its values when something is wrong."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.errors import document_too_large, malformed_document
from rung.inputs.json_text import json_tree, read_json
from rung.inputs.located import MAX_BYTES, Node, Spot, find
from rung.inputs.shown import shown


class Document:
    """A text as plain data."""

    def __init__(self, source: Source, data: dict[str, Any], tree: Callable[[Source], Node]) -> None:
        self.source = source
        self.data = data
        self._tree = tree

    @cached_property
    def root(self) -> Node:
        """The data with its places."""
        return self._tree(self.source)

    def spot(self, path: tuple[str | int, ...]) -> Spot:
        """Where the value at a path stands."""
        return find(self.root, path)


def source_of(name: str, content: bytes) -> tuple[Source | None, list[Diagnostic]]:
    """The text of a file, which must be UTF-8 and not too long."""
    if len(content) > MAX_BYTES:
        return None, [_too_long(name)]
    try:
        return Source(name, content.decode()), []
    except UnicodeDecodeError as error:
        problem = (
            f"expected text in UTF-8, found the byte 0x{content[error.start]:02x} at offset {error.start}"
        )
        return None, [malformed_document(None, problem, "save the file as UTF-8", name)]


def read_document(source: Source) -> tuple[Document | None, list[Diagnostic]]:
    """The document that a text is, unless there are diagnostics.

    The suffix of its name tells the format; without a telling one, a text that begins with `{` is JSON.
    """
    problem = _unfit(source)
    if problem:
        return None, [problem]
    is_json = source.name.endswith(".json")
    is_yaml = source.name.endswith((".yaml", ".yml"))
    if is_json or (not is_yaml and source.text.lstrip()[:1] == "{"):
        data, diagnostics = read_json(source)
        tree = json_tree
    else:
        from rung.inputs.yaml_text import read_yaml, yaml_tree  # JSON must not wait for PyYAML

        data, diagnostics = read_yaml(source)
        tree = yaml_tree
    if diagnostics:
        return None, diagnostics
    if not isinstance(data, dict):
        spot = find(tree(source), ())
        return None, [
            malformed_document(
                spot.span(source), f"expected a mapping, found {shown(data)}", None, source.name
            )
        ]
    return Document(source, data, tree), []


def _unfit(source: Source) -> Diagnostic | None:
    """What is wrong with a text before any reading."""
    if source.text.startswith("\ufeff"):
        hint = "save the file as UTF-8 without a byte order mark"
        return malformed_document(Span(source.name, 0, 1), "found a byte order mark", hint, source.name)
    try:
        size = len(source.text.encode())
    except UnicodeEncodeError as error:
        span = Span(source.name, error.start, error.end)
        return malformed_document(
            span, "expected text in UTF-8, found half of a surrogate pair", None, source.name
        )
    return _too_long(source.name) if size > MAX_BYTES else None


def _too_long(name: str) -> Diagnostic:
    return document_too_large(None, f"the document has more than {MAX_BYTES // 2**20} MiB", name)
