"""Defines how a file and the baselines that it uses become one policy: composition only tightens.

What a file declares it owns. A file that uses it may add routes, which its constraints bind, and
bans; it may change nothing else, unless the owner says so with `open` or `may only`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rung.diagnostics import Span
from rung.policy import errors, model
from rung.policy.conditions_from_syntax import condition
from rung.policy.files import name_beside
from rung.policy.operators import ORDERED
from rung.policy.scope import Scope, head
from rung.policy.types import Type
from rung.policy.values_from_syntax import Place, duration, fixed
from rung.syntax import tree


def used(policy: tree.PolicyFile, baselines: Iterable[tree.PolicyFile]) -> dict[str, frozenset[str]]:
    """For each file those that it uses, by itself or through others; they come first."""
    found: dict[str, frozenset[str]] = {}
    for file in baselines:
        own = {
            name_beside(file.span.file, each.path.text)
            for each in file.statements
            if isinstance(each, tree.Use)
        }
        found[file.span.file] = frozenset(own).union(*(found.get(each, ()) for each in own))
    return found | {policy.span.file: frozenset(found)}


def constraint(node: tree.Constraint, scope: Scope) -> model.Constraint:
    made = [(condition(each, scope, Place("route")), each.span) for each in node.require.conditions]
    requirements = tuple(model.Requirement(found, span) for found, span in made if found is not None)
    return model.Constraint(scope.places(node.places), scope.lanes(node.exempt), requirements, node.span)


def opened(statements: Iterable[tree.Statement]) -> frozenset[tuple[str, str, str]]:
    """What is open to files that use it: the file that says so, the kind, and the name (none for persons)."""
    return frozenset(
        (statement.span.file, statement.kind, name)
        for statement in statements
        if isinstance(statement, tree.Open)
        for name in ([each.text for each in statement.names] or [""])
    )


def is_baseline(file: tree.PolicyFile) -> bool:
    """Whether a file is written for others to use: it binds their routes, or says what they may change."""
    return any(
        isinstance(each, tree.Constraint | tree.Open)
        or (isinstance(each, tree.Parameter) and each.direction is not None)
        for each in file.statements
    )


def apply_settings(statements: Iterable[tree.Statement], scope: Scope) -> None:
    """Give parameters of baselines the values that using files set, in the direction allowed."""
    seen: dict[tuple[str, str], Span] = {}  # each file on the way may tighten once more
    for node in statements:
        if not isinstance(node, tree.Setting):
            continue
        name = node.name.text
        if not scope.known("parameter", node.name, scope.parameters):
            continue
        first = seen.setdefault((node.span.file, name), node.name.span)
        if first is not node.name.span:
            scope.report(errors.duplicate_name(node.name.span, "parameter", name, first, "set twice"))
            continue
        changed = _set(node, scope.parameters[name], scope)
        if changed is not None:
            scope.parameters[name] = changed


def _set(node: tree.Setting, parameter: model.Parameter, scope: Scope) -> model.Parameter | None:
    if parameter.span.file == node.span.file:
        scope.report(errors.own_declaration(head(node), f"parameter `{parameter.name}`", parameter.span))
        return None
    value = fixed(node.value, f"parameter `{parameter.name}`", parameter.type, scope)
    if value is None:
        return None
    if parameter.direction is None:
        scope.report(errors.not_open(head(node), f"parameter `{parameter.name}`", parameter.span))
        return None
    if not _tighter(value.value, parameter):
        scope.report(
            errors.loosened_parameter(node.value.span, parameter.name, parameter.direction, parameter.span)
        )
        return None
    return replace(parameter, value=value.value)


def _tighter(value: object, parameter: model.Parameter) -> bool:
    # A direction stands only at a parameter of an ordered type, whose values compare.
    old, new = parameter.value, value
    return new >= old if parameter.direction == "rise" else new <= old  # type: ignore[operator]  # of one ordered type


def direction(node: tree.Parameter, type: Type | None, scope: Scope) -> model.Direction | None:
    """The direction in which a parameter may be set; only what is ordered can rise or fall."""
    written = node.direction
    if written is None or not scope.known("direction", written, model.DIRECTIONS):
        return None
    if type is not None and type not in ORDERED:
        message = f"values of {type} have no order in which they could {written.text}"
        scope.report(errors.type_mismatch(written.span, message))
    return next(each for each in model.DIRECTIONS if each == written.text)


def apply_extensions(statements: Iterable[tree.Statement], scope: Scope) -> None:
    """Add the members that using files bring to groups that are open."""
    for node in statements:
        if not isinstance(node, tree.Extension) or not scope.known("group", node.group, scope.groups):
            continue
        group = scope.groups[node.group.text]
        if group.span.file == node.span.file:
            scope.report(errors.own_declaration(node.group.span, f"group `{group.name.text}`", head(group)))
        elif group.members is None:
            hint = "whoever supplies the facts says who is in it"
            what = f"members of `{group.name.text}`, which the facts supply,"
            scope.report(errors.misplaced_condition(node.group.span, what, "in a policy", hint))
        elif not scope.is_open(group.span.file, "group", group.name.text):
            scope.report(errors.not_open(node.group.span, f"group `{group.name.text}`", head(group)))
        else:
            scope.groups[node.group.text] = replace(group, members=group.members + node.members)


def may_waive(node: tree.Waive, scope: Scope) -> None:
    gate = scope.gates[node.gate.text]
    if gate.span.file != node.span.file and not scope.is_open(gate.span.file, "gate", gate.name.text):
        scope.report(errors.not_open(node.gate.span, f"gate `{gate.name.text}`", head(gate)))


def health_age(statements: Iterable[tree.Statement], scope: Scope) -> int:
    """The age at which health is stale; a using file may lower it only."""
    age, said = model.DEFAULT_HEALTH_AGE, None
    for node in statements:
        if not isinstance(node, tree.Health):
            continue
        own = duration(node.age, scope) or age
        if said is not None and said.file == node.span.file:
            scope.report(errors.duplicate_name(node.span, "the age of", "health", said, "said twice"))
        elif own > age and (others := scope.bound_by(node.span.file)):
            owner = said or Span(others[0], 0, 0)  # a baseline that says nothing means the default
            scope.report(errors.loosened_parameter(node.span, "health", "fall", owner))
        age, said = own, node.span
    return age


def check(statements: Sequence[tree.Statement], scope: Scope) -> None:
    """What a using file may not write at all, and what it may open of its own only."""
    rules: dict[tuple[str, str, str], Span] = {}
    for node in statements:
        match node:
            case tree.Person(id):
                _person(node, id, scope)
            case tree.Open(kind, names) if kind != "persons":
                for name in names:
                    _opens(kind, name, scope)
            case tree.Act(action, target):
                if _own_place(f"`{action}`", target.text, node.span.to(target.span), scope):
                    _once(rules, (action, "rule", target.text), node.span.to(target.span), scope)
            case tree.Strategy(kind, places):
                for place in scope.places(places) if places.every else [each.text for each in places.names]:
                    _once(rules, (kind.text, "strategy", place), node.span.to(places.span), scope)
            case tree.Maintenance(_, places):
                for place in (
                    tuple(scope.environments) if places.every else [each.text for each in places.names]
                ):
                    _own_place("the maintenance", place, node.span, scope)
            case _:
                pass


def _own_place(what: str, place: str, span: Span, scope: Scope) -> bool:
    """What a baseline's constraints do not bind is for the owner of the environment to allow."""
    owner = scope.environments.get(place)
    if owner is not None and owner.span.file != span.file:
        scope.report(errors.not_open(span, f"{what} in `{place}`", owner.span))
        return False
    return True


def _person(node: tree.Person, id: tree.Text, scope: Scope) -> None:
    """Accounts decide who counts as an author, so only an owner of the people may join them."""
    closed = [file for file in scope.bound_by(node.span.file) if not scope.is_open(file, "persons", "")]
    if closed:
        span = node.span.to(id.span)
        scope.report(errors.not_open(span, f"who `{id.text}` is", Span(closed[0], 0, 0)))


def _opens(kind: str, name: tree.Name, scope: Scope) -> None:
    table = scope.gates if kind == "gate" else scope.groups
    if scope.known(kind, name, table) and table[name.text].span.file != name.span.file:
        scope.report(errors.not_open(name.span, f"{kind} `{name.text}`", head(table[name.text])))


def _once(
    rules: dict[tuple[str, str, str], Span], key: tuple[str, str, str], span: Span, scope: Scope
) -> None:
    if key not in rules:
        rules[key] = span
        return
    first = rules[key]
    if first.file == span.file:
        scope.report(errors.duplicate_name(span, f"the {key[1]} `{key[0]}` for", key[2], first))
    else:
        scope.report(errors.not_open(span, f"the {key[1]} `{key[0]}` for `{key[2]}`", first))
