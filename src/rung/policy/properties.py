"""Defines the library of properties, with the clauses that each takes, and reads `prove` statements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from rung.policy import errors, model
from rung.policy.conditions_from_syntax import condition
from rung.policy.scope import Scope, head
from rung.policy.values_from_syntax import Place
from rung.syntax import tree

Use = Literal["required", "optional", "none"]


@dataclass(frozen=True, slots=True)
class Signature:
    """The clauses of a property: `except` lanes, `on` environments, names in braces, a policy's path."""

    lanes: Use = "none"
    places: Use = "none"
    names: Use = "none"
    kind: Literal["role", "gate"] = "role"
    policy: Use = "none"


ROLES = ("author", "reviewer", "approver", "deployer")

LIBRARY: dict[str, Signature] = {
    "no-environment-skipped": Signature(lanes="optional"),
    "built-once": Signature(),
    "separation-of-duties": Signature(places="required", names="optional"),
    "every-gate-counted": Signature(places="required", names="required", kind="gate"),
    "strictness-rises": Signature(),
    "rollback-possible": Signature(places="required"),
    "responders-not-locked-out": Signature(places="required"),
    "hotfix-comes-home": Signature(),
    "expand-before-contract": Signature(places="optional"),
    "migrations-in-order": Signature(lanes="optional", places="optional"),
    "no-manual-change": Signature(places="required"),
    "parity-before-production": Signature(),
    "atomic-only-in-window": Signature(),
    "dormant-first": Signature(places="required"),
    "refines": Signature(policy="required"),
}


def named(node: tree.ProveNamed, scope: Scope) -> model.NamedProperty | None:
    """`prove NAME …` against the property's signature."""
    name = node.name.text
    signature = LIBRARY.get(name)
    if signature is None:
        scope.report(errors.unknown_property(node.name.span, name, LIBRARY))
        return None
    braces = "names in braces" if signature.names == "none" else f"{signature.kind}s in braces"
    clauses: tuple[tuple[Use, bool, str], ...] = (
        (signature.lanes, bool(node.lanes), "`except` with lanes"),
        (signature.places, node.places is not None, "`on` with environments"),
        (signature.names, bool(node.names), braces),
        (signature.policy, node.policy is not None, "the path of a policy"),
    )
    wrong = [f"needs {clause}" for use, written, clause in clauses if use == "required" and not written]
    wrong += [f"does not take {clause}" for use, written, clause in clauses if use == "none" and written]
    if wrong:
        scope.report(errors.property_clause(node.span, name, ", and ".join(wrong)))
    table: Collection[str] = scope.gates if signature.kind == "gate" else ROLES
    for each in node.names if signature.names != "none" else ():
        scope.known(signature.kind, each, table)
    return model.NamedProperty(
        name,
        scope.lanes(node.lanes),
        scope.places(node.places) if node.places else (),
        scope.distinct(signature.kind, node.names),
        node.policy.text if node.policy else None,
        node.span,
    )


def formula(node: tree.ProveFormula, scope: Scope) -> model.FormulaProperty | None:
    """`prove "title": …`, its variables resolved and its claim typed."""
    quantifiers = []
    lost: list[tuple[str, str]] = []
    for each in node.quantifiers:
        made = _quantifier(each, scope)
        if made is not None:
            quantifiers.append(made)
        else:  # its uses may be of any kind
            lost += [(each.variable.text, kind) for kind in ("environment", "gate", "group")]
    scope.distinct("variable", [each.variable for each in node.quantifiers])
    variables = (*((each.variable, each.kind) for each in quantifiers), *lost)
    claim = condition(node.claim, scope, Place("property", variables=variables))
    if claim is None:
        return None
    modality = next(each for each in model.MODALITIES if each == node.modality)
    title = node.title.text if node.title else "possible"
    return model.FormulaProperty(title, tuple(quantifiers), modality, claim, node.span)


def _quantifier(node: tree.Quantifier, scope: Scope) -> model.Quantifier | None:
    tables: dict[str, Collection[str]] = {
        "environment": scope.environments,
        "gate": scope.gates,
        "group": scope.groups,
    }
    if not scope.known("kind of variable", node.kind, tables):
        return None
    table = tables[node.kind.text]
    shadowed = scope.environments.get(node.variable.text)
    if shadowed is not None:
        done = "the name of an environment already"
        scope.report(
            errors.duplicate_name(node.variable.span, "variable", node.variable.text, head(shadowed), done)
        )
    if not scope.free("variable", node.variable, None):
        return None
    among = [each for each in node.among if scope.known(node.kind.text, each, table)]
    names = scope.distinct(node.kind.text, among) if node.among else tuple(table)
    return model.Quantifier(node.kind.text, node.variable.text, names, node.span)
