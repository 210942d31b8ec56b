"""Defines how terms are made of terms: as the solver does it, without its checks of every argument.

Terms of a policy are many and small, and most of the time that a proof takes goes into making them. What is
certainly true or false is left out where it makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, cast

import z3

Term = Any  # z3 has no type hints

TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
_CONTEXT = z3.main_ctx()
_REF = _CONTEXT.ref()
_SINGLE = (z3.ExprRef, bool)


class Number(z3.ArithRef):  # type: ignore[misc]  # z3 has no type hints
    """A whole number that is not known, whose operators take whole numbers without looking at their sorts."""

    def __eq__(self, other: int | Term) -> Term:
        return same(self, other)

    def __ne__(self, other: int | Term) -> Term:
        return no(same(self, other))

    __hash__ = z3.ArithRef.__hash__

    def __ge__(self, other: int | Term) -> Term:
        return from_(self, other)

    def __lt__(self, other: int | Term) -> Term:
        return below(self, other)

    def __le__(self, other: int | Term) -> Term:
        return _compared(z3.Z3_mk_le, self, other)

    def __gt__(self, other: int | Term) -> Term:
        return _compared(z3.Z3_mk_gt, self, other)

    def __add__(self, other: int | Term) -> Term:
        return _calculated(z3.Z3_mk_add, self, other)

    __radd__ = __add__

    def __sub__(self, other: int | Term) -> Term:
        return _calculated(z3.Z3_mk_sub, self, other)


def _compared(make: Callable[..., Any], left: Term, right: int | Term) -> Term:
    return z3.BoolRef(make(_REF, left.ast, _number(right)), _CONTEXT)


def _calculated(make: Callable[..., Any], *numbers: int | Term) -> Term:
    made = (z3.Ast * len(numbers))(*map(_number, numbers))
    return Number(make(_REF, len(numbers), made), _CONTEXT)


@cache
def truth(name: str) -> Term:
    """The unknown of a name, which is so or is not."""
    return z3.Bool(name)


@cache
def integer(name: str) -> Term:
    """The unknown of a name, which is a whole number."""
    return Number(z3.Int(name).ast, _CONTEXT)


def all_of(*terms: Term) -> Term:
    """That all of the terms, or of one collection of terms, hold."""
    kept = []
    for term in _each(terms):
        if term is FALSE or term is False:
            return FALSE
        if term is not TRUE and term is not True:
            kept.append(term)
    return _joined(kept, z3.Z3_mk_and) if kept else TRUE


def any_of(*terms: Term) -> Term:
    """That one of the terms, or of one collection of terms, holds."""
    kept = []
    for term in _each(terms):
        if term is TRUE or term is True:
            return TRUE
        if term is not FALSE and term is not False:
            kept.append(term)
    return _joined(kept, z3.Z3_mk_or) if kept else FALSE


def at_least(count: int, terms: Sequence[Term]) -> Term:
    """That so many of the terms hold, one or more."""
    if count == 1:
        return any_of(terms)
    if count >= len(terms):
        return all_of(terms) if count == len(terms) else FALSE
    return z3.BoolRef(z3.Z3_mk_atleast(_REF, len(terms), array(terms), count), _CONTEXT)


def _each(terms: tuple[Term, ...]) -> Iterable[Term]:
    if len(terms) == 1 and not isinstance(terms[0], _SINGLE):
        return cast("Iterable[Term]", terms[0])
    return terms


def _joined(terms: list[Term], make: Callable[..., Any]) -> Term:
    if len(terms) == 1:
        return terms[0]
    return z3.BoolRef(make(_REF, len(terms), array(terms)), _CONTEXT)


def array(terms: Sequence[Term]) -> Any:
    """Terms as the solver takes several."""
    return (z3.Ast * len(terms))(*[term.ast for term in terms])


def given(term: Term, values: Sequence[tuple[Term, Term]]) -> Term:
    """That a term holds where unknowns have these values, each of the unknown's own sort."""
    unknowns, known = (array(each) for each in zip(*values, strict=True)) if values else ((), ())
    return z3.BoolRef(z3.Z3_substitute(_REF, term.ast, len(values), unknowns, known), _CONTEXT)


def no(term: Term) -> Term:
    """That a term does not hold."""
    if term is TRUE or term is True:
        return FALSE
    if term is FALSE or term is False:
        return TRUE
    return z3.BoolRef(z3.Z3_mk_not(_REF, term.ast), _CONTEXT)


def implies(premise: Term, conclusion: Term) -> Term:
    """That a term holds where another does."""
    return any_of(no(premise), conclusion)


def same(term: Term, value: int | bool | Term) -> Term:
    """That a term has a value, or that two terms of one sort are equal."""
    if isinstance(value, bool):
        return term if value else no(term)
    return _compared(z3.Z3_mk_eq, term, value)


def below(term: Term, value: int | Term) -> Term:
    """That a number is less than a value."""
    return _compared(z3.Z3_mk_lt, term, value)


def from_(term: Term, value: int | Term) -> Term:
    """That a number is a value or more."""
    return _compared(z3.Z3_mk_ge, term, value)


def _number(value: int | Term) -> Any:
    return (number(value) if isinstance(value, int) else value).ast


@cache
def number(value: int) -> Term:
    """An integer as a term."""
    return z3.IntVal(value)
