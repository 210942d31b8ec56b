"""Checks what a proof file claims, from scratch: each order holds at first, each entry keeps it, and each
property follows for each entry. Nothing is searched for but histories that show that something is possible.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rung.inputs.proof import BEFORE, ProofFile
from rung.policy import model
from rung.prove.prover import Prover
from rung.prove.task import Baselines
from rung.prove.verdict import Recorded, Verdict
from rung.prove.workers import Lost, Work, side_by_side


def check_all(
    policy: model.Policy,
    file: ProofFile,
    seconds: float,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
    *,
    baselines: Baselines | None = None,
) -> list[Verdict]:
    """A verdict on each property of a policy: what a file about it claims, unknown where that does not hold.

    That a property is not proved needs no check: nothing rests on it.
    """

    def prepare() -> Work[Verdict]:
        prover = Prover(policy, baselines=baselines)
        return lambda index: _checked(prover, policy, index, file, seconds)

    found = side_by_side(prepare, len(file.verdicts), seconds, jobs, done)
    return [
        Verdict(node, "unknown", each.why, seconds=seconds) if isinstance(each, Lost) else each
        for node, each in zip(policy.properties, found, strict=True)
    ]


def _checked(prover: Prover, policy: model.Policy, index: int, file: ProofFile, seconds: float) -> Verdict:
    node, claimed = policy.properties[index], file.verdicts[index]
    if claimed.verdict != "proved":
        return Verdict(node, claimed.verdict, claimed.reason or "")
    pairs = frozenset((early, late) for early, _, late in (each.partition(BEFORE) for each in claimed.order))
    found = prover.check(node, Recorded(pairs, frozenset(claimed.without_waivers)), seconds)
    if found.outcome != "proved":
        why = f": {found.reason}" if found.reason else ""
        return replace(found, outcome="unknown", reason=f"the file claims that it is proved{why}", story=None)
    without = tuple(each for each in policy.waivers if each.id in claimed.without_waivers)
    return replace(found, without=without, reason=claimed.reason or "", findings=())
