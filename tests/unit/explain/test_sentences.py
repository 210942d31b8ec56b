"""Conditions in plain sentences, each kind both ways."""

from __future__ import annotations

import pytest

from rung.diagnostics import Source
from rung.engine import PolicyText, load
from rung.explain.hours import slots
from rung.explain.sentences import Ink, condition, spoken

NOW = 1_795_514_400  # 2026-11-24T10:00:00Z
POLICY = """\
rung 1
policy "p"
environment qa
environment prod after qa
group leads { "ana@example.com" }
evidence scan about artifact { critical: int, age: duration, found: time, clean: bool, kind: one of { a, b } }
parameter limit: int = 3
gate other "Another" { require actor is machine }
gate g { needs scan
  require %s }
admit build -> qa { require g, other }
"""
SENTENCES = {
    "other": "gate other",
    "scan.critical == 0": "'scan.critical' is '0'",
    "not scan.critical == 0": "'scan.critical' is not '0'",
    "not (not scan.critical == 0)": "'scan.critical' is '0'",
    "scan.critical <= limit": "'scan.critical' is at most '3' (the parameter 'limit')",
    "scan.critical + 1 < 2": "'scan.critical' + '1' is less than '2'",
    "scan.age < 90m": "'scan.age' is less than 90 minutes",
    "now - scan.found < 24h": "'scan.found' was less than 24 hours ago",
    "not now - scan.found < 2d": "'scan.found' was at least 2 days ago",
    "scan.clean": "'scan.clean' is true",
    "not scan.clean": "'scan.clean' is false",
    "scan.kind in { a, b }": "'scan.kind' is one of 'a' or 'b'",
    "strategy != rolling": "the strategy is not 'rolling'",
    "scan.clean and (scan.critical == 0 or scan.critical == 1)": (
        "'scan.clean' is true and (either 'scan.critical' is '0', or 'scan.critical' is '1')"
    ),
    "not (scan.clean and scan.critical == 0)": (
        "it is not so that 'scan.clean' is true and 'scan.critical' is '0'"
    ),
    "scan.clean implies scan.critical == 0": "if 'scan.clean' is true, then 'scan.critical' is '0'",
    "at least 1 approval from leads": "at least one of 'leads' has approved the release",
    "at least 2 reviews from anyone except { authors, actor } no older than 1h": (
        "at least 2 persons have reviewed the change in the last hour, "
        "not counting the authors of what is new or who deploys"
    ),
    "actor in leads": "who deploys is one of 'leads'",
    "actor not in authors": "who deploys is none of the authors of what is new",
    "actor is delegate": "a machine deploys on behalf of somebody",
    "actor is not person": "no person deploys by hand",
    "healthy in qa": "the release is healthy in 'qa'",
    "healthy in source for 3d": (
        "the release is healthy in each place that it comes from, and has been for the last 3 days"
    ),
    "once healthy in target for 2w": (
        "the release was healthy in the target for 2 weeks at some time since it came there"
    ),
    'provenance from { "a", "b" }': "every artifact was built by 'a' or 'b', and nowhere else",
    "rollback plan": "the proposal plans how to go back to what runs there now",
    "automatic rollback": (
        "the proposal plans how to go back to what runs there now, "
        "and failing health goes back without a person"
    ),
    'configuration has { "A", "B", "C" }': "the configuration has 'A', 'B' and 'C'",
    "no migrations": "it brings no migrations of the database",
    "migrations compatible": (
        "its migrations are compatible at every step of the rollout, and after a rollback"
    ),
    "contains open hotfixes": "the release contains every hotfix there that was not brought back yet",
    "new flags off": "every flag that is new there is off",
    "no drift in qa": "'qa' is as it was deployed, without drift",
    "lock held": "who deploys holds a lock on it",
    "inside maintenance": "a maintenance window is open",
    "dependencies met": (
        "every component that the release depends on runs there in a version that it accepts"
    ),
}


@pytest.mark.parametrize("written", SENTENCES)
def test_a_condition_in_a_sentence(written: str) -> None:
    loaded = load(PolicyText(Source("p.rung", POLICY % written), ".", "."))
    assert loaded.policy is not None, loaded.mistakes
    ink = Ink(lambda name: f"'{name}'", lambda gate: f"gate {gate}")
    assert condition(loaded.policy.gates["g"].requirements[0].condition, ink) == SENTENCES[written]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (90, "90 seconds"), (3600, "1 hour"), (86_400, "24 hours"), (604_800, "1 week")],
)
def test_lengths_of_time(seconds: int, text: str) -> None:
    assert spoken(seconds) == text


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (
            'mon..thu 09:00..16:00 in "Europe/Berlin"',
            "Monday to Thursday 09:00 to 16:00 Europe/Berlin "
            "(08:00 to 15:00 UTC at UTC+1, 07:00 to 14:00 UTC at UTC+2)",
        ),
        ('sat..mon 00:00..24:00 in "UTC"', "Saturday to Monday 00:00 to 24:00 UTC"),
        ('mon..sun 22:00..02:00 in "UTC"', "every day 22:00 to 02:00 the next day UTC"),
        (
            'tue 09:00..16:00 in "Asia/Singapore"',
            "Tuesday 09:00 to 16:00 Asia/Singapore (01:00 to 08:00 UTC at UTC+8)",
        ),
        (
            'sun 02:00..03:00 in "Asia/Kolkata"',
            "Sunday 02:00 to 03:00 Asia/Kolkata "
            "(20:30 the day before to 21:30 the day before UTC at UTC+5:30)",
        ),
        (
            'fri 22:00..23:00 in "America/Phoenix"',
            "Friday 22:00 to 23:00 America/Phoenix (05:00 the next day to 06:00 the next day UTC at UTC-7)",
        ),
    ],
)
def test_hours_of_a_window_by_both_clocks(written: str, told: str) -> None:
    text = POLICY % "scan.clean" + f'window "w" on prod {written}\n'
    loaded = load(PolicyText(Source("p.rung", text), ".", "."))
    assert loaded.policy is not None, loaded.mistakes
    assert list(slots(loaded.policy.windows[0], NOW)) == [told]
