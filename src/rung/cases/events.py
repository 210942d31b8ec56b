"""Turns the events of a case's history into the facts that tell of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, assert_never

from rung.cases import errors, records
from rung.cases.releases import SOURCE, Names, Path, Releases
from rung.inputs import facts
from rung.inputs.errors import missing_field
from rung.inputs.scalars import LAST_INSTANT
from rung.policy import model


class Events:
    """The events of a case: what they name is looked up in its releases and in the policy."""

    def __init__(self, case: records.Case, policy: model.Policy, names: Names, releases: Releases) -> None:
        self.case = case
        self.policy = policy
        self.names = names
        self.document = names.document
        self.releases = releases

    def told(self) -> dict[type, list[Any]]:
        """The facts by their class, in the order of the events."""
        told: dict[type, list[Any]] = {}
        for label, event in self.case.history.items():
            time = self.time(event, ("history", label))
            if time is not None:
                for record in self._records(event, time, ("history", label)):
                    told.setdefault(type(record), []).append(record)
        return told

    def time(self, event: records.Event | records.Environment, path: Path) -> int | None:
        """When an event was (UTC seconds); None, and reported, where it does not say, or that cannot be."""
        label, span = str(path[-1]), self.document.span(path, key=True)
        if (event.at is None) == (event.ago is None):
            self.names.mistakes.append(errors.time_of_event(span, label))
            return None
        begins = event.at if event.at is not None else self.case.at - (event.ago or 0)
        if begins < 0 or begins + _lasting(event) > LAST_INSTANT:
            self.names.mistakes.append(errors.time_out_of_range(span, label))
            return None
        return begins

    def _records(self, event: records.Event, time: int, path: Path) -> Iterator[Any]:
        """The facts that tell of an event."""
        match event:
            case records.Build():
                if self.releases.find(event.build, *path, "build"):
                    for digest in sorted(self.releases.digests(event.build)):
                        yield facts.Build(
                            digest=digest,
                            commit=self.releases.commit(event.build),
                            builder=event.by,
                            invocation=event.run or self.releases.run(event.build),
                            finished=time,
                            source=SOURCE,
                        )
            case records.Evidence():
                for about in self._subjects(event, path):
                    yield facts.Evidence(
                        type=event.evidence, about=about, time=time, fields=event.fields, source=SOURCE
                    )
            case records.Review():
                if self.releases.find(event.review, *path, "review"):
                    commit = facts.AboutCommit(commit=self.releases.commit(event.review))
                    for person in event.by:
                        yield facts.Review(
                            by=person, verdict=event.verdict, about=commit, time=time, source=SOURCE
                        )
            case records.Approval():
                yield from self._approvals(event, time, path)
            case records.Deployment():
                yield from self._deployments(event, time, path)
            case records.Health():
                if self.releases.find(event.health, *path, "health"):
                    for place in self._places(event.in_, *path, "in"):
                        last = self.case.at if event.for_ is None else time + event.for_
                        yield facts.Health(
                            environment=place,
                            status=event.status,
                            from_=time,
                            observed_until=last,
                            source=SOURCE,
                            **self.releases.identity(event.health),
                        )
            case _:
                assert_never(event)

    def _subjects(self, event: records.Evidence, path: Path) -> list[Any]:
        """What the evidence is about, of the kind that its type says in the policy."""
        if not self.names.known("evidence", event.evidence, self.policy.evidence, *path, "evidence"):
            return []
        about = self.policy.evidence[event.evidence].about
        name = event.of
        if name is not None and not self.releases.find(name, *path, "of"):
            return []
        if about == "environment":
            self._needed(event.in_, "in", path)
            identity = {} if name is None else self.releases.identity(name)
            return [
                facts.AboutEnvironment(environment=place, **identity)
                for place in self._places(event.in_, *path, "in")
            ]
        self._needed(name, "of", path)
        if name is None:
            return []
        subjects: dict[str, Callable[[str], list[Any]]] = {
            "commit": lambda name: [facts.AboutCommit(commit=self.releases.commit(name))],
            "build": lambda name: [facts.AboutBuild(build=event.run or self.releases.run(name))],
            "artifact": lambda name: [
                facts.AboutArtifact(artifact=each) for each in sorted(self.releases.digests(name))
            ],
            "release": lambda name: [facts.AboutRelease(**self.releases.identity(name))],
        }
        return subjects[about](name)

    def _needed(self, value: object, field: str, path: Path) -> None:
        if not value:
            spot = self.document.spot(path)
            self.names.mistakes.append(missing_field(spot.span(self.document.source), spot.path, field))

    def _approvals(self, event: records.Approval, time: int, path: Path) -> Iterator[facts.Approval]:
        places = self._places((event.for_,), *path, "for")
        if event.gate is not None:
            self.names.known("gate", event.gate, self.policy.gates, *path, "gate")
        if self.releases.find(event.approval, *path, "approval") and places:
            about = facts.AboutTarget(
                target=event.for_, gate=event.gate, **self.releases.identity(event.approval)
            )
            for person in event.by:
                yield facts.Approval(by=person, verdict=event.verdict, about=about, time=time, source=SOURCE)

    def _deployments(self, event: records.Deployment, time: int, path: Path) -> Iterator[facts.Event]:
        places = self._places(event.in_, *path, "in")
        if not self.releases.find(event.deployment, *path, "deployment"):
            return
        for place in places:
            yield facts.Event(
                environment=place,
                release=event.deployment,
                commit=self.releases.commit(event.deployment),
                lane=event.lane,
                action=event.action,
                share=event.share,
                facets=event.facets,
                actor=event.actor,
                strategy=event.strategy,
                started=time,
                finished=None if event.outcome == "in_progress" else time + event.took,
                outcome=event.outcome,
                **self.releases.identity(event.deployment),
            )

    def _places(self, names: tuple[str, ...], *path: str | int) -> list[str]:
        table = self.policy.environments
        return [name for name in names if self.names.known("environment", name, table, *path)]


def _lasting(event: records.Event | records.Environment) -> int:
    match event:
        case records.Deployment():
            return event.took
        case records.Health():
            return event.for_ or 0
        case _:
            return 0
