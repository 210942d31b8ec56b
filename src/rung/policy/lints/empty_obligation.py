"""An obligation without requirements is discharged the moment it is raised.

hotfix staging -> prod {
    require tests_pass
    owes review within 48h { }
}
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "empty-obligation"

BAD = """
environment prod
admit build -> prod {
    require provenance from "https://ci.example.com"
    owes review within 48h { }
}
"""

GOOD = """
environment prod
group auditors { "fay@example.com" }
admit build -> prod {
    require provenance from "https://ci.example.com"
    owes review within 48h { require at least 1 approval from auditors }
}
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the obligations with an empty block."""
    for route in policy.routes:
        for obligation in route.obligations:
            if not obligation.requirements:
                message = f"obligation `{obligation.name}` requires nothing, so it is discharged at once"
                hint = "say what discharges it"
                yield Diagnostic(CODE, message, obligation.span, hint, severity="warning")
