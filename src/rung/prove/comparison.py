"""Defines what comparing two policies yields. Data only, without a solver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from rung.frozen import frozen
from rung.policy import model
from rung.prove.doors import Door, Policies, Way
from rung.prove.verdict import Story

Newly = Literal["allowed", "denied"]
Relation = Literal["same", "tighter", "looser", "incomparable", "unknown"]


@frozen
class Difference:
    """What one policy allows by `way` and the other denies, as far as one of its rules is at fault.

    `story` is a history under the policy that allows it, whose last decision the other one denies; `reason`
    says why there is none. `overdue` is that the other one denies it for what entries before it owe.
    """

    newly: Newly
    way: Way
    story: Story | None = None
    reason: str = ""
    overdue: bool = False


@frozen
class Owing:
    """What entries by a door owe under one policy alone: `lost` are the old one's, `gained` the new one's.

    An obligation is also lost where it may be discharged later, or by less. `story` ends with an entry that
    both policies allow, if there is any.
    """

    way: Way
    lost: tuple[model.Obligation, ...]
    gained: tuple[model.Obligation, ...]
    story: Story | None = None
    reason: str = ""


@frozen
class Compared:
    """What is known of one door: `unknown` are the reasons for which something is not.

    With `used`, it is a door of files that use the policies, which are these two with a route of such a file.
    """

    door: Door
    differences: tuple[Difference, ...] = ()
    owing: Owing | None = None
    unknown: tuple[str, ...] = ()
    used: Policies | None = None

    @property
    def same(self) -> bool:
        return not (self.differences or self.owing or self.unknown)


def relation(found: Sequence[Compared], looser: bool = False, tighter: bool = False) -> Relation:
    """How the new policy stands to the old one, by what is known of all doors and what is known besides."""
    looser = looser or any(_shown(each, "allowed") for each in found)
    tighter = tighter or any(_shown(each, "denied") for each in found)
    if looser and tighter:
        return "incomparable"
    untold = {one.newly for each in found for one in each.differences if one.story is None}
    untold -= (
        {"allowed"} if looser else {"denied"} if tighter else set()
    )  # one more of a kind makes no difference
    if untold or any(each.unknown for each in found):
        return "unknown"
    return "looser" if looser else "tighter" if tighter else "same"


def newly_allowed(found: Sequence[Compared]) -> bool:
    """Whether something is certainly allowed, or owed less, by the new policy alone."""
    return any(_shown(each, "allowed") for each in found)


def explained(found: Sequence[Compared]) -> list[Compared]:
    """What was found, but for differences without a story that follow from what is owed otherwise."""
    lost = {each.door.target for each in found if each.owing is not None and each.owing.lost}
    gained = {each.door.target for each in found if each.owing is not None and each.owing.gained}

    def follows(each: Difference, target: str) -> bool:
        known = lost if each.newly == "allowed" else gained
        return each.story is None and each.overdue and target in known

    return [
        replace(
            each,
            differences=tuple(one for one in each.differences if not follows(one, each.door.target)),
        )
        for each in found
    ]


def _shown(found: Compared, newly: Newly) -> bool:
    """Whether a door lets in more (or less), or for less (or more)."""
    if found.owing is not None and (found.owing.lost if newly == "allowed" else found.owing.gained):
        return True
    return any(each.newly == newly and each.story is not None for each in found.differences)
