"""Defines obligations: the steps on which proofs rest, and the one door by which they go to the solver.

Equal obligations are one term to the solver, and are solved once. Those that are equal only up to the names
of their unknowns are not looked for: telling that takes longer than solving them, and few are.
"""

from __future__ import annotations

from typing import NamedTuple

import z3

from rung.prove.solve import Answer, Clock, answer
from rung.prove.terms import Term, all_of
from rung.prove.verdict import Pair


class Obligation(NamedTuple):
    """A formula that nothing fulfils; `shows` is the sentence that is shown if that is so."""

    shows: str
    formula: Term


def obligation(shows: str, *formulas: Term) -> Obligation:
    """That these formulas cannot hold together."""
    return Obligation(shows, all_of(formulas))


Answers = dict[int, tuple[Term, Answer]]
"""What the solver has said of formulas, by their numbers, which are theirs as long as they are kept."""


class Docket:
    """The obligations of one property; `met` are those on which its proof rests, each once.

    `order` says of pairs of environments, as far as it is known, whether all histories keep them.
    """

    def __init__(self, clock: Clock, answers: Answers) -> None:
        self.clock = clock
        self.answers = answers
        self.solver = z3.SimpleSolver()
        self.met: dict[int, Obligation] = {}
        self.order: dict[Pair, bool] = {}

    def meet(self, step: Obligation) -> Answer:
        """What the solver says of an obligation; IMPOSSIBLE shows what it shows, and a proof may rest on it.

        TimeIsUpError when it takes too long.
        """
        said = self.ask(step)
        if said is Answer.IMPOSSIBLE:
            self.met.setdefault(step.formula.get_id(), step)
        return said

    def ask(self, step: Obligation) -> Answer:
        """As `meet`, of what no proof rests on yet."""
        number = step.formula.get_id()
        if number not in self.answers:
            self.solver.push()
            self.solver.add(step.formula)
            self.answers[number] = step.formula, answer(self.solver, self.clock)
            self.solver.pop()
        return self.answers[number][1]
