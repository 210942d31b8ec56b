"""Proves the properties of a policy, each with a verdict; the stories are still to be replayed."""

from __future__ import annotations

import time
from dataclasses import replace

from rung.policy import model
from rung.prove.errors import NotEncodedError
from rung.prove.properties import ENTRIES, OTHERS, formula
from rung.prove.solve import Clock, TimeIsUpError
from rung.prove.task import Task
from rung.prove.verdict import Verdict


def prove(policy: model.Policy, node: model.Property, seconds: float) -> Verdict:
    """The verdict on one property, which may take this long."""
    began = time.monotonic()
    task = Task(policy, node, Clock(seconds))
    try:
        verdict = _verdict(task, node)
    except (NotEncodedError, TimeIsUpError) as error:
        verdict = task.made("unknown", str(error))
    return replace(verdict, seconds=time.monotonic() - began)


def _verdict(task: Task, node: model.Property) -> Verdict:
    if isinstance(node, model.FormulaProperty):
        return formula.verdict(task, node)
    if node.name in ENTRIES:
        return task.entries(list(ENTRIES[node.name](task.policy, node)))
    return OTHERS[node.name](task, node)
