"""A ban spares every lane that leads into its places, so it never denies anything.

    promote staging -> prod { require signed_off }
    rollback prod within 3 releases
    freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC" sparing promote, rollback

This is looked for in freezes, windows, denies, `single rollout`, `parity` and `configuration`; the last
three never bind a rollback. In a baseline, to which others add routes, it is not.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Span
from rung.policy import model

CODE = "toothless-ban"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC" sparing admit, rollback
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC" sparing rollback
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the bans that no route into their places is subject to."""
    if policy.is_baseline:
        return
    lanes: dict[str, set[str]] = {}
    for route in policy.routes:
        lanes.setdefault(route.target, set()).add(route.lane)
    for kind, places, spares, span in _bans(policy):
        leading = {lane for place in places for lane in lanes.get(place, ())}
        if leading and leading <= spares:
            message = f"this {kind} spares every lane that leads into its places, so it never denies"
            yield Diagnostic(CODE, message, span, "spare fewer lanes", severity="warning")


def _bans(policy: model.Policy) -> Iterator[tuple[str, tuple[str, ...], set[str], Span]]:
    """Every ban: its kind, places and the lanes that it does not bind."""
    for freeze in policy.freezes:
        yield "freeze", freeze.places, set(freeze.spares), freeze.span
    for window in policy.windows:
        yield "window", window.places, set(window.spares), window.span
    for deny in policy.denies:
        yield "deny", deny.places, set(deny.spares), deny.span
    rules: list[model.Single | model.Parity | model.Keys] = [*policy.singles, *policy.parities, *policy.keys]
    for rule in rules:
        yield "rule", rule.places, {*rule.spares, "rollback"}, rule.span
