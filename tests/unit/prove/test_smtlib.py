"""Formulas in SMT-LIB mean what they mean to the first solver, and a second one reads them alike."""

from __future__ import annotations

import re

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from rung.prove.recheck import answer
from rung.prove.smtlib import script
from rung.prove.terms import all_of, number

A, B, C = z3.Bools("a b c")
N, M = z3.Ints("n m")

booleans = st.deferred(
    lambda: st.one_of(
        st.sampled_from([A, B, C, z3.BoolVal(True), z3.BoolVal(False)]),
        st.builds(z3.And, booleans, booleans),
        st.builds(z3.Or, booleans, booleans, booleans),
        st.builds(z3.Not, booleans),
        st.builds(z3.Implies, booleans, booleans),
        st.builds(lambda x, y: x == y, booleans, booleans),
        st.builds(lambda several, count: z3.AtLeast(*several, count), lists, st.integers(0, 5)),
        st.builds(lambda x, y: x == y, integers, integers),
        st.builds(lambda x, y: x < y, integers, integers),
        st.builds(lambda x, y: x >= y, integers, integers),
    )
)
lists = st.deferred(lambda: st.lists(booleans, min_size=1, max_size=4))
integers = st.deferred(
    lambda: st.one_of(
        st.sampled_from([N, M]),
        st.integers(-100, 100).map(number),
        st.builds(lambda x, y: x + y, integers, integers),
        st.builds(lambda x, y: x - y, integers, integers),
        st.builds(lambda x: -x, integers),
        st.builds(lambda x, factor: factor * x, integers, st.integers(-3, 3)),
        st.builds(lambda x, by: x / by, integers, st.integers(1, 60)),
        st.builds(lambda x, by: x % by, integers, st.integers(1, 7)),
        st.builds(z3.If, booleans, integers, integers),
    )
)


@settings(max_examples=60, deadline=None)
@given(booleans)
def test_read_back_it_is_the_same_formula(formula: z3.BoolRef) -> None:
    read = z3.And(*z3.parse_smt2_string(script(formula)), True)
    solver = z3.SimpleSolver()
    solver.add(read != formula)
    assert solver.check() == z3.unsat


@settings(max_examples=60, deadline=None)
@given(booleans)
def test_a_second_solver_says_the_same(formula: z3.BoolRef) -> None:
    solver = z3.SimpleSolver()
    solver.add(formula)
    assert answer(script(formula), 60) == str(solver.check())


@pytest.mark.parametrize("count", range(6))
def test_counting_is_written_with_what_the_standard_has(count: int) -> None:
    text = script(z3.AtLeast(A, B, C, count))
    assert "at-least" not in text
    for holding in range(4):
        fixed = [each == (index < holding) for index, each in enumerate((A, B, C))]
        said = answer(script(all_of(z3.AtLeast(A, B, C, count), *fixed)), 60)
        assert said == ("sat" if holding >= count else "unsat")


def test_names_are_quoted_and_stay_apart() -> None:
    names = ["a b", "a|b", "a\\b", "a_b", "é", "$1", "(assert false)", "line\nfeed", "x.y", "1"]
    terms = [z3.Bool(name) for name in names]
    formula = all_of(terms[0], *(z3.Not(each) for each in terms[1:]))
    text = script(formula)
    declared = re.findall(r"^\(declare-const (\|[^|]*\|) Bool\)$", text, re.MULTILINE)
    assert len(set(declared)) == len(names)
    assert text.isascii()
    assert answer(text, 60) == "sat"


def test_what_occurs_twice_is_defined_once() -> None:
    shared = z3.Or(A, z3.And(B, N > 3))
    deep = shared
    for _ in range(60):
        deep = z3.And(z3.Or(deep, C), z3.Or(deep, A))
    assert len(script(deep)) < 20_000


def test_the_logic_is_the_smallest_that_has_it() -> None:
    assert script(N + 3 * M > 1).startswith("(set-logic QF_LIA)")
    assert script(N / 60 > 1).startswith("(set-logic QF_NIA)")
    assert script(N * M > 1).startswith("(set-logic QF_NIA)")
