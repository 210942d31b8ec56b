"""A comparison always holds, or never does, whatever the facts.

    require unit_tests.failed == unit_tests.failed
    require unit_tests.result in { passed, failed, skipped }

The second names all that `result: one of { passed, failed, skipped }` can be. Comparisons with parameters are
left alone, since these are there to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, operators, walk
from rung.policy.bounds import bounds
from rung.policy.types import EnumType

CODE = "constant-comparison"

BAD = """
environment prod
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == unit_tests.failed
}
admit build -> prod { require tests_pass }
"""

GOOD = """
environment prod
evidence unit_tests about build { failed: int, flaky: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed == unit_tests.flaky
}
admit build -> prod { require tests_pass }
"""

OF_EQUALS = {
    **dict.fromkeys(("equal", "at_most", "at_least", "subset"), True),
    **dict.fromkeys(("unequal", "less", "more"), False),
}


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the comparisons whose outcome is known."""
    for condition in walk.conditions(policy):
        for node in walk.parts(condition):
            if isinstance(node, model.Compare):
                outcome = _outcome(node)
                if outcome is not None:
                    message = f"this comparison {'always' if outcome else 'never'} holds"
                    hint = "compare with what was meant, or remove it"
                    yield Diagnostic(CODE, message, node.span, hint, severity="warning")


def _outcome(node: model.Compare) -> bool | None:
    """What a comparison comes to, or None where facts or parameters decide."""
    left, right, meaning = node.left, node.right, operators.BY_NAME[node.operator].meaning
    if any(isinstance(part, model.ParameterValue) for part in walk.parts(node)):
        return None
    if isinstance(left, model.RequestValue) and left.name in model.MAYBE_ABSENT:
        return None  # any comparison asks that the proposal states it
    if isinstance(left, model.Constant) and isinstance(right, model.Constant):
        return bool(meaning(left.value, right.value))
    if left == right:
        return OF_EQUALS.get(node.operator)
    if isinstance(right, model.Constant) and isinstance(right.value, frozenset):
        return _membership(node.operator, left, right.value)
    return _by_bounds(node)


def _membership(operator: str, left: model.Operand, members: frozenset[object]) -> bool | None:
    if operator not in ("in", "not_in"):
        return None
    type = model.type_of(left)
    if not members:
        return operator == "not_in"
    if isinstance(type, EnumType) and members.issuperset(type.members):
        return operator == "in"
    return None


def _by_bounds(node: model.Compare) -> bool | None:
    """Decided where it comes to the same at all ends of what both sides can be."""
    left, right = bounds(node.left), bounds(node.right)
    if left is None or right is None:
        return None
    if node.operator in ("equal", "unequal"):
        apart = left[1] < right[0] or right[1] < left[0]
        return node.operator == "unequal" if apart else None
    meaning = operators.BY_NAME[node.operator].meaning
    outcomes = {bool(meaning(first, second)) for first in left for second in right}
    return outcomes.pop() if len(outcomes) == 1 else None
