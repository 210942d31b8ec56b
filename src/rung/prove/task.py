"""Defines how a property is worked on: its claims are checked, and histories found for what comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rung.policy import model
from rung.policy.walk import gates_behind, parts
from rung.prove.claims import Claim, head
from rung.prove.endings import breaking, fulfilling
from rung.prove.entries import Checked, check
from rung.prove.errors import NotEncodedError
from rung.prove.invariants import is_kept
from rung.prove.obligation import Answers, Docket
from rung.prove.stories import Stories
from rung.prove.verdict import Outcome, Recorded, Story, Verdict

Baselines = Mapping[tuple[str, str], model.Policy]
"""The policies that others are held against, by the file that names one and the path that it names."""


class Task:
    """One property of a policy that is to be proved, and what its module needs for that."""

    def __init__(
        self,
        node: model.Property,
        stories: Stories,
        answers: Answers,
        recorded: Recorded | None = None,
        baselines: Baselines | None = None,
    ) -> None:
        self.policy = stories.policy
        self.node = node
        self.stories = stories
        self.clock = stories.clock
        self.answers = answers
        self.recorded = recorded
        self.baselines = baselines or {}
        self.docket = Docket(self.clock, answers)

    # -- claims about entries

    def entries(self, claims: Sequence[Claim]) -> Verdict:
        if not claims:
            return Verdict(self.node, "unknown", "the policy has no entry of which this property speaks")
        if self.recorded is not None:
            return self._rechecked(claims, self.recorded)
        checked = [self.check(each, self.policy.waivers) for each in claims]
        broken = [each for each in checked if not each.holds and not each.reason]
        if broken:
            return self._broken(broken, claims)
        unknown = next((each for each in checked if each.reason), None)
        if unknown is not None:
            return self.made("unknown", unknown.reason)
        story, findings = self._witness(checked)
        return self.made("proved", "", story, [*findings, *self._waived(claims)])

    def _waived(self, claims: Sequence[Claim]) -> list[str]:
        """The waivers that stand for gates of which claims say that they hold."""
        found: dict[str, None] = {}
        for claim in claims:
            held = {
                node.gate for each in claim.conditions for node in parts(each) if isinstance(node, model.Held)
            }
            gates = [self.policy.gates[name] for name in held]
            behind = {name for gate in gates for name in gates_behind(gate.requirements, self.policy)}
            for waiver in self.policy.waivers:
                if waiver.gate in held | behind and claim.route.target in waiver.places:
                    found[f"in `{claim.route.target}` waiver {waiver.id} may stand for `{waiver.gate}`"] = (
                        None
                    )
        return list(found)

    def check(self, claim: Claim, waivers: Sequence[model.Waiver]) -> Checked:
        order = None if self.recorded is None else self.recorded.order
        return check(self.policy, claim, waivers, self.docket, order)

    def _rechecked(self, claims: Sequence[Claim], recorded: Recorded) -> Verdict:
        """Whether a proof holds that somebody claims to have; nothing is looked for."""
        if recorded.order and not is_kept(self.policy, recorded.order, self.docket):
            return self.made("unknown", "histories do not keep the order that its proof rests on")
        waivers = [each for each in self.policy.waivers if each.id not in recorded.without]
        for each in claims:
            if not self.check(each, waivers).holds:
                return self.made("unknown", f"it was not shown again that it is never so that {each.broken}")
        return self.made("proved")

    def made(
        self,
        outcome: Outcome,
        reason: str = "",
        story: Story | None = None,
        findings: Sequence[str] = (),
        without: tuple[model.Waiver, ...] = (),
    ) -> Verdict:
        excepted = self.node.lanes if isinstance(self.node, model.NamedProperty) else ()
        return Verdict(
            self.node,
            outcome,
            reason,
            story,
            without,
            excepted,
            self.stories.assumed,
            tuple(findings),
        )

    def _broken(self, broken: Sequence[Checked], claims: Sequence[Claim]) -> Verdict:
        """The shortest history that breaks a claim; by a waiver alone, what holds without it."""
        reasons = []
        for each in sorted(broken, key=lambda each: self.depth(each.claim.route)):
            try:
                story = self.stories.find(breaking(each.claim))
            except NotEncodedError as error:
                reasons.append(f"{each.claim.broken}, it seems, but {error}")
                continue
            if story is not None:
                waivers = self._waivers(claims)
                return self.made("proved" if waivers else "refuted", each.claim.broken, story, (), waivers)
            reasons.append(f"{each.claim.broken}, it seems, but no history was found that leads there")
        return self.made("unknown", reasons[0])

    def _waivers(self, claims: Sequence[Claim]) -> tuple[model.Waiver, ...]:
        """The waivers but for which the claims hold; none if they do not hold without them either."""
        if not self.policy.waivers or not self._hold(claims, ()):
            return ()
        # Waivers can break a claim together where each alone does not.
        harmless: tuple[model.Waiver, ...] = ()
        for each in self.policy.waivers:
            if self._hold(claims, (*harmless, each)):
                harmless += (each,)
        self._hold(claims, harmless)
        return tuple(each for each in self.policy.waivers if each not in harmless)

    def _hold(self, claims: Sequence[Claim], waivers: Sequence[model.Waiver]) -> bool:
        """Whether the claims hold under these waivers; the proof rests on what shows it, and on no more."""
        self.docket = Docket(self.clock, self.answers)
        return all(self.check(each, waivers).holds for each in claims)

    # -- that a proof is not empty

    def _witness(self, checked: Sequence[Checked]) -> tuple[Story | None, list[str]]:
        """A history in which the property has something to say, and what is remarkable."""
        usable = [each.claim for each in checked if each.usable]
        findings = [f"nothing can ever take {head(each.claim.route)}" for each in checked if not each.usable]
        story, why = None, ""
        for claim in sorted(usable, key=lambda each: self.depth(each.route)):
            try:
                story = self._fulfilling(claim)
            except NotEncodedError as error:
                why = why or str(error)
            if story is not None:
                break
        if story is None:
            findings.append(f"no history was found of which it says anything{': ' + why if why else ''}")
        return story, findings

    def _fulfilling(self, claim: Claim) -> Story | None:
        """A history of which a claim that was proved has something to say."""
        if claim.given is not None:
            return self.stories.find(fulfilling(claim))
        story = self.stories.entry(claim.route)
        return None if story is None else replace(story, claim=claim)

    def depth(self, route: model.Route | model.Act) -> tuple[bool, int]:
        """How long a history of a way may be, to try short ones first; one with a rollback is long."""
        goes_back = isinstance(route, model.Route) and route.lane == "rollback"
        far = self.stories.entries.get(route.target, len(self.policy.environments))
        return goes_back or isinstance(route, model.Act), far
