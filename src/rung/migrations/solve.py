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

_MILLISECONDS = 6000
# A deterministic bound on effort; it also bounds memory, which z3's own setting does not.
_EFFORT = 3_000_000
_ATTEMPTS = 12
_EFFORT_FOR_WISHES = 300_000


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


@dataclass(slots=True)
class Prover:
    """Assumptions that grow, and questions about them.

    Each check has a solver of its own: z3 bounds the time of `check`, but not of `push`, which may not
    return from a few conditions over text. A question is asked of what is connected with it alone; the rest
    is settled afterwards, part by part, for a counterexample.
    """

    assumptions: list[_Part] = field(default_factory=list)
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

    def proves(self, goal: Value) -> bool:
        """Whether it is proved that the goal cannot hold."""
        return bool(z3.is_false(goal) or _check([*self._near(goal), goal], _EFFORT)[0] == z3.unsat)

    def _near(self, goal: Value) -> list[Value]:
        """The assumptions that are connected with the goal."""
        inside = connected(self.reader.symbols(goal).values, [found for _, found in self.assumptions])
        return [part for (part, _), is_near in zip(self.assumptions, inside, strict=True) if is_near]

    def ask(self, goal: Value, doubts: Sequence[Doubt] = (), wishes: Sequence[Value] = ()) -> Answer:
        """Whether the goal can hold; `wishes` are granted where possible, to make a counterexample plain."""
        if z3.is_false(goal):
            return Proved()
        outcome, first = _check([*self._near(goal), goal], _EFFORT)
        if outcome == z3.unsat:
            return Proved()
        if outcome != z3.sat:
            return Unclear((f"the solver gave up ({first})",))
        relevant = [*self.doubts, *doubts]
        hard = [doubt for doubt in relevant if not doubt.soft and not z3.is_false(doubt.condition)]
        sure = [z3.Not(doubt.condition) for doubt in hard]
        model = self._settled(goal, sure, wishes)
        if model is None:
            # Other choices than those settled first may do: one question about everything.
            everything = [part for part, _ in self.assumptions]
            outcome, found = _check([*everything, *sure, goal], _EFFORT)
            model = found if outcome == z3.sat else None
        if model is None:
            return Unclear(_reasons(relevant, first), first)
        soft = [doubt for doubt in relevant if doubt.soft]
        return Found(model, _holding(soft, model))

    def _settled(self, goal: Value, sure: Sequence[Value], wishes: Sequence[Value]) -> Any | None:
        """A model of everything, found part by part; None where there is none, or none was found."""
        conditions = [*self.assumptions]
        for condition in sure:
            conditions += [(part, self.reader.symbols(part)) for part in conjuncts(condition)]
        wanted = [(wish, self.reader.symbols(wish)) for wish in wishes]
        inside = connected(self.reader.symbols(goal).values, [found for _, found in conditions])
        near = [part for (part, _), is_near in zip(conditions, inside, strict=True) if is_near]
        outcome, model = _check([*near, goal], _EFFORT)
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
        parts = [(z3.simplify(z3.substitute(part, *fixed)), found) for part, found in rest]
        others = [
            (z3.simplify(z3.substitute(wish, *fixed)), found)
            for wish, found in wanted
            if not found.values <= named
        ]
        # Most rows are plain: everything else at once is then one question.
        outcome, whole = _check([part for part, _ in (*parts, *others)], _EFFORT_FOR_WISHES)
        if outcome == z3.sat:
            return Joined((model, whole))
        models = _each_part(parts, others)
        return None if models is None else Joined((model, *models))


def _each_part(parts: list[_Part], wishes: Sequence[_Part]) -> list[Any] | None:
    """A model of each part that is connected within itself; None where one has none."""
    models: list[Any] = []
    while parts:
        inside = connected(parts[0][1].values, [found for _, found in parts])
        chosen = [part for part, is_near in zip(parts, inside, strict=True) if is_near]
        named = frozenset[str]().union(*(found.values for _, found in chosen))
        conditions = [part for part, _ in chosen]
        outcome, model = _check(conditions, _EFFORT)
        if outcome != z3.sat:
            return None
        models.append(_plain(conditions, [wish for wish, found in wishes if found.values <= named], model))
        parts = [part for part, is_near in zip(parts, inside, strict=True) if not is_near]
    return models


def _check(conditions: Sequence[Value], effort: int) -> tuple[Any, Any]:
    """z3's answer, and its model or the reason why there is none."""
    solver = z3.Solver()
    solver.set("timeout", _MILLISECONDS)
    solver.set("rlimit", effort)
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
        outcome, found = _check([*conditions, *group], _EFFORT_FOR_WISHES)
        if outcome == z3.sat:
            conditions, model = [*conditions, *group], found
        elif len(group) > 1:
            middle = (len(group) + 1) // 2
            waiting = [group[:middle], group[middle:], *waiting]
    return model


def _reasons(doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    """The reasons of the doubts that apply to the model; all of them where none does by itself."""
    return _holding(doubts, model) or tuple(dict.fromkeys(doubt.reason for doubt in doubts))


def _holding(doubts: Sequence[Doubt], model: Any) -> tuple[str, ...]:
    holding = [doubt for doubt in doubts if z3.is_true(model.eval(doubt.condition, model_completion=True))]
    return tuple(dict.fromkeys(doubt.reason for doubt in holding))
