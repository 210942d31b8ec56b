"""The document that all peers are given: the request, and what not all of their languages can find in it.

Instants become seconds and percentages hundredths of a percent; absent values are left out, since Cedar has
no null. Cedar can neither go through a list nor find the latest of several records nor count, so
`derived` has the findings that need this: the latest records, the latest word of each person, the
authors as persons, the healthy interval. Comparing them with what the policy wants is left to the language.
The time that this takes is not counted; Rung and the rules by hand do the same work within their time.
"""

from __future__ import annotations

from typing import Any

from benchmarks.decide.by_hand import PERCENT
from rung.inputs.facts import AboutArtifact, AboutBuild, AboutTarget, Event, Evidence, Facts
from rung.inputs.proposal import Proposal
from rung.inputs.scalars import parse_instant

INSTANTS = {"time", "finished", "started", "from", "observed_until", "complete_since"}
Document = dict[str, Any]


def prepared(request: Document, proposal: Proposal, facts: Facts, at: int) -> Document:
    """The document of one request; the same request is given as plain data and validated."""
    return {**_plain(request), "at": at, "derived": derived(proposal, facts, at)}


def _plain(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _plain(each, name) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if key in INSTANTS and isinstance(value, str):
        return parse_instant(value)
    if key == "coverage":
        percent = PERCENT.fullmatch(value)
        return value if percent is None else round(float(percent[1]) * 100)
    return value


def derived(proposal: Proposal, facts: Facts, at: int) -> Document:
    """What the languages cannot find."""
    digests = proposal.release.digests
    persons = {account: each.id for each in facts.people.persons for account in (each.id, *each.accounts)}  # type: ignore[union-attr]  # every request has people
    builds = [build for build in facts.builds if build.digest in digests and build.finished <= at]
    running = {place: _running(place, facts, at) for place in ("staging", "prod")}
    found: Document = {
        "release": _release(digests, proposal.release.configuration),
        "running": {
            place: _release(event.digests, event.configuration)
            for place, event in running.items()
            if event is not None
        },
        "approved_at": _approvals(proposal, facts, persons, at),
        "authors": _authors(running["prod"], builds, facts, persons),
        "healthy": _healthy(running["staging"], digests, facts, at),
        "tests": _latest("unit_tests", [AboutBuild(build=build.invocation) for build in builds], facts, at),
        "scan": _latest("vulnerability_scan", [AboutArtifact(artifact=each) for each in digests], facts, at),
        "builders": sorted({build.builder for build in builds}) if len(builds) >= len(digests) else None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _release(digests: frozenset[str], configuration: str | None) -> Document:
    release: Document = {"digests": sorted(digests)}
    return release if configuration is None else {**release, "configuration": configuration}


def _running(place: str, facts: Facts, at: int) -> Event | None:
    events = [each for each in facts.history.events if each.environment == place]  # type: ignore[union-attr]  # every request has a history
    return max(
        (
            each
            for each in events
            if each.finished is not None and each.finished <= at and each.share in (None, 100)
        ),
        key=lambda each: each.finished or 0,
        default=None,
    )


def _approvals(proposal: Proposal, facts: Facts, persons: dict[str, str], at: int) -> dict[str, int]:
    """When each person approved whose latest word is an approval."""
    latest: dict[str, Any] = {}
    for each in sorted(facts.approvals, key=lambda each: (each.time, each.verdict == "rejected")):
        about = each.about
        if (
            isinstance(about, AboutTarget)
            and (about.target, about.digests, about.configuration)
            == (proposal.target, proposal.release.digests, proposal.release.configuration)
            and each.time <= at
            and each.by in persons
        ):
            latest[persons[each.by]] = each
    return {person: each.time for person, each in latest.items() if each.verdict == "approved"}


def _authors(
    live: Event | None, builds: list[Any], facts: Facts, persons: dict[str, str]
) -> list[str] | None:
    """The authors of what is new to the target, None where they are not certain."""
    base = None if live is None else live.commit
    authors: set[str] = set()
    for head in {build.commit for build in builds}:
        changes = [each for each in facts.changes if each.head == head and each.base == base]
        accounts = {account for each in changes for account in (*each.authors, *each.coauthors)}
        if not changes or not all(each.complete for each in changes) or not accounts <= persons.keys():
            return None
        authors |= {persons[account] for account in accounts}
    return sorted(authors) if builds else None


def _healthy(staged: Event | None, digests: frozenset[str], facts: Facts, at: int) -> Document | None:
    """The interval over which the release was last seen healthy in staging; the requests have one at most."""
    seen = [each for each in facts.health if each.environment == "staging" and each.digests == digests]
    healthy = [each for each in seen if each.status == "healthy"]
    if staged is None or not healthy:
        return None
    bad = [min(each.observed_until, at) for each in seen if each.status == "unhealthy"]
    start = max([healthy[0].from_, staged.finished or 0, *[each + 1 for each in bad]])
    end = min(healthy[0].observed_until, at)
    return {"start": start, "end": end} if start <= end else None


def _latest(type: str, subjects: list[Any], facts: Facts, at: int) -> Document | None:
    """The latest record about the release; each request has one artifact and at most one build of it."""
    records: list[Evidence] = [
        each for each in facts.evidence if each.type == type and each.about in subjects and each.time <= at
    ]
    latest = max(records, key=lambda each: each.time, default=None)
    if latest is None:
        return None
    fields = {name: _plain(value, name) for name, value in latest.fields.items()}
    well_formed = all(isinstance(value, int) for value in fields.values())
    return {"time": latest.time, **fields} if well_formed else None
