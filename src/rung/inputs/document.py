"""Reads a text into a document: plain data, and the places of its values when something is wrong.

What only mistakes need is imported when there is one: a decision usually has none, and is not to wait.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.json_text import read_json

if TYPE_CHECKING:
    from rung.inputs.located import Node, Spot

MAX_BYTES = 16 * 1024 * 1024


class Document:
    """A mapping as plain data."""

    def __init__(self, source: Source, data: dict[str, Any], is_json: bool) -> None:
        self.source = source
        self.data = data
        self.is_json = is_json

    @cached_property
    def root(self) -> "Node":
        """The data with its places."""
        if self.is_json:
            from rung.inputs.json_tree import json_tree

            return json_tree(self.source)
        from rung.inputs.yaml_text import yaml_tree

        return yaml_tree(self.source)

    def spot(self, path: tuple[str | int, ...], *, key: bool = False) -> "Spot":
        """Where the value at a path stands, or the key of its last step."""
        from rung.inputs.located import find

        return find(self.root, path, key=key)

    def span(self, path: tuple[str | int, ...], *, key: bool = False) -> Span:
        """The span of that spot."""
        return self.spot(path, key=key).span(self.source)


class Root(NamedTuple):
    """Where a proposal or facts begin: a document, and the path within it."""

    document: Document
    path: tuple[str | int, ...]


def source_of(name: str, content: bytes) -> tuple[Source | None, list[Diagnostic]]:
    """The text of a file, which must be UTF-8 and not too long."""
    if len(content) <= MAX_BYTES:
        try:
            return Source(name, content.decode()), []
        except UnicodeDecodeError as error:
            from rung.inputs.mistakes import not_utf8

            return None, [not_utf8(name, error)]
    from rung.inputs.mistakes import too_long

    return None, [too_long(name)]


def read_document(source: Source) -> tuple[Document | None, list[Diagnostic]]:
    """The document that a text is, unless there are diagnostics.

    The suffix of its name tells the format; without a telling one, a text that begins with `{` is JSON.
    """
    if source.text.startswith("\ufeff") or not _fits(source.text):
        from rung.inputs.mistakes import unfit_text

        return None, [unfit_text(source)]
    is_json = source.name.endswith(".json")
    is_yaml = source.name.endswith((".yaml", ".yml"))
    if is_json or (not is_yaml and source.text.lstrip()[:1] == "{"):
        data, diagnostics = _read_json(source)
        is_json = True
    else:
        from rung.inputs.yaml_text import read_yaml

        data, diagnostics = read_yaml(source)
    if diagnostics:
        return None, diagnostics
    document = Document(source, data, is_json)
    if isinstance(data, dict):
        return document, []
    from rung.inputs.mistakes import not_a_mapping

    return None, [not_a_mapping(document)]


def _fits(text: str) -> bool:
    try:
        return len(text.encode()) <= MAX_BYTES
    except UnicodeEncodeError:
        return False


def _read_json(source: Source) -> tuple[Any, list[Diagnostic]]:
    try:
        return read_json(source.text), []
    except ValueError:
        from rung.inputs.json_tree import json_problems

        return None, json_problems(source)
