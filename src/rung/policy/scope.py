"""Defines the scope of a policy: what its names stand for, and where mistakes are collected."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from rung.diagnostics import Diagnostic, Span
from rung.policy import errors, model
from rung.policy.types import BOOL, SCALARS, EnumType, Scalar, SetType, Type
from rung.syntax import tree

TYPES = {scalar.name: scalar for scalar in SCALARS}
MOST_COMPARED = 20_000

RESERVED = {
    **dict.fromkeys(("strategy", "lane", "action", "service", "target"), "a value of the proposal"),
    "release": "the release proposed",
    "now": "the time of the decision",
    "source": "the sources of the deployment",
    "anyone": "every known person",
    **dict.fromkeys((*model.ROLES, *model.ROLE_SETS), "people of the deployment"),
}


class Named(Protocol):
    """A statement with a name."""

    @property
    def name(self) -> tree.Name | tree.Text: ...
    @property
    def span(self) -> Span: ...


def head(node: Named) -> Span:
    """From the first word of a statement to its name."""
    return node.span.to(node.name.span)


@dataclass
class Scope:
    """The declarations of one policy by kind and name; `report` collects its mistakes."""

    broken: frozenset[str]
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)  # those that each file uses, in order
    opened: frozenset[tuple[str, str, str]] = frozenset()
    environments: dict[str, tree.Environment] = field(default_factory=dict)
    groups: dict[str, tree.Group] = field(default_factory=dict)
    evidence: dict[str, model.Evidence] = field(default_factory=dict)
    parameters: dict[str, model.Parameter] = field(default_factory=dict)
    gates: dict[str, tree.Gate] = field(default_factory=dict)
    mistakes: list[Diagnostic] = field(default_factory=list)
    compared: int = 0  # names that were compared with unknown ones
    environment_type: EnumType = field(default=EnumType((), "environment"))

    def report(self, mistake: Diagnostic) -> None:
        self.mistakes.append(mistake)

    def declare(self, table: dict[str, tree.Environment] | dict[str, tree.Group] | dict[str, tree.Gate],
                kind: str, node: tree.Environment | tree.Group | tree.Gate) -> bool:  # fmt: skip
        """Enter a declaration unless its name is taken."""
        first = table.get(node.name.text)
        if not self.free(kind, node.name, first.name.span if first else None):
            return False
        table[node.name.text] = node  # type: ignore[assignment]  # callers pass the table of the node's kind
        return True

    def free(self, kind: str, name: tree.Name, first: Span | None) -> bool:
        """Whether a name can be declared (`first`: where it is already); reports why not."""
        if first is not None:
            if first.file == name.span.file:
                self.report(errors.duplicate_name(name.span, kind, name.text, first))
            else:
                self.report(errors.not_open(name.span, f"{kind} `{name.text}`", first))
            return False
        if name.text in RESERVED:
            self.report(errors.reserved_name(name.span, name.text, RESERVED[name.text]))
            self.lost(name)
            return False
        return True

    def bound_by(self, file: str) -> list[str]:
        """The files that did not choose to use this one: it may not loosen what they say."""
        return [each for each, used in self.files.items() if each != file and file not in used]

    def is_open(self, file: str, kind: str, name: str) -> bool:
        """Whether the file lets those that use it add to what it owns."""
        return (file, kind, name) in self.opened

    def known(self, kind: str, name: tree.Name, table: Collection[str], owner: str | None = None) -> bool:
        """Whether a name is in the table; reports it otherwise."""
        if name.text in table:
            return True
        self.unknown(kind, name, table, owner)
        return False

    def unknown(
        self,
        kind: str,
        name: tree.Name,
        table: Collection[str],
        owner: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Report a name that is not in the table, unless its own declaration is what is wrong."""
        if name.text in self.broken:
            return
        if hint is None and owner is None:
            other = self._declared_as(name.text)
            hint = f"`{name.text}` is {other}" if other and other.split()[-1] not in kind else None
        # Near names are looked for in all candidates, which for thousands of mistakes would take minutes.
        self.compared += len(table)
        candidates = table if self.compared <= MOST_COMPARED else ()
        self.report(errors.unknown_name(name.span, kind, name.text, candidates, owner, hint))

    def _declared_as(self, name: str) -> str | None:
        tables: tuple[tuple[str, Collection[str]], ...] = (
            ("an environment", self.environments),
            ("a group", self.groups),
            ("evidence", self.evidence),
            ("a parameter", self.parameters),
            ("a gate", self.gates),
        )
        return next((kind for kind, table in tables if name in table), None)

    def lost(self, name: tree.Name) -> None:
        """What a name stands for is not known, because of a mistake that is reported already."""
        self.broken |= {name.text}

    def distinct(self, kind: str, names: Iterable[tree.Name]) -> tuple[str, ...]:
        """The texts of names of which none may stand twice."""
        seen: dict[str, Span] = {}
        for name in names:
            if name.text in seen:
                first = seen[name.text]
                self.report(errors.duplicate_name(name.span, kind, name.text, first, "listed twice"))
            else:
                seen[name.text] = name.span
        return tuple(seen)

    def environment_names(self, names: Iterable[tree.Name]) -> tuple[str, ...]:
        names = tuple(names)
        known = [name for name in names if self.known("environment", name, self.environments)]
        return self.distinct("environment", known)

    def places(self, places: tree.Places) -> tuple[str, ...]:
        return tuple(self.environments) if places.every else self.environment_names(places.names)

    def lanes(self, lanes: Iterable[tree.Name]) -> tuple[str, ...]:
        return self.distinct("lane", lanes)

    def type(self, node: tree.Type) -> Type | None:
        """The type that a type expression names."""
        match node:
            case tree.NamedType(name):
                return TYPES[name.text] if self.known("type", name, TYPES) else None
            case tree.EnumType(members):
                return EnumType(self.distinct("member", members))
            case tree.SetType(element):
                inner = self.type(element)
                if inner == BOOL:
                    self.report(errors.type_mismatch(element.span, "a set cannot hold bool"))
                    return None
                return SetType(inner) if isinstance(inner, Scalar | EnumType) else None

    def request_type(self, name: str) -> Type | None:
        """The type of what the proposal or the clock states under a name, or None."""
        return self.environment_type if name == "target" else model.REQUEST_TYPES.get(name)
