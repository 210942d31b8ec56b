"""Defines `explain`: a decision becomes a tree of words, which any format can print.

The tree says of every rule whether it holds, what the policy says and where, and what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby, product
from typing import TYPE_CHECKING, Any

from rung.diagnostics import Source, Span
from rung.evaluate.decide import Decision, evidence_in
from rung.evaluate.outcome import FOREVER, Candidate, Gate, Need, Outcome, Owing, Rollout, RouteOutcome
from rung.evaluate.outcome import Source as Through
from rung.explain import words
from rung.explain.explanation import Explanation, Line, Mark, Owed, Verdict
from rung.explain.findings import findings
from rung.explain.steps import CHANGE, Step, route_steps, standing_steps
from rung.explain.words import Sources
from rung.policy import model
from rung.policy.types import show_scaled

if TYPE_CHECKING:
    from rung.explain.standing import Standing


def explain(
    decision: Decision,
    policy: model.Policy,
    sources: Mapping[str, Source],
    hypothetical: bool,
    proof: Standing | None = None,
) -> Explanation:
    """Put a decision into words; `sources` are the texts of the policy and its baselines, by name.

    `proof` is how the policy's proof stands, for which what the rules allow may have to wait.
    """
    teller = _Teller(decision, policy, sources)
    steps = {id(route): route_steps(route, decision, sources) for route in decision.routes}
    nearest = sorted(decision.routes, key=lambda route: (not route.holds, len(steps[id(route)])))
    needed: list[Step] = []
    if not decision.allowed and nearest:
        needed = [*steps[id(nearest[0])], *standing_steps(decision, sources)]
    verdict, reason = _verdict(decision), _reason(decision)
    if verdict == "allowed" and proof is not None and proof.holds_up(decision.proposal):
        verdict, reason = "undecided", f"it would be allowed {reason}, but the policy is not proved"
        needed = [Step(CHANGE, f"a proof of what the policy demands: {text}") for text in proof.said]
    return Explanation(
        verdict=verdict,
        reason=reason,
        hypothetical=hypothetical,
        at=decision.at,
        policy=policy.name,
        file=policy.span.file,
        proposal=decision.proposal,
        routes=tuple([teller.route(route) for route in nearest]),
        standing=tuple([teller.line(each) for each in decision.bans if not is_ban(each)]),
        bans=tuple([teller.ban(each) for each in decision.bans if is_ban(each)]),
        steps=tuple(sorted(dict.fromkeys(needed), key=lambda step: (step.rank, step.at or 0))),
        owes=tuple([_owed(each.obligation, each.due, sources) for each in decision.owes]),
        waivers=decision.waivers,
        valid_until=decision.valid_until,
        proof=proof,
    )


def _verdict(decision: Decision) -> Verdict:
    if decision.allowed:
        return "allowed"
    if decision.problem is not None:
        return "no-rule"
    return "forbidden" if any(is_ban(each) and not each.holds for each in decision.bans) else "not-permitted"


def _reason(decision: Decision) -> str:
    """The verdict's reason in one clause."""
    proposal = decision.proposal
    if decision.problem is not None:
        return decision.problem
    if decision.route is not None:
        return f"by `{words.route_head(decision.route.route)}`"
    failing = [each for each in decision.bans if not each.holds]
    applying = [words.ban_name(each.rule) for each in failing if is_ban(each)]
    reasons = []
    if applying:
        reasons.append(f"{' and '.join(applying)} {'forbids' if len(applying) == 1 else 'forbid'} it")
    if not any(route.holds for route in decision.routes):
        kind = (
            f"{proposal.lane} route into" if proposal.action == "deploy" else f"rule for {proposal.action} in"
        )
        count = len(decision.routes)
        reasons.append(
            f"the {kind} {proposal.target} is not satisfied"
            if count == 1
            else f"none of the {count} {kind.replace('route', 'routes')} {proposal.target} is satisfied"
        )
    elif len(applying) < len(failing):
        reasons.append(f"a rule that binds every route into {proposal.target} is not satisfied")
    return ", and ".join(reasons)


def is_ban(outcome: Outcome) -> bool:
    """Whether a standing rule forbids, and not asks for something."""
    return isinstance(outcome.rule, model.Freeze | model.Window | model.Deny | model.Single)


def _owed(obligation: model.Obligation, due: int, sources: Sources) -> Owed:
    rules = tuple(words.written(each.span, sources) for each in obligation.requirements)
    return Owed(obligation.name, due, rules, obligation.span)


class _Teller:
    """Tells the outcomes of one decision as lines."""

    def __init__(self, decision: Decision, policy: model.Policy, sources: Sources) -> None:
        self.decision = decision
        self.policy = policy
        self.sources = sources

    def route(self, outcome: RouteOutcome) -> Line:
        # The first outcomes are what the lane itself asks; one follows for each requirement.
        asked = len(outcome.requirements) - len(outcome.route.requirements)
        spans: list[Span | None] = [None] * asked + [each.span for each in outcome.route.requirements]
        parts = tuple(self.line(each, span) for each, span in zip(outcome.requirements, spans, strict=True))
        mark: Mark = "holds" if outcome.holds else "fails"
        return Line("route", mark, words.route_head(outcome.route), outcome.route.span, (), parts)

    def ban(self, outcome: Outcome) -> Line:
        ban = outcome.rule
        seen = self._found(outcome)
        match ban:
            case model.Freeze():
                if not outcome.parts or outcome.holds:
                    seen = (f"from {words.clock(ban.begins)} to {words.clock(ban.ends)}{_spared(ban)}",)
            case model.Window():
                state, turn = ("open", "closes") if outcome.holds else ("closed", "opens")
                when = "never" if outcome.until >= FOREVER else f"at {words.clock(outcome.until)}"
                seen = (f"{state}; {turn} {when}{_spared(ban)}",)
            case _:
                pass
        return Line(type(ban).__name__.lower(), _mark(outcome), words.ban_name(ban), ban.span, seen)

    def line(self, outcome: Outcome, span: Span | None = None) -> Line:
        """The line of a condition; `span` is what the author wrote, else the condition's own."""
        rule, mark = outcome.rule, _mark(outcome)
        match rule:
            case Gate(gate, waiver):
                seen = () if waiver is None else (f"waived by {waiver.id} until {words.clock(waiver.ends)}",)
                title = f'{gate.name} "{gate.title}"' if gate.title else gate.name
                return Line("gate", mark, title, gate.span, seen, self._gate(gate, outcome), gate.controls)
            case Through(route, environments, at_least, asked):
                whole = at_least == len(environments)
                several = words.listed(environments)
                text = f"{asked} in {several}" if whole else f"{asked} in at least {at_least} of {several}"
                text = f"{asked}" if asked.startswith("come") else text
                where = route.sources.span if route.sources else route.span
                return Line("source", mark, f"the release has {text}", where, self._found(outcome))
            case Candidate(route):
                text = f"one of the last {route.within} releases that earned health in {route.target}"
                return Line("candidate", mark, text, route.span, self._found(outcome))
            case Rollout():
                return self._rollout(rule, outcome)
            case Owing():
                return self._owing(rule, outcome)
            case model.And() | model.Or():
                parts = tuple(self.line(part) for part in outcome.parts)
                return self._written(outcome, span, parts=parts)
            case model.Implies():
                premise, conclusion = outcome.parts
                return self._written(outcome, span, self._found(premise), (self.line(conclusion),))
            case _:
                return self._written(outcome, span, self._found(outcome))

    def _written(
        self, outcome: Outcome, span: Span | None, seen: tuple[str, ...] = (), parts: tuple[Line, ...] = ()
    ) -> Line:
        where: Span = span or outcome.rule.span
        kind, mark = _kind(outcome.rule), _mark(outcome)
        if where == self.policy.span:  # a rule that the language has, not the policy
            return Line(kind, mark, kind.replace("-", " "), None, seen, parts)
        return Line(kind, mark, words.written(where, self.sources), where, seen, parts)

    def _rollout(self, rule: Rollout, outcome: Outcome) -> Line:
        span = rule.step.span if rule.step else rule.strategy.span if rule.strategy else None
        match rule.action:
            case "strategy":
                text = f"the strategy is one that {rule.target} allows"
            case "advance" if rule.step is not None:
                share = show_scaled(rule.step.share)
                text = f"{share}% of the traffic for {words.duration(rule.step.hold)} at least"
            case "switch":
                text = f"the traffic of {rule.target} can switch to this release"
            case "expose":
                text = f"flags of this release can be exposed in {rule.target}"
            case _:
                text = f"a rollout of this release can advance in {rule.target}"
        seen = () if outcome.seen is None else self._found(outcome)
        return Line("rollout", _mark(outcome), text, span, seen, tuple(map(self.line, outcome.parts)))

    def _owing(self, rule: Owing, outcome: Outcome) -> Line:
        parts = tuple(map(self.line, outcome.parts))
        if rule.obligation is None or rule.event is None:
            return Line("obligations", _mark(outcome), "nothing owed earlier is overdue", None, (), parts)
        name = rule.event.release or words.short(min(rule.event.digests))
        state = "discharged" if rule.discharged else "open" if outcome.holds else "overdue"
        seen = (f"{state}, due {words.clock(rule.due)}",)
        text = f"{rule.obligation.name} of {name}"
        return Line("obligation", _mark(outcome), text, rule.obligation.span, seen, parts)

    def _found(self, outcome: Outcome) -> tuple[str, ...]:
        return findings(outcome, self.decision.proposal, self.decision.at, self.sources)

    # -- gates: their needs, then their requirements, each for every combination of records

    def _gate(self, gate: model.Gate, outcome: Outcome) -> tuple[Line, ...]:
        needs = [each for each in outcome.parts if isinstance(each.rule, Need)]
        rest = iter(outcome.parts[len(needs) :])
        lines, labels = [], {}
        for name, group in groupby(needs, key=lambda each: each.rule.need.evidence):
            found = list(group)
            about = found[0].rule.evidence.about
            subjects = [words.subject(about, each.seen.subject, self.decision.proposal) for each in found]
            if all(each.holds for each in found):
                labels[name] = subjects
            lines.append(self._joined(found, subjects, found[0].rule.need.span))
        for requirement in gate.requirements:
            evidence = sorted(evidence_in(requirement.condition))
            if all(name in labels for name in evidence):
                choices = [words.listed(each) for each in product(*(labels[name] for name in evidence))]
                outcomes = [next(rest) for _ in choices]
                lines.append(self._joined(outcomes, choices, requirement.span))
        return tuple(lines)

    def _joined(self, outcomes: list[Outcome], labels: list[str], span: Span) -> Line:
        """One line for what was asked of each of several records."""
        if len(outcomes) == 1:
            return self.line(outcomes[0], span)
        parts = []
        for outcome, label in zip(outcomes, labels, strict=True):
            inner = self.line(outcome, span)
            parts.append(Line("record", inner.mark, label, None, inner.seen, inner.parts))
        mark: Mark = "holds" if all(each.holds for each in outcomes) else "fails"
        return Line(_kind(outcomes[0].rule), mark, words.written(span, self.sources), span, (), tuple(parts))


def _spared(ban: model.Freeze | model.Window) -> str:
    return f"; spares {words.listed(ban.spares)}" if ban.spares else ""


def _mark(outcome: Outcome) -> Mark:
    if outcome.holds:
        return "holds"
    match outcome.rule:
        case model.RollbackPlan() | model.ConfigurationHas():
            return "fails"  # that a proposal does not state something is certain
        case model.Healthy() if all(each.since is not None for each in outcome.seen if each.problem):
            return "fails"  # something was observed, and it does not do
        case _:
            return "unknown" if outcome.unknown else "fails"


def _kind(rule: Any) -> str:
    """The class of a rule as a word: `PersonIn` is `person-in`."""
    name = type(rule).__name__
    return "".join(f"-{each.lower()}" if each.isupper() else each for each in name).lstrip("-")
