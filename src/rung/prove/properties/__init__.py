"""Defines the library of properties: each is a module, whose docstring says what `proved` means."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rung.policy import model
from rung.prove.claims import Claim
from rung.prove.properties import (
    atomic_only_in_window,
    built_once,
    dormant_first,
    every_gate_counted,
    expand_before_contract,
    hotfix_comes_home,
    migrations_in_order,
    no_environment_skipped,
    no_manual_change,
    parity_before_production,
    possible,
    refines,
    responders_not_locked_out,
    rollback_possible,
    separation_of_duties,
    strictness_rises,
)
from rung.prove.task import Task
from rung.prove.verdict import Verdict

Claims = Callable[[model.Policy, model.NamedProperty], Iterator[Claim]]

# Properties that are claims about each entry.
ENTRIES: dict[str, Claims] = {
    "no-environment-skipped": no_environment_skipped.claims,
    "separation-of-duties": separation_of_duties.claims,
    "every-gate-counted": every_gate_counted.claims,
    "hotfix-comes-home": hotfix_comes_home.claims,
    "no-manual-change": no_manual_change.claims,
    "parity-before-production": parity_before_production.claims,
    "atomic-only-in-window": atomic_only_in_window.claims,
    "dormant-first": dormant_first.claims,
    "expand-before-contract": expand_before_contract.claims,
    "migrations-in-order": migrations_in_order.claims,
}

# Properties with ways of their own.
OTHERS: dict[str, Callable[[Task, model.NamedProperty], Verdict]] = {
    "built-once": built_once.verdict,
    "strictness-rises": strictness_rises.verdict,
    "rollback-possible": rollback_possible.verdict,
    "responders-not-locked-out": responders_not_locked_out.verdict,
    "refines": refines.verdict,
    "possible": possible.every_way,
}
