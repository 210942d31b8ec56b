"""Defines how a campaign is a command, with the number of its cases and a seed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy


def seeded(usage: str) -> tuple[int, int]:
    """The number of cases that the command line names, and its seed, or another each time."""
    arguments = sys.argv[1:]
    if not 1 <= len(arguments) <= 2 or not all(argument.isdecimal() for argument in arguments):
        sys.exit(f"usage: {usage} CASES [SEED]")
    number = int(arguments[1]) if len(arguments) > 1 else time.time_ns()
    print(f"seed {number}", flush=True)
    return int(arguments[0]), number


def campaign(check: Callable[[Any], None], cases: SearchStrategy[Any], usage: str) -> None:
    """Check the number of cases that the command line names; a failing one is shrunken and raised."""
    limit, number = seeded(usage)
    count = 0

    @seed(number)
    @settings(max_examples=limit, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(cases)
    def every(case: Any) -> None:
        nonlocal count
        check(case)
        count += 1

    every()
    print(f"{count} cases hold")
