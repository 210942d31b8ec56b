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

from rung.migrations.components import Joined, Reader, Symbols, conjuncts, connected
from rung.migrations.terms import Doubt
from rung.migrations.values import Value

_MILLISECONDS = 1500
# A deterministic bound on effort; it also bounds memory, which z3's own setting does not.
_EFFORT = 40_000_000
_ATTEMPTS = 12
_MILLISECONDS_FOR_WISHES = 200


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
    """Assumptions that grow, and questions about them.

    Each check has a solver of its own: z3 bounds the time of `check`, but not of `push`, which may not
    return from a few conditions over text. A question is asked of what is connected with it alone; the rest
    is settled afterwards, part by part, for a counterexample.
    """

    assumptions: list[tuple[Value, Symbols]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    reader: Reader = field(default_factory=Reader)

    def assume(self, conditions: Sequence[Value]) -> None:
        for condition in conditions:
            for part in conjuncts(condition):
                self.assumptions.append((part, self.reader.symbols(part)))

    @contextmanager
    def scope(self) -> Iterator[None]:
        """What is assumed inside is forgotten afterwards."""
        assumed, doubted = len(self.assumptions), len(self.doubts)
        try:
            yield
        finally:
            del self.assumptions[assumed:]
            del self.doubts[doubted:]

    def ask(self, goal: Value, doubts: Sequence[Doubt] = (), wishes: Sequence[Value] = ()) -> Answer:
        """Whether the goal can hold; `wishes` are granted where possible, to make a counterexample plain."""
        if z3.is_false(goal):
            return Proved()
        inside = connected(self.reader.symbols(goal).values, [found for _, found in self.assumptions])
        near = [part for (part, _), is_near in zip(self.assumptions, inside, strict=True) if is_near]
        outcome, first = _check([*near, goal], _MILLISECONDS)
        if outcome == z3.unsat:
            return Proved()
        if outcome != z3.sat:
            return Unclear((f"the solver gave up ({first})",))
        relevant = [*self.doubts, *doubts]
        sure = [z3.Not(doubt.condition) for doubt in relevant if not z3.is_false(doubt.condition)]
        model = self._settled(goal, sure, wishes)
        return Unclear(_reasons(relevant, first), first) if model is None else Found(model)

    def _settled(self, goal: Value, sure: Sequence[Value], wishes: Sequence[Value]) -> Any | None:
        """A model of everything, found part by part; None where there is none, or none was found."""
        conditions = [*self.assumptions]
        for condition in sure:
            conditions += [(part, self.reader.symbols(part)) for part in conjuncts(condition)]
        wanted = [(wish, self.reader.symbols(wish)) for wish in wishes]
        inside = connected(self.reader.symbols(goal).values, [found for _, found in conditions])
        near = [part for (part, _), is_near in zip(conditions, inside, strict=True) if is_near]
        outcome, model = _check([*near, goal], _MILLISECONDS)
        if outcome != z3.sat:
            return None
        named = self.reader.symbols(goal).values.union(
            *(found.values for (_, found), is_near in zip(conditions, inside, strict=True) if is_near)
        )
        close = [wish for wish, found in wanted if found.values <= named]
        model = _plain([*near, goal], close, model)
        rest = [found for found, is_near in zip(conditions, inside, strict=True) if not is_near]
        switches = frozenset[str]().union(
            *(found.switches for _, found in conditions), self.reader.symbols(goal).switches
        )
        fixed = [
            (symbol, model.eval(symbol, model_completion=True)) for symbol in map(z3.Bool, sorted(switches))
        ]
        models = [model]
        while rest:
            inside = connected(rest[0][1].values, [found for _, found in rest])
            part = [
                z3.simplify(z3.substitute(condition, *fixed))
                for (condition, _), is_near in zip(rest, inside, strict=True)
                if is_near
            ]
            named = frozenset[str]().union(
                *(found.values for (_, found), is_near in zip(rest, inside, strict=True) if is_near)
            )
            outcome, model = _check(part, _MILLISECONDS)
            if outcome != z3.sat:
                return None
            close = [z3.substitute(wish, *fixed) for wish, found in wanted if found.values <= named]
            models.append(_plain(part, close, model))
            rest = [found for found, is_near in zip(rest, inside, strict=True) if not is_near]
        return Joined(tuple(models))


def _check(conditions: Sequence[Value], milliseconds: int) -> tuple[Any, Any]:
    """z3's answer, and its model or the reason why there is none."""
    solver = z3.Solver()
    solver.set("timeout", milliseconds)
    solver.set("rlimit", _EFFORT)
    solver.add(*conditions)
    outcome = solver.check()
    return outcome, solver.model() if outcome == z3.sat else solver.reason_unknown()


def _plain(conditions: list[Value], wishes: Sequence[Value], model: Any) -> Any:
    """A model that grants as many wishes as a few attempts find: all, or each half by itself."""
    waiting, attempts = [list(wishes)], 0
    while waiting and attempts < _ATTEMPTS:
        group = [wish for wish in waiting.pop(0) if not z3.is_true(wish)]
        if not group:
            continue
        attempts += 1
        outcome, found = _check([*conditions, *group], _MILLISECONDS_FOR_WISHES)
        if outcome == z3.sat:
            conditions, model = [*conditions, *group], found
        elif len(group) > 1:
            middle = (len(group) + 1) // 2
            waiting = [group[:middle], group[middle:], *waiting]
    return model


def _reasons(doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    """The reasons of the doubts that apply to the model; all of them where none does by itself."""
    holding = [doubt for doubt in doubts if z3.is_true(model.eval(doubt.condition, model_completion=True))]
    return tuple(dict.fromkeys(doubt.reason for doubt in holding or doubts))
