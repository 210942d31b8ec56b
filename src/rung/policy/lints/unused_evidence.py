"""Evidence that no gate needs is collected and looked at by nobody.

A scan that runs and decides nothing looks like protection.

    evidence scan about artifact { critical: int }
    promote qa -> prod { require tests_pass }

In a baseline, whose evidence is there for others, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "unused-evidence"

BAD = """
environment prod
evidence scan about artifact { critical: int }
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
    """Find the types of evidence that no gate needs."""
    if policy.is_baseline:
        return
    needed = {need.evidence for gate in policy.gates.values() for need in gate.needs}
    for evidence in policy.evidence.values():
        if evidence.name not in needed:
            message = f"no gate needs evidence `{evidence.name}`"
            hint = f"write `needs {evidence.name}` in a gate, and require the gate"
            yield Diagnostic(CODE, message, evidence.span, hint, severity="warning")
