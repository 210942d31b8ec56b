"""A parameter may move so that a rule asks for less: files that use the baseline can loosen it.

What a baseline says holds for all that use it, and they may only ask for more. Here a file may set
`most = 100`:

    parameter most: int = 0 may only rise
    gate tests_pass { needs unit_tests require unit_tests.failed <= most }

Turn it round, or say that nobody sets it:

    parameter most: int = 0 may only fall
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.policy.parameters import effects

CODE = "loosening-parameter"

BAD = """
environment prod
parameter most: int = 3 may only rise
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed <= most
}
every route into prod require tests_pass
"""

GOOD = """
environment prod
parameter most: int = 3 may only fall
evidence unit_tests about build { failed: int }
gate tests_pass {
    needs unit_tests
    require unit_tests.failed <= most
}
every route into prod require tests_pass
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the parameters whose direction lets a rule ask for less."""
    for each in policy.parameters.values():
        if each.direction is None:
            continue
        found = set(effects(policy, each))
        if "loosens" in found:
            message = f"files that use this may loosen it: they may {_DOES[each.direction]} `{each.name}`"
            other = "fall" if each.direction == "rise" else "rise"
            hint = f"write `may only {other}`" if found == {"loosens"} else "let nobody set it"
            yield Diagnostic(CODE, message, each.span, hint, severity="warning")


_DOES = {"rise": "raise", "fall": "lower"}
