"""Defines drawn pairs: a drawn policy and an edited copy of it, most of the time with a difference."""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

from tests.generators.decisions import ANYWHERE, BANS, INTO_PROD, Draw, policy

_BLOCK = re.compile(
    r"^(?:gate|admit|promote|hotfix|rollback|advance|switch|expose) [^\n]*\{\n(?: [^\n]*\n)*\}\n", re.M
)
_SWAPS = {
    "within 1 releases": ("within 2 releases", "within 3 releases"),
    "within 2 releases": ("within 1 releases", "within 3 releases"),
    "no older than 1h": ("no older than 30m", "no older than 2h"),
    "no older than 2h": ("no older than 1h", "no older than 3h"),
    "no older than 1d": ("no older than 2d", "no older than 12h"),
    "at least 1 approval from leads": (
        "at least 1 approval from { leads, owners }", "at least 2 approvals from leads",
    ),
    "at least 2 approvals": ("at least 1 approval", "at least 3 approvals"),
    "at least 1 review": ("at least 2 reviews",),
    'group owners { "bo", "dee" }': ('group owners { "bo" }', 'group owners { "bo", "dee", "eve" }'),
    "staff from facts": ('staff { "eve" }',),
    'accounts "github:ana"': ('accounts "github:ana", "okta:ana"',),
    "80%": ("79.999999999%", "80.000000001%"),
    "health no older than 10m": ("health no older than 5m", "health no older than 20m"),
    "{ max unavailable 25% }": ("{ max unavailable 20% }", "{ max unavailable 50% }", "{ }"),
    "hold 1h": ("hold 2h", "hold 30m"),
    "step 10%": ("step 20%",),
    "step 50% step": ("step",),
    "keep 2h": ("keep 1h", "keep 3h"),
    "critical: int": ("critical: int, high: int", "critical: decimal"),
    "errors: percent": ("errors: percent, peak: percent",),
    "audit about release": ("audit about commit",),
    "lint about commit": ("lint about build",),
    "load in source": ("load in qa", "load in eu"),
    "load in qa": ("load in source", "load in target"),
    "unit, smoke }": ("unit, smoke, load }",),
    'starts with "je"': ('starts with "j"', 'starts with "jes"', 'starts with "mo"'),
    'starts with "sh"': ('starts with "s"', 'starts with "shop"'),
    'ends with "st"': ('ends with "t"', 'ends with "est"'),
    "subset of { 1, 3 }": ("subset of { 3 }", "subset of { 1, 2, 3 }", "disjoint from { 2 }"),
    '"a", "b"': ('"a"', '"a", "b", "c"'),
    'from "ci"': ('from { "ci", "cd" }', 'from "cd"'),
    "on os\n": ("on os, disk\n", "on disk\n"),
    "on os, disk": ("on os", "on disk"),
    "parity { qa, prod }": ("parity { qa, eu, prod }", "parity { eu, prod }"),
    "parity { qa, eu, prod }": ("parity { qa, prod }", "parity { eu, prod }"),
    "single rollout on prod": ("single rollout on { qa, prod }",),
    "drift in qa": ("drift in target", "drift in source"),
    "drift in source": ("drift in qa", "drift in eu"),
    "on prod tue 10:00": ("on prod tue 09:00", "on { qa, prod } tue 10:00"),
    "from 2026-11-20 to": ("from 2026-11-24 10:00 to",),
    "from 2026-11-20 until": ("from 2026-11-24 09:59 until",),
    "sparing hotfix": ("sparing promote", "sparing hotfix, promote"),
    "review within 48h": ("review within 24h", "review within 96h", "check within 48h"),
    "approval from owners }": ("approval from leads }", "approval from { leads, owners } }"),
    "gate signed": ("gate agreed",),
    "after any of { qa, eu }": ("after all of { qa, eu }",),
    'waive tested on prod as "W-1"': ('waive scanned on prod as "W-1"',),
}  # fmt: skip


class Pair(NamedTuple):
    """Two policies as texts."""

    old: str
    new: str


def pair(numbers: Random) -> Pair:
    """A policy and an edited copy, in either order."""
    draw = Draw(numbers)
    old = policy(numbers) + "health no older than 10m\n"
    new = old
    for _ in range(draw.one((1, 1, 2))):
        new = draw.one((_swapped, _swapped, _lined, _banned, _routed))(new, draw)
    return Pair(old, new) if draw.chance(0.5) else Pair(new, old)


def _swapped(text: str, draw: Draw) -> str:
    """With another number, name or list."""
    old = draw.one([each for each in _SWAPS if each in text])
    text = text.replace(old, draw.one(_SWAPS[old]))
    return re.sub(r"\bsigned\b", "agreed", text) if old == "gate signed" else text


def _lined(text: str, draw: Draw) -> str:
    """With a line of a block gone, new, or elsewhere."""
    block = draw.one([each.group() for each in _BLOCK.finditer(text)])
    lines = block.splitlines()
    wanted = [index for index, line in enumerate(lines) if line.startswith("    require")]
    if not wanted:
        return text
    index = draw.one(wanted)
    match draw.one(("gone", "new", "elsewhere")):
        case "gone" if len(wanted) > 1:
            del lines[index]
        case "new":
            lines.insert(index, f"    require {draw.condition(ANYWHERE)}")
        case _:
            lines.insert(draw.one(wanted), lines.pop(index))
    return text.replace(block, "\n".join(lines) + "\n")


def _banned(text: str, draw: Draw) -> str:
    """With a ban more, or none."""
    bans = [line for line in text.splitlines() if line.startswith(("freeze", "window", "deny"))]
    if bans and draw.chance(0.5):
        return text.replace(draw.one(bans) + "\n", "")
    return text + draw.one(BANS).format(condition=draw.condition(ANYWHERE)) + "\n"


def _routed(text: str, draw: Draw) -> str:
    """With other sources, or another route."""
    head = next(each for each in INTO_PROD if each in text)
    if draw.chance(0.7):
        return text.replace(head, draw.one(INTO_PROD))
    return text + f"{draw.one(INTO_PROD)} {{ require {draw.condition(ANYWHERE)} }}\n"
