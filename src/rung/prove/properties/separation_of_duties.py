"""Defines the property `separation-of-duties`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from rung.policy import model
from rung.prove.claims import Claim, routes_into

USUAL = ("author", "approver", "deployer")
FILLED = ("approver", "reviewer")
WHO = {"author": "authors", "approver": "approvers", "reviewer": "reviewers"}


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: whenever a release enters, the persons in the roles named are all different, and somebody
    has approved (or reviewed) where that is one of the roles.

    An approver is whose approval is counted on the way in. Who deploys is also who goes on with a rollout, to
    its next share of traffic or to all of it; then an approver is whoever has approved. A machine that acts
    for nobody is no person. A rollback enters nothing for the first time.
    """
    roles = node.names or USUAL
    for act in policy.acts:
        if act.target in node.places and act.action != "expose" and "deployer" in roles:
            for role, people in WHO.items():
                if role in roles:
                    text = f"the {role} of a release can {act.action} it in `{act.target}`"
                    yield Claim(act, _none_of(people, act), text)
    for route in routes_into(policy, node.places):
        for first, second in combinations(roles, 2):
            text = f"the {first} and the {second} of a release that enters `{route.target}` can be one person"
            if {first, second} & set(FILLED):
                text += ", or nobody"
            yield Claim(route, _different(first, second, route), text)


def _none_of(people: str, act: model.Act) -> model.Condition:
    among = model.PersonIn(model.Role("actor", act.span), people, act.span)
    return model.Or((_alone(act), model.Not(among, act.span)), act.span)


def _different(first: str, second: str, route: model.Route) -> model.Condition:
    names = ["actor" if each == "deployer" else each for each in (first, second)]
    left, right = (model.Role(each, route.span) for each in names)
    differ: model.Condition = model.Compare("unequal", left, right, route.span)
    return model.Or((_alone(route), differ), route.span) if "actor" in names else differ


def _alone(way: model.Route | model.Act) -> model.Condition:
    """That a machine acts for nobody."""
    delegate = model.Not(model.ActorIs("delegate", way.span), way.span)
    return model.And((model.ActorIs("machine", way.span), delegate), way.span)
