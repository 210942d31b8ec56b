"""Defines `policy_from_syntax`: tree → model. The only producer of models.

Names first, in any order; then every statement is resolved and typed by itself, so that all
mistakes of a file are found, each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar, assert_never

from rung.diagnostics import Diagnostic, Span
from rung.policy import errors, model, moments, properties
from rung.policy.expressions_from_syntax import HINTS, Place, condition, duration, operand
from rung.policy.scope import Scope
from rung.policy.types import EnumType, SetType
from rung.syntax import tree

Built = TypeVar("Built")


class Resolved(NamedTuple):
    """The model, or None when there are mistakes."""

    policy: model.Policy | None
    mistakes: tuple[Diagnostic, ...]


def policy_from_syntax(file: tree.PolicyFile) -> Resolved:
    """Resolve and type a policy whose file was read."""
    scope = Scope(file.broken)
    persons = _declare(file, scope)
    groups = _groups(scope)
    gates = {name: _gate(node, scope) for name, node in scope.gates.items()}
    built: dict[type, list[object]] = {}
    health_age = model.DEFAULT_HEALTH_AGE
    for statement in file.statements:
        match statement:
            case (
                tree.Environment()
                | tree.Group()
                | tree.Person()
                | tree.Evidence()
                | tree.Parameter()
                | tree.Gate()
            ):
                continue  # declared above
            case tree.Health(age):
                health_age = duration(age, scope) or health_age
                continue
            case tree.Route():
                made: object = _route(statement, scope)
            case tree.Freeze():
                made = _freeze(statement, scope)
            case tree.Window():
                made = _window(statement, scope)
            case tree.Deny():
                made = _deny(statement, scope)
            case tree.Waive():
                made = _waiver(statement, scope)
            case tree.ProveNamed():
                made = properties.named(statement, scope)
            case tree.ProveFormula():
                made = properties.formula(statement, scope)
            case _:
                assert_never(statement)
        built.setdefault(type(made), []).append(made)
    environments = _environments(scope)
    _unique_names(file, scope)
    _acyclic_gates(gates, scope)
    if not file.broken and not scope.mistakes:
        _complete(file, scope)
    if scope.mistakes:
        return Resolved(None, tuple(sorted(scope.mistakes, key=lambda mistake: mistake.span or file.span)))

    def of(kind: type[Built]) -> tuple[Built, ...]:
        return tuple(each for each in built.get(kind, ()) if isinstance(each, kind))

    return Resolved(
        model.Policy(
            name=file.name.text,
            environments=environments,
            persons=persons,
            groups=groups,
            evidence=scope.evidence,
            parameters=scope.parameters,
            gates=gates,
            routes=of(model.Route),
            freezes=of(model.Freeze),
            windows=of(model.Window),
            denies=of(model.Deny),
            waivers=of(model.Waiver),
            properties=of(model.NamedProperty) + of(model.FormulaProperty),
            health_age=health_age,
            span=file.span,
        ),
        (),
    )


def _complete(file: tree.PolicyFile, scope: Scope) -> None:
    if not scope.environments:
        hint = "add one, such as `environment prod`"
        scope.report(errors.missing_declaration(file.name.span, "the policy has no environment", hint))
    elif not any(isinstance(statement, tree.Route) for statement in file.statements):
        first = next(iter(scope.environments))
        hint = f"add one, such as `admit build -> {first} {{ … }}`"
        scope.report(
            errors.missing_declaration(file.name.span, "the policy has no route, so it allows nothing", hint)
        )


# ---------------------------------------------------------------- declarations


def _declare(file: tree.PolicyFile, scope: Scope) -> tuple[model.Person, ...]:
    """Enter every declared name; evidence and parameters are complete after this."""
    persons: list[tree.Person] = []
    for statement in file.statements:
        match statement:
            case tree.Environment():
                scope.declare(scope.environments, "environment", statement)
            case tree.Group():
                scope.declare(scope.groups, "group", statement)
            case tree.Gate():
                scope.declare(scope.gates, "gate", statement)
            case tree.Person():
                persons.append(statement)
            case _:
                pass
    scope.environment_type = EnumType(tuple(scope.environments), "environment")
    for statement in file.statements:
        if isinstance(statement, tree.Evidence):
            _evidence(statement, scope)
        elif isinstance(statement, tree.Parameter):
            _parameter(statement, scope)
    _one_meaning(scope)
    return _persons(persons, scope)


def _one_meaning(scope: Scope) -> None:
    """A name that an expression may use stands for one thing."""
    seen: dict[str, tuple[str, Span]] = {}
    tables: tuple[tuple[str, Mapping[str, object]], ...] = (
        ("parameter", scope.parameters),
        ("gate", scope.gates),
        ("evidence", scope.evidence),
        ("group", scope.groups),
    )
    for kind, table in tables:
        for name, node in table.items():
            span = node.name.span if isinstance(node, tree.Gate | tree.Group) else getattr(node, "span", None)
            assert isinstance(span, Span)
            if name in seen:
                first_kind, first = seen[name]
                scope.report(errors.duplicate_name(span, f"{first_kind} and {kind}", name, first))
            seen.setdefault(name, (kind, span))


def _persons(nodes: list[tree.Person], scope: Scope) -> tuple[model.Person, ...]:
    claimed: dict[str, Span] = {}
    persons = []
    for node in nodes:
        accounts = scope.distinct("account", [tree.Name(text.text, text.span) for text in node.accounts])
        for text in (node.id, *node.accounts):
            first = claimed.setdefault(text.text, text.span)
            if not node.span.start <= first.start < node.span.end:
                scope.report(errors.conflicting_account(text.span, text.text, first))
        persons.append(model.Person(node.id.text, accounts, node.span))
    return tuple(persons)


def _environments(scope: Scope) -> dict[str, model.Environment]:
    built = {}
    for name, node in scope.environments.items():
        after = None if node.after is None else _sources(node.after, scope)
        if after is not None and name in after.names:
            scope.report(errors.self_route(node.name.span, name))
            after = None
        built[name] = model.Environment(name, after, node.span)
    edges = {
        name: environment.after.names if environment.after else () for name, environment in built.items()
    }
    for path in _cycles(edges):
        scope.report(
            errors.cyclic_declaration(
                scope.environments[path[0]].name.span, "the order of environments", path
            )
        )
    return built


def _groups(scope: Scope) -> dict[str, model.Group]:
    edges: dict[str, tuple[str, ...]] = {}
    for name, node in scope.groups.items():
        members = node.members or ()
        scope.distinct("member", [tree.Name(member.text, member.span) for member in members])
        inner = [member for member in members if isinstance(member, tree.Name)]
        known = [each for each in inner if scope.known("group", each, scope.groups)]
        for each in known:
            if scope.groups[each.text].members is None:
                hint = f"write `{{ {name}, {each.text} }}` where the groups are used"
                what = f"group `{each.text}`, whose members the facts supply,"
                scope.report(errors.misplaced_condition(each.span, what, "in a group that is listed", hint))
        edges[name] = tuple(each.text for each in known)
    cycles = list(_cycles(edges))
    for path in cycles:
        scope.report(errors.cyclic_declaration(scope.groups[path[0]].name.span, "the group", path))
    if cycles:
        return {}

    members_of: dict[str, frozenset[str]] = {}

    def resolve(name: str) -> frozenset[str]:
        if name not in members_of:
            own = {each.text for each in scope.groups[name].members or () if isinstance(each, tree.Text)}
            members_of[name] = frozenset(own.union(*(resolve(inner) for inner in edges[name])))
        return members_of[name]

    return {
        name: model.Group(name, None if node.members is None else resolve(name), node.span)
        for name, node in scope.groups.items()
    }


def _evidence(node: tree.Evidence, scope: Scope) -> None:
    taken = {name: each.span for name, each in scope.evidence.items()}
    if not scope.free("evidence", node.name, taken):
        return
    scope.known("subject of evidence", node.about, model.SUBJECTS)
    scope.distinct("field", [field.name for field in node.fields])
    fields = tuple((field.name.text, scope.type(field.type)) for field in node.fields)
    # A field of an unknown type is reported; it stays known by name so that its uses are not.
    typed = tuple((name, type if type is not None else EnumType(())) for name, type in fields)
    scope.evidence[node.name.text] = model.Evidence(
        node.name.text, node.about.text, node.once, typed, node.span
    )


def _parameter(node: tree.Parameter, scope: Scope) -> None:
    taken = {name: each.span for name, each in scope.parameters.items()}
    if not scope.free("parameter", node.name, taken):
        return
    type = scope.type(node.type)
    value = operand(node.value, scope, Place("route"), type)
    written = node.direction
    direction = None
    if written is not None and scope.known("direction", written, model.DIRECTIONS):
        direction = next(each for each in model.DIRECTIONS if each == written.text)
    if type is None or value is None:
        return
    if not isinstance(value, model.Constant) or value.type != type:
        message = f"parameter `{node.name.text}` is of type {type} and needs a plain value of it"
        scope.report(
            errors.type_mismatch(
                node.value.span, message, HINTS.get(type.element if isinstance(type, SetType) else type)
            )
        )
        return
    scope.parameters[node.name.text] = model.Parameter(
        node.name.text, type, value.value, direction, node.span
    )


def _unique_names(file: tree.PolicyFile, scope: Scope) -> None:
    """Freezes, windows, denies and waivers are named in verdicts, so each name stands once."""
    seen: dict[tuple[str, str], Span] = {}
    for statement in file.statements:
        match statement:
            case tree.Freeze(name) | tree.Window(name) | tree.Deny(name):
                key = (type(statement).__name__.lower(), name.text)
            case tree.Waive(id=name):
                key = ("waiver", name.text)
            case tree.ProveFormula(title=tree.Text() as name):
                key = ("property", name.text)
            case _:
                continue
        if key in seen:
            scope.report(errors.duplicate_name(name.span, *key, seen[key]))
        seen.setdefault(key, name.span)


def _cycles(edges: dict[str, tuple[str, ...]]) -> Iterable[list[str]]:
    """One path for each cycle that a walk in the order of declaration closes; no recursion."""
    state: dict[str, int] = {}  # 1 on the path, 2 done
    for root in edges:
        if root in state:
            continue
        path, pending = [root], [iter(edges[root])]
        state[root] = 1
        while path:
            following = next(pending[-1], None)
            if following is None:
                state[path.pop()] = 2
                pending.pop()
            elif following not in edges:
                continue
            elif state.get(following) == 1:
                yield [*path[path.index(following) :], following]
            elif following not in state:
                state[following] = 1
                path.append(following)
                pending.append(iter(edges[following]))


# ---------------------------------------------------------------- gates and routes


def _requirements(
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


def _gate(node: tree.Gate, scope: Scope) -> model.Gate:
    needs: dict[str, model.Need] = {}
    for member in node.members:
        if isinstance(member, tree.Need) and scope.known("evidence", member.evidence, scope.evidence):
            name = member.evidence.text
            if name in needs:
                scope.report(errors.duplicate_name(member.span, "need of", name, needs[name].span))
            else:
                needs[name] = model.Need(
                    name, _need_place(member, scope), duration(member.age, scope), member.span
                )
    place = Place("gate", frozenset(needs) | scope.broken)
    title = node.title.text if node.title else ""
    controls = scope.distinct("control", [tree.Name(text.text, text.span) for text in node.controls])
    requirements = _requirements(node.members, scope, place)
    return model.Gate(node.name.text, title, controls, tuple(needs.values()), requirements, node.span)


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


def _acyclic_gates(gates: dict[str, model.Gate], scope: Scope) -> None:
    edges = {
        name: tuple(gate for requirement in gate.requirements for gate in gates_in(requirement.condition))
        for name, gate in gates.items()
    }
    for path in _cycles(edges):
        scope.report(errors.cyclic_declaration(scope.gates[path[0]].name.span, "the gate", path))


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


def _sources(node: tree.Sources, scope: Scope) -> model.Sources | None:
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


def _route(node: tree.Route, scope: Scope) -> model.Route | None:
    known = scope.known("environment", node.target, scope.environments)
    sources = None if node.sources is None else _sources(node.sources, scope)
    if sources is not None and node.target.text in sources.names:
        scope.report(errors.self_route(node.span, node.target.text))
    within = 0
    if node.within is not None:
        within = int(node.within.text) if len(node.within.text) < 10 else 0
        if not 1 <= within <= 1000:
            message = f"a rollback within {node.within.text} releases has no meaning"
            scope.report(errors.number_out_of_range(node.within.span, message, "between 1 and 1000"))
    requirements = _requirements(node.members, scope, Place("route"))
    owed = [member for member in node.members if isinstance(member, tree.Owes)]
    scope.distinct("obligation", [each.name for each in owed])
    obligations = tuple(
        model.Obligation(
            each.name.text,
            duration(each.within, scope) or 0,
            _requirements(each.members, scope, Place("route")),
            each.span,
        )
        for each in owed
    )
    if not known:
        return None
    lane = next(lane for lane in model.LANES if lane == node.lane)
    return model.Route(lane, sources, node.target.text, within, requirements, obligations, node.span)


# ---------------------------------------------------------------- times and bans


def _moment(node: tree.Moment, zone: tree.Text | None, scope: Scope) -> int | None:
    """UTC seconds of a local time; None, and reported, where there is no such time."""
    name = zone.text if zone is not None else "UTC"
    where = moments.zone(name)
    if where is None:
        return None  # the zone itself is reported once, by its statement
    local = moments.local_datetime(node.date, node.clock)
    if local is None:
        written = node.date + (f" {node.clock}" if node.clock else "")
        scope.report(
            errors.malformed_literal(node.span, "time of the calendar", written, "like `2026-12-18 18:00`")
        )
        return None
    instants = moments.readings(local, where)
    if len(instants) == 2 and node.which is None:
        scope.report(errors.ambiguous_local_time(node.span, f"{local:%Y-%m-%d %H:%M}", name))
        return None
    return instants[-1] if node.which == "later" else instants[0]


def _zone(zone: tree.Text | None, scope: Scope) -> None:
    if zone is not None and moments.zone(zone.text) is None:
        scope.report(errors.unknown_time_zone(zone.span, zone.text, moments.zone_names()))


def _interval(
    begins: tree.Moment, ends: tree.Moment, zone: tree.Text | None, what: str, scope: Scope
) -> tuple[int, int]:
    _zone(zone, scope)
    first, last = _moment(begins, zone, scope), _moment(ends, zone, scope)
    if first is None or last is None:
        return 0, 0
    if last <= first:
        scope.report(errors.empty_interval(begins.span.to(ends.span), f"the {what} ends before it begins"))
    return first, last


def _ban_condition(node: tree.Expression | None, scope: Scope) -> model.Condition | None:
    # A ban allows where its condition is false, so the condition itself stands negatively.
    return None if node is None else condition(node, scope, Place("ban", positive=False))


def _freeze(node: tree.Freeze, scope: Scope) -> model.Freeze:
    begins, ends = _interval(node.begins, node.ends, node.zone, "freeze", scope)
    when = _ban_condition(node.when, scope)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return model.Freeze(node.name.text, places, begins, ends, spares, when, node.span)


def _window(node: tree.Window, scope: Scope) -> model.Window:
    _zone(node.zone, scope)
    slots = tuple(slot for each in node.slots if (slot := _slot(each, scope)) is not None)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return model.Window(node.name.text, places, slots, node.zone.text, spares, node.span)


def _slot(node: tree.Slot, scope: Scope) -> model.Slot | None:
    last = node.last or node.first
    if not all([scope.known("day", day, model.DAYS) for day in {node.first, last}]):
        return None
    times = []
    for clock in (node.opens, node.closes):
        minutes = moments.clock_minutes(clock.text)
        if minutes is None:
            scope.report(
                errors.malformed_literal(clock.span, "time of day", clock.text, "from `00:00` to `24:00`")
            )
            return None
        times.append(minutes)
    opens, closes = times
    if opens == closes or opens == moments.DAY_MINUTES:
        scope.report(errors.empty_interval(node.span, "the window closes when it opens"))
        return None
    first, final = model.DAYS.index(node.first.text), model.DAYS.index(last.text)
    days = frozenset((first + step) % 7 for step in range((final - first) % 7 + 1))
    return model.Slot(days, opens, closes if closes > opens else closes + moments.DAY_MINUTES, node.span)


def _deny(node: tree.Deny, scope: Scope) -> model.Deny | None:
    when = _ban_condition(node.when, scope)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return None if when is None else model.Deny(node.name.text, places, spares, when, node.span)


def _waiver(node: tree.Waive, scope: Scope) -> model.Waiver:
    scope.known("gate", node.gate, scope.gates)
    begins, ends = _interval(node.begins, node.ends, node.zone, "waiver", scope)
    places = scope.places(node.places)
    return model.Waiver(
        node.id.text, node.gate.text, places, node.approver.text, begins, ends, node.reason.text, node.span
    )
