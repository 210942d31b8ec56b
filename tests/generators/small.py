"""Defines small policies, sound and with holes, as data whose meaning can be worked out without any reading.

At most four environments, three persons and three releases. A gate asks for tests or for approvals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

START = 1_770_109_200  # 2026-02-03T09:00:00Z, when histories begin
HOUR = 3600
PERSONS = ("ana", "bo", "cy")
GROUPS = {"leads": ("ana", "bo"), "owners": ("bo", "cy")}
RELEASES = (0, 1, 2)
COMMITS = {0: "c0", 1: "c1", 2: "c0"}  # the third is the first one's commit, built once more
AUTHORS = {"c0": "ana", "c1": "bo"}
BOUND = 10  # that tests are held against


class Tested(NamedTuple):
    """So many tests have passed, by the records about the release's build, or its commit."""

    name: str
    least: int

    def text(self) -> str:
        return f"gate {self.name} {{ needs tests require tests.passed >= {self.least} }}"


class Signed(NamedTuple):
    """So many of a group have approved; its authors may not count."""

    name: str
    count: int
    group: str
    spares_authors: bool

    def text(self) -> str:
        excepting = " except authors" if self.spares_authors else ""
        return f"gate {self.name} {{ require at least {self.count} approvals from {self.group}{excepting} }}"


class Sources(NamedTuple):
    names: tuple[str, ...]
    count: int

    def text(self) -> str:
        if len(self.names) == 1:
            return self.names[0]
        how = {1: "any of", len(self.names): "all of"}.get(self.count, f"at least {self.count} of")
        return f"{how} {{ {', '.join(self.names)} }}"


class Route(NamedTuple):
    """A way in; `gates` must hold, and so must the conditions in `others`, which are texts."""

    lane: str
    sources: Sources | None
    target: str
    gates: tuple[str, ...]
    others: tuple[str, ...]
    within: int = 1

    def text(self) -> str:
        head = {
            "admit": f"admit build -> {self.target}",
            "rollback": f"rollback {self.target} within {self.within} releases",
        }
        asked = [*self.gates, *self.others]
        body = f" {{ require {', '.join(asked)} }}" if asked else ""
        if self.sources is None:
            return head[self.lane] + body
        return f"{self.lane} {self.sources.text()} -> {self.target}{body}"


class Lasting(NamedTuple):
    """Something that is so in a place between two hours of 2026-02-03, from the start on."""

    place: str
    begins: int
    ends: int
    gate: str = ""  # of a waiver
    spares: tuple[str, ...] = ()

    def at(self, time: int) -> bool:
        return START + self.begins * HOUR <= time < START + self.ends * HOUR

    def moments(self) -> tuple[str, str]:
        first, last = 9 + self.begins, 9 + self.ends
        return (
            f"2026-02-{3 + first // 24:02} {first % 24:02}:00",
            f"2026-02-{3 + last // 24:02} {last % 24:02}:00",
        )


@dataclass(frozen=True)
class Small:
    """A small policy; `environments` with what they are after, in order."""

    environments: dict[str, Sources | None]
    about: str
    once: bool
    gates: tuple[Tested | Signed, ...]
    routes: tuple[Route, ...]
    waivers: tuple[Lasting, ...]
    freezes: tuple[Lasting, ...]
    machines_only: tuple[tuple[str, tuple[str, ...]], ...]  # places, with the lanes spared
    patient: bool  # whether what was healthy hours ago counts as healthy now

    @property
    def last(self) -> str:
        return list(self.environments)[-1]

    def gate(self, name: str) -> Tested | Signed:
        return next(each for each in self.gates if each.name == name)

    def text(self) -> str:
        """The policy as its users write it, with every property that can be asked of it."""
        lines = ["rung 1", 'policy "small"', *(["health no older than 2d"] if self.patient else [])]
        for name, after in self.environments.items():
            lines.append(f"environment {name}" + (f" after {after.text()}" if after else ""))
        lines += [
            f"group {name} {{ {', '.join(map(_quoted, members))} }}" for name, members in GROUPS.items()
        ]
        once = " produced once" if self.once else ""
        lines.append(f"evidence tests about {self.about}{once} {{ passed: int }}")
        lines += [each.text() for each in (*self.gates, *self.routes)]
        for number, each in enumerate(self.waivers):
            begins, ends = each.moments()
            lasting = f'from {begins} until {ends} because "outage"'
            lines.append(f'waive {each.gate} on {each.place} as "W-{number}" by "ana" {lasting}')
        for freeze in self.freezes:
            begins, ends = freeze.moments()
            lines.append(
                f'freeze "F" on {freeze.place} from {begins} to {ends} in "UTC"{_sparing(freeze.spares)}'
            )
        for place, spares in self.machines_only:
            lines.append(f'deny "by hand" on {place}{_sparing(spares)} when actor is person')
        return "\n".join([*lines, *(f"prove {each}" for each in self.properties())]) + "\n"

    def properties(self) -> Iterator[str]:
        """What is to be proved, as it is written."""
        last, first = self.last, next(iter(self.environments))
        yield "no-environment-skipped"
        yield "no-environment-skipped except hotfix"
        yield f"separation-of-duties on {last} {{ author, deployer }}"
        yield f"separation-of-duties on {last} {{ author, approver }}"
        yield f"separation-of-duties on {last} {{ approver, deployer }}"
        for gate in self.gates:
            yield f"every-gate-counted {{ {gate.name} }} on {last}"
        yield "built-once"
        yield "strictness-rises"
        yield f"no-manual-change on {last}"
        yield f"rollback-possible on {last}"
        yield f"responders-not-locked-out on {last}"
        yield "hotfix-comes-home"
        yield f"possible: deployed({last})"
        yield f"possible: deployed({last}) by hotfix"
        for place in self.environments:
            if place != last:
                yield f'"earned in {place}": always deployed({last}) implies earned({place})'
        yield f'"passed {first}": always deployed({last}) implies deployed({first})'
        yield f'"no hotfix": never deployed({last}) by hotfix'
        yield f'"not by authors": always deployed({last}) implies actor not in authors'


def _quoted(text: str) -> str:
    return f'"{text}"'


def _sparing(lanes: tuple[str, ...]) -> str:
    return f" sparing {', '.join(lanes)}" if lanes else ""


# ---------------------------------------------------------------- drawing


def small(numbers: Random) -> Small:
    """A small policy; about half of what could guard it does not."""
    environments = _environments(numbers)
    gates: tuple[Tested | Signed, ...] = (
        Tested("tested", numbers.choice((BOUND, BOUND + 1))),
        Tested("proven", numbers.choice((BOUND, BOUND + 1))),
        Signed("signed", numbers.choice((1, 1, 2)), numbers.choice(list(GROUPS)), numbers.random() < 0.5),
    )
    names = [each.name for each in gates]
    last = list(environments)[-1]
    spared = [(), ("hotfix",), ("rollback", "hotfix")]
    waivers = (
        [Lasting(last, numbers.choice((0, 3)), 30, numbers.choice(names))] if numbers.random() < 0.25 else []
    )
    freezes = (
        [Lasting(last, numbers.choice((0, 3)), numbers.choice((4, 30)), spares=numbers.choice(spared))]
        if numbers.random() < 0.25
        else []
    )
    machines = [(last, numbers.choice(spared))] if numbers.random() < 0.4 else []
    return Small(
        environments,
        about=numbers.choice(("build", "build", "commit")),
        once=numbers.random() < 0.3,
        gates=gates,
        routes=tuple(_routes(numbers, environments, names)),
        waivers=tuple(waivers),
        freezes=tuple(freezes),
        machines_only=tuple(machines),
        patient=numbers.random() < 0.7,
    )


def _environments(numbers: Random) -> dict[str, Sources | None]:
    count = numbers.choice((1, 2))
    return numbers.choice(
        (
            {"qa": None, "prod": Sources(("qa",), 1)},
            {"dev": None, "qa": Sources(("dev",), 1), "prod": Sources(("qa",), 1)},
            {"eu": None, "us": None, "prod": Sources(("eu", "us"), count)},
            {
                "dev": None,
                "eu": Sources(("dev",), 1),
                "us": Sources(("dev",), 1),
                "prod": Sources(("eu", "us"), count),
            },
        )
    )


def _routes(numbers: Random, environments: dict[str, Sources | None], gates: list[str]) -> Iterator[Route]:
    places = list(environments)
    last = places[-1]

    def asked(target: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        share = 0.6 if target == last else 0.3
        others = [
            f"once healthy in {numbers.choice(places)}",
            f"healthy in {places[0]}",
            "actor not in authors",
        ]
        others += ["contains open hotfixes", "not actor is person"]
        chosen = [each for each in others if numbers.random() < share / 4 and target not in each]
        return tuple(each for each in gates if numbers.random() < share), tuple(chosen)

    for place, after in environments.items():
        if after is None:
            yield Route("admit", None, place, *asked(place))
            continue
        count = numbers.choice((after.count, after.count, 1, len(after.names)))
        yield Route("promote", Sources(after.names, count), place, *asked(place))
        if numbers.random() < 0.15:
            yield Route("promote", Sources((places[0],), 1), place, *asked(place))
    if numbers.random() < 0.6:
        yield Route("hotfix", Sources((numbers.choice(places[:-1]),), 1), last, *asked(last))
    if numbers.random() < 0.7:
        gated, others = asked(last)
        few = numbers.random() < 0.5
        yield Route(
            "rollback", None, last, () if few else gated[:1], () if few else others, numbers.choice((1, 2))
        )
