"""Defines how gates, routes, obligations and rollouts are resolved: tree → model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rung.policy import errors, model
from rung.policy.conditions_from_syntax import condition
from rung.policy.scope import Scope, head
from rung.policy.types import SCALE, parse_percent
from rung.policy.values_from_syntax import Place, duration
from rung.syntax import tree

WHOLE = 100 * SCALE  # 100%


def requirements(
    members: Iterable[tree.Need | tree.Require | tree.Owes], scope: Scope, place: Place
) -> tuple[model.Requirement, ...]:
    found = []
    for member in members:
        if isinstance(member, tree.Require):
            for node in member.conditions:
                made = condition(node, scope, place)
                if made is not None:
                    found.append(model.Requirement(made, node.span))
    return tuple(found)


def gate(node: tree.Gate, scope: Scope) -> model.Gate:
    needs: dict[str, model.Need] = {}
    unknown: set[str] = set()
    for member in node.members:
        if not isinstance(member, tree.Need):
            continue
        name = member.evidence.text
        if not scope.known("evidence", member.evidence, scope.evidence):
            unknown.add(name)
        elif name in needs:
            first = needs[name].span
            scope.report(errors.duplicate_name(member.evidence.span, "evidence", name, first, "needed twice"))
        else:
            needs[name] = model.Need(
                name, _need_place(member, scope), duration(member.age, scope), member.span
            )
    place = Place("gate", frozenset(needs) | unknown | scope.broken)
    title = node.title.text if node.title else ""
    controls = scope.distinct("control", [tree.Name(text.text, text.span) for text in node.controls])
    required = requirements(node.members, scope, place)
    return model.Gate(node.name.text, title, controls, tuple(needs.values()), required, head(node))


def _need_place(node: tree.Need, scope: Scope) -> str | None:
    about = scope.evidence[node.evidence.text].about
    if node.place is None:
        if about == "environment":
            hint = f"write `needs {node.evidence.text} in source`, `in target`, or name the environment"
            message = f"`{node.evidence.text}` is about an environment, and the need does not say which"
            scope.report(errors.type_mismatch(node.span, message, hint))
        return None
    if about != "environment":
        message = f"`{node.evidence.text}` is about a {about}, not about an environment"
        scope.report(errors.type_mismatch(node.place.span, message, "leave out `in …`"))
        return None
    if node.place.text not in ("source", "target"):
        scope.known("environment", node.place, scope.environments)
    return node.place.text


def gates_in(condition: model.Condition) -> Iterable[str]:
    """The gates that a condition requires."""
    match condition:
        case model.GateHolds(gate):
            yield gate
        case model.And(operands) | model.Or(operands):
            for each in operands:
                yield from gates_in(each)
        case model.Implies(_, conclusion):
            yield from gates_in(conclusion)
        case _:
            return


def sources(node: tree.Sources, scope: Scope) -> model.Sources | None:
    names = scope.environment_names(node.names)
    if not names:
        return None
    match node.kind:
        case "all":
            count = len(names)
        case "at least":
            assert node.count is not None
            count = int(node.count.text) if len(node.count.text) < 10 else 10**9
            if not 1 <= count <= len(node.names):
                message = f"at least {node.count.text} of {len(node.names)} environments can never be"
                hint = f"between 1 and {len(node.names)}"
                scope.report(errors.number_out_of_range(node.count.span, message, hint))
        case _:
            count = 1
    return model.Sources(names, count, node.span)


def route(node: tree.Route, scope: Scope, constraints: Sequence[model.Constraint]) -> model.Route | None:
    known = scope.known("environment", node.target, scope.environments)
    origin = None if node.sources is None else sources(node.sources, scope)
    if origin is not None and node.target.text in origin.names:
        scope.report(errors.self_route(node.target.span, node.target.text))
    within = _within(node, scope)
    required = requirements(node.members, scope, Place("route"))
    owed = [member for member in node.members if isinstance(member, tree.Owes)]
    scope.distinct("obligation", [each.name for each in owed])
    obligations = tuple(_obligation(each, scope) for each in owed)
    if not known:
        return None
    span = node.span.to(node.target.span)
    lane = next(lane for lane in model.LANES if lane == node.lane)
    bound = [
        requirement
        for constraint in constraints
        if node.target.text in constraint.places and lane not in constraint.exempt
        for requirement in constraint.requirements
    ]
    return model.Route(lane, origin, node.target.text, within, (*required, *bound), obligations, span)


def _within(node: tree.Route, scope: Scope) -> int:
    """How many releases a rollback may go back; 0 for other lanes."""
    if node.within is None:
        return 0
    target = scope.environments.get(node.target.text)
    if target is not None and target.forward_only:
        scope.report(errors.forward_only_rollback(node.target.span, node.target.text, head(target)))
    within = int(node.within.text) if len(node.within.text) < 10 else 0
    if not 1 <= within <= 1000:
        message = f"a rollback within {node.within.text} releases has no meaning"
        scope.report(errors.number_out_of_range(node.within.span, message, "between 1 and 1000"))
    return within


def _obligation(node: tree.Owes, scope: Scope) -> model.Obligation:
    required = requirements(node.members, scope, Place("route"))
    return model.Obligation(node.name.text, duration(node.within, scope) or 0, required, head(node))


# ---------------------------------------------------------------- rollouts


def act(node: tree.Act, scope: Scope) -> model.Act | None:
    required = requirements(node.members, scope, Place("route"))
    if not scope.known("environment", node.target, scope.environments):
        return None
    return model.Act(node.action, node.target.text, required, node.span.to(node.target.span))


MEMBERS: dict[str, type[tree.Step] | type[tree.Limit] | type[tree.Keep] | None] = {
    "canary": tree.Step,
    "rolling": tree.Limit,
    "blue_green": tree.Keep,
    "atomic": None,
}
DESCRIBED = {tree.Step: "steps", tree.Limit: "`max unavailable`", tree.Keep: "`keep`"}


def strategy(node: tree.Strategy, scope: Scope) -> model.Strategy | None:
    places = scope.places(node.places)
    if not scope.known("strategy", node.kind, model.STRATEGIES):
        return None
    kind = node.kind.text
    wanted = MEMBERS[kind]
    for member in node.members:
        if type(member) is not wanted:
            takes = f"no {DESCRIBED[type(member)]}" if wanted is None else DESCRIBED[wanted]
            scope.report(errors.strategy_mismatch(member.span, f"the strategy `{kind}` takes {takes}"))
    fitting = [member for member in node.members if type(member) is wanted]
    steps = tuple(_step(member, scope) for member in fitting if isinstance(member, tree.Step))
    if kind == "canary":
        if len(fitting) == len(node.members):
            _growing(node, steps, scope)
    elif len(fitting) > 1:
        scope.report(errors.strategy_mismatch(fitting[1].span, "this is said twice"))
    limits = [_share(member.share, scope) for member in fitting if isinstance(member, tree.Limit)]
    keeps = [duration(member.duration, scope) or 0 for member in fitting if isinstance(member, tree.Keep)]
    return model.Strategy(
        kind,
        places,
        steps,
        limits[0] if limits else None,
        keeps[0] if keeps else 0,
        node.span.to(node.kind.span),
    )


def _share(node: tree.Literal, scope: Scope) -> int:
    """The share, or 0 where it is reported to be none."""
    share = parse_percent(node.text)
    if share is None or not 0 < share <= WHOLE:
        scope.report(errors.number_out_of_range(node.span, "a share is more than 0% and at most 100%"))
        return 0
    return share


def _step(node: tree.Step, scope: Scope) -> model.Step:
    required = requirements(node.members, scope, Place("route"))
    return model.Step(_share(node.share, scope), duration(node.hold, scope) or 0, required, node.span)


def _growing(node: tree.Strategy, steps: tuple[model.Step, ...], scope: Scope) -> None:
    for before, after in pairwise(steps):
        if 0 < after.share <= before.share:
            scope.report(errors.strategy_mismatch(after.span, "the steps of a canary grow"))
    if not steps or steps[-1].share not in (0, WHOLE):
        span = steps[-1].span if steps else node.kind.span
        scope.report(errors.strategy_mismatch(span, "the last step of a canary is 100%"))
    elif steps[-1].hold or steps[-1].requirements:
        message = "nothing comes after the last step, so it cannot hold or require anything"
        scope.report(errors.strategy_mismatch(steps[-1].span, message))
