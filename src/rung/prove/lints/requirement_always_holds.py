"""A requirement always holds, whatever the facts and the proposal, so it asks for nothing.

    promote qa -> prod { require lane == promote }
    require unit_tests.failed >= 0 or unit_tests.failed < 5

The solver has shown that nothing makes it fail. Requirements of parameters are left alone, since these are
there to be changed; comparisons of which it can be seen without a solver are `constant-comparison`.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model
from rung.prove.lints.readings import Readings, has_parameter

CODE = "requirement-always-holds"
KIN = ("constant-comparison",)

BAD = """
environment qa
environment prod after qa
admit build -> qa { require provenance from "https://ci.example.com" }
promote qa -> prod { require lane == promote }
"""

GOOD = """
environment qa
environment prod after qa
admit build -> qa { require provenance from "https://ci.example.com" }
promote qa -> prod { require strategy == rolling }
"""


def check(readings: Readings) -> Iterator[Diagnostic]:
    """Find the conditions that hold whatever becomes of all else."""
    for block in readings.blocks:
        for index, condition in block.anywhere.conditions.items():
            if isinstance(condition, model.GateHolds) or has_parameter(condition):
                continue  # of a gate that always holds, that is said of what it requires
            if any(each.can((), index) for each in block.everywhere):
                continue
            message = "this always holds, so it asks for nothing"
            yield Diagnostic(CODE, message, condition.span, "say what was meant, or remove it", (), "warning")
