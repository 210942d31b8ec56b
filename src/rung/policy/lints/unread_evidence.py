"""A gate needs evidence and reads none of its results, so any record is enough, whatever it says.

A scan that found ten critical vulnerabilities passes this gate:

    evidence scan about artifact { critical: int, high: int }
    gate scanned { needs scan no older than 2d }

Evidence whose fields are texts, times, versions, digests or persons alone is a document that only needs to be
there, and is not spoken of.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk
from rung.policy.types import BOOL, DECIMAL, INT, PERCENT, EnumType, Type

CODE = "unread-evidence"

BAD = """
environment prod
evidence scan about artifact { critical: int, high: int }
gate scanned { needs scan no older than 2d }
admit build -> prod { require scanned }
"""

GOOD = """
environment prod
evidence scan about artifact { critical: int, high: int }
evidence change_ticket about release { id: text, opened: time }
gate scan_clean {
    needs scan no older than 2d
    needs change_ticket
    require scan.critical == 0
}
admit build -> prod { require scan_clean }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the needs of gates that read no field of what they need."""
    for gate in policy.gates.values():
        read = {
            node.evidence
            for requirement in gate.requirements
            for node in walk.parts(requirement.condition)
            if isinstance(node, model.EvidenceField)
        }
        for need in gate.needs:
            results = [name for name, type in policy.evidence[need.evidence].fields if _is_result(type)]
            if need.evidence not in read and results:
                message = (
                    f"gate `{gate.name}` reads nothing of `{need.evidence}`, so any record of it is enough"
                )
                hint = f"require something of it, such as of `{need.evidence}.{results[0]}`"
                yield Diagnostic(CODE, message, need.span, hint, severity="warning")


def _is_result(type: Type) -> bool:
    return type in (INT, DECIMAL, PERCENT, BOOL) or isinstance(type, EnumType)
