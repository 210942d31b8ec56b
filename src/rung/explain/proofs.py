"""Defines how a verdict on a property is told: a history that refutes it, or shows it, becomes a story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal

from rung.diagnostics import Source, Span
from rung.evaluate.decide import Decision
from rung.evaluate.outcome import Owing, Rollout
from rung.explain import words
from rung.explain.claims import elsewhere
from rung.explain.failing import failing
from rung.explain.replay import NotReplayedError, Replayed, replay
from rung.explain.why import explain, is_ban
from rung.frozen import frozen
from rung.inputs.facts import (
    AboutTarget,
    Approval,
    Build,
    Change,
    Environment,
    Evidence,
    Facts,
    Manifest,
    People,
    Review,
)
from rung.policy import model
from rung.policy.walk import parts
from rung.prove.claims import Allowed
from rung.prove.verdict import Decides, Happens, Outcome, RunsAlready, Story, Verdict, Watched

ACTS = {"advance": "advances", "switch": "switches", "expose": "exposes"}
Mark = Literal["fact", "allowed", "denied"]


@frozen
class Chapter:
    """Something that happens at an instant; a decision has its place in the policy and its facts."""

    at: int
    mark: Mark
    text: str
    span: Span | None = None
    decision: Decision | None = None
    facts: Facts | None = None


@frozen
class Proof:
    """A verdict in words; `title` is the property as written, `broken` says that its story went wrong.

    What is not `demanded` by the policy only applies to it.
    """

    title: str
    demanded: bool
    verdict: Verdict
    story: tuple[Chapter, ...]
    broken: str | None = None

    @property
    def name(self) -> str:
        """What the property is called for short."""
        node = self.verdict.property
        return node.title if isinstance(node, model.FormulaProperty) else self.title

    @property
    def outcome(self) -> Outcome:
        """The verdict's, but unknown where its story did not go as it was told."""
        return "unknown" if self.broken is not None else self.verdict.outcome


def proof(verdict: Verdict, policy: model.Policy, sources: Mapping[str, Source]) -> Proof:
    """Replay the story of a verdict and put all into words."""
    node = verdict.property
    demanded = node in policy.properties
    if demanded or not isinstance(node, model.NamedProperty):
        title = words.demanded(node, sources)
    else:
        title = words.named_property(node)
    if verdict.story is None:
        return Proof(title, demanded, verdict, ())
    try:
        steps = replay(verdict.story, policy)
    except NotReplayedError as error:
        if not verdict.story.certain:
            seems = f"{verdict.reason}, it seems, but the history that was found does not show it"
            return Proof(title, demanded, replace(verdict, outcome="unknown", reason=seems, story=None), ())
        return Proof(title, demanded, verdict, (), f"its history does not go as it was told: {error}")
    more = (*_uncounted(verdict.story), *_denied_elsewhere(verdict.story, steps, sources))
    told = replace(verdict, findings=(*verdict.findings, *more))
    return Proof(title, demanded, told, tuple(chapters(verdict.story, steps)))


def _uncounted(story: Story) -> Iterator[str]:
    """The gates for which approvals are given that a claim, which counts outside of gates, leaves out."""
    claim = story.claim
    nodes = (node for each in claim.conditions for node in parts(each)) if claim and story.breaks else ()
    if any(isinstance(node, model.People) and node.kind == "approval" for node in nodes):
        facts = (each.fact for each in story.steps if isinstance(each, Happens))
        given = (each.about for each in facts if isinstance(each, Approval))
        for gate in dict.fromkeys(each.gate for each in given if isinstance(each, AboutTarget) and each.gate):
            yield f"an approval for gate `{gate}` counts there alone; `held({gate})` says that it held"


def _denied_elsewhere(story: Story, steps: list[Replayed], sources: Mapping[str, Source]) -> Iterator[str]:
    """The rules by which another policy denies the last entry, if the story is about one."""
    claim = story.claim
    if not (story.breaks and claim is not None and isinstance(claim.holds, Allowed)):
        return
    last = next(each.decision for each in reversed(steps) if each.decision is not None)
    other = claim.holds.policy
    explained = explain(elsewhere(last, other), other, sources, hypothetical=False)
    for each in failing(explained):
        seen = f": {words.listed(each.line.seen)}" if each.line.seen else ""
        yield f"{other.name} asks for `{each.line.text}`{seen}"


def chapters(story: Story, steps: list[Replayed]) -> Iterator[Chapter]:
    """A history that was replayed, in words."""
    names = _names(story)
    teller = _Teller(names)
    for each in steps:
        match each.step:
            case Decides():
                assert each.decision is not None, "it was replayed"
                yield teller.decision(each.decision, each.facts)
            case RunsAlready(at, event):
                text = f"{event.environment} runs {event.release} already when the policy is adopted"
                yield Chapter(at, "fact", text)
            case Watched(at, environment, healthy):
                yield Chapter(at, "fact", teller.watched(environment, at, healthy))
            case Happens(at, fact):
                for text in teller.fact(fact):
                    yield Chapter(at, "fact", text)


def _names(story: Story) -> dict[str, str]:
    """What the releases are called, by the digests of their artifacts."""
    proposed = [each.proposal.release for each in story.steps if isinstance(each, Decides)]
    return {digest: words.release(release) for release in proposed for digest in release.digests}


class _Teller:
    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.environments: dict[str, Environment] = {}
        self.running: dict[str, str] = {}
        self.watched_since: dict[str, int] = {}
        self.persons: dict[str, tuple[str, ...]] = {}

    def decision(self, decision: Decision, facts: Facts | None) -> Chapter:
        proposal = decision.proposal
        name = words.release(proposal.release)
        does = {"admit": "admits", "promote": "promotes", "hotfix": "fixes with", "rollback": "goes back to"}
        verb = does[proposal.lane] if proposal.action == "deploy" else ACTS[proposal.action]
        stays = proposal.lane in ("hotfix", "rollback") or proposal.action != "deploy"
        where = "in" if stays else "into"
        text = f"{words.actor(proposal)} {verb} {name} {where} {proposal.target}"
        if proposal.strategy is not None and decision.allowed:
            text += f" ({proposal.strategy.kind})"
        flags = [flag for flag, value in proposal.flags.items() if value == "on"]
        text += f", with {words.listed(flags)} on" if flags else ""
        text += ", with migrations" if proposal.migrations is not None else ""
        if not decision.allowed:
            against = [each for each in decision.bans if not each.holds]
            rules = [each.rule for each in against if is_ban(each)] or [each.rule for each in against]
            why = f" by {words.listed(map(_rule_name, rules))}" if rules else ""
            spans = [each.span for each in rules if not isinstance(each, Rollout | Owing)]
            text = f"{text}: denied{why}"
            return Chapter(decision.at, "denied", text, spans[0] if spans else None, decision, facts)
        waived = [each.id for each in decision.waivers]
        text += f", under waiver {words.listed(waived)}" if waived else ""
        self.running[proposal.target] = name
        self.watched_since.pop(proposal.target, None)
        assert decision.route is not None, "it is allowed"
        return Chapter(decision.at, "allowed", text, decision.route.route.span, decision, facts)

    def watched(self, environment: str, at: int, healthy: bool) -> str:
        name = self.running.get(environment, "what runs")
        if not healthy:
            return f"{name} is unhealthy in {environment}"
        since = self.watched_since.setdefault(environment, at)
        lasted = f" for {words.age(at - since)}" if at > since else ""
        return f"{name} is healthy in {environment}{lasted}"

    def fact(self, fact: object) -> Iterator[str]:
        match fact:
            case Build():
                name = self.names.get(fact.digest, words.short(fact.digest))
                yield f"{fact.builder} builds {name} from commit {fact.commit[:8]}"
            case Change():
                if fact.authors:
                    yield f"{words.listed(fact.authors)} wrote the change up to commit {fact.head[:8]}"
                if fact.contains:
                    fixes = words.listed(each[:8] for each in fact.contains)
                    yield f"commit {fact.head[:8]} contains {fixes}"
            case Evidence():
                fields = words.listed(f"{name} {value}" for name, value in fact.fields.items())
                yield f"{fact.type} {_about(fact, self.names)}: {fields or 'there is a record'}"
            case Review():
                yield f"{fact.by} approves commit {fact.about.commit[:8]} in a review"
            case Approval():
                target = getattr(fact.about, "target", None)
                gate = getattr(fact.about, "gate", None)
                yield (
                    f"{fact.by} approves it"
                    + (f" for {target}" if target else "")
                    + (f", gate {gate}" if gate else "")
                )
            case People():
                for person in fact.persons:
                    if person.groups and self.persons.get(person.id) != person.groups:
                        yield f"{person.id} is in {words.listed(person.groups)}"
                    self.persons[person.id] = person.groups
            case Manifest():
                yield "what the release depends on becomes known"
            case Environment():
                yield from self._environment(fact)

    def _environment(self, now: Environment) -> Iterator[str]:
        """What of an environment has changed since it was read last."""
        before = self.environments.get(now.name)
        self.environments[now.name] = now
        if before is None:
            return
        if now.drift and not before.drift:
            yield f"{now.name} has drifted from what was deployed"
        for lock in now.locks:
            if lock not in before.locks:
                yield f"{lock.holder} holds a lock on {now.name}"
        for name, value in now.facets.items():
            if before.facets.get(name) != value:
                yield f"the {name} of {now.name} changes from {before.facets.get(name)} to {value}"
        for name, version in now.components.items():
            if name not in before.components:
                yield f"{name} {version} runs in {now.name}"


def _rule_name(rule: object) -> str:
    """What a rule that binds every route is called."""
    match rule:
        case model.Parity():
            return "parity"
        case model.Keys():
            return "its configuration"
        case Rollout():
            return "its strategy"
        case Owing():
            return "what is overdue"
        case _:
            return words.ban_name(rule)


def _about(fact: Evidence, names: Mapping[str, str]) -> str:
    about = fact.about
    match about.field_names[0]:
        case "commit":
            return f"of commit {about.commit[:8]}"  # type: ignore[union-attr]  # its first field says which it is
        case "environment":
            return f"of {about.environment}"  # type: ignore[union-attr]  # its first field says which it is
        case "build":
            return f"of {about.build}"  # type: ignore[union-attr]  # its first field says which it is
        case _:
            return "of the release"
