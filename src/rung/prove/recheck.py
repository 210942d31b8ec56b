"""Defines what a second solver, cvc5, says of all that was shown by the first.

Its answer counts as agreement only if it is `unsat`. It runs in processes that are killed when time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from rung.prove.smtlib import EXPECTED
from rung.prove.verdict import Shown
from rung.prove.workers import Lost, Work, side_by_side


class Rechecked(NamedTuple):
    """How much a second solver was asked, what it contradicts, and what it cannot tell, with the reasons."""

    solver: str
    asked: int
    contradicted: tuple[Shown, ...]
    untold: tuple[tuple[Shown, str], ...]

    @property
    def agreed(self) -> int:
        return self.asked - len(self.contradicted) - len(self.untold)


def recheck(
    shown: Sequence[Shown], seconds: float, jobs: int, done: Callable[[int], None] = lambda count: None
) -> Rechecked:
    """Ask cvc5 about each script; ModuleNotFoundError where it is not installed."""
    import cvc5

    solver = f"cvc5 {cvc5.__version__}"

    def prepare() -> Work[str]:
        return lambda index: answer(shown[index].script, seconds)

    answers = side_by_side(prepare, len(shown), seconds, jobs, done)
    contradicted, untold = [], []
    for each, said in zip(shown, answers, strict=True):
        if said == "sat":
            contradicted.append(each)
        elif said != "unsat":
            untold.append((each, said.why if isinstance(said, Lost) else f"its answer is {said or 'empty'}"))
    return Rechecked(solver, len(shown), tuple(contradicted), tuple(untold))


def answer(script: str, seconds: float) -> str:
    """What cvc5 prints when it runs a script."""
    import cvc5

    solver = cvc5.Solver()
    solver.setOption("tlimit", str(max(1, int(seconds * 1000))))
    parser = cvc5.InputParser(solver)
    # Where another answer is expected it prints an error, and not its own answer.
    asked = script.replace(EXPECTED, "")
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, asked, "obligation")
    symbols, said = parser.getSymbolManager(), ""
    while not (command := parser.nextCommand()).isNull():
        said += command.invoke(solver, symbols)
    return said.strip()
