"""Defines how terms are made of terms: as the solver does it, without its checks of every argument.

Terms of a policy are many and small, and most of the time that a proof takes goes into making them. What is
certainly true or false is left out where it makes no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import z3

Term = Any  # z3 has no type hints

TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
_CONTEXT = z3.main_ctx()
_REF = _CONTEXT.ref()
_SINGLE = (z3.ExprRef, bool)
_TRUE, _FALSE = TRUE.get_id(), FALSE.get_id()


def all_of(*terms: Term) -> Term:
    """That all of the terms, or of one collection of terms, hold."""
    return _joined(terms, z3.Z3_mk_and, neutral=_TRUE, decisive=_FALSE)


def any_of(*terms: Term) -> Term:
    """That one of the terms, or of one collection of terms, holds."""
    return _joined(terms, z3.Z3_mk_or, neutral=_FALSE, decisive=_TRUE)


def _joined(terms: Iterable[Term], make: Callable[..., Any], neutral: int, decisive: int) -> Term:
    kept = []
    for term in _each(terms):
        number = _TRUE if term is True else _FALSE if term is False else term.get_id()
        if number == decisive:
            return FALSE if decisive == _FALSE else TRUE
        if number != neutral:
            kept.append(term)
    if not kept:
        return TRUE if neutral == _TRUE else FALSE
    if len(kept) == 1:
        return kept[0]
    return z3.BoolRef(make(_REF, len(kept), _array(kept)), _CONTEXT)


def _each(terms: Iterable[Term]) -> Iterable[Term]:
    several = tuple(terms)
    if len(several) == 1 and not isinstance(several[0], _SINGLE):
        return tuple(several[0])
    return several


def _array(terms: list[Term]) -> Any:
    made = (z3.Ast * len(terms))()
    for index, term in enumerate(terms):
        made[index] = term.as_ast()
    return made


def no(term: Term) -> Term:
    """That a term does not hold."""
    if isinstance(term, bool):
        return FALSE if term else TRUE
    number = term.get_id()
    if number in (_TRUE, _FALSE):
        return FALSE if number == _TRUE else TRUE
    return z3.BoolRef(z3.Z3_mk_not(_REF, term.as_ast()), _CONTEXT)


def implies(premise: Term, conclusion: Term) -> Term:
    """That a term holds where another does."""
    return any_of(no(premise), conclusion)


def same(term: Term, value: int | bool | Term) -> Term:
    """That a term has a value, or that two terms of one sort are equal."""
    if isinstance(value, bool):
        return term if value else no(term)
    return z3.BoolRef(z3.Z3_mk_eq(_REF, term.as_ast(), _number(value)), _CONTEXT)


def below(term: Term, value: int | Term) -> Term:
    """That a number is less than a value."""
    return z3.BoolRef(z3.Z3_mk_lt(_REF, term.as_ast(), _number(value)), _CONTEXT)


def from_(term: Term, value: int | Term) -> Term:
    """That a number is a value or more."""
    return z3.BoolRef(z3.Z3_mk_ge(_REF, term.as_ast(), _number(value)), _CONTEXT)


def _number(value: int | Term) -> Any:
    return (number(value) if isinstance(value, int) else value).as_ast()


@cache
def number(value: int) -> Term:
    """An integer as a term."""
    return z3.IntVal(value)
