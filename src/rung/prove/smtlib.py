"""Defines how a formula is written in SMT-LIB 2.6, in nothing but what the standard has: for any solver."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import z3

from rung.prove.terms import Term

_OPERATORS = {
    z3.Z3_OP_AND: "and",
    z3.Z3_OP_OR: "or",
    z3.Z3_OP_NOT: "not",
    z3.Z3_OP_IMPLIES: "=>",
    z3.Z3_OP_EQ: "=",
    z3.Z3_OP_IFF: "=",
    z3.Z3_OP_DISTINCT: "distinct",
    z3.Z3_OP_ITE: "ite",
    z3.Z3_OP_ADD: "+",
    z3.Z3_OP_SUB: "-",
    z3.Z3_OP_UMINUS: "-",
    z3.Z3_OP_MUL: "*",
    z3.Z3_OP_IDIV: "div",
    z3.Z3_OP_MOD: "mod",
    z3.Z3_OP_LE: "<=",
    z3.Z3_OP_LT: "<",
    z3.Z3_OP_GE: ">=",
    z3.Z3_OP_GT: ">",
}
EXPECTED = "(set-info :status unsat)"
_SORTS = {z3.Z3_BOOL_SORT: "Bool", z3.Z3_INT_SORT: "Int"}


def script(formula: Term) -> str:
    """A script that asks whether a formula can hold; the answer is expected to be `unsat`."""
    terms = list(_terms(formula))
    writer = _Writer(terms)
    lines = [f"(set-logic {_logic(terms)})", EXPECTED]
    lines += writer.lines(_conjuncts(formula))
    return "\n".join([*lines, "(check-sat)", "(exit)", ""])


def _conjuncts(formula: Term) -> list[Term]:
    return formula.children() if z3.is_and(formula) else [formula]


def _terms(formula: Term) -> Iterator[Term]:
    """Every term in a formula once, each after those that it is made of."""
    seen: set[int] = set()
    pending = [(formula, False)]
    while pending:
        term, is_made = pending.pop()
        if is_made:
            yield term
        elif term.get_id() not in seen:
            seen.add(term.get_id())
            pending.append((term, True))
            pending += [(each, False) for each in reversed(term.children())]


def _logic(terms: Iterable[Term]) -> str:
    """Integers with sums; the standard has division, also by what is fixed, with products only."""
    for term in terms:
        kind = term.decl().kind()
        if kind in (z3.Z3_OP_IDIV, z3.Z3_OP_MOD):
            return "QF_NIA"
        if kind == z3.Z3_OP_MUL and sum(not z3.is_int_value(each) for each in term.children()) > 1:
            return "QF_NIA"
    return "QF_LIA"


class _Writer:
    """Writes terms; what occurs more than once is defined once."""

    def __init__(self, terms: list[Term]) -> None:
        self.terms = terms
        self.uses = Counter(each.get_id() for term in terms for each in term.children())
        self.written: dict[int, str] = {}
        self.symbols: set[str] = set()
        self.defined = 0

    def lines(self, conjuncts: list[Term]) -> Iterator[str]:
        """Declarations and definitions in the order in which they are needed, then what is asserted."""
        for term in self.terms:
            number, sort = term.get_id(), _SORTS[term.sort().kind()]
            if term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
                symbol = self.written[number] = self._symbol(term.decl().name())
                yield f"(declare-const {symbol} {sort})"
                continue
            text = self._text(term)
            if self.uses[number] > 1 and term.num_args():
                self.defined += 1
                symbol = f"${self.defined}"  # no unknown has a name that begins so
                yield f"(define-fun {symbol} () {sort} {text})"
                text = symbol
            self.written[number] = text
        yield from (f"(assert {self.written[each.get_id()]})" for each in conjuncts)

    def _symbol(self, name: str) -> str:
        """A quoted symbol for an unknown: legible, and of no other."""
        legible = name.encode("ascii", "backslashreplace").decode()
        legible = "".join(each if each.isprintable() and each not in "|\\" else "_" for each in legible)
        symbol, count = f"|{legible}|", 1
        while symbol in self.symbols:
            count += 1
            symbol = f"|{legible} {count}|"
        self.symbols.add(symbol)
        return symbol

    def _text(self, term: Term) -> str:
        kind = term.decl().kind()
        parts = [self.written[each.get_id()] for each in term.children()]
        if z3.is_int_value(term):
            value = term.as_long()
            return str(value) if value >= 0 else f"(- {-value})"
        if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
            return "true" if kind == z3.Z3_OP_TRUE else "false"
        if kind == z3.Z3_OP_PB_AT_LEAST:
            return _at_least(term.decl().params()[0], parts)
        return f"({_OPERATORS[kind]} {' '.join(parts)})"


def _at_least(count: int, parts: list[str]) -> str:
    """That so many of the terms hold: what solvers have of their own for that is not in the standard."""
    if count <= 0 or count > len(parts):
        return "true" if count <= 0 else "false"
    if count == len(parts):
        return parts[0] if count == 1 else f"(and {' '.join(parts)})"
    if count == 1:
        return f"(or {' '.join(parts)})"
    return f"(<= {count} (+ {' '.join(f'(ite {each} 1 0)' for each in parts)}))"
