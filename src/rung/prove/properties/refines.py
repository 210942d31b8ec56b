"""Defines the property `refines`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rung.policy import model
from rung.prove.abreast import Abreast
from rung.prove.claims import Allowed, Claim, head
from rung.prove.compare import differing_by
from rung.prove.doors import Policies, Way, door_of
from rung.prove.envelope import allowing, binds, opened
from rung.prove.errors import NotEncodedError
from rung.prove.owing import uncovered
from rung.prove.renaming import renamed, with_names
from rung.prove.task import Task
from rung.prove.verdict import Verdict


def verdict(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: whatever the policy allows the other one allows too, and what that one demands after an
    entry this one demands as well, in all well-formed states.

    A policy that binds the routes of others (`every route …`, `open …`), or has none, allows by a route all
    that fulfils what it requires of every route there, and that nothing of it stands against. Of
    environments that it does not have it says nothing. Any other policy allows what its routes do.
    """
    assert node.policy is not None, "it is required"
    known = task.baselines.get((node.span.file, node.policy))
    if known is None:
        return task.made("unknown", f"`{node.policy}` was not read")
    baseline = with_names(known, renamed(task.policy, known))
    bound = binds(baseline)
    if bound:
        baseline = opened(baseline, task.policy)
    for way, other in _against(task.policy, baseline, bound):
        side = Abreast(Policies(task.policy, other), door_of(way), task.docket)
        lost = uncovered(side.policies.turned, side.door, task.docket)
        if lost:
            story, why = side.story(way, side.opens)
            reason = f"what enters by {head(way)} does not owe `{lost[0].name}` as `{node.policy}` demands"
            if story is not None:
                return task.made("refuted", reason, story)
            return task.made("unknown", f"{reason}, it seems, but {why}")
        reason = f"by {head(way)} something is allowed that `{node.policy}` denies"
        for difference in differing_by(side, way, "allowed"):
            if difference.story is None:
                return task.made("unknown", f"{reason}, it seems, but {difference.reason}")
            claim = Claim(way, Allowed(other, node.span), reason)
            return task.made("refuted", reason, replace(difference.story, claim=claim, breaks=True))
    return _proved(task)


def _against(policy: model.Policy, baseline: model.Policy, bound: bool) -> Iterator[tuple[Way, model.Policy]]:
    """Each way of a policy, and what must allow all that it allows."""
    for route in policy.routes:
        if not bound:
            yield route, baseline
        elif route.target in baseline.environments:
            yield route, allowing(baseline, route)
    for act in policy.acts:
        if not bound or act.target in baseline.environments:
            yield act, baseline


def _proved(task: Task) -> Verdict:
    """Proved, with an entry that both allow."""
    why = ""
    for route in sorted(task.policy.routes, key=task.depth):
        try:
            story = task.stories.entry(route)
        except NotEncodedError as error:
            story, why = None, f": {error}"
        if story is not None:
            return task.made("proved", "", story)
    return task.made("proved", "", None, [f"no history was found in which something enters{why}"])
