"""A second solver agrees only where it says `unsat`; whatever else it says is not agreement."""

from __future__ import annotations

import pytest
import z3

from rung.prove import recheck as module
from rung.prove.recheck import recheck
from rung.prove.smtlib import script
from rung.prove.verdict import Shown

A = z3.Bool("a")
RIGHT = Shown("never both", script(z3.And(A, z3.Not(A))))
WRONG = Shown("never one", script(A))
UNREADABLE = Shown("nonsense", "(assert (foo))")


def test_each_step_is_asked_about() -> None:
    said = recheck([RIGHT, WRONG, UNREADABLE, RIGHT], 60, 2)
    assert said.solver.startswith("cvc5 ")
    assert (said.asked, said.agreed) == (4, 2)
    assert said.contradicted == (WRONG,)
    assert [each for each, _ in said.untold] == [UNREADABLE]
    assert "foo" in said.untold[0][1]


@pytest.mark.parametrize("said", ["unknown", "", "unsat unsat", "UNSAT"])
def test_no_other_word_is_agreement(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(module, "answer", lambda script, seconds: said)
    found = recheck([RIGHT], 60, 1)
    assert (found.agreed, len(found.untold)) == (0, 1)


def test_what_takes_too_long_is_not_agreement() -> None:
    holes = [[z3.Bool(f"{pigeon} in {hole}") for hole in range(12)] for pigeon in range(13)]
    rules = [z3.Or(each) for each in holes]
    rules += [
        z3.Not(z3.And(one[hole], other[hole]))
        for hole in range(12)
        for index, one in enumerate(holes)
        for other in holes[:index]
    ]
    found = recheck([Shown("too many pigeons", script(z3.And(rules)))], 0.5, 1)
    assert (found.agreed, len(found.untold)) == (0, 1)
