"""A gate that nothing requires decides nothing.

Who reads it believes that it protects something. Require it in the routes that it is for, or remove it.

    gate scan_clean {
        needs scan
        require scan.critical == 0
    }
    promote qa -> prod { require tests_pass }

A waiver or a property does not make a gate count. In a baseline, whose gates are there for others, this is
not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "unused-gate"

BAD = """
environment prod
evidence scan about artifact { critical: int }
gate scan_clean {
    needs scan
    require scan.critical == 0
}
admit build -> prod { require provenance from "https://ci.example.com" }
"""

GOOD = """
environment prod
evidence scan about artifact { critical: int }
gate scan_clean {
    needs scan
    require scan.critical == 0
}
admit build -> prod { require scan_clean }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the gates that no block of requirements names."""
    if policy.is_baseline:
        return
    used = {name for block in walk.blocks(policy) for name in walk.gates_named(block.requirements)}
    for gate in policy.gates.values():
        if gate.name not in used:
            message = f"nothing requires gate `{gate.name}`, so it decides nothing"
            hint = f"write `require {gate.name}` in the routes that it is for"
            yield Diagnostic(CODE, message, gate.span, hint, severity="warning")
