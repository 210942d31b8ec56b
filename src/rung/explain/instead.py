"""Defines what one policy has in the place of a rule of another: the line that was edited, if it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from rung.diagnostics import Span
from rung.explain import words
from rung.explain.failing import Failing
from rung.explain.words import Sources
from rung.policy import model
from rung.policy.types import show_value
from rung.policy.walk import gates_behind
from rung.prove.doors import Way

ALIKE = 0.5  # how much of a line must be the same for it to be the same line, edited
BANS = ("freeze", "window", "deny", "single")


class Instead(NamedTuple):
    """What stands there, and where: nothing where `text` is None, and the same words where it is empty."""

    text: str | None
    span: Span | None = None


SAME, NOTHING = Instead(""), Instead(None)


def instead(
    rule: Failing, gate: str | None, mine: model.Policy, other: model.Policy, way: Way, sources: Sources
) -> Instead:
    """What the other policy, which allows `way`, has in the place of a rule of mine that fails.

    `gate` is the name of the gate that asks for it, as the other policy has it.
    """
    line = rule.line
    if line.kind in ("source", "candidate"):
        return Instead(words.route_head(way), way.span)
    if line.span is None or line.kind == "rollout":
        return SAME
    if gate is not None:
        if gate not in gates_behind(way.requirements, other):
            return NOTHING
        known = {(each.gate, each.begins, each.ends) for each in mine.waivers}
        for waiver in other.waivers:
            new = (waiver.gate, waiver.begins, waiver.ends) not in known
            if waiver.gate == gate and way.target in waiver.places and new:
                return Instead(f"waived as {waiver.id}", waiver.span)
    declared = _declared(line.text, mine, other)
    if declared is not None:
        return declared
    beside = _bans(other) if line.kind in BANS else _asked(way, gate, other)
    texts = {words.written(span, sources): span for span in beside}
    if line.text in texts:
        return Instead(line.text, texts[line.text]) if line.kind in BANS else SAME
    near = max(texts, key=lambda text: _likeness(text, line.text), default="")
    return Instead(near, texts[near]) if _likeness(near, line.text) >= ALIKE else NOTHING


def _likeness(text: str, other: str) -> float:
    return SequenceMatcher(None, text, other).ratio()


def _declared(text: str, mine: model.Policy, other: model.Policy) -> Instead | None:
    """A parameter or group that a text names, and that is another one in the other policy."""
    for name in re.findall(r"[\w-]+", text):
        ours, theirs = mine.parameters.get(name), other.parameters.get(name)
        if ours is not None and theirs is not None and ours.value != theirs.value:
            return Instead(f"{name} is {show_value(theirs.type, theirs.value)}", theirs.span)
        group, changed = mine.groups.get(name), other.groups.get(name)
        if group is not None and changed is not None and group.members != changed.members:
            members = (
                "whoever the facts say" if changed.members is None else words.listed(sorted(changed.members))
            )
            return Instead(f"{name} is {members}", changed.span)
    return None


def _asked(way: Way, gate: str | None, other: model.Policy) -> Iterator[Span]:
    """The statements of a gate, or of the way itself."""
    requirements = way.requirements
    if gate is not None:
        yield from (each.span for each in other.gates[gate].needs)
        requirements = other.gates[gate].requirements
    yield from (each.span for each in requirements)


def _bans(policy: model.Policy) -> Iterator[Span]:
    for rules in (policy.freezes, policy.windows, policy.denies, policy.singles):
        yield from (each.span for each in rules)
