"""Obligations go to the solver by one door: equal ones once, and only what was shown counts."""

from __future__ import annotations

import pytest
import z3

from rung.prove import obligation as module
from rung.prove.obligation import Docket, obligation
from rung.prove.solve import Answer, Clock, TimeIsUpError

A, B, C = z3.Bools("a b c")
N = z3.Int("n")


@pytest.fixture
def docket() -> Docket:
    return Docket(Clock(60), {})


def test_only_what_cannot_be_is_met(docket: Docket) -> None:
    assert docket.meet(obligation("never both", A, z3.Not(A))) is Answer.IMPOSSIBLE
    assert docket.meet(obligation("never one", A)) is Answer.POSSIBLE
    assert [each.shows for each in docket.met.values()] == ["never both"]


def test_nothing_rests_on_what_was_only_asked(docket: Docket) -> None:
    assert docket.ask(obligation("never both", A, z3.Not(A))) is Answer.IMPOSSIBLE
    assert not docket.met


def test_what_the_solver_cannot_tell_is_not_met(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
    impossible = obligation("never both", A, z3.Not(A))
    docket.clock = Clock(1e-9)
    with pytest.raises(TimeIsUpError):
        docket.meet(impossible)
    docket.clock = Clock(60)
    monkeypatch.setattr(z3, "Z3_solver_check_assumptions", lambda *arguments: z3.Z3_L_UNDEF)
    assert docket.meet(impossible) is Answer.UNKNOWN
    assert not docket.met


def test_equal_obligations_are_solved_once(docket: Docket, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def counted(solver: z3.Solver, clock: Clock) -> Answer:
        asked.append(solver)
        return answer(solver, clock)

    answer = module.answer
    monkeypatch.setattr(module, "answer", counted)
    for other in (docket, Docket(docket.clock, docket.answers)):
        for number in range(3):
            assert other.meet(obligation("first", number == N, number + 1 == N)) is Answer.IMPOSSIBLE
        assert len(other.met) == 3
    assert len(asked) == 3
    docket.meet(obligation("another", N > 5, N < 4))
    assert len(asked) == 4
