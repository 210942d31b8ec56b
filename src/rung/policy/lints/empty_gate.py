"""A gate without any need or requirement always holds.

It reads like a protection wherever it is required, and is none.

    gate signed_off "Two release managers approve" { }
    promote qa -> prod { require signed_off }
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "empty-gate"

BAD = """
environment prod
gate signed_off "Two release managers approve" { }
admit build -> prod {
    require signed_off
    require provenance from "https://ci.example.com"
}
"""

GOOD = """
environment prod
group managers { "ana@example.com", "bo@example.com", "chen@example.com" }
gate signed_off "Two release managers approve" {
    require at least 2 approvals from managers except authors
}
admit build -> prod { require signed_off }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the gates with an empty block."""
    for gate in policy.gates.values():
        if not gate.needs and not gate.requirements:
            message = f"gate `{gate.name}` requires nothing, so it always holds"
            yield Diagnostic(CODE, message, gate.span, "say what it requires", severity="warning")
