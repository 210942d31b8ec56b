"""Proves the properties of a policy, each with a verdict; the stories are still to be replayed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from rung.policy import model
from rung.prove.claims import Claim
from rung.prove.entries import Checked, check
from rung.prove.errors import NotEncodedError
from rung.prove.invariants import behind
from rung.prove.properties import ENTRIES
from rung.prove.solve import Clock, TimeIsUpError
from rung.prove.stories import Stories, breaking, fulfilling
from rung.prove.verdict import Outcome, Story, Verdict

BASE = (
    "facts are complete and true, and histories are written when decisions are made",
    "nothing changes an environment but what is decided here",
    "the same policy holds throughout",
)


def prove(policy: model.Policy, node: model.Property, seconds: float) -> Verdict:
    """The verdict on one property, which may take this long."""
    began = time.monotonic()
    clock = Clock(seconds)
    try:
        verdict = _Prover(policy, node, clock).verdict()
    except (NotEncodedError, TimeIsUpError) as error:
        verdict = Verdict(node, "unknown", str(error))
    return replace(verdict, seconds=time.monotonic() - began)


class _Prover:
    """One property of a policy."""

    def __init__(self, policy: model.Policy, node: model.Property, clock: Clock) -> None:
        self.policy = policy
        self.node = node
        self.clock = clock
        self.obligations = 0

    def verdict(self) -> Verdict:
        if isinstance(self.node, model.NamedProperty) and self.node.name in ENTRIES:
            return self._entries(list(ENTRIES[self.node.name](self.policy, self.node)))
        return Verdict(self.node, "unknown", "this property cannot be proved yet")

    # -- claims about entries

    def _entries(self, claims: Sequence[Claim]) -> Verdict:
        if not claims:
            return Verdict(self.node, "unknown", "the policy has no entry of which this property speaks")
        checked = [self._check(each, self.policy.waivers) for each in claims]
        broken = [each for each in checked if not each.holds and not each.reason]
        if broken:
            return self._broken(broken, claims)
        unknown = next((each for each in checked if each.reason), None)
        if unknown is not None:
            return self._made("unknown", unknown.reason)
        story, findings = self._witness(checked)
        return self._made("proved", "", story, findings)

    def _check(self, claim: Claim, waivers: Sequence[model.Waiver]) -> Checked:
        self.obligations += 1
        return check(self.policy, claim, waivers, self.clock)

    def _made(
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
            BASE,
            tuple(findings),
            self.obligations,
        )

    def _broken(self, broken: Sequence[Checked], claims: Sequence[Claim]) -> Verdict:
        """The shortest history that breaks a claim; by a waiver alone, what holds without it."""
        stories = Stories(self.policy, self.policy.waivers, self.clock)
        reasons = []
        for each in sorted(broken, key=lambda each: len(behind(self.policy, each.claim.route))):
            try:
                story = stories.find(breaking(each.claim))
            except NotEncodedError as error:
                reasons.append(f"{each.claim.broken}, it seems, but {error}")
                continue
            if story is not None:
                return self._made("refuted", each.claim.broken, story, (), self._waivers(claims))
            reasons.append(f"{each.claim.broken}, it seems, but no history was found that leads there")
        return self._made("unknown", reasons[0])

    def _waivers(self, claims: Sequence[Claim]) -> tuple[model.Waiver, ...]:
        """The waivers but for which the claims hold; none if they do not hold without them either."""
        waivers = self.policy.waivers
        if not waivers or not all(self._check(each, ()).holds for each in claims):
            return ()
        return tuple(
            each for each in waivers if not all(self._check(claim, (each,)).holds for claim in claims)
        )

    # -- that a proof is not empty

    def _witness(self, checked: Sequence[Checked]) -> tuple[Story | None, list[str]]:
        """A history in which the property has something to say, and what is remarkable."""
        usable = [each.claim for each in checked if each.usable]
        findings = [
            f"no release can ever take this route into `{each.claim.route.target}`"
            for each in checked
            if not each.usable
        ]
        stories = Stories(self.policy, self.policy.waivers, self.clock)
        story, why = None, ""
        for claim in sorted(usable, key=lambda each: len(behind(self.policy, each.route))):
            try:
                story = stories.find(fulfilling(claim))
            except NotEncodedError as error:
                why = why or str(error)
            if story is not None:
                break
        if story is None:
            findings.append(f"no history was found of which it says anything{': ' + why if why else ''}")
        return story, findings
