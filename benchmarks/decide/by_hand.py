"""The twelve conditions as a careful programmer would write them by hand, on the same documents."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from rung.inputs.facts import AboutArtifact, AboutBuild, AboutTarget, Facts
from rung.inputs.proposal import Proposal

MANAGERS = {"ana@example.com", "bo@example.com", "chen@example.com"}
BUILDER = "https://ci.example.com/release@v2"
FREEZES = [
    ("Year end", 1797613200, 1799046000),
    ("Black Friday", 1795647600, 1796079600),
    ("Audit", 1796857200, 1796943600),
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


def decide(proposal: Proposal, facts: Facts, at: int) -> list[Failure]:
    """Every failing rule with what was seen; empty when the deployment is allowed."""
    failures: list[Failure] = []
    digests = proposal.release.digests
    configuration = proposal.release.configuration

    # who is who
    persons: dict[str, str] = {name: name for name in MANAGERS}
    if facts.people is not None:
        for person in facts.people.persons:
            persons[person.id] = person.id
            for account in person.accounts:
                persons[account] = person.id

    # order, same digests: earned health in staging; and soak: healthy there for 24h, until now
    events = [
        event
        for event in (facts.history.events if facts.history else ())
        if event.environment == "staging"
        and event.outcome == "succeeded"
        and event.finished <= at
        and event.started >= facts.history.complete_since
        and (event.share is None or event.share == 100)
    ]
    events.sort(key=lambda event: event.finished)
    running = events[-1] if events else None
    ours = [event for event in events if event.digests == digests and event.configuration == configuration]
    start = end = None
    if ours:
        since = ours[-1].finished
        spans, bad = [], 0
        for each in facts.health:
            if (
                each.environment == "staging"
                and each.digests == digests
                and each.configuration in (None, configuration)
                and each.from_ <= at
                and each.observed_until >= since
            ):
                last = min(each.observed_until, at)
                if each.status == "healthy":
                    spans.append((max(each.from_, since), last))
                else:
                    bad = max(bad, last)
        spans.sort()
        for first, last in spans:
            if start is None or first > end:
                start, end = first, last
            else:
                end = max(end, last)
        if start is not None and start <= bad:
            start, end = (bad + 1, end) if bad < end else (None, None)
    if start is None:
        failures.append(Failure("order", "never healthy in staging"))
    if (
        running is None
        or running.digests != digests
        or running.configuration != configuration
        or start is None
        or at - end >= 300
        or end - start < DAY
    ):
        failures.append(Failure("soak", (start, end)))

    # evidence
    builds = [build for build in facts.builds if build.digest in digests and build.finished <= at]
    invocations = {build.invocation for build in builds}
    for invocation in invocations or {None}:
        tests = None
        for record in facts.evidence:
            if (
                record.type == "unit_tests"
                and isinstance(record.about, AboutBuild)
                and record.about.build == invocation
                and record.time <= at
                and (tests is None or record.time > tests.time)
            ):
                tests = record
        if tests is None or at - tests.time >= 7 * DAY:
            failures.append(Failure("tests", "no fresh record"))
            failures.append(Failure("coverage", "no fresh record"))
        else:
            failed, coverage = tests.fields.get("failed"), _percent(tests.fields.get("coverage"))
            if type(failed) is not int or type(tests.fields.get("passed")) is not int or coverage is None:
                failures.append(Failure("tests", "malformed"))
                failures.append(Failure("coverage", "malformed"))
            else:
                if failed != 0:
                    failures.append(Failure("tests", failed))
                if coverage < 80:
                    failures.append(Failure("coverage", coverage))
    for digest in digests:
        scan = None
        for record in facts.evidence:
            if (
                record.type == "vulnerability_scan"
                and isinstance(record.about, AboutArtifact)
                and record.about.artifact == digest
                and record.time <= at
                and (scan is None or record.time > scan.time)
            ):
                scan = record
        if scan is None or at - scan.time >= 7 * DAY:
            failures.append(Failure("vulnerabilities", "no fresh record"))
        else:
            critical = scan.fields.get("critical")
            if type(critical) is not int or type(scan.fields.get("high")) is not int or critical != 0:
                failures.append(Failure("vulnerabilities", critical))

    # two approvals, authors do not count
    target_events = [
        event
        for event in (facts.history.events if facts.history else ())
        if event.environment == proposal.target
        and event.outcome == "succeeded"
        and event.finished <= at
        and event.started >= facts.history.complete_since
        and (event.share is None or event.share == 100)
    ]
    last_event = max(target_events, key=lambda event: event.finished) if target_events else None
    base = last_event.commit if last_event is not None else None
    authors: set[str] | None = set()
    for head in {build.commit for build in builds}:
        changes = [change for change in facts.changes if change.head == head and change.base == base]
        if not changes or not all(change.complete for change in changes):
            authors = None
            break
        for change in changes:
            for account in (*change.authors, *change.coauthors):
                person = persons.get(account)
                if person is None:
                    authors = None
                    break
                if authors is not None:
                    authors.add(person)
    latest: dict[str, Any] = {}
    for approval in facts.approvals:
        about = approval.about
        if (
            isinstance(about, AboutTarget)
            and about.target == proposal.target
            and about.digests == digests
            and about.configuration == configuration
            and about.gate is None
            and approval.time <= at
        ):
            person = persons.get(approval.by)
            if person is not None and (
                person not in latest
                or approval.time > latest[person].time
                or (approval.time == latest[person].time and approval.verdict == "rejected")
            ):
                latest[person] = approval
    counted = [
        person
        for person, approval in latest.items()
        if approval.verdict == "approved"
        and person in MANAGERS
        and authors is not None
        and person not in authors
        and at - approval.time < 3 * DAY
    ]
    if len(counted) < 2:
        failures.append(Failure("approvals", counted))

    # freezes
    for name, begins, ends in FREEZES:
        if begins <= at < ends:
            failures.append(Failure("freeze", name))

    # the proposal
    strategy = proposal.strategy.kind if proposal.strategy else None
    if strategy not in ("canary", "blue_green"):
        failures.append(Failure("strategy", strategy))
    if proposal.rollback is None or last_event is None or proposal.rollback.to != last_event.digests:
        failures.append(Failure("rollback plan", proposal.rollback))
    missing = KEYS.difference(proposal.configuration_keys or ())
    if missing:
        failures.append(Failure("configuration", missing))
    builders = {build.builder for build in builds}
    if builders != {BUILDER} or {build.digest for build in builds} != digests:
        failures.append(Failure("builder", builders))
    return failures
