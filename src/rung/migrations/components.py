"""Defines how conditions fall apart: `symbols` of a condition, and `connected`, those that share a value.

Switches (did this row exist, did that write happen) are shared by nearly all conditions. They do not
connect: once their values are settled, the columns of a row that no condition relates are independent, and
small questions about text are answered in milliseconds where one about all columns together is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from rung.migrations.terms import SWITCH
from rung.migrations.values import Value


@dataclass(frozen=True, slots=True)
class Symbols:
    """The names that a condition is about: values, which connect, and switches, which do not."""

    values: frozenset[str]
    switches: frozenset[str]


# Its C functions and bare pointers: making a Python object of each term would take most of a proof's time.
_CONTEXT = z3.main_ctx().ref()
_NONE = Symbols(frozenset(), frozenset())


@dataclass(slots=True)
class Reader:
    """Reads the symbols of conditions; what was read is kept, as terms share their parts."""

    known: dict[int, Symbols] = field(default_factory=dict)
    # An id is free for another term once its own is gone: the terms read must stay.
    kept: list[Value] = field(default_factory=list)

    def symbols(self, condition: Value) -> Symbols:
        """The symbols in a condition."""
        self.kept.append(condition)
        return self._of(condition.as_ast())

    def _of(self, root: Any) -> Symbols:
        pending = [(z3.Z3_get_ast_id(_CONTEXT, root), root)]
        while pending:
            number, term = pending[-1]
            if number in self.known:
                pending.pop()
                continue
            if z3.Z3_get_ast_kind(_CONTEXT, term) != z3.Z3_APP_AST:
                self.known[number] = _NONE
                continue
            parts = []
            for index in range(z3.Z3_get_app_num_args(_CONTEXT, term)):
                part = z3.Z3_get_app_arg(_CONTEXT, term, index)
                parts.append((z3.Z3_get_ast_id(_CONTEXT, part), part))
            missing = [part for part in parts if part[0] not in self.known]
            if missing:
                pending += missing
                continue
            self.known[number] = _own(term, [self.known[part] for part, _ in parts])
        return self.known[z3.Z3_get_ast_id(_CONTEXT, root)]


def _own(term: Any, inner: Sequence[Symbols]) -> Symbols:
    """The symbols of a term: its parts', and its own name where it is one."""
    values = frozenset[str]().union(*(part.values for part in inner))
    switches = frozenset[str]().union(*(part.switches for part in inner))
    declaration = z3.Z3_get_app_decl(_CONTEXT, term)
    if z3.Z3_get_decl_kind(_CONTEXT, declaration) != z3.Z3_OP_UNINTERPRETED:
        return inner[0] if len(inner) == 1 else Symbols(values, switches)
    name = z3.Z3_get_symbol_string(_CONTEXT, z3.Z3_get_decl_name(_CONTEXT, declaration))
    if name.startswith(SWITCH):
        return Symbols(values, switches | {name})
    # A value, whether it is NULL, and its unscaled form belong together: `price`, `price#null`.
    return Symbols(values | {name.rpartition("#")[0] or name}, switches)


def conjuncts(condition: Value) -> Iterable[Value]:
    """The parts of a conjunction, and of an implication of one."""
    if z3.is_and(condition):
        for part in condition.children():
            yield from conjuncts(part)
    elif z3.is_implies(condition) and z3.is_and(condition.arg(1)):
        for part in conjuncts(condition.arg(1)):
            yield z3.Implies(condition.arg(0), part)
    elif not z3.is_true(condition):
        yield condition


def connected(start: frozenset[str], groups: Sequence[Symbols]) -> list[bool]:
    """Which groups are connected to the values `start`, directly or through others. No value: always."""
    reached = set(start)
    inside = [not group.values for group in groups]
    growing = True
    while growing:
        growing = False
        for index, group in enumerate(groups):
            if not inside[index] and not reached.isdisjoint(group.values):
                inside[index] = growing = True
                reached |= group.values
    return inside


@dataclass(frozen=True, slots=True)
class Joined:
    """Models of independent parts as one: each settles its own symbols."""

    models: tuple[Any, ...]

    def eval(self, term: Value, model_completion: bool = False) -> Value:
        """The term's value, as z3's own models have it."""
        for model in self.models[:-1]:
            term = model.eval(term)
        return self.models[-1].eval(term, model_completion=model_completion)
