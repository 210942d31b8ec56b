"""Approvals are counted without leaving out the authors, so people can approve their own changes.

    require at least 1 approval from release_managers

Write `except authors`. It leaves out every author and co-author of every commit between what the target
runs and this release. What an obligation asks for afterwards is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model, walk

CODE = "self-approval"

BAD = """
environment prod
group managers { "ana@example.com", "bo@example.com" }
admit build -> prod { require at least 1 approval from managers }
"""

GOOD = """
environment prod
group managers { "ana@example.com", "bo@example.com" }
admit build -> prod { require at least 1 approval from managers except authors }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the counts of people, outside of obligations, that include authors."""
    for block in walk.blocks(policy):
        for requirement in block.requirements if block.is_guard else ():
            for node in walk.parts(requirement.condition):
                if isinstance(node, model.People) and "authors" not in node.excluding:
                    what = "approvals" if node.kind == "approval" else "reviews"
                    message = f"these {what} count even from those who wrote the change"
                    yield Diagnostic(CODE, message, node.span, "write `except authors`", severity="warning")
