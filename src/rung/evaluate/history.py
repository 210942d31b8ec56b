"""Defines what the history of an environment says: which releases ran, and how they fared.

A release is known by its digests and its configuration. Only what is certain counts: a rule that
needs history from before `complete_since` finds a problem instead of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from rung.inputs.facts import Event, Facts

ReleaseKey = tuple[frozenset[str], str | None]


class Episode(NamedTuple):
    """A release running in an environment over [since, until); `until` None while it runs."""

    release: ReleaseKey
    since: int
    until: int | None
    event: Event
    rolled_back: bool


class Interval(NamedTuple):
    """An uninterrupted observation of health over [start, end)."""

    start: int
    end: int


class Observed(NamedTuple):
    """How a release fared during one episode: maximal healthy intervals, and when it was marked bad."""

    episode: Episode
    healthy: tuple[Interval, ...]
    bad: tuple[int, ...]


class Past(NamedTuple):
    """The past of one environment up to an instant: its certain episodes, in order.

    `problem` says why nothing is certain, if so. `empty` is known emptiness: nothing ever ran there,
    as far as it matters.
    """

    episodes: tuple[Episode, ...]
    problem: str | None
    empty: bool

    @property
    def running(self) -> Episode | None:
        return self.episodes[-1] if self.episodes else None


def past(facts: Facts, environment: str, at: int) -> Past:
    """What ran in an environment until `at`, from the events since `complete_since`."""
    history = facts.history
    state = next((each for each in facts.environments if each.name == environment), None)
    nothing_runs = state is not None and state.running is not None and not state.running
    if history is None:
        return Past((), None if nothing_runs else f"no history of {environment} was supplied", nothing_runs)
    succeeded = sorted(
        (
            (event.finished, index, event)
            for index, event in enumerate(history.events)
            if event.environment == environment
            and event.outcome == "succeeded"
            and event.finished is not None
            and event.finished <= at
        ),
        key=lambda entry: entry[:2],
    )
    # An event of before `complete_since` may have been followed by others that are not listed.
    certain = [event for _, _, event in succeeded if event.started >= history.complete_since]
    if not certain:
        older = "" if not succeeded else ", and its history is complete only since later"
        problem = None if nothing_runs else f"no deployment into {environment} is known{older}"
        return Past((), problem, nothing_runs)
    episodes = []
    for event, following in zip(certain, [*certain[1:], None], strict=True):
        assert event.finished is not None
        until = following.finished if following is not None else None
        rolled_back = following is not None and following.lane == "rollback"
        episodes.append(
            Episode((event.digests, event.configuration), event.finished, until, event, rolled_back)
        )
    running = state.running if state is not None else None
    if running is not None and running != episodes[-1].release[0]:
        return Past(tuple(episodes), f"what runs in {environment} is not what was last deployed there", False)
    return Past(tuple(episodes), None, False)


def observed(facts: Facts, environment: str, episode: Episode, at: int) -> Observed:
    """How a release fared in one episode, from the observations up to `at`."""
    digests, configuration = episode.release
    last = at if episode.until is None else min(at, episode.until)
    healthy: list[Interval] = []
    unhealthy: list[Interval] = []
    for seen in facts.health:
        if seen.environment != environment or seen.digests != digests:
            continue
        if seen.configuration is not None and seen.configuration != configuration:
            continue
        start, end = max(seen.from_, episode.since), min(seen.observed_until, last)
        if start <= end and seen.from_ <= last and seen.observed_until >= episode.since:
            (healthy if seen.status == "healthy" else unhealthy).append(Interval(start, end))
    bad = [interval.start for interval in unhealthy]
    if episode.rolled_back and episode.until is not None:
        bad.append(episode.until)
    return Observed(episode, tuple(_without(_joined(healthy), unhealthy)), tuple(sorted(bad)))


def _joined(intervals: Iterable[Interval]) -> list[Interval]:
    """Overlapping and touching intervals made one."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined


def _without(healthy: list[Interval], unhealthy: list[Interval]) -> Iterable[Interval]:
    """What is left of the healthy intervals where no observation contradicts them."""
    for start, end in healthy:
        begin = start
        for bad_start, bad_end in sorted(unhealthy):
            if bad_end < begin or bad_start > end:
                continue
            if bad_start > begin:
                yield Interval(begin, bad_start)
            begin = max(begin, bad_end + 1)
        if begin <= end:
            yield Interval(begin, end)


def earned(seen: Iterable[Observed], seconds: int) -> Interval | None:
    """The latest healthy interval of at least `seconds` after whose earning nothing was marked bad."""
    observations = list(seen)
    last_bad = max((bad for each in observations for bad in each.bad), default=-1)
    long_enough = [
        interval
        for each in observations
        for interval in each.healthy
        if interval.end - interval.start >= seconds and interval.start + seconds > last_bad
    ]
    return max(long_enough, default=None)
