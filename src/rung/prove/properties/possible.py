"""Defines the properties that something is possible."""

from __future__ import annotations

from collections.abc import Sequence

from rung.policy import model
from rung.policy.walk import parts
from rung.prove.claims import Claim, sources_of
from rung.prove.endings import fulfilling
from rung.prove.entries import usable
from rung.prove.errors import NotEncodedError
from rung.prove.task import Task
from rung.prove.verdict import Story, Verdict


def verdict(task: Task, claims: Sequence[model.Condition]) -> Verdict:
    """Proved means: for each claim there is a history, shown and replayed, in which it holds."""
    story: Story | None = None
    for claim in claims:
        found = _found(task, claim)
        if isinstance(found, Verdict):
            return found
        story = found
    return task.made("proved", "", story)


def every_way(task: Task, node: model.NamedProperty) -> Verdict:
    """Proved means: each lane into each environment can be taken, by the history of some release."""
    ways = dict.fromkeys((route.target, route.lane) for route in task.policy.routes)
    return verdict(task, [model.Happened("deployed", place, lane, node.span) for place, lane in ways])


def _found(task: Task, claim: model.Condition) -> Story | Verdict:
    """A history in which a claim holds after an entry, or the verdict without one."""
    events = [each for each in parts(claim) if isinstance(each, model.Happened)]
    if not events:
        return task.made("unknown", "the claim is about more than what follows from a deployment")
    entries = [route for route in task.policy.routes if any(_makes(route, each) for each in events)]
    if not entries:
        return task.made("refuted", f"there is no such way into {_listed({each.place for each in events})}")
    reason = "no history was found in which it is so"
    for route in sorted(entries, key=lambda each: each.lane == "rollback"):
        try:
            story = task.stories.find(fulfilling(Claim(route, claim, "")))
        except NotEncodedError as error:
            reason = str(error)
            continue
        if story is not None:
            return story
    able = reachable(task)
    if all(_cannot(task, route, claim, able) for route in entries):
        return task.made("refuted", f"that can never be: {_why(entries, able)}")
    return task.made("unknown", reason)


def _cannot(task: Task, route: model.Route, claim: model.Condition, able: set[str]) -> bool:
    """Whether a route can never be taken by a release of which the claim holds then."""
    if not _comes(route, able):
        return True
    asked = Claim(route, model.Not(claim, claim.span), "what is said to be possible is so")
    return task.check(asked, task.policy.waivers).holds


def reachable(task: Task) -> set[str]:
    """The environments that something may reach: more than can be, never fewer."""
    ways = (each for each in task.policy.routes if each.lane != "rollback")
    open_ = [each for each in ways if usable(task.policy, each, task.docket)]
    found: set[str] = set()
    grown = True
    while grown:
        fresh = {each.target for each in open_ if _comes(each, found)} - found
        found |= fresh
        grown = bool(fresh)
    return found


def _comes(route: model.Route, able: set[str]) -> bool:
    if route.lane == "rollback":
        return route.target in able
    return route.sources is None or len(able & set(sources_of(route))) >= route.sources.count


def _makes(route: model.Route, event: model.Happened) -> bool:
    """Whether it can become so by an entry on a route."""
    return route.target == event.place and event.lane in (None, route.lane)


def _why(entries: Sequence[model.Route], able: set[str]) -> str:
    lost = {name for route in entries for name in sources_of(route) if name not in able}
    if lost and not any(_comes(route, able) for route in entries):
        return f"nothing can reach {_listed(lost)}"
    return "what would have to hold can never hold together"


def _listed(places: set[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(places))
