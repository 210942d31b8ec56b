"""Drawn policies and edited copies: what a comparison says holds of every request, and is shown by its own.

`python -m tests.campaigns.comparing 2000` is the same check with another seed.
"""

from __future__ import annotations

from tests.campaigns.comparing import compared

SEED, COUNT = "2026", 40


def test_no_request_and_no_history_contradicts_what_is_said() -> None:
    found = compared(SEED, COUNT)
    for verdict in ("same", "tighter", "looser", "incomparable"):
        assert found[verdict], f"no pair is {verdict}"
    assert found["seen"] > COUNT // 2, "few requests are decided otherwise by the edited policy"
    assert found["shown"] > COUNT // 2, "few differences are shown by a history"
