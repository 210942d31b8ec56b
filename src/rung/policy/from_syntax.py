"""Defines `policy_from_syntax`: tree → model. The only producer of models.

Names first, in any order; then every statement is resolved and typed by itself, so that all
mistakes of a policy are found, each once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar, assert_never

from rung.diagnostics import Diagnostic
from rung.policy import bans_from_syntax as bans
from rung.policy import composition, declarations, errors, model, properties
from rung.policy import routes_from_syntax as routes
from rung.policy.scope import Scope
from rung.syntax import tree

Built = TypeVar("Built")


class Resolved(NamedTuple):
    """The model, or None when there are mistakes."""

    policy: model.Policy | None
    mistakes: tuple[Diagnostic, ...]


def policy_from_syntax(file: tree.PolicyFile, baselines: Sequence[tree.PolicyFile] = ()) -> Resolved:
    """Resolve and type a policy with the baselines that it uses, each before the files that use it."""
    files = [*baselines, file]
    statements = [statement for each in files for statement in each.statements]
    scope = Scope(
        broken=frozenset().union(*(each.broken for each in files)),
        files=composition.used(file, baselines),
        opened=composition.opened(statements),
    )
    persons = declarations.declare(statements, scope)
    groups = declarations.groups(scope)
    gates = {name: routes.gate(node, scope) for name, node in scope.gates.items()}
    constraints = [
        composition.constraint(each, scope) for each in statements if isinstance(each, tree.Constraint)
    ]
    built: dict[type, list[object]] = {}
    for statement in statements:
        made = _rule(statement, scope, constraints)
        built.setdefault(type(made), []).append(made)
    maintenance = tuple(
        bans.maintenance(each, scope) for each in statements if isinstance(each, tree.Maintenance)
    )
    environments = declarations.environments(scope)
    health_age = composition.health_age(statements, scope)
    composition.check(statements, scope)
    declarations.unique_names(statements, scope)
    declarations.acyclic_gates(gates, scope)
    if not scope.broken and not scope.mistakes:
        _complete(file, statements, scope)
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
            strategies=of(model.Strategy),
            acts=of(model.Act),
            maintenance=maintenance,
            singles=of(model.Single),
            parities=of(model.Parity),
            keys=of(model.Keys),
            properties=of(model.NamedProperty) + of(model.FormulaProperty),
            health_age=health_age,
            constraints=tuple(constraints),
            opens=frozenset((kind, name) for _, kind, name in scope.opened),
            is_baseline=composition.is_baseline(file),
            span=file.span,
        ),
        (),
    )


def _rule(statement: tree.Statement, scope: Scope, constraints: Sequence[model.Constraint]) -> object | None:
    """What a statement says, None for declarations and what the composition has used up."""
    match statement:
        case tree.Route():
            return routes.route(statement, scope, constraints)
        case tree.Act():
            return routes.act(statement, scope)
        case tree.Strategy():
            return routes.strategy(statement, scope)
        case tree.Freeze():
            return bans.freeze(statement, scope)
        case tree.Window():
            return bans.window(statement, scope)
        case tree.Deny():
            return bans.deny(statement, scope)
        case tree.Waive():
            return bans.waiver(statement, scope)
        case tree.Single():
            return bans.single(statement, scope)
        case tree.Parity():
            return bans.parity(statement, scope)
        case tree.Keys():
            return bans.keys(statement, scope)
        case tree.ProveNamed():
            return properties.named(statement, scope)
        case tree.ProveFormula():
            return properties.formula(statement, scope)
        case (
            tree.Environment()
            | tree.Group()
            | tree.Person()
            | tree.Evidence()
            | tree.Parameter()
            | tree.Gate()
            | tree.Health()
            | tree.Maintenance()
            | tree.Use()
            | tree.Setting()
            | tree.Constraint()
            | tree.Open()
            | tree.Extension()
        ):
            return None
        case _:
            assert_never(statement)


def _complete(file: tree.PolicyFile, statements: Sequence[tree.Statement], scope: Scope) -> None:
    if not scope.environments:
        hint = "add one, such as `environment prod`"
        scope.report(errors.missing_declaration(file.name.span, "the policy has no environment", hint))
    elif not composition.is_baseline(file) and not any(isinstance(each, tree.Route) for each in statements):
        first = next(iter(scope.environments))
        hint = f"add one, such as `admit build -> {first} {{ … }}`"
        message = "the policy has no route, so it allows nothing"
        scope.report(errors.missing_declaration(file.name.span, message, hint))
