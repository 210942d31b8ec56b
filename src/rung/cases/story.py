"""Turns a case into the request that it means: named releases get digests, and events become facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from rung.cases import records
from rung.cases.events import Events
from rung.cases.layers import Layered, entry
from rung.cases.read import Written
from rung.cases.releases import SOURCE, Names, Releases
from rung.diagnostics import Diagnostic
from rung.inputs import facts, mistakes
from rung.inputs.consistency import contradictions
from rung.inputs.document import Root
from rung.inputs.from_flaws import from_flaws
from rung.inputs.proposal import Proposal
from rung.inputs.request import Request, merge_facts
from rung.inputs.validator import validate
from rung.policy import model
from rung.policy.types import parse_version


class Told(NamedTuple):
    """The request of a case, or None and all that is wrong with it."""

    request: Request | None
    mistakes: tuple[Diagnostic, ...] = ()


def request_of(written: Written, policy: model.Policy) -> Told:
    """The request that a case means under a policy."""
    story = _Story(written, policy)
    proposal, more = story.proposal(), story.raw_facts()
    told = story.told(more)
    if story.names.mistakes or proposal is None:
        return Told(None, tuple(story.names.mistakes))
    parts = [told] if more is None else [told, more]
    roots = [Root(written.document, ()), Root(written.document, ("facts",))]
    contradictory = list(contradictions(parts))
    if contradictory:
        return Told(None, tuple(mistakes.contradictory_facts(contradictory, roots)))
    return Told(Request(proposal=proposal, facts=merge_facts(parts)))


class _Story:
    def __init__(self, written: Written, policy: model.Policy) -> None:
        self.case = written.case
        self.document = written.document
        self.policy = policy
        self.names = Names(written.document)
        self.releases = Releases(written.case.releases, self.names)
        self.events = Events(written.case, policy, self.names, self.releases)

    # -- documents

    def proposal(self) -> Proposal | None:
        data = dict(self.case.proposal) if isinstance(self.case.proposal, Mapping) else self.case.proposal
        if isinstance(data, dict):
            data = self._with_digests(data)
        if self.names.mistakes:
            return None
        found = validate(Proposal, data)
        if isinstance(found, list):
            node = entry(self.document.root, "proposal")
            assert node is not None, "a case has a proposal"
            self.names.mistakes += from_flaws(found, Proposal, Layered(self.document.source, node))
            return None
        self.names.known("environment", found.target, self.policy.environments, "proposal", "target")
        return found

    def _with_digests(self, data: dict[str, Any]) -> dict[str, Any]:
        name = data.get("release")
        if isinstance(name, str) and self.releases.find(name, "proposal", "release") is not None:
            spec = self.case.releases[name]
            artifacts = {key: {"digest": digest} for key, digest in self.releases.artifacts(name).items()}
            version = spec.version or (name if parse_version(name) is not None else None)
            data["release"] = {
                "version": version,
                "configuration": self.releases.configuration(name),
                "artifacts": artifacts,
            }
        plan = data.get("rollback")
        back = plan.get("to") if isinstance(plan, Mapping) else None
        if isinstance(back, str) and not back.startswith("sha") and isinstance(plan, Mapping):
            known = self.releases.find(back, "proposal", "rollback", "to")
            data["rollback"] = {**plan, "to": sorted(self.releases.digests(back)) if known else []}
        return data

    def raw_facts(self) -> facts.Facts | None:
        if self.case.facts is None:
            return None
        found = validate(facts.Facts, self.case.facts)
        if isinstance(found, list):
            node = entry(self.document.root, "facts")
            assert node is not None, "the case has facts"
            self.names.mistakes += from_flaws(found, facts.Facts, Layered(self.document.source, node))
            return None
        return found

    def told(self, more: facts.Facts | None) -> facts.Facts:
        """The facts that the history tells, and what was read of people and environments after it.

        Where the case brings a history of its own among its facts, that one says what runs where.
        """
        told = self.events.told()
        events = tuple(told.get(facts.Event, ()))
        for name in self.case.environments:
            self.names.known("environment", name, self.policy.environments, "environments", name)
        history, places = None, [name for name in self.policy.environments if name in self.case.environments]
        if more is None or more.history is None or events:
            history = facts.History(complete_since=self.case.complete_since, source=SOURCE, events=events)
            places = [*self.policy.environments]
        described = {each.name for each in more.environments} if more is not None else set()
        return facts.Facts(
            builds=tuple(told.get(facts.Build, ())),
            changes=tuple(self.releases.changes()),
            evidence=tuple(told.get(facts.Evidence, ())),
            reviews=tuple(told.get(facts.Review, ())),
            approvals=tuple(told.get(facts.Approval, ())),
            history=history,
            health=tuple(told.get(facts.Health, ())),
            people=self._people(),
            environments=tuple(self._environment(name, history) for name in places if name not in described),
            manifests=tuple(self.releases.manifests()),
        )

    # -- records

    def _people(self) -> facts.People | None:
        if self.case.people is None:
            return None
        persons = [
            facts.Person(id=name, accounts=each.accounts, groups=each.groups)
            for name, each in self.case.people.items()
        ]
        for name, each in self.case.people.items():
            for index, group in enumerate(each.groups):
                self.names.known("group", group, self.policy.groups, "people", name, "groups", index)
        return facts.People(source=SOURCE, persons=tuple(persons))

    def _environment(self, name: str, history: facts.History | None) -> facts.Environment:
        spec = self.case.environments.get(name, records.Environment())
        untimed = spec.at is None and spec.ago is None
        read = self.case.at if untimed else self.events.time(spec, ("environments", name))
        return facts.Environment(
            name=name,
            read=self.case.at if read is None else read,
            running=self._running(name, spec, history),
            drift=spec.drift,
            locks=tuple(facts.Lock(name=lock, holder=holder) for lock, holder in spec.locks.items()),
            components=spec.components,
            facets=spec.facets,
            flags=spec.flags,
            migrated_to=spec.migrated_to,
        )

    def _running(
        self, name: str, spec: records.Environment, history: facts.History | None
    ) -> frozenset[str] | None:
        """The digests that run in a place: those that the case says, else those last deployed there."""
        if spec.running is not None:
            known = self.releases.find(spec.running, "environments", name, "running")
            return None if known is None else self.releases.digests(spec.running)
        if history is None:
            return None
        past = [
            event
            for event in history.events
            if event.environment == name
            and event.outcome == "succeeded"
            and event.share in (None, 100)
            and (event.finished or 0) <= self.case.at
        ]
        return sorted(past, key=lambda each: each.finished or 0)[-1].digests if past else frozenset()
