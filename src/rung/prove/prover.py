"""Proves the properties of a policy, each with a verdict; the stories are still to be replayed."""

from __future__ import annotations

import time
from dataclasses import replace

from rung.policy import model
from rung.prove.errors import NotEncodedError
from rung.prove.obligation import Answers
from rung.prove.properties import ENTRIES, OTHERS, formula
from rung.prove.solve import Clock, TimeIsUpError
from rung.prove.stories import Stories
from rung.prove.task import Task
from rung.prove.verdict import Verdict


class Prover:
    """Proves properties of a policy; what it has found of histories for one it keeps for the next."""

    def __init__(self, policy: model.Policy) -> None:
        self.stories = Stories(policy, Clock(0))
        self.answers: Answers = {}

    def prove(self, node: model.Property, seconds: float) -> Verdict:
        """The verdict on one property, which may take this long."""
        began = time.monotonic()
        self.stories.clock = Clock(seconds)
        task = Task(node, self.stories, self.answers)
        return replace(_within_time(task, node), seconds=time.monotonic() - began)


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
