"""Defines the order of a policy's environments."""

from __future__ import annotations

from collections.abc import Container

from rung.policy import model


def before(policy: model.Policy, place: str) -> list[str]:
    """All environments that come before a place, nearest first."""
    found: list[str] = []
    pending = [place]
    while pending:
        after = policy.environments[pending.pop(0)].after
        fresh = [each for each in (after.names if after is not None else ()) if each not in found]
        found += fresh
        pending += fresh
    return found


def nearest(policy: model.Policy, place: str, among: Container[str]) -> list[str]:
    """Those among some environments that come before a place with no other of them between."""
    found: list[str] = []
    seen: set[str] = set()
    pending = [place]
    while pending:
        after = policy.environments[pending.pop(0)].after
        for each in after.names if after is not None else ():
            if each not in seen:
                seen.add(each)
                (found if each in among else pending).append(each)
    return found
