"""Defines `Abstraction`: conditions about text as conditions about numbers, which are far easier to settle.

Numbers are equal where the texts are; what else is done with a text (its length, whether it matches) becomes
a function of which nothing is known. What is impossible for the numbers is impossible for the texts; what is
possible for them may still not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase
from typing import Any

import z3

from rung.migrations.terms import FILLING
from rung.migrations.values import Value

_TEXT, _NUMBER, _PATTERN = z3.StringSort(), z3.IntSort(), z3.ReSort(z3.StringSort())
_LENGTH, _LONGEST = "str.len", 20_000
_SIZE = z3.Function(f"{_LENGTH}~", _NUMBER, _NUMBER)
_POLYMORPHIC = frozenset({z3.Z3_OP_EQ, z3.Z3_OP_ITE, z3.Z3_OP_DISTINCT})


@dataclass(slots=True)
class Abstraction:
    """Abstracts conditions; what was done is kept, as they share their parts."""

    known: dict[int, Value] = field(default_factory=dict)
    # An id is free for another term once its own is gone: the terms read must stay.
    kept: list[Value] = field(default_factory=list)
    literals: dict[str, int] = field(default_factory=dict)
    texts: dict[str, Value] = field(default_factory=dict)
    # The names of texts that are said to be others, one after the other.
    wholes: set[str] = field(default_factory=set)
    # That functions of one text (`lower`) change nothing, which is true of plain words; and lengths add up.
    plain: list[Value] = field(default_factory=list)

    def of(self, condition: Value) -> Value:
        """The condition about numbers; itself where it is about no text."""
        self.kept.append(condition)
        pending = [condition]
        while pending:
            term = pending[-1]
            number = term.get_id()
            if number in self.known:
                pending.pop()
                continue
            parts = [] if term.sort() == _PATTERN else term.children()
            missing = [part for part in parts if part.get_id() not in self.known]
            if missing:
                pending += missing
                continue
            self.known[number] = self._made(term, parts, [self.known[part.get_id()] for part in parts])
            pending.pop()
        return self.known[condition.get_id()]

    def _made(self, term: Value, parts: Sequence[Value], made: Sequence[Value]) -> Value:
        sort = term.sort()
        if sort == _PATTERN or not z3.is_app(term):
            return term
        if sort == _TEXT:
            written = z3.simplify(term) if all(z3.is_app(part) for part in parts) else term
            if z3.is_string_value(written):
                return z3.IntVal(self.literals.setdefault(written.as_string(), len(self.literals)))
        elif all(one.eq(other) for one, other in zip(parts, made, strict=True)) and not any(
            part.sort() == _PATTERN for part in parts
        ):
            return term
        kind = term.decl().kind()
        if kind == z3.Z3_OP_EQ and any(z3.is_app_of(part, z3.Z3_OP_SEQ_CONCAT) for part in parts):
            self.wholes |= set(_names(parts))
        if kind in _POLYMORPHIC:
            return _rebuilt(kind, made)
        if sort != _TEXT and all(
            one.sort() == other.sort() and one.sort() != _PATTERN
            for one, other in zip(parts, made, strict=True)
        ):
            return term.decl()(*made)
        # A pattern is part of the function's name.
        patterns = "".join(f"#{part.get_id()}" for part in parts if part.sort() == _PATTERN)
        arguments = [part for part in made if part.sort() != _PATTERN]
        name = f"{term.decl().name()}~{patterns}"
        if not arguments and sort == _TEXT:
            self.texts[name] = term
        sorts = [part.sort() for part in arguments]
        answer = z3.Function(name, *sorts, _NUMBER if sort == _TEXT else sort)(*arguments)
        if kind == z3.Z3_OP_SEQ_CONCAT:
            sizes = [_SIZE(part) for part in made]
            self.plain += [_SIZE(answer) == z3.Sum(sizes), *(size >= 0 for size in sizes)]
        if kind == z3.Z3_OP_UNINTERPRETED and sort == _TEXT and len(arguments) == 1:
            self.plain.append(answer == arguments[0])
        return answer

    def written(self, model: Any) -> Iterator[Value]:
        """A text for each number of a model of abstracted conditions: the literal that has the number, or
        letters, as many as the model has it long. What is made of parts
        follows from them. What the model says of choices is kept.
        """
        known = {number: literal for literal, number in self.literals.items()}
        for declaration in model.decls():
            if declaration.arity() == 0 and declaration.range() == z3.BoolSort():
                yield declaration() == model[declaration]
            term = self.texts.get(declaration.name())
            if term is None or term.decl().name() in self.wholes or term.decl().name().startswith(FILLING):
                continue
            number = model[declaration].as_long()
            if number not in known:
                size = model.eval(_SIZE(z3.IntVal(number)), model_completion=True).as_long()
                known[number] = _letters(len(known), size if 0 < size < _LONGEST else 1)
            yield term == z3.StringVal(known[number])


def _names(sides: Sequence[Value]) -> Iterator[str]:
    """The texts in the sides of an equation that are not put together there."""
    pending = [side for side in sides if not z3.is_app_of(side, z3.Z3_OP_SEQ_CONCAT)]
    while pending:
        term = pending.pop()
        pending += term.children()
        if z3.is_const(term) and term.sort() == _TEXT:
            yield term.decl().name()


def _rebuilt(kind: int, parts: Sequence[Value]) -> Value:
    if kind == z3.Z3_OP_EQ:
        return parts[0] == parts[1]
    if kind == z3.Z3_OP_ITE:
        return z3.If(*parts)
    return z3.Distinct(*parts)


def _letters(number: int, size: int) -> str:
    """A word of its own for each number, of at least as many letters as `size`."""
    letters = ""
    while number or not letters:
        number, rest = divmod(number, len(ascii_lowercase))
        letters = ascii_lowercase[rest] + letters
    return letters.rjust(size, "z")
