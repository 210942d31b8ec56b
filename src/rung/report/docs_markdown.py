"""Defines a policy as a page in Markdown, for those who live under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rung.explain import hours, people, sentences
from rung.explain.sentences import Ink, listed, spoken
from rung.policy import model
from rung.policy.types import show_scaled, show_value
from rung.report.markdown import code, text


def page(policy: model.Policy, baselines: Sequence[str], now: int) -> str:
    """The page of a policy; `baselines` are the names of files, `now` (UTC seconds) dates clock changes."""
    blocks = list(_Page(policy, baselines, now).blocks())
    return "\n\n".join(blocks) + "\n"


class _Page:
    def __init__(self, policy: model.Policy, baselines: Sequence[str], now: int) -> None:
        self.policy = policy
        self.baselines = baselines
        self.now = now
        self.ink = Ink(code, self.gate)

    def blocks(self) -> Iterator[str]:
        """The blocks of the page, between which there are blank lines."""
        policy = self.policy
        yield f"# Releases under the policy “{text(policy.name)}”"
        yield "What is not said here to be allowed is denied."
        if self.baselines:
            files = listed(code(each) for each in self.baselines)
            yield f"It is bound by {files}, from which it may not loosen anything."
        for environment in policy.environments.values():
            yield from self.environment(environment)
        if policy.gates:
            yield "## Gates"
            for gate in policy.gates.values():
                yield from self.gate_section(gate)
        if policy.groups:
            yield "## Who can approve, and who is who"
            yield _bullets(self.groups())
        if policy.parameters:
            yield "## Parameters"
            yield _bullets(self.parameters())
        yield "## Health"
        yield f"Health that was last seen {spoken(policy.health_age)} ago or earlier says nothing about now."

    def gate(self, name: str) -> str:
        title = self.policy.gates[name].title
        return f"[{text(title) if title else code(name)}](#gate-{name})"

    # -- environments

    def environment(self, environment: model.Environment) -> Iterator[str]:
        name = environment.name
        routes = [route for route in self.policy.routes if route.target == name]
        after = environment.after
        order = "Nothing comes before it." if after is None else f"It comes after {self.sources(after)}."
        if environment.forward_only:
            order += " Nothing is ever rolled back there."
        yield f"## Getting to {code(name)}"
        yield f"{order} " + (f"To get to {code(name)} you need" if routes else "There is no way into it.")
        for index, route in enumerate(routes):
            yield f"### {'or ' if index else ''}{self.way(route)}"
            yield _bullets([*self.entry(route), *self.required(route.requirements)])
            yield from self.owed(route)
        standing = [*self.standing(name), *self.bans(name)]
        if standing:
            yield f"### Whatever the way into {code(name)}"
            yield _bullets(standing)
        acts = [act for act in self.policy.acts if act.target == name]
        for act in acts:
            yield f"### {self.act(act)}"
            yield _bullets([*self.next_step(act), *self.required(act.requirements)])

    def sources(self, found: model.Sources) -> str:
        return sentences.sources(found, self.ink)

    def way(self, route: model.Route) -> str:
        noun = sentences.LANE_NOUNS[route.lane]
        if route.lane == "admit":
            return f"{noun} of a new build"
        return noun if route.sources is None else f"{noun} from {self.sources(route.sources)}"

    def entry(self, route: model.Route) -> Iterator[str]:
        """What the lane itself asks."""
        match route.lane:
            case "admit":
                yield "it comes from the build, and from nowhere else"
            case "promote":
                yield f"the release has earned health in {self.from_(route)}"
            case "hotfix":
                yield f"the release was deployed in {self.from_(route)}"
            case _:
                last = f"one of the last {route.within} releases" if route.within > 1 else "the release"
                yield f"it is {last} before the one that runs"
                yield "it earned health here, and was not marked bad since"

    def from_(self, route: model.Route) -> str:
        assert route.sources is not None, "the grammar gives sources to promote and hotfix"
        return self.sources(route.sources)

    def required(self, requirements: Iterable[model.Requirement]) -> list[str]:
        return [sentences.condition(each.condition, self.ink) for each in requirements]

    def owed(self, route: model.Route) -> Iterator[str]:
        if not route.obligations:
            return
        yield "Afterwards it owes:"
        yield _bullets(
            f"{code(each.name)} within {spoken(each.seconds)}: " + "; ".join(self.required(each.requirements))
            for each in route.obligations
        )

    def act(self, act: model.Act) -> str:
        target = code(act.target)
        return {
            "advance": f"To take a rollout in {target} to its next step you need",
            "switch": f"To switch {target} to the idle side you need",
            "expose": f"To show a feature to users in {target} you need",
        }[act.action]

    def next_step(self, act: model.Act) -> Iterator[str]:
        match act.action:
            case "expose":
                yield "the release runs there"
            case "switch":
                yield "the idle side has the release"
            case _:
                yield "a rollout of the release is under way, and its step has lasted as long as it must"

    # -- what stands whatever the way

    def standing(self, place: str) -> Iterator[str]:
        """The rules that ask for something; none of them ever keeps a rollback waiting."""
        policy, ink = self.policy, self.ink
        for strategy in policy.strategies:
            if place in strategy.places:
                yield from self.strategy(strategy)
        for window in policy.maintenance:
            if place in window.places:
                yield f"maintenance {text(window.name)} is {self.slots(window)}"
        for single in policy.singles:
            if place in single.places:
                yield f"no other rollout is under way{self.but((*single.spares, 'rollback'))}"
        for parity in policy.parities:
            if place in parity.places:
                facets = listed(map(code, parity.facets))
                where = listed(map(code, parity.places))
                same = f"{facets} are the same in {where}, now and when it was validated"
                yield same + self.but((*parity.spares, "rollback"))
        for keys in policy.keys:
            if place in keys.places:
                has = sentences.condition(model.ConfigurationHas(keys.keys, keys.span), ink)
                yield has + self.but((*keys.spares, "rollback"))
        if any(route.target == place and route.obligations for route in policy.routes):
            yield "nothing that is owed here is overdue (a promotion waits for it, other lanes do not)"

    def strategy(self, strategy: model.Strategy) -> Iterator[str]:
        match strategy.kind:
            case "rolling":
                most = strategy.max_unavailable
                limit = "" if most is None else f": at most {show_scaled(most)}% of the nodes at a time"
                yield f"a rolling update replaces some nodes at a time{limit}"
            case "canary":
                yield "a canary grows by steps: " + ", ".join(map(self.step, strategy.steps))
            case "blue_green":
                kept = f", and the old side is kept for {spoken(strategy.keep)}" if strategy.keep else ""
                yield f"in a blue/green rollout the idle side gets the release before the switch{kept}"
            case _:
                yield "all at once is for maintenance only, and for who holds a lock"

    def step(self, step: model.Step) -> str:
        hold = f" for {spoken(step.hold)}" if step.hold else ""
        required = self.required(step.requirements)
        return f"{show_scaled(step.share)}%{hold}" + (f" (then {listed(required)})" if required else "")

    def bans(self, place: str) -> Iterator[str]:
        policy = self.policy
        for freeze in policy.freezes:
            if place in freeze.places:
                when = "" if freeze.when is None else f", when {sentences.condition(freeze.when, self.ink)}"
                ends = [hours.both_clocks(each, freeze.zone) for each in (freeze.begins, freeze.ends)]
                frozen = f"**frozen**, {text(freeze.name)}: from {ends[0]} to {ends[1]}{when}"
                yield frozen + self.but(freeze.spares)
        for window in policy.windows:
            if place in window.places:
                yield f"**only** {self.slots(window)}, {text(window.name)}{self.but(window.spares)}"
        for deny in policy.denies:
            if place in deny.places:
                when = sentences.condition(deny.when, self.ink)
                yield f"**never**, {text(deny.name)}: when {when}{self.but(deny.spares)}"
        for waiver in policy.waivers:
            if place in waiver.places:
                ends = [hours.utc(each) for each in (waiver.begins, waiver.ends)]
                yield (
                    f"{self.gate(waiver.gate)} is waived from {ends[0]} to {ends[1]} as {code(waiver.id)} "
                    f"by {code(waiver.approver)}: {text(waiver.reason)}"
                )

    def slots(self, window: model.Window) -> str:
        return "; ".join(text(each) for each in hours.slots(window, self.now))

    def but(self, spares: Sequence[str]) -> str:
        """The lanes that a rule spares."""
        lanes = [lane for lane in model.LANES if lane in spares]
        return (
            f" (not for {listed(f'{lane}s' if lane != 'hotfix' else 'hotfixes' for lane in lanes)})"
            if lanes
            else ""
        )

    # -- gates, people, parameters

    def gate_section(self, gate: model.Gate) -> Iterator[str]:
        yield f'<a id="gate-{gate.name}"></a>\n\n### {text(gate.title) or code(gate.name)}'
        controls = f" Controls: {text(', '.join(gate.controls))}." if gate.controls else ""
        yield f"{code(gate.name)} holds when all of this does.{controls}"
        needs = [sentences.need(each, self.policy.evidence[each.evidence], self.ink) for each in gate.needs]
        yield _bullets([*needs, *self.required(gate.requirements)])

    def groups(self) -> Iterator[str]:
        asked = people.asked(self.policy)
        accounts = {person.id: person.accounts for person in self.policy.persons}
        for group in self.policy.groups.values():
            if group.members is None:
                yield f"{code(group.name)}: as the directory has it" + self.approves(asked, group)
                continue
            members = [
                code(each) + (f" ({listed(map(code, accounts[each]))})" if accounts.get(each) else "")
                for each in sorted(group.members)
            ]
            yield f"{code(group.name)}: {listed(members) if members else 'nobody'}" + self.approves(
                asked, group
            )

    def approves(self, asked: people.Asked, group: model.Group) -> str:
        """What the members of a group are asked for, and where."""
        said = [
            f"they {verb} what gets to {listed(map(code, places))}"
            for kind, verb in (("approval", "approve"), ("review", "review"))
            if (places := asked.get((group.name, kind)))
        ]
        return "".join(f"; {each}" for each in said)

    def parameters(self) -> Iterator[str]:
        for each in self.policy.parameters.values():
            may = f", which may only {each.direction}" if each.direction else ""
            yield f"{code(each.name)} is {code(show_value(each.type, each.value))}{may}"


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items) or "- nothing more"
