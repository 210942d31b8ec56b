"""Defines what proofs about a policy take for granted, as far as the policy lets them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from rung.policy import model
from rung.policy.moments import BEGIN, END
from rung.policy.persons import declared_persons, strangers_of
from rung.policy.walk import conditions, parts

ALWAYS = (
    "facts are complete and true, failing records included, and digests are authentic",
    "histories are written when decisions are made, and a decision and its deployment are one",
    "nothing changes an environment but what is decided here",
    "the same policy holds throughout, and what ran before it was adopted came by its rules",
)


def assumed(policy: model.Policy) -> tuple[str, ...]:
    """The assumptions of every proof about a policy, in sentences."""
    kinds = {type(node) for condition in conditions(policy) for node in parts(condition)}
    return (*ALWAYS, *(text for uses, text in _SOMETIMES if uses(policy, kinds)), *_bounds(policy, kinds))


def assumed_of_both(*policies: model.Policy) -> tuple[str, ...]:
    """The assumptions of a comparison, whose requests need not come about under any of the policies."""
    kinds = {type(node) for policy in policies for each in conditions(policy) for node in parts(each)}
    bounds = (text for policy in policies for text in _bounds(policy, kinds - PEOPLE))
    return "the facts know whoever one of the policies names", *dict.fromkeys(bounds)


Kinds = set[type[model.Expression]]
PEOPLE: Kinds = {model.People, model.PersonIn, model.Role}


def _watches(policy: model.Policy, kinds: Kinds) -> bool:
    return model.Healthy in kinds or any(each.lane in ("promote", "rollback") for each in policy.routes)


def _from_facts(policy: model.Policy, kinds: Kinds) -> bool:
    return any(group.members is None for group in policy.groups.values())


def _orders_migrations(policy: model.Policy, kinds: Kinds) -> bool:
    asked = (each.name for each in policy.properties if isinstance(each, model.NamedProperty))
    return "migrations-in-order" in asked


_SOMETIMES: tuple[tuple[Callable[[model.Policy, Kinds], bool], str], ...] = (
    (lambda policy, kinds: bool(policy.evidence), "evidence is authentic, and about what it says"),
    (
        lambda policy, kinds: any(each.once for each in policy.evidence.values()),
        "evidence that is produced once is not produced again",
    ),
    (_watches, "health is observed truthfully"),
    (lambda policy, kinds: bool(kinds & PEOPLE), "who has several accounts is known to be one person"),
    (_from_facts, "groups have the members that they have when they are asked about"),
    (
        lambda policy, kinds: bool(kinds & {model.ContainsOpenHotfixes, model.Role}),
        "the ancestry and the authors of commits are told truthfully",
    ),
    (
        lambda policy, kinds: model.MigrationsCompatible in kinds,
        "migrations that are judged to be compatible go with all that runs or may be gone back to",
    ),
    (_orders_migrations, "a release brings the same migrations wherever it goes"),
)


def _bounds(policy: model.Policy, kinds: Kinds) -> Iterator[str]:
    if kinds & PEOPLE:
        named, others = len(set(declared_persons(policy).values())), strangers_of(policy)
        yield f"persons: {named} whom the policy names and {others} others, more than a decision counts"
    if policy.freezes or policy.windows or policy.maintenance or policy.waivers:
        first, last = (datetime.fromtimestamp(each, UTC).year for each in (BEGIN, END - 1))
        yield f"time: the years {first} to {last}, with the time zones as the tz database has them"
