"""Mistakes made in migrations: what fails on a real PostgreSQL is not proved, what passes is not refused."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rung.diagnostics import Diagnostic
from rung.migrations import oracle
from tests.campaigns.miswritten import disagreements

CASES = 150
SEED = 5


def test_a_mistake_is_not_proved_and_what_passes_is_not_refused() -> None:
    tally: Counter[str] = Counter()
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server.message
        bookshop = Path(__file__).with_name("bookshop")
        found = list(disagreements(CASES, SEED, [bookshop], server, tally))
    assert not found, "\n".join(found)
    assert sum(count for kind, count in tally.items() if kind.startswith("fails")) > CASES / 4
    assert sum(count for kind, count in tally.items() if kind.startswith("passes")) > CASES / 10
