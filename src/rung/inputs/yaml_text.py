"""Reads YAML as another way to write JSON: no anchors, tags or implicit booleans, one document.

The parser's events become located nodes directly, so that depth and size are bounded while reading and
nothing is resolved that was not written. Only `true`, `false`, `null` and the numbers of JSON are more
than text when they stand unquoted.
"""

import re
from typing import Any

import yaml

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.errors import ambiguous_value, malformed_document, malformed_value, unsupported_yaml
from rung.inputs.json_text import MAX_DEPTH, MAX_NODES
from rung.inputs.located import (
    Entries,
    Items,
    Leaf,
    Node,
    Refused,
    in_order,
    number_or_refusal,
    plain,
    refusals,
    too_large,
)
from rung.inputs.numbers import NUMBER
from rung.inputs.shown import shown

# What YAML 1.1 or 1.2 reads as a boolean, null, number or merge key, and JSON does not write so. Nothing
# here may be matched in two ways: a scalar may have millions of digits.
_AMBIGUOUS = re.compile(
    r"(?:y|Y|n|N|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|True|TRUE|False|FALSE|Null|NULL|~|<<|=|)"
    r"|[-+]?(?:\.[0-9_]+|[0-9][0-9_]*+(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?0(?:b[01_]+|o[0-7_]+|x[0-9a-fA-F_]+)"
    r"|[-+]?[0-9][0-9_]*+(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_CONSTANTS = {"true": True, "false": False, "null": None}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser is not in every build of PyYAML


class _Open:
    """A list or mapping whose end has not been read; the nodes of a mapping are keys and values in turn."""

    def __init__(self, start: int, is_mapping: bool) -> None:
        self.start = start
        self.is_mapping = is_mapping
        self.nodes: list[Node] = []

    def close(self, end: int) -> Node:
        if not self.is_mapping:
            return Items(self.start, end, self.nodes)
        keys, values = self.nodes[::2], self.nodes[1::2]
        return Entries(self.start, end, [(_key(key), value) for key, value in zip(keys, values, strict=True)])


def read_yaml(source: Source) -> tuple[Any, list[Diagnostic]]:
    """The data of one YAML document, or all that no document may have in it."""
    diagnostics: list[Diagnostic] = []
    try:
        root = _build(source, diagnostics)
    except yaml.YAMLError as error:
        return None, in_order([*diagnostics, _syntax_error(error, source)], source)
    if root is not None:
        diagnostics += refusals(root, source)
    return None if diagnostics or root is None else plain(root), in_order(diagnostics, source)


def yaml_tree(source: Source) -> Node:
    """The values of a text that was read, with their places."""
    root = _build(source, [])
    assert root is not None, "the text was read before"
    return root


def _build(source: Source, diagnostics: list[Diagnostic]) -> Node | None:
    """Follows the events; None when the document is too large to go on or has no value."""
    root: Node | None = None
    open_nodes: list[_Open] = []
    count = 0
    for event in yaml.parse(source.text, _LOADER):
        assert event.start_mark is not None, "the parser marks its events"
        assert event.end_mark is not None, "the parser marks its events"
        span = Span(source.name, event.start_mark.index, event.end_mark.index)
        node: Node | None = None
        match event:
            case yaml.DocumentStartEvent():
                if root is not None:
                    diagnostics.append(unsupported_yaml(span, "a second document in one file is", None))
                    return root
                if event.version or event.tags:
                    diagnostics.append(
                        unsupported_yaml(span, "directives are", "leave out the lines with `%`")
                    )
            case yaml.AliasEvent():
                node = Leaf(span.start, span.end, Refused(_alias))
            case yaml.ScalarEvent():
                is_text = event.style or event.tag
                node = Leaf(span.start, span.end, event.value if is_text else _plain_scalar(event.value))
            case yaml.CollectionStartEvent():
                open_nodes.append(_Open(span.start, isinstance(event, yaml.MappingStartEvent)))
            case yaml.CollectionEndEvent():
                node = open_nodes.pop().close(span.end)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            count += 1
            if event.anchor is not None:
                diagnostics.append(
                    unsupported_yaml(span, "anchors are", "write the value out where it is used")
                )
            if event.tag is not None:
                diagnostics.append(unsupported_yaml(span, "tags are", "quote the value if it is a text"))
        if len(open_nodes) > MAX_DEPTH or count > MAX_NODES:
            diagnostics.append(too_large(span, deep=len(open_nodes) > MAX_DEPTH))
            return None
        if node is not None and open_nodes:
            open_nodes[-1].nodes.append(node)
        elif node is not None:
            root = node
    if root is None:
        diagnostics.append(malformed_document(None, "the document is empty", None, source.name))
    return root


def _plain_scalar(text: str) -> Any:
    """What a scalar without quotes says: a constant or number of JSON, else its text."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if NUMBER.fullmatch(text):
        return number_or_refusal(text)
    if _AMBIGUOUS.fullmatch(text):
        hint = (
            f'put it in quotes if it is a text: `"{text}"`'
            if text
            else 'write `null`, or `""` for an empty text'
        )
        found = shown(text) if text else "an empty value"
        return Refused(lambda span, path: ambiguous_value(span, path, found, hint))
    return text


def _alias(span: Span, path: str) -> Diagnostic:
    return unsupported_yaml(span, "aliases are", "write the value out")


def _key(node: Node) -> Leaf:
    if isinstance(node, Leaf) and isinstance(node.value, str | Refused):
        return node
    found = (
        shown(node.value) if isinstance(node, Leaf) else "a list" if isinstance(node, Items) else "a mapping"
    )
    hint = "put it in quotes" if isinstance(node, Leaf) else None
    problem = f"expected a text as key, found {found}"
    return Leaf(node.start, node.end, Refused(lambda span, path: malformed_value(span, path, problem, hint)))


def _syntax_error(error: yaml.YAMLError, source: Source) -> Diagnostic:
    problem, start = "it cannot be read", 0
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or problem
        mark = error.problem_mark or error.context_mark
        start = mark.index if mark else 0
    elif unprintable := yaml.reader.Reader.NON_PRINTABLE.search(source.text):
        problem, start = f"it has the control character {shown(unprintable[0])}", unprintable.start()
    span = Span(source.name, min(start, len(source.text)), min(start + 1, len(source.text)))
    return malformed_document(span, f"this is not YAML: {problem}", None, source.name)
