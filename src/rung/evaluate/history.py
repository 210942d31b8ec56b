"""Defines what the history of an environment says: which releases ran, and how they fared.

A release is known by its digests and its configuration. Only what is certain counts: a rule that
needs history from before `complete_since` finds a problem instead of an answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rung.frozen import light
from rung.inputs.facts import Environment, Event, Facts, History

ReleaseKey = tuple[frozenset[str], str | None]


@light
class Episode:
    """A release running in an environment over [since, until); `until` None while it runs."""

    release: ReleaseKey
    since: int
    until: int | None
    event: Event


class Interval(NamedTuple):
    """An uninterrupted observation of health over [start, end)."""

    start: int
    end: int


@light
class Observed:
    """How a release fared during one episode: maximal healthy intervals, and when it was marked bad.

    Both are in order.
    """

    episode: Episode
    healthy: tuple[Interval, ...]
    bad: tuple[int, ...]


@light
class Past:
    """The past of one environment up to an instant, as far as it is certain.

    `episodes` are what ran with all the traffic, in order, and `running` is the last of them;
    `candidate` is the last event of a rollout that has only a share of it yet; `under_way` are
    deployments that have begun and not ended.
    `entries` are all events that succeeded, `older` those from before the history is complete, and
    `rolled_back` the releases that a rollback replaced, each with the instant. `problem` says why it
    is not certain what runs, if so, and `failed` that a deployment has failed since the last entry.
    """

    episodes: tuple[Episode, ...] = ()
    candidate: Event | None = None
    under_way: tuple[Event, ...] = ()
    entries: tuple[Event, ...] = ()
    older: tuple[Event, ...] = ()
    rolled_back: tuple[tuple[ReleaseKey, int], ...] = ()
    problem: str | None = None
    failed: bool = False
    running: Episode | None = None

    @property
    def candidate_since(self) -> int:
        """When the candidate got its first share of the traffic; 0 without one."""
        since = 0
        for event in reversed(self.entries):
            if self.candidate is None or whole(event) or release_of(event) != release_of(self.candidate):
                break
            since = _end(event)
        return since

    @property
    def last(self) -> int:
        """When the last event ended that succeeded; 0 without one."""
        return _end(self.entries[-1]) if self.entries else 0

    def undone(self, event: Event) -> bool:
        """Whether a rollback replaced what came by an event that succeeded."""
        release, end = release_of(event), _end(event)
        return any(each == release and instant >= end for each, instant in self.rolled_back)


def release_of(event: Event) -> ReleaseKey:
    return event.digests, event.configuration


def whole(event: Event) -> bool:
    """Whether the release has all of the traffic after an event."""
    return event.share is None or event.share == 100


def past(facts: Facts, environment: str, at: int) -> Past:
    """What ran in an environment until `at`, from the events since `complete_since`."""
    history = facts.history
    if history is None:
        return Past(problem=f"no history of {environment} was supplied")
    under_way, entries, older, last_failure = _told_apart(history, environment, at)
    state = read_of(facts, environment)
    if not entries:
        # What was read after the history became complete, and was empty, is empty still.
        if state is not None and state.running == frozenset() and state.read >= history.complete_since:
            return Past(under_way=under_way, older=older)
        later = ", and its history is complete only since later" if older else ""
        unknown = f"no deployment into {environment} is known{later}"
        return Past(under_way=under_way, older=older, problem=unknown)
    episodes, candidate, rolled_back = _episodes(entries)
    running, end = episodes[-1] if episodes else None, _end(entries[-1])
    problem: str | None = None
    if running is None:
        problem = f"what ran in {environment} before the rollout is not known"
    elif len(entries) > 1 and _at_once(entries[-2:]):
        problem = f"which of two releases entered {environment} last is not known"
    elif state is not None and state.running is not None and end <= state.read <= at:
        now, then = running.release, release_of(candidate or running.event)
        configured = state.configuration is None or state.configuration in (now[1], then[1])
        if not (now[0] <= state.running <= now[0] | then[0] and configured):
            problem = f"what runs in {environment} is not what was last deployed there"
    failed, ran, rolled = last_failure >= end, tuple(episodes), tuple(rolled_back)
    return Past(ran, candidate, under_way, tuple(entries), older, rolled, problem, failed, running)


def _told_apart(
    history: History, environment: str, at: int
) -> tuple[tuple[Event, ...], list[Event], tuple[Event, ...], int]:
    """The events in an environment: under way, succeeded, and succeeded before the history is complete.

    An event of before `complete_since` may have been followed by others that are not listed. The last
    is when a deployment last failed, -1 for never.
    """
    under_way: list[Event] = []
    entries: list[Event] = []
    older: list[Event] = []
    last_failure = -1
    for event in history.events:
        if event.environment != environment or event.started > at:
            continue
        finished = event.finished
        if finished is None or finished > at:
            under_way.append(event)
        elif event.outcome == "succeeded":
            (entries if event.started >= history.complete_since else older).append(event)
        else:
            last_failure = max(last_failure, finished)
    if len(entries) > 1:
        entries.sort(key=_order)
    if len(older) > 1:
        older.sort(key=_order)
    return tuple(under_way), entries, tuple(older), last_failure


def read_of(facts: Facts, environment: str) -> Environment | None:
    """What was read of an environment."""
    for each in facts.environments:
        if each.name == environment:
            return each
    return None


def _at_once(last: list[Event]) -> bool:
    """Whether nothing tells which of the last two releases came last."""
    return len({_order(each) for each in last}) < len({release_of(each) for each in last})


def _order(event: Event) -> tuple[int, int]:
    """Deployments follow each other as they ended, or where that was at once, as they began."""
    return _end(event), event.started


def _end(event: Event) -> int:
    assert event.finished is not None, "an event that succeeded has finished"
    return event.finished


def _episodes(
    entries: list[Event],
) -> tuple[list[Episode], Event | None, list[tuple[ReleaseKey, int]]]:
    """What ran with all the traffic, the candidate that has only a share, and what was rolled back."""
    episodes: list[Episode] = []
    candidate: Event | None = None
    rolled_back: list[tuple[ReleaseKey, int]] = []
    for event in entries:
        if event.action == "expose":
            continue
        release, end = (event.digests, event.configuration), _end(event)
        if event.lane == "rollback" and event.action == "deploy":
            # What is rolled back is so from the first share of traffic that it loses.
            ran = [episodes[-1].release] if episodes else []
            replaced = [*ran, release_of(candidate)] if candidate is not None else ran
            rolled_back += [(each, end) for each in replaced if each != release]
        if event.share is not None and event.share != 100:
            candidate = event
            continue
        if episodes:
            given_up = candidate is not None and episodes[-1].release == release
            candidate = None
            if given_up:
                continue  # what ran goes on running
            running = episodes[-1]
            episodes[-1] = Episode(running.release, running.since, end, running.event)
        candidate = None
        episodes.append(Episode(release, end, None, event))
    return episodes, candidate, rolled_back


def observed(
    facts: Facts, environment: str, episode: Episode, rolled_back: Sequence[int], at: int
) -> Observed:
    """How a release fared in one episode, from the observations up to `at`."""
    digests, configuration = episode.release
    since, last = episode.since, at if episode.until is None else min(at, episode.until)
    healthy: list[Interval] = []
    unhealthy: list[Interval] = []
    for seen in facts.health:
        if seen.environment != environment or seen.digests != digests:
            continue
        if seen.configuration is not None and seen.configuration != configuration:
            continue
        if seen.from_ > last or seen.observed_until < since:
            continue
        start = seen.from_ if seen.from_ > since else since
        end = seen.observed_until if seen.observed_until < last else last
        (healthy if seen.status == "healthy" else unhealthy).append(Interval(start, end))
    if not (unhealthy or rolled_back):
        return Observed(episode, tuple(_joined(healthy)), ())
    bad = sorted([*[interval.start for interval in unhealthy], *rolled_back])
    return Observed(episode, tuple(_without(_joined(healthy), unhealthy)), tuple(bad))


def _joined(intervals: list[Interval]) -> list[Interval]:
    """Overlapping and touching intervals made one."""
    if len(intervals) < 2:
        return intervals
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, interval.end))
        else:
            joined.append(interval)
    return joined


def _without(healthy: list[Interval], unhealthy: list[Interval]) -> list[Interval]:
    """What is left of the healthy intervals where no observation contradicts them."""
    left: list[Interval] = []
    for start, end in healthy:
        begin = start
        for bad_start, bad_end in sorted(unhealthy):
            if bad_end < begin or bad_start > end:
                continue
            if bad_start > begin:
                left.append(Interval(begin, bad_start))
            begin = max(begin, bad_end + 1)
        if begin <= end:
            left.append(Interval(begin, end))
    return left


def earned(seen: Sequence[Observed], seconds: int) -> Interval | None:
    """The latest healthy interval of at least `seconds` after whose earning nothing was marked bad."""
    last_bad, latest = -1, None
    for each in seen:
        if each.bad and each.bad[-1] > last_bad:
            last_bad = each.bad[-1]
    for each in seen:
        for interval in each.healthy:
            start, end = interval
            if end - start >= seconds and start + seconds > last_bad and (not latest or interval > latest):
                latest = interval
    return latest
