"""Defines the proposal of an entry of a history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rung.inputs.proposal import (
    Artifact,
    MachineActor,
    Migrations,
    PersonActor,
    Proposal,
    Rollback,
    Strategy,
)
from rung.inputs.proposal import Release as ProposedRelease
from rung.policy import model
from rung.policy.types import (
    SCALE,
    TEXT,
    SetType,
)
from rung.policy.walk import gone_back
from rung.prove.entry import MACHINE, Entry
from rung.prove.world import OTHER

BACK = "migrations/compatible-with-releases-back-"


def migrations(back: int | None) -> Migrations:
    """Migrations that go with so many releases back, None for any number."""
    return Migrations(
        directory="migrations/compatible" if back is None else f"{BACK}{back}", from_="1", to="2"
    )


COMPATIBLE, OTHERS = migrations(None), Migrations(directory="migrations/incompatible", from_="1", to="2")


def _release(entry: Entry) -> ProposedRelease:
    lasting = {**entry.release.lasting, **entry.chosen}
    rank = lasting.get(("request", "release.version"))
    version = f"{entry.release.number + 1}.0.0" if rank is None else entry.version(rank)
    if lasting.get(("stated", "release.version"), True) is False:
        stated: str | None = None
    else:
        stated = version
    artifacts = {"app": Artifact(digest=entry.release.digest)}
    return ProposedRelease(version=stated, configuration=entry.configuration(), artifacts=artifacts)


def proposal(entry: Entry) -> Proposal:
    lasting = {**entry.release.lasting, **entry.chosen}
    service = lasting.get(("request", "service"))
    account = entry.account()
    kind = entry.get("kind of actor", default=1)
    keys = None
    if entry.get("stated", "configuration_keys"):
        keys = entry.members(("request", "configuration_keys"), SetType(TEXT))
    new_flags = [holds for key, holds in entry.every("flag") if isinstance(key[1], model.NewFlagsOff)]
    return Proposal(
        service="shop" if service is None else entry.text(TEXT, service, ("request", "service")),
        action="deploy" if isinstance(entry.way, model.Route) else _action(entry.way),
        lane=entry.lane(),
        from_=() if entry.get("no source stated") or not _stated(entry) else entry.came_from(),
        target=entry.target,
        release=_release(entry),
        strategy=_strategy(entry),
        rollback=_plan(entry),
        actor=PersonActor(person=account)
        if kind == 0
        else MachineActor(machine=MACHINE, on_behalf_of=None if kind == 1 else account),
        configuration_keys=keys,
        flags={} if all(new_flags) else {"new-feature": "on"},
        migrations=_migrations(entry),
    )


def share(entry: Entry) -> int | None:
    """The share of traffic that a deployment begins with, None for all of it."""
    strategy = _strategy(entry)
    if strategy is None:
        return None
    if strategy.kind == "canary" and strategy.steps and strategy.steps[0] != 100:
        return int(strategy.steps[0] * SCALE)
    acts = entry.telling.policy.acts
    switches = any(each.action == "switch" and each.target == entry.target for each in acts)
    return 0 if strategy.kind == "blue_green" and switches else None


def _stated(entry: Entry) -> bool:
    return any(stated for _, stated in entry.every("stated source"))


def _strategy(entry: Entry) -> Strategy | None:
    if not entry.get("stated", "strategy"):
        return None
    kind = model.STRATEGIES[entry.get("request", "strategy", default=0)]
    rules = [each for each in entry.telling.policy.strategies if entry.target in each.places]
    rule = next((each for each in rules if each.kind == kind), None)
    unlike = entry.get("unlike", entry.target, kind, default=False)
    steps: tuple[Decimal, ...] = ()
    most: Decimal | None = None
    if rule is not None and kind == "canary" and not unlike:
        steps = tuple(Decimal(each.share) / SCALE for each in rule.steps)
    if rule is not None and rule.max_unavailable is not None:
        most = Decimal(100) if unlike else Decimal(rule.max_unavailable) / SCALE
    return Strategy(kind=_strategy_kind(kind), steps=steps, max_unavailable=most)


def _migrations(entry: Entry) -> Migrations | None:
    unasked = entry.release.migrates and isinstance(entry.way, model.Route)
    if not entry.get("brings migrations", default=unasked):
        return None
    judged = [holds for key, holds in entry.every("flag") if isinstance(key[1], model.MigrationsCompatible)]
    elsewhere = [holds for key, holds in entry.every(OTHER) if isinstance(key[2], model.MigrationsCompatible)]
    if any(judged) and not all(elsewhere):
        return migrations(gone_back(entry.telling.policy, entry.target))
    return COMPATIBLE if any(judged) or not (judged or elsewhere) else OTHERS


def _plan(entry: Entry) -> Rollback | None:
    plans = {(key[1].automatic, key[3]): holds for key, holds in entry.every("flag") if _is_plan(key[1])}
    runs = entry.telling.runs(entry.target)
    if not plans or runs is None:
        return None
    fits = any(holds for (_, sign), holds in plans.items() if sign)
    automatic = plans.get((True, True), False)
    if fits:
        return Rollback(to=frozenset({entry.telling.releases[runs].digest}), automatic=automatic)
    if all(holds for (_, sign), holds in plans.items() if not sign):
        return None
    return Rollback(to=frozenset({"sha256:" + "0e" * 32}), automatic=automatic)


def _is_plan(node: Any) -> bool:
    return isinstance(node, model.RollbackPlan)


def _action(act: model.Act) -> Any:
    return act.action


def _strategy_kind(kind: str) -> Any:
    return kind
