"""The twelve conditions as a careful programmer would write them by hand, on the same documents."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rung.inputs.facts import AboutArtifact, AboutBuild, AboutTarget, Facts
from rung.inputs.proposal import Proposal

MANAGERS = {"ana@example.com", "bo@example.com", "chen@example.com"}
BUILDER = "https://ci.example.com/release@v2"
FREEZES = [
    ("year end", 1797613200, 1799046000),
    ("black friday", 1795647600, 1796079600),
    ("audit", 1796857200, 1796943600),
]
KEYS = {"DATABASE_URL", "SMTP_URL"}
DAY = 86_400
PERCENT = re.compile(r"(-?[0-9]{1,40}(?:\.[0-9]{1,9})?)%")


class Failure(NamedTuple):
    rule: str
    seen: Any


def _percent(text: Any) -> float | None:
    match = PERCENT.fullmatch(text) if isinstance(text, str) else None
    return None if match is None else float(match[1])


def _ran(place: str, facts: Facts, at: int) -> tuple[list[list[Any]], list[tuple[Any, int]], bool]:
    """What ran in a place, since when and until; what was rolled back, and when; if that is certain."""
    ran: list[list[Any]] = []
    rolled_back: list[tuple[Any, int]] = []
    candidate: Any = None
    read: Any = None
    for each in facts.environments:
        if each.name == place:
            read = each
    history = facts.history
    if history is None:
        return ran, rolled_back, False
    entries: list[Any] = [
        event
        for event in history.events
        if event.environment == place
        and event.outcome == "succeeded"
        and event.finished <= at  # type: ignore[operator]  # what succeeded has finished
        and event.started >= history.complete_since
    ]
    if not entries:
        empty = read is not None and read.running == frozenset() and read.read >= history.complete_since
        return ran, rolled_back, empty
    if len(entries) > 1:
        entries.sort(key=lambda event: (event.finished, event.started))
    for event in entries:
        if event.action == "expose":
            continue
        if event.lane == "rollback" and event.action == "deploy":
            for gone in (ran[-1][0] if ran else None, candidate):
                if gone is not None and (gone.digests, gone.configuration) != (
                    event.digests,
                    event.configuration,
                ):
                    rolled_back.append(((gone.digests, gone.configuration), event.finished))
        if event.share is not None and event.share != 100:
            candidate = event
            continue
        if ran:
            now = ran[-1]
            goes_on = (
                candidate is not None
                and now[0].digests == event.digests
                and now[0].configuration == event.configuration
            )
            candidate = None
            if goes_on:
                continue
            now[2] = event.finished
        candidate = None
        ran.append([event, event.finished, at])
    if not ran:
        return ran, rolled_back, False
    last = entries[-1]
    if len(entries) > 1:
        other = entries[-2]
        if (other.finished, other.started) == (last.finished, last.started) and (
            (other.digests, other.configuration) != (last.digests, last.configuration)
        ):
            return ran, rolled_back, False
    if read is not None and read.running is not None and last.finished <= read.read <= at:
        now, then = ran[-1][0], candidate or ran[-1][0]
        if not now.digests <= read.running <= now.digests | then.digests or (
            read.configuration not in (None, now.configuration, then.configuration)
        ):
            return ran, rolled_back, False
    return ran, rolled_back, True


def decide(proposal: Proposal, facts: Facts, at: int) -> list[Failure]:
    """Every failing rule with what was seen; empty when the deployment is allowed."""
    failures: list[Failure] = []
    digests = proposal.release.digests
    configuration = proposal.release.configuration

    # who is who
    persons: dict[str, str] = {}
    if facts.people is not None:
        for person in facts.people.persons:
            persons[person.id] = person.id
            for account in person.accounts:
                persons[account] = person.id
    managers = set()
    for name in MANAGERS:
        managers.add(persons.setdefault(name, name))

    # order, same digests: earned health in staging; and soak: healthy there for 24h, until now
    staged, rolled_back, certain = _ran("staging", facts, at)
    release = digests, configuration
    marked = -1  # when it was last marked bad, of all the times that it ran
    for gone, instant in rolled_back:
        if gone == release and instant > marked:
            marked = instant
    rolled = marked
    held: list[tuple[int, int]] = []  # healthy spans, as far as nothing contradicts them
    start = end = bad_now = -1  # the last span of the last time, and when that was last marked bad
    for event, since, until in staged:
        if event.digests != digests or event.configuration != configuration:
            continue
        start = end = -1
        bad_now = rolled
        healthy, unhealthy = [], []
        for seen in facts.health:
            if (
                seen.environment == "staging"
                and seen.digests == digests
                and (seen.configuration is None or seen.configuration == configuration)
                and seen.from_ <= until
                and seen.observed_until >= since
            ):
                span = (max(seen.from_, since), min(seen.observed_until, until))
                if seen.status == "healthy":
                    healthy.append(span)
                else:
                    unhealthy.append(span)
                    bad_now = max(bad_now, span[0])
        marked = max(marked, bad_now)
        if len(healthy) > 1:
            healthy.sort()
        joined: list[tuple[int, int]] = []
        for first, last in healthy:
            if joined and first <= joined[-1][1]:
                joined[-1] = joined[-1][0], max(joined[-1][1], last)
            else:
                joined.append((first, last))
        for first, last in joined:
            # What is left of it after the last contradiction; what is left before one does not count.
            start, end = first, last
            for bad, worse in unhealthy:
                if bad <= last and worse >= start:
                    start = worse + 1
            if start <= end:
                held.append((start, end))
    sources_right = not [name for name in proposal.from_ if name != "staging"]
    if not sources_right or not [span for span in held if span[0] > marked]:
        failures.append(Failure("order", (proposal.from_, held, marked)))
    running = staged[-1][0] if staged else None
    if (
        not certain
        or running is None
        or running.digests != digests
        or running.configuration != configuration
        or start > end
        or start <= bad_now
        or at - end >= 300
        or end - start < DAY
    ):
        failures.append(Failure("soak", (start, end)))

    # evidence
    builds = [build for build in facts.builds if build.digest in digests and build.finished <= at]
    built = {build.digest for build in builds} == digests
    untested = malformed = not built
    tested: list[tuple[int, float]] = []
    for invocation in {build.invocation for build in builds} if built else ():
        latest: list[Any] = []
        for record in facts.evidence:
            if (
                record.type == "unit_tests"
                and isinstance(record.about, AboutBuild)
                and record.about.build == invocation
                and record.time <= at
            ):
                if not latest or record.time > latest[0].time:
                    latest = [record]
                elif record.time == latest[0].time:
                    latest.append(record)
        if not latest or at - latest[0].time >= 7 * DAY:
            untested = True
        for record in latest:
            failed, coverage = record.fields.get("failed"), _percent(record.fields.get("coverage"))
            if type(failed) is not int or type(record.fields.get("passed")) is not int or coverage is None:
                malformed = True
            else:
                tested.append((failed, coverage))
    if untested or malformed:
        failures.append(Failure("tests", "malformed" if malformed else "no fresh record"))
        failures.append(Failure("coverage", "malformed" if malformed else "no fresh record"))
    else:
        if [failed for failed, _ in tested if failed != 0]:
            failures.append(Failure("tests", tested))
        if [coverage for _, coverage in tested if coverage < 80]:
            failures.append(Failure("coverage", tested))
    for digest in digests:
        latest = []
        for record in facts.evidence:
            if (
                record.type == "vulnerability_scan"
                and isinstance(record.about, AboutArtifact)
                and record.about.artifact == digest
                and record.time <= at
            ):
                if not latest or record.time > latest[0].time:
                    latest = [record]
                elif record.time == latest[0].time:
                    latest.append(record)
        if not latest or at - latest[0].time >= 7 * DAY:
            failures.append(Failure("vulnerabilities", "no fresh record"))
        for record in latest:
            critical = record.fields.get("critical")
            if type(critical) is not int or type(record.fields.get("high")) is not int or critical != 0:
                failures.append(Failure("vulnerabilities", critical))

    # two approvals, authors do not count
    live, _, live_certain = _ran(proposal.target, facts, at)
    last_event = live[-1][0] if live else None
    base = last_event.commit if last_event is not None else None
    authors: set[str] | None = set()
    if not built or not live_certain or (last_event is not None and base is None):
        authors = None
    else:
        for head in {build.commit for build in builds}:
            if head == base:
                continue
            changes = [change for change in facts.changes if change.head == head and change.base == base]
            if not changes or not all(change.complete for change in changes):
                authors = None
                break
            for change in changes:
                for account in (*change.authors, *change.coauthors):
                    author = persons.get(account)
                    if author is None:
                        authors = None
                        break
                    if authors is not None:
                        authors.add(author)
    word: dict[str, Any] = {}
    for approval in facts.approvals:
        about = approval.about
        if (
            isinstance(about, AboutTarget)
            and about.target == proposal.target
            and about.digests == digests
            and about.configuration == configuration
            and (about.gate is None or approval.verdict == "rejected")
            and approval.time <= at
        ):
            by = persons.get(approval.by)
            if by is not None and (
                by not in word
                or approval.time > word[by].time
                or (approval.time == word[by].time and approval.verdict == "rejected")
            ):
                word[by] = approval
    counted = [
        by
        for by, approval in word.items()
        if approval.verdict == "approved"
        and by in managers
        and authors is not None
        and by not in authors
        and at - approval.time < 3 * DAY
    ]
    if len(counted) < 2:
        failures.append(Failure("approvals", counted))

    # freezes
    for name, begins, ends in FREEZES:
        if begins <= at < ends:
            failures.append(Failure(name, at))

    # the proposal
    strategy = proposal.strategy.kind if proposal.strategy else None
    if strategy not in ("canary", "blue_green"):
        failures.append(Failure("strategy", strategy))
    if (
        proposal.rollback is None
        or last_event is None
        or not live_certain
        or proposal.rollback.to != last_event.digests
    ):
        failures.append(Failure("rollback plan", proposal.rollback))
    missing = KEYS.difference(proposal.configuration_keys or ())
    if missing:
        failures.append(Failure("configuration", missing))
    builders = {build.builder for build in builds}
    if builders != {BUILDER} or not built:
        failures.append(Failure("builder", builders))
    return failures
