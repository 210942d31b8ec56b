"""Draws small policies with claims about them, and histories under them that go as they like."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from hypothesis import strategies as st

PLACES = ("a", "b", "c")
HEAD = """rung 1
policy "claimed"
person "ana" accounts "github:ana"
group managers { "ana", "bo" }
group owners { "bo", "eve" }
evidence tests about build { failed: int }
evidence scan about commit { critical: int }
gate tested { needs tests require tests.failed == 0 }
gate nearly { needs tests no older than 3h require tests.failed < 2 }
gate clean { needs scan require scan.critical == 0 }
gate signed { require at least 1 approval from managers except authors }
gate both { require tested or signed }
"""
REQUIRED = (
    "tested",
    "nearly",
    "clean",
    "signed",
    "both",
    "tested or clean",
    "not actor is person",
    "actor is delegate",
    "actor in managers",
    "actor not in authors",
    'actor == "github:ana" or actor is machine',
    "at least 1 approval from managers",
    "at least 1 approval from { managers, owners } except { authors, actor }",
    "at least 2 approvals from { managers, owners }",
    "strategy == rolling",
    "contains open hotfixes",
    "not once healthy in c",
)
WHEN = (
    "actor is person",
    "actor is not delegate",
    "strategy == rolling",
    'actor == "bo"',
    "not once healthy in a",
    "actor not in managers",
)
EVENTS = (
    *(f"deployed({place})" for place in PLACES),
    *(f"deployed({place}) by {lane}" for place in "bc" for lane in ("promote", "hotfix", "rollback")),
    *(f"{event}({place})" for event in ("earned", "running", "bad") for place in PLACES),
)
STAYS = (
    *(f"deployed({place})" for place in PLACES),
    *(f"earned({place})" for place in PLACES),
    "held(tested)",
    "held(signed)",
    "held(both)",
    "approver not in authors",
    "actor not in authors",
    "actor in managers",
    'not actor == "ana"',
    "at least 1 approval from managers",
    "once healthy in a",
    "strategy == rolling",
)  # fmt: skip
NAMED = (
    "no-environment-skipped",
    "no-environment-skipped except hotfix",
    "hotfix-comes-home",
    *(f"no-manual-change on {place}" for place in PLACES),
    *(f"every-gate-counted on {place} {{ {gate} }}" for place in PLACES for gate in ("tested", "signed")),
    *(f"separation-of-duties on {place} {{ {', '.join(pair)} }}" for place in PLACES
      for pair in combinations(("author", "approver", "deployer"), 2)),
    *(f"rollback-possible on {place}" for place in "bc"),
)  # fmt: skip


@dataclass(frozen=True)
class Claimed:
    """A policy with claims, and the seed of the histories that are tried under it."""

    text: str
    seed: int


@st.composite
def claimed(draw: st.DrawFn) -> Claimed:
    lines = [HEAD, "environment a", "environment b after a"]
    lines.append(draw(st.sampled_from(("environment c after b", "environment c after all of { a, b }"))))
    lines.append(_route(draw, "admit build -> a"))
    ways = (
        *("promote a -> b", "promote b -> c", "promote any of { a, b } -> c", "promote all of { a, b } -> c"),
        *("hotfix a -> b", "hotfix a -> c", "hotfix b -> c", "admit build -> b"),
        *("rollback b within 2 releases", "rollback c within 1 releases", "rollback c within 3 releases"),
    )
    for way in draw(st.lists(st.sampled_from(ways), min_size=2, max_size=6, unique=True)):
        lines.append(_route(draw, way))
    for number, place in enumerate(draw(st.lists(st.sampled_from(PLACES), max_size=2))):
        spared = draw(
            st.sampled_from(("", " sparing rollback", " sparing hotfix", " sparing rollback, hotfix"))
        )
        when = draw(st.sampled_from(WHEN))
        lines.append(f'deny "{number}" on {place}{spared} when {when}')
    for gate in draw(st.lists(st.sampled_from(("tested", "signed")), max_size=1)):
        dates = 'as "W-1" by "ana" from 2026-02-03 until 2026-03-01 because "outage"'
        lines.append(f"waive {gate} on c {dates}")
    for name in draw(st.lists(st.sampled_from(NAMED), min_size=2, max_size=4, unique=True)):
        lines.append(f"prove {name}")
    for number in range(draw(st.integers(2, 4))):
        lines.append(f'prove "{number}": {_claim(draw)}')
    return Claimed("\n".join(lines) + "\n", draw(st.integers(0, 2**30)))


def _route(draw: st.DrawFn, way: str) -> str:
    target = way.split(" within ")[0][-1]
    earlier = [place for place in PLACES if place < target]
    healthy = [
        *(f"healthy in {place} for 2h" for place in earlier),
        *(f"once healthy in {place}" for place in earlier),
    ]
    required = draw(st.lists(st.sampled_from((*REQUIRED, *healthy)), max_size=2, unique=True))
    return f"{way} {{ require {', '.join(required)} }}" if required else way


def _claim(draw: st.DrawFn) -> str:
    events = draw(st.lists(st.sampled_from(EVENTS), min_size=1, max_size=2, unique=True))
    place = events[0].split("(")[1][0]
    orders = [
        f"{event}({other}) before deployed({place})"
        for event in ("deployed", "earned", "bad")
        for other in PLACES
    ]
    stays = draw(st.lists(st.sampled_from((*STAYS, *orders)), min_size=1, max_size=2, unique=True))
    follows = f" {draw(st.sampled_from(('and', 'or')))} ".join(stays)
    return draw(
        st.sampled_from(
            (
                f"always {events[0]} implies ({follows})",
                f"always ({' or '.join(events)}) implies ({follows})",
                f"always ({' and '.join(events)}) implies ({follows})",
                f"never {' and '.join(events)} and not ({follows})",
                f"never {events[0]} and ({follows})",
            )
        )
    )


def walks(seed: int, number: int) -> Iterator[random.Random]:
    """Sources of chance for so many histories."""
    for each in range(number):
        yield random.Random(f"{seed} {each}")
