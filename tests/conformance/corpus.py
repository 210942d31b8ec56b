"""Reads the conformance corpus: Markdown files whose named blocks say what is given and what is expected.

The README beside this file describes the blocks, and how a request is layered over its base.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rung.diagnostics import Source
from rung.inputs.consistency import contradictions
from rung.inputs.document import read_document
from rung.inputs.request import Request
from rung.inputs.scalars import parse_instant
from rung.inputs.validator import validate

ROOT = Path(__file__).parent
# What is expected, and where what it is about is found.
EXPECTED_OF = {
    "decision": ("request",),
    "diagnostics": ("policy", "document"),
    "findings": ("policy",),
    "proof": ("policy",),
    "comparison": ("policy", "edited"),
    "migration": ("policy",),
}
GIVEN = frozenset({"policy", "edited", "file", "base", "request", "document"})
# The field of a record that its label stands for.
LABELS = {
    "builds": "invocation",
    "changes": None,
    "evidence": "type",
    "reviews": "by",
    "approvals": "by",
    "events": "environment",
    "health": "environment",
    "persons": "id",
    "environments": "name",
    "manifests": None,
}
_FENCE = re.compile(r"^```(.*)$", re.MULTILINE)
_SHORT = re.compile(r"\b(sha256:)?([0-9a-f]{1,16})…")
_REPEATED = re.compile(r"⟪([^⟫]*)⟫\*([0-9]+)")
_CHARACTER = re.compile(r"⟪U\+([0-9A-F]{4})⟫")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; `start` is the offset of its text in the file."""

    kind: str
    name: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation, with the blocks that it is about: a policy and layers of a request, or documents.

    An `edited` policy is one that the other was made into.
    `files` are those that stand beside the policies of the same Markdown file.
    """

    path: Path
    expected: Block
    policy: Block | None = None
    layers: tuple[Block, ...] = ()
    documents: tuple[Block, ...] = ()
    files: tuple[Block, ...] = ()
    edited: Block | None = None

    @property
    def id(self) -> str:
        name = f":{self.expected.name}" if self.expected.name else ""
        return f"{self.path.relative_to(ROOT).with_suffix('')}{name}"

    def document_sources(self) -> list[Source]:
        return [
            Source(block.name.partition("/")[2], spelled_out(full_digests(block.text)))
            for block in self.documents
        ]

    def request(self) -> tuple[Request, int]:
        """The request and the instant (UTC seconds) at which it is decided."""
        return request_of(*(block.text for block in self.layers))


class MisplacedBlockError(Exception):
    """A block of the corpus that is unknown, or lacks its counterpart."""


# ---------------------------------------------------------------- blocks


def cases(root: Path = ROOT) -> list[Case]:
    """Every case of the corpus, in the order of files and blocks."""
    return [case for path in sorted(root.glob("*/*.md")) for case in cases_of(path)]


def cases_of(path: Path) -> list[Case]:
    """The cases of one file; `MisplacedBlockError` for a block that belongs to none."""
    found: list[Case] = []
    blocks = list(blocks_of(path.read_text(encoding="utf-8")))
    used: set[int] = set()
    keys = [(block.kind, block.name) for block in blocks if block.kind != "base"]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise MisplacedBlockError(f"{path}: twice {twice}")
    for block in blocks:
        if block.kind not in EXPECTED_OF:
            if block.kind not in GIVEN:
                raise MisplacedBlockError(f"{path}: unknown block `{block.kind}`")
            continue
        given = [
            each for each in blocks if each.kind in EXPECTED_OF[block.kind] and _group(each) == block.name
        ]
        if not given:
            raise MisplacedBlockError(f"{path}: `{block.kind} {block.name}` is about nothing")
        case = _case(path, block, given, blocks)
        about = (block, *given, *case.layers, *case.files, case.policy)
        used.update(each.start for each in about if each is not None)
        found.append(case)
    if unused := [f"{each.kind} {each.name}" for each in blocks if each.start not in used]:
        raise MisplacedBlockError(f"{path}: nothing is expected of {unused}")
    return found


def blocks_of(text: str) -> Iterator[Block]:
    fences = list(_FENCE.finditer(text))
    if len(fences) % 2:
        raise MisplacedBlockError("a block is not closed")
    for opening, closing in zip(fences[::2], fences[1::2], strict=True):
        kind, _, name = opening.group(1).strip().partition(" ")
        start = opening.end() + 1
        yield Block(kind, name, text[start : closing.start()], start)


def _group(block: Block) -> str:
    return block.name.partition("/")[0] if block.kind == "document" else block.name


def _case(path: Path, expected: Block, given: list[Block], blocks: list[Block]) -> Case:
    first = given[0]
    if first.kind == "document":
        return Case(path, expected, documents=tuple(given))
    files = tuple(each for each in blocks if each.kind == "file")
    if expected.kind == "comparison":
        if {each.kind for each in given} != {"policy", "edited"}:
            raise MisplacedBlockError(f"{path}: `comparison {expected.name}` is about one policy alone")
        old, new = sorted(given, key=lambda each: each.kind, reverse=True)
        return Case(path, expected, old, files=files, edited=new)
    if first.kind == "policy":
        return Case(path, expected, first, files=files)
    policy, base = _above(first, "policy", blocks), _above(first, "base", blocks)
    if policy is None:
        raise MisplacedBlockError(f"{path}: no policy stands above `request {first.name}`")
    return Case(path, expected, policy, (first,) if base is None else (base, first), files=files)


def _above(block: Block, kind: str, blocks: list[Block]) -> Block | None:
    return next((each for each in reversed(blocks) if each.kind == kind and each.start < block.start), None)


def rewrite(case: Case, text: str) -> None:
    """Put another text into the block that states what is expected."""
    content = case.path.read_text(encoding="utf-8")
    block = next(
        each
        for each in blocks_of(content)
        if (each.kind, each.name) == (case.expected.kind, case.expected.name)
    )
    end = block.start + len(block.text)
    case.path.write_text(content[: block.start] + text + content[end:], encoding="utf-8")


# ---------------------------------------------------------------- requests


def request_of(*layers: str) -> tuple[Request, int]:
    """The request that layers make over the common base, and its instant."""
    return request_from(*map(plain, layers))


def request_from(*layers: Any) -> tuple[Request, int]:
    """As `request_of`, from layers that were read."""
    whole: Any = layered({}, common_base())
    for layer in layers:
        whole = layered(whole, layer)
    facts = whole["facts"]
    for holder in (facts, facts.get("history"), facts.get("people")):
        for key in [key for key in holder or () if key in LABELS]:
            holder[key] = _records(key, holder[key] or {}, whole["records"][key])
    data = without_nulls({"proposal": whole["proposal"], "facts": facts})
    request = validate(Request, data)
    assert isinstance(request, Request), request
    assert not list(contradictions([request.facts]))
    return request, parse_instant(whole["at"])


@cache
def common_base() -> Any:
    return plain((ROOT / "base.yaml").read_text(encoding="utf-8"))


@cache
def plain(text: str) -> Any:
    """The data of a layer, read as strictly as any document."""
    if not text.strip():
        return {}
    document, diagnostics = read_document(Source("layer.yaml", full_digests(text)))
    assert document is not None, diagnostics
    return document.data


def layered(below: Any, above: Any) -> Any:
    """Mappings merge key by key, anything else replaces; neither layer is changed."""
    if not isinstance(above, Mapping):
        return above
    merged = dict(below) if isinstance(below, Mapping) else {}
    merged.update({key: layered(merged.get(key), value) for key, value in above.items()})
    return merged


def without_nulls(data: Any) -> Any:
    """What is left of layers when all of them are there: null took away what was below it."""
    if not isinstance(data, Mapping):
        return data
    return {key: without_nulls(value) for key, value in data.items() if value is not None}


def _records(kind: str, labelled: Mapping[str, Any], usual: Any) -> list[Any]:
    field = LABELS[kind]
    records = [
        without_nulls(layered({**({field: label} if field else {}), **usual}, record))
        for label, record in labelled.items()
        if record is not None
    ]
    if kind == "changes":
        for record in records:
            record.setdefault("base", None)
    return records


def full_digests(text: str) -> str:
    """`sha256:a1…` and `c1…` with their digits repeated to the full length."""

    def full(match: re.Match[str]) -> str:
        prefix, digits = match.group(1) or "", match.group(2)
        return prefix + (digits * 64)[: 64 if prefix else 40]

    return _SHORT.sub(full, text)


def spelled_out(text: str) -> str:
    """The text with repetitions and named characters written out."""
    text = _CHARACTER.sub(lambda match: chr(int(match.group(1), 16)), text)
    return _REPEATED.sub(lambda match: match.group(1) * int(match.group(2)), text)
