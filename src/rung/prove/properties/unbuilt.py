"""Defines the properties of which nothing can be said yet: their verdict is unknown, with the reason."""

from __future__ import annotations

from rung.policy import model
from rung.prove.task import Task
from rung.prove.verdict import Verdict

WHY = {
    "refines": "two policies cannot be compared yet",
}


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means nothing yet: the verdict is unknown."""
    return task.made("unknown", WHY[node.name])
