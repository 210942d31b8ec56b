"""The payments policy and the requests beside it: each decided as of the morning that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import AT, Rung

POLICIES = Path(__file__).parents[2] / "policies"


@pytest.mark.parametrize(
    ("request_name", "code", "said"),
    [
        ("allowed", 0, ["By `promote all of { staging_eu, staging_us } -> prod`.", "Valid until"]),
        (
            "denied",
            1,
            [
                "1 of 2: ana@example.com",
                "not counted: chen@example.com (is an author), fay@example.com (is not in release_managers)",
                "healthy in staging_eu for 19h 48m since 2026-11-23 14:10 UTC, 24h needed",
                "waived by W-104 until 2026-12-01 00:00 UTC",
                "• 1 more approval from release_managers, not from authors",
                "• 24h of health in staging_eu: not before 2026-11-24 14:10 UTC",
            ],
        ),
        (
            "hotfix",
            0,
            [
                "By `hotfix staging_eu -> prod`.",
                "• backport by 2026-11-27 10:00 UTC: once healthy in dev",
                "• review by 2026-11-26 10:00 UTC: at least 1 approval from auditors",
            ],
        ),
        (
            "by-hand",
            1,
            [
                'Deny "no manual change" forbids it, and the promote route into prod is not satisfied.',
                "strategy is rolling",
                "the proposal has no rollback plan",
                "the commits since 90fe90fe90fe up to ab12ab12ab12 are not completely known",
            ],
        ),
    ],
)
def test_requests(rung_: Rung, request_name: str, code: int, said: list[str]) -> None:
    result = rung_(
        "decide", str(POLICIES / "payments.rung"), str(POLICIES / f"payments.{request_name}.json"), "--at", AT
    )
    assert result.code == code
    for phrase in said:
        assert phrase in result.out


def test_a_freeze_and_a_closed_window_forbid_what_was_allowed_before(rung_: Rung) -> None:
    files = (str(POLICIES / "payments.rung"), str(POLICIES / "payments.allowed.json"))
    result = rung_("decide", *files, "--at", "2026-12-20T10:00:00Z", "--format", "json")
    assert (result.code, result.json["verdict"]) == (1, "forbidden")
    assert result.json["reason"].startswith('freeze "Year end" and window "Office hours" forbid it')
