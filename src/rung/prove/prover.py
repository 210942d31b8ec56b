"""Proves the properties of a policy, each with a verdict; the stories are still to be replayed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from rung.policy import model
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import Answers
from rung.prove.properties import ENTRIES, OTHERS, formula
from rung.prove.smtlib import script
from rung.prove.solve import Clock, TimeIsUpError
from rung.prove.stories import Stories, Untold
from rung.prove.task import Baselines, Task
from rung.prove.verdict import Recorded, Shown, Verdict
from rung.prove.workers import Lost, Work, in_rounds

T = TypeVar("T")


def prove_all(
    policy: model.Policy,
    nodes: Sequence[model.Property],
    seconds: float,
    jobs: int,
    told: Callable[[Verdict], T],
    done: Callable[[int], None] = lambda count: None,
    *,
    scripts: bool = False,
    baselines: Baselines | None = None,
) -> list[T]:
    """What `told` makes of the verdict on each property, which may take so many seconds.

    It makes that of each while others are still proved; `done` is told how many there are.
    """

    def prepare() -> Work[Verdict]:
        prover = Prover(policy, scripts=scripts, baselines=baselines)
        return lambda index: prover.prove(nodes[index], seconds)

    found: dict[int, T] = {}
    for heard in in_rounds(prepare, len(nodes), seconds, jobs):
        for index, each in heard.items():
            if isinstance(each, Lost):
                each = Verdict(nodes[index], "unknown", each.why, seconds=seconds)
            found[index] = told(each)
        done(len(found))
    return [found[index] for index in range(len(nodes))]


class Prover:
    """Proves properties of a policy; what it has found of histories for one it keeps for the next."""

    def __init__(
        self, policy: model.Policy, *, scripts: bool = False, baselines: Baselines | None = None
    ) -> None:
        self.baselines = baselines
        self.stories = Stories(policy, Clock(0))
        self.answers: Answers = {}
        self.scripts = scripts

    def prove(self, node: model.Property, seconds: float) -> Verdict:
        """The verdict on one property, which may take this long."""
        return self._verdict(node, seconds, self.stories, None)

    def check(self, node: model.Property, recorded: Recorded, seconds: float) -> Verdict:
        """Whether a proof of a property holds; what is possible is shown by a history again."""
        is_possible = isinstance(node, model.FormulaProperty) and node.modality == "possible"
        stories = self.stories if is_possible else Untold(self.stories.policy, Clock(0))
        return self._verdict(node, seconds, stories, recorded)

    def _verdict(
        self, node: model.Property, seconds: float, stories: Stories, recorded: Recorded | None
    ) -> Verdict:
        began = time.monotonic()
        stories.clock = Clock(seconds)
        task = Task(node, stories, self.answers, recorded, self.baselines)
        verdict = _within_time(task, node)
        steps = task.docket.met.values()
        shown = [Shown(each.shows, script(each.formula) if self.scripts else "") for each in steps]
        order = frozenset(pair for pair, is_kept in task.docket.order.items() if is_kept)
        return replace(verdict, shown=tuple(shown), order=order, seconds=time.monotonic() - began)


def _within_time(task: Task, node: model.Property) -> Verdict:
    try:
        return _verdict(task, node)
    except (NotEncodedError, TimeIsUpError) as error:
        return task.made("unknown", str(error))


def _verdict(task: Task, node: model.Property) -> Verdict:
    if isinstance(node, model.FormulaProperty):
        return formula.verdict(task, node)
    if node.name in ENTRIES:
        return task.entries(list(ENTRIES[node.name](task.policy, node)))
    return OTHERS[node.name](task, node)
