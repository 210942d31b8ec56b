"""Defines how the names of a policy are declared: tree → scope, in any order and over several files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rung.diagnostics import Span
from rung.policy import composition, errors, model
from rung.policy.routes_from_syntax import gates_in, sources
from rung.policy.scope import Scope, head
from rung.policy.types import EnumType
from rung.policy.values_from_syntax import UNTYPED, fixed
from rung.syntax import tree


def declare(statements: Sequence[tree.Statement], scope: Scope) -> tuple[model.Person, ...]:
    """Enter every declared name; evidence and parameters are complete after this."""
    persons: list[tree.Person] = []
    for statement in statements:
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
    for statement in statements:
        if isinstance(statement, tree.Evidence):
            _evidence(statement, scope)
        elif isinstance(statement, tree.Parameter):
            _parameter(statement, scope)
    composition.apply_settings(statements, scope)
    composition.apply_extensions(statements, scope)
    _one_meaning(statements, scope)
    return _persons(persons, scope)


NAMED = {tree.Parameter: "a parameter", tree.Gate: "a gate", tree.Evidence: "evidence", tree.Group: "a group"}


def _one_meaning(statements: Iterable[tree.Statement], scope: Scope) -> None:
    """A name that an expression may use stands for one thing."""
    seen: dict[str, tuple[str, Span]] = {}
    for node in statements:
        if isinstance(node, tree.Parameter | tree.Gate | tree.Evidence | tree.Group):
            kind, name = NAMED[type(node)], node.name
            first_kind, first = seen.setdefault(name.text, (kind, name.span))
            if first_kind != kind:
                done = f"the name of {first_kind} already"
                scope.report(errors.duplicate_name(name.span, kind.split()[-1], name.text, first, done))


def _persons(nodes: list[tree.Person], scope: Scope) -> tuple[model.Person, ...]:
    claimed: dict[str, Span] = {}
    ids: set[Span] = set()
    persons = []
    for node in nodes:
        accounts = scope.distinct("account", [tree.Name(text.text, text.span) for text in node.accounts])
        for text in (node.id, *node.accounts):
            first = claimed.setdefault(text.text, text.span)
            if text is node.id and first in ids:
                scope.report(errors.duplicate_name(text.span, "person", text.text, first))
            elif first.file != node.span.file or not node.span.start <= first.start < node.span.end:
                scope.report(errors.conflicting_account(text.span, text.text, first))
        ids.add(node.id.span)
        persons.append(model.Person(node.id.text, accounts, node.span))
    return tuple(persons)


def environments(scope: Scope) -> dict[str, model.Environment]:
    built = {}
    for name, node in scope.environments.items():
        after = None if node.after is None else sources(node.after, scope)
        if after is not None and name in after.names:
            scope.report(errors.self_route(node.name.span, name, "is after"))
            after = None
        built[name] = model.Environment(name, after, node.forward_only, head(node))
    edges = {
        name: environment.after.names if environment.after else () for name, environment in built.items()
    }
    for path in cycles(edges):
        scope.report(
            errors.cyclic_declaration(
                scope.environments[path[0]].name.span, "the order of environments", path
            )
        )
    return built


def groups(scope: Scope) -> dict[str, model.Group]:
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
    found = list(cycles(edges))
    for path in found:
        scope.report(errors.cyclic_declaration(scope.groups[path[0]].name.span, "the group", path))
    if found:
        return {}

    built: dict[str, model.Group] = {}
    for name in _inner_first(edges):
        node = scope.groups[name]
        own = {each.text for each in node.members or () if isinstance(each, tree.Text)}
        everyone = frozenset(own.union(*(built[inner].members or () for inner in edges[name])))
        listed = None if node.members is None else everyone
        built[name] = model.Group(name, listed, edges[name], head(node))
    return {name: built[name] for name in scope.groups}


def _inner_first(edges: Mapping[str, Iterable[str]]) -> Iterable[str]:
    """The names of a graph without cycles, each after those that it leads to; no recursion."""
    done: set[str] = set()
    pending = list(edges)
    while pending:
        name = pending[-1]
        waiting = [] if name in done else [inner for inner in edges[name] if inner not in done]
        if waiting:
            pending += waiting
            continue
        pending.pop()
        if name not in done:
            done.add(name)
            yield name


def _evidence(node: tree.Evidence, scope: Scope) -> None:
    first = scope.evidence.get(node.name.text)
    if not scope.free("evidence", node.name, first.span if first else None):
        scope.lost(node.name)  # its uses may mean either declaration
        return
    scope.known("subject of evidence", node.about, model.SUBJECTS)
    scope.distinct("field", [field.name for field in node.fields])
    fields = tuple((field.name.text, scope.type(field.type)) for field in node.fields)
    typed = tuple((name, UNTYPED if type is None else type) for name, type in fields)
    scope.evidence[node.name.text] = model.Evidence(
        node.name.text, node.about.text, node.once, typed, head(node)
    )


def _parameter(node: tree.Parameter, scope: Scope) -> None:
    first = scope.parameters.get(node.name.text)
    if not scope.free("parameter", node.name, first.span if first else None):
        scope.lost(node.name)
        return
    type = scope.type(node.type)
    direction = composition.direction(node, type, scope)
    value = None if type is None else fixed(node.value, f"parameter `{node.name.text}`", type, scope)
    if type is None or value is None:
        scope.lost(node.name)
        return
    scope.parameters[node.name.text] = model.Parameter(
        node.name.text, type, value.value, direction, head(node)
    )


def unique_names(statements: Iterable[tree.Statement], scope: Scope) -> None:
    """Freezes, windows, denies and waivers are named in verdicts, so each name stands once."""
    seen: dict[tuple[str, str], Span] = {}
    for statement in statements:
        match statement:
            case tree.Freeze(name) | tree.Window(name) | tree.Deny(name) | tree.Maintenance(name):
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


def acyclic_gates(gates: dict[str, model.Gate], scope: Scope) -> None:
    edges = {
        name: tuple(gate for requirement in gate.requirements for gate in gates_in(requirement.condition))
        for name, gate in gates.items()
    }
    for path in cycles(edges):
        scope.report(errors.cyclic_declaration(scope.gates[path[0]].name.span, "the gate", path))


def cycles(edges: dict[str, tuple[str, ...]]) -> Iterable[list[str]]:
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
