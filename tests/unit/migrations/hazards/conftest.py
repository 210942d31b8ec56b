"""A real PostgreSQL for the tests that hold the hazards against one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.migrations.oracle import Server, start


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with start() as started:
        assert isinstance(started, Server), started
        yield started
