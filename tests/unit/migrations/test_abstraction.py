"""Conditions about numbers in place of text are impossible only where those about the texts are."""

from __future__ import annotations

import z3

from rung.migrations.abstraction import Abstraction
from rung.migrations.solve import Solver

a, b = z3.String("a"), z3.String("b")
lower = z3.Function("lower", z3.StringSort(), z3.StringSort())
WORD = z3.Star(z3.Range("a", "z"))


def outcome(*conditions: z3.BoolRef) -> z3.CheckSatResult:
    solver = z3.Solver()
    solver.add(*conditions)
    return solver.check()


def test_what_is_impossible_by_equality_alone_is_so_of_numbers() -> None:
    for conditions in (
        [a == "x", b == "y", a == b],
        [a == b, z3.Length(a) != z3.Length(b)],
        [a == b, z3.InRe(a, WORD), z3.Not(z3.InRe(b, WORD))],
        [z3.If(a == "x", a, b) != z3.If(a == "x", z3.StringVal("x"), b)],
        [a == b, lower(a) != lower(b)],
    ):
        abstraction = Abstraction()
        assert outcome(*map(abstraction.of, conditions)) == z3.unsat


def test_what_is_possible_stays_so() -> None:
    for condition in (a != b, z3.Length(a) > 3, z3.Not(z3.InRe(a, WORD)), lower(a) != a):
        assert outcome(Abstraction().of(condition)) == z3.sat


def test_a_condition_about_no_text_is_itself() -> None:
    number = z3.Int("n") > 3
    assert Abstraction().of(number) is number


def test_texts_that_are_written_have_the_length_and_the_literals_of_the_model() -> None:
    conditions = [a == "word", z3.Length(b) == 7, a != b]
    abstraction = Abstraction()
    solver = z3.Solver()
    solver.add(*map(abstraction.of, conditions))
    assert solver.check() == z3.sat
    assert outcome(*conditions, *abstraction.written(solver.model())) == z3.sat


def test_a_check_is_never_decided_by_numbers_that_no_text_has() -> None:
    # For numbers it is possible; for texts it is not.
    assert Solver().check([z3.Length(a) < 0, z3.InRe(b, WORD)])[0] == z3.unsat
