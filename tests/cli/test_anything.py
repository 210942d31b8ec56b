"""A fixed share of the campaign that types anything at all; the long run is `just fuzz`."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.campaigns import command_line


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(command_line.inputs())
def test_nothing_typed_gives_a_traceback(case: tuple[str, str]) -> None:
    command_line.check(case)
