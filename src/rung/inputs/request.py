"""Defines the request: a proposal and the facts it is judged by, which may come from several documents."""

from collections.abc import Sequence

from rung.inputs.facts import Facts, History, People
from rung.inputs.proposal import Proposal
from rung.inputs.record import Record


class Request(Record):
    """A proposal and the facts that it is judged by."""

    proposal: Proposal
    """What somebody wants to do."""
    facts: Facts
    """What was observed."""


def merge_facts(parts: Sequence[Facts]) -> Facts:
    """The facts of several documents as one; `consistency` says whether they agree.

    A history is complete only since all of its parts are, and people are as old as the oldest reading.
    """
    if len(parts) == 1:
        return parts[0]
    histories = [part.history for part in parts if part.history]
    peoples = [part.people for part in parts if part.people]
    return Facts(
        builds=tuple(build for part in parts for build in part.builds),
        changes=tuple(change for part in parts for change in part.changes),
        evidence=tuple(record for part in parts for record in part.evidence),
        reviews=tuple(review for part in parts for review in part.reviews),
        approvals=tuple(approval for part in parts for approval in part.approvals),
        history=_merge_histories(histories) if histories else None,
        health=tuple(interval for part in parts for interval in part.health),
        people=_merge_people(peoples) if peoples else None,
        environments=tuple(environment for part in parts for environment in part.environments),
        manifests=tuple(manifest for part in parts for manifest in part.manifests),
    )


def _merge_histories(parts: Sequence[History]) -> History:
    return History(
        complete_since=max(part.complete_since for part in parts),
        source=_sources([part.source for part in parts]),
        events=tuple(event for part in parts for event in part.events),
    )


def _merge_people(parts: Sequence[People]) -> People:
    readings = [part.read for part in parts if part.read is not None]
    return People(
        source=_sources([part.source for part in parts]),
        read=min(readings) if len(readings) == len(parts) else None,
        persons=tuple(person for part in parts for person in part.persons),
    )


def _sources(names: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(names))
