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

from rung.migrations.abstraction import Abstraction
from rung.migrations.components import Joined, Reader, Symbols, conjuncts, connected
from rung.migrations.terms import Doubt, any_of
from rung.migrations.values import Value

_MILLISECONDS = 6000
# A deterministic bound on effort; it also bounds memory, which z3's own setting does not.
_EFFORT = 3_000_000
_ATTEMPTS = 12
_EFFORT_AT_ONCE = 40_000
_EFFORT_FOR_WISHES = 300_000
_CONTEXT = z3.main_ctx().ref()


@dataclass(frozen=True, slots=True)
class Proved:
    """No assignment satisfies the assumptions and the goal."""


@dataclass(frozen=True, slots=True)
class Found:
    """An assignment that does. `despite` are reasons for which a real database may still do otherwise, which
    only a replay can tell."""

    model: Any
    despite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unclear:
    """Neither: the solver gave up, or all that it found depends on what is not understood."""

    reasons: tuple[str, ...]
    model: Any = None


Answer = Proved | Found | Unclear
_Part = tuple[Value, Symbols]
_Outcome = tuple[Any, Any]
"""z3's answer, and its model or the reason why there is none."""


@dataclass(slots=True)
class Solver:
    """Checks conditions, each time anew. What is hard about text is first tried without it."""

    abstraction: Abstraction = field(default_factory=Abstraction)

    def check(self, conditions: Sequence[Value], effort: int = _EFFORT) -> _Outcome:
        outcome, found = _check(conditions, min(effort, _EFFORT_AT_ONCE))
        if outcome != z3.unknown:
            return outcome, found
        numbers = [self.abstraction.of(condition) for condition in conditions]
        if all(one is other for one, other in zip(conditions, numbers, strict=True)):
            return _check(conditions, effort)
        outcome, found = _check([*numbers, *self.abstraction.plain], effort)
        if outcome == z3.unsat and self.abstraction.plain:
            outcome, found = _check(numbers, effort)
        if outcome == z3.unsat:
            return outcome, None
        if outcome == z3.sat:
            written = [*conditions, *self.abstraction.written(found)]
            outcome, found = _check(written, _EFFORT_FOR_WISHES)
            if outcome == z3.sat:
                return outcome, found
        return _check(conditions, effort)

    def plain(self, conditions: list[Value], wishes: Sequence[Value], model: Any) -> Any:
        """A model that grants as many wishes as a few attempts find: all, or each half by itself."""
        waiting, attempts = [list(wishes)], 0
        while waiting and attempts < _ATTEMPTS:
            group = [wish for wish in waiting.pop(0) if not z3.is_true(wish)]
            if not group:
                continue
            attempts += 1
            outcome, found = self.check([*conditions, *group], _EFFORT_FOR_WISHES)
            if outcome == z3.sat:
                conditions, model = [*conditions, *group], found
            elif len(group) > 1:
                middle = (len(group) + 1) // 2
                waiting = [group[:middle], group[middle:], *waiting]
        return model


def _check(conditions: Sequence[Value], effort: int) -> _Outcome:
    solver = z3.Solver()
    solver.set("timeout", _MILLISECONDS)
    solver.set("rlimit", effort)
    for condition in conditions:
        # `add` looks at the sort of each, which takes longer than most checks.
        z3.Z3_solver_assert(_CONTEXT, solver.solver, condition.as_ast())
    outcome = solver.check()
    return outcome, solver.model() if outcome == z3.sat else solver.reason_unknown()


@dataclass(slots=True)
class Prover:
    """Assumptions that grow, and questions about them.

    Each check has a solver of its own: z3 bounds the time of `check`, but not of `push`, which may not
    return from a few conditions over text. A question is asked of what is connected with it alone; the rest
    is settled afterwards, part by part, for a counterexample.
    """

    assumptions: dict[int, _Part] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    reader: Reader = field(default_factory=Reader)
    solver: Solver = field(default_factory=Solver)
    # What is known of goals under the present assumptions.
    known: dict[int, _Outcome] = field(default_factory=dict)

    def assume(self, conditions: Sequence[Value]) -> None:
        for condition in conditions:
            for part in conjuncts(condition):
                if part.get_id() not in self.assumptions:
                    self.assumptions[part.get_id()] = part, self.reader.symbols(part)
                    self.known.clear()

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is assumed inside is forgotten afterwards."""
        assumed, doubted = len(self.assumptions), len(self.doubts)
        try:
            yield
        finally:
            for number in list(self.assumptions)[assumed:]:
                del self.assumptions[number]
            del self.doubts[doubted:]
            self.known.clear()

    def open(self, goals: Sequence[Value]) -> list[bool]:
        """For each goal, whether it is not proved that it cannot hold."""
        if len(goals) > 1:
            outcome, model = self._first(any_of(list(goals)))
            if outcome == z3.unsat:
                return [False for _ in goals]
            for goal in goals if outcome == z3.sat else ():
                if z3.is_true(model.eval(goal, model_completion=True)):
                    self.known[goal.get_id()] = outcome, model
        return [self._first(goal)[0] != z3.unsat for goal in goals]

    def _first(self, goal: Value) -> _Outcome:
        """What comes of the goal, all doubts set aside."""
        if z3.is_false(goal):
            return z3.unsat, None
        number = goal.get_id()
        if number not in self.known:
            self.reader.kept.append(goal)
            self.known[number] = self.solver.check([*self._near(goal), goal])
        return self.known[number]

    def _near(self, goal: Value) -> list[Value]:
        """The assumptions that are connected with the goal."""
        parts = list(self.assumptions.values())
        inside = connected(self.reader.symbols(goal).values, [found for _, found in parts])
        return [part for (part, _), is_near in zip(parts, inside, strict=True) if is_near]

    def ask(self, goal: Value, doubts: Sequence[Doubt] = (), wishes: Sequence[Value] = ()) -> Answer:
        """Whether the goal can hold; `wishes` are granted where possible, to make a counterexample plain."""
        outcome, first = self._first(goal)
        if outcome == z3.unsat:
            return Proved()
        if outcome != z3.sat:
            return Unclear((f"the solver gave up ({first})",))
        relevant = [*self.doubts, *doubts]
        hard = [doubt for doubt in relevant if not doubt.soft and not z3.is_false(doubt.condition)]
        if any(z3.is_true(doubt.condition) for doubt in hard):
            return Unclear(_reasons(doubts, relevant, first), first)
        sure = [z3.Not(doubt.condition) for doubt in hard]
        model = self._settled(goal, sure, wishes)
        if model is None:
            # Other choices than those settled first may do: one question about everything.
            everything = [part for part, _ in self.assumptions.values()]
            outcome, found = self.solver.check([*everything, *sure, goal])
            model = found if outcome == z3.sat else None
            if outcome == z3.unknown and not relevant:
                return Unclear((f"the solver gave up ({found})",))
        if model is None:
            return Unclear(_reasons(doubts, relevant, first), first)
        soft = [doubt for doubt in relevant if doubt.soft]
        return Found(model, _holding(soft, model))

    def _settled(self, goal: Value, sure: Sequence[Value], wishes: Sequence[Value]) -> Any | None:
        """A model of everything, what is near to the goal first; None where none was found."""
        conditions = [*self.assumptions.values()]
        for condition in sure:
            conditions += [(part, self.reader.symbols(part)) for part in conjuncts(condition)]
        wanted = [(wish, self.reader.symbols(wish)) for wish in wishes]
        inside = connected(self.reader.symbols(goal).values, [found for _, found in conditions])
        near = [part for (part, _), is_near in zip(conditions, inside, strict=True) if is_near]
        outcome, model = self.solver.check([*near, goal])
        if outcome != z3.sat:
            return None
        named = self.reader.symbols(goal).values.union(
            *(found.values for (_, found), is_near in zip(conditions, inside, strict=True) if is_near)
        )
        close = [wish for wish, found in wanted if found.values <= named]
        model = self.solver.plain([*near, goal], close, model)
        rest = [part for part, is_near in zip(conditions, inside, strict=True) if not is_near]
        switches = frozenset[str]().union(
            *(found.switches for _, found in conditions), self.reader.symbols(goal).switches
        )
        fixed = [
            (symbol, model.eval(symbol, model_completion=True)) for symbol in map(z3.Bool, sorted(switches))
        ]
        others = [wish for wish, found in wanted if not found.values <= named]
        # Everything else is most often one easy question, now that the switches are settled.
        whole = [*(symbol == value for symbol, value in fixed), *(part for part, _ in rest)]
        outcome, found = self.solver.check(whole, _EFFORT_FOR_WISHES)
        if outcome == z3.sat:
            return Joined((model, self.solver.plain(whole, others, found)))
        return None


def _reasons(own: Sequence[Doubt], doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    """The reasons of the doubts that apply to the model, those about the goal itself if there are any; all
    of them where none does by itself."""
    found = _holding(own, model) or _holding(doubts, model)
    return found or tuple(dict.fromkeys(doubt.reason for doubt in doubts))


def _holding(doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    holding = [doubt for doubt in doubts if z3.is_true(model.eval(doubt.condition, model_completion=True))]
    return tuple(dict.fromkeys(doubt.reason for doubt in holding))
