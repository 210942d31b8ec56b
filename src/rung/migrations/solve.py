"""Defines `Prover`: a z3 solver with bounds on time and effort, and the three answers it gives.

`unsat` alone is a proof. A model counts as a counterexample only where no doubt applies to it; all else,
a timeout included, is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import z3

from rung.migrations.terms import Doubt, any_of
from rung.migrations.values import Value

_MILLISECONDS = 1500
# A deterministic bound on effort; it also bounds memory, which z3's own setting does not.
_EFFORT = 40_000_000


@dataclass(frozen=True, slots=True)
class Proved:
    """No assignment satisfies the assumptions and the goal."""


@dataclass(frozen=True, slots=True)
class Found:
    """An assignment that does, beyond doubt."""

    model: Any


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither: the solver gave up, or all that it found depends on what is not understood."""

    reasons: tuple[str, ...]
    model: Any = None


Answer = Proved | Found | Unclear


@dataclass(slots=True)
class Prover:
    """Assumptions that grow, and questions about them."""

    solver: Any = field(default_factory=z3.Solver)
    doubts: list[Doubt] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.solver.set("timeout", _MILLISECONDS)
        self.solver.set("rlimit", _EFFORT)

    def assume(self, conditions: Sequence[Value]) -> None:
        self.solver.add(*conditions)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is assumed inside is forgotten afterwards."""
        mark = len(self.doubts)
        self.solver.push()
        try:
            yield
        finally:
            self.solver.pop()
            del self.doubts[mark:]

    def ask(self, goal: Value, doubts: Sequence[Doubt] = (), wishes: Sequence[Value] = ()) -> Answer:
        """Whether the goal can hold; `wishes` are tried in order to make a counterexample plain."""
        if z3.is_false(goal):
            return Proved()
        with self.scope():
            self.assume([goal])
            outcome = self.solver.check()
            if outcome == z3.unsat:
                return Proved()
            if outcome != z3.sat:
                return Unclear((f"the solver gave up ({self.solver.reason_unknown()})",))
            first = self.solver.model()
            relevant = [*self.doubts, *doubts]
            self.assume([z3.Not(any_of([doubt.condition for doubt in relevant]))])
            if self.solver.check() != z3.sat:
                return Unclear(_reasons(relevant, first), first)
            return Found(self._plain(wishes))

    def _plain(self, wishes: Sequence[Value]) -> Any:
        """A model that grants as many wishes as possible, the first ones first."""
        model = self.solver.model()
        for wish in wishes:
            if z3.is_true(model.eval(wish, model_completion=True)):
                self.solver.add(wish)
                continue
            self.solver.push()
            self.solver.add(wish)
            if self.solver.check() == z3.sat:
                model = self.solver.model()
            else:
                self.solver.pop()
        return model


def _reasons(doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    """The reasons of the doubts that apply to the model; all of them where none does by itself."""
    holding = [doubt for doubt in doubts if z3.is_true(model.eval(doubt.condition, model_completion=True))]
    return tuple(dict.fromkeys(doubt.reason for doubt in holding or doubts))
