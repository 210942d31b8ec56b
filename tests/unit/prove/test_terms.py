"""Terms mean what the solver's own functions mean, whatever is left out of them."""

from __future__ import annotations

from itertools import product

import pytest
import z3

from rung.prove import terms

A, B = z3.Bools("a b")
N = z3.Int("n")
PIECES = [A, B, terms.TRUE, terms.FALSE, True, False]


def equal(first: object, second: object) -> bool:
    solver = z3.Solver()
    solver.add(first != second)
    return bool(solver.check() == z3.unsat)


@pytest.mark.parametrize("chosen", [each for count in range(4) for each in product(PIECES, repeat=count)])
def test_all_and_any(chosen: tuple[object, ...]) -> None:
    assert equal(terms.all_of(*chosen), z3.And(*chosen, True))
    assert equal(terms.any_of(*chosen), z3.Or(*chosen, False))
    assert equal(terms.all_of(list(chosen)), z3.And(*chosen, True))
    assert equal(terms.any_of(each for each in chosen), z3.Or(*chosen, False))


@pytest.mark.parametrize("first", PIECES)
@pytest.mark.parametrize("second", PIECES)
def test_no_and_implies(first: object, second: object) -> None:
    assert equal(terms.no(first), z3.Not(first))
    assert equal(terms.implies(first, second), z3.Implies(first, second))


def test_numbers() -> None:
    assert equal(terms.same(N, 3), N == 3)
    assert equal(terms.same(N, N + 1), False)
    assert equal(terms.same(A, True), A)
    assert equal(terms.same(A, False), z3.Not(A))
    assert equal(terms.below(N, 3), N < 3)
    assert equal(terms.from_(N, -1), N >= -1)
