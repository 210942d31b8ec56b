"""Defines how the solver is asked: only `unsat` is a proof, and an answer that does not come is none."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

import z3

from rung.prove.terms import FALSE, Term, all_of, array, implies, truth

VERSION = str(z3.get_version_string())


class Answer(Enum):
    """What the solver says of a formula."""

    IMPOSSIBLE = "unsat"
    POSSIBLE = "sat"
    UNKNOWN = "unknown"


class TimeIsUpError(Exception):
    """The time for a property has passed; the message says so."""


class Clock:
    """How long a property may take; every question to the solver is bounded by what is left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left; TimeIsUpError when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeIsUpError(f"it takes longer than {self.seconds:g} s")
        return left


def answer(solver: Any, clock: Clock, *assumptions: Term) -> Answer:
    """What a solver says of its formulas and assumptions; TimeIsUpError when that takes too long."""
    solver.set("timeout", max(1, int(clock.left() * 1000)))
    context, marks = solver.ctx.ref(), array(assumptions)
    said = z3.Z3_solver_check_assumptions(context, solver.solver, len(assumptions), marks)
    if said == z3.Z3_L_FALSE:
        return Answer.IMPOSSIBLE
    if said == z3.Z3_L_TRUE:
        return Answer.POSSIBLE
    clock.left()
    return Answer.UNKNOWN


class Question:
    """A solver with some formulas, which can be asked about more of them."""

    def __init__(self, clock: Clock, formulas: Iterable[Term] = ()) -> None:
        self.clock = clock
        self.solver = z3.SimpleSolver()
        self.add(*formulas)

    def add(self, *formulas: Term) -> None:
        if formulas:
            self.solver.add(all_of(*formulas))

    def ask(self, *assumptions: Term) -> Answer:
        """Whether all formulas and assumptions can hold together; TimeIsUpError when that takes too long."""
        return answer(self.solver, self.clock, *assumptions)

    def prefer(self, wishes: Sequence[Term]) -> Any:
        """A model of the formulas that fulfils as many wishes as go together, earlier ones first; or None."""
        wishes = [each for each in wishes if each is not FALSE]
        marks = {truth(f"wish {index}"): wish for index, wish in enumerate(wishes)}
        for mark, wish in marks.items():
            self.solver.add(implies(mark, wish))
        left = list(marks)
        order = {mark.get_id(): index for index, mark in enumerate(left)}
        while self.ask(*left) is not Answer.POSSIBLE:
            core = {each.get_id() for each in self.solver.unsat_core()}
            if not core:
                return None
            last = max(core, key=lambda each: order[each])
            left = [each for each in left if each.get_id() != last]
        return self.solver.model()
