"""Defines the property `no-manual-change`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: what runs in the environments changes only by a machine: no deployment, rollback or step
    of a rollout is ever allowed to a person who acts by hand.
    """
    ways: tuple[model.Route | model.Act, ...] = (*policy.routes, *policy.acts)
    for way in ways:
        if way.target in node.places:
            by_hand = model.ActorIs("person", way.span)
            text = f"a person changes `{way.target}` by hand"
            yield Claim(way, model.Not(by_hand, way.span), text)
