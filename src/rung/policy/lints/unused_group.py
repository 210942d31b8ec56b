"""A group that nothing names has no say.

Often the group that was meant stands where another one is named.

    group release_managers { "ana@example.com", "bo@example.com" }
    group everyone { "ana@example.com", "bo@example.com", "chen@example.com" }
    promote qa -> prod { require at least 2 approvals from everyone except authors }

In a baseline, whose groups are there for others, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "unused-group"

BAD = """
environment prod
group managers { "ana@example.com", "bo@example.com" }
admit build -> prod { require provenance from "https://ci.example.com" }
"""

GOOD = """
environment prod
group leads { "ana@example.com" }
group managers { leads, "bo@example.com" }
admit build -> prod { require actor in managers }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the groups that no condition and no other group names."""
    if policy.is_baseline:
        return
    used = {name for group in policy.groups.values() for name in group.includes}
    for condition in walk.conditions(policy):
        for node in walk.parts(condition):
            if isinstance(node, model.People):
                used.update(node.groups, node.excluding)
            elif isinstance(node, model.PersonIn):
                used.add(node.people)
    for claim in policy.properties:
        if isinstance(claim, model.FormulaProperty):
            used.update(name for each in claim.quantifiers if each.kind == "group" for name in each.among)
    for group in policy.groups.values():
        if group.name not in used:
            message = f"nothing names group `{group.name}`"
            hint = f"write `from {group.name}` where its approval counts, or remove it"
            yield Diagnostic(CODE, message, group.span, hint, severity="warning")
