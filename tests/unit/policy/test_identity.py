"""The identity of a policy changes with what it says, and with nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rung.diagnostics import Source
from rung.policy import identity as module
from rung.policy import moments
from rung.policy.from_syntax import policy_from_syntax
from rung.policy.identity import digest, identity
from rung.syntax.parse import parse

POLICY = """\
rung 1
policy "small"
environment qa
environment prod after qa
group managers { "ana@example.com", "bo@example.com" }
evidence tests about build { failed: int, kind: one of { quick, slow } }
parameter most: int = 3
gate tested { needs tests no older than 7d require tests.failed <= most }
gate signed { require at least 1 approval from managers except authors }
admit build -> qa { require tested }
promote qa -> prod { require tested, signed, release.version in { version "1.2.0", version "1.3.0" } }
rollback prod within 3 releases
freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin" sparing rollback
window "Office hours" on prod mon..thu 09:00..16:00 in "Europe/Berlin" sparing rollback
waive signed on prod as "W-1" by "ana@example.com" from 2026-03-01 until 2026-04-01 because "offsite"
prove no-environment-skipped
"""


def of(text: str) -> dict[str, str]:
    parsed = parse(Source("p.rung", text))
    assert parsed.file is not None
    assert not parsed.diagnostics
    policy, mistakes = policy_from_syntax(parsed.file)
    assert policy is not None
    assert not mistakes
    return identity(policy)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rung 1\n", "# a comment\nrung 1\n\n"),
        ('policy "small"', 'policy "of another name"'),
        ("gate signed { require", "gate signed   {\n    require"),
        ('{ "ana@example.com", "bo@example.com" }', '{ "bo@example.com", "ana@example.com" }'),
        ('{ version "1.2.0", version "1.3.0" }', '{ version "1.3.0", version "1.2.0" }'),
        ('08:00 in "Europe/Berlin" sparing', '08:00 in "Europe/Paris" sparing'),
    ],
)
def test_what_says_nothing_else_is_the_same(old: str, new: str) -> None:
    assert old in POLICY
    assert of(POLICY.replace(old, new)) == of(POLICY)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("most: int = 3", "most: int = 4", {"parameters", "gates"}),
        ("no older than 7d", "no older than 8d", {"gates"}),
        ('"bo@example.com" }', '"bo@example.com", "chen@example.com" }', {"groups"}),
        ("{ quick, slow }", "{ slow, quick }", {"evidence"}),
        ("require tested, signed,", "require signed,", {"routes"}),
        ("2027-01-04 08:00", "2027-01-04 09:00", {"freezes"}),
        ("mon..thu", "mon..fri", {"windows"}),
        ("until 2026-04-01", "until 2026-04-02", {"waivers"}),
        ("prove no-environment-skipped", "prove built-once", {"properties"}),
        ("environment prod after qa\n", "environment prod\n", {"environments"}),
        (
            '16:00 in "Europe/Berlin"',
            '16:00 in "America/New_York"',
            {"windows", "clocks of Europe/Berlin", "clocks of America/New_York"},
        ),
    ],
)
def test_what_says_something_else_is_named(old: str, new: str, parts: set[str]) -> None:
    assert old in POLICY
    before, after = of(POLICY), of(POLICY.replace(old, new))
    assert {each for each in {*before, *after} if before.get(each) != after.get(each)} == parts
    assert digest(before) != digest(after)


def test_clocks_count_and_the_version_of_their_database_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    before = of(POLICY)
    monkeypatch.setattr(moments, "tzdata_version", lambda: "2031a")
    assert of(POLICY) == before
    monkeypatch.setattr(module, "offsets", lambda name: ((moments.BEGIN, 3600),))
    assert [name for name, part in of(POLICY).items() if before[name] != part] == ["clocks of Europe/Berlin"]


def test_it_does_not_depend_on_the_process() -> None:
    code = f"from tests.unit.policy.test_identity import of, POLICY\nprint(of(POLICY) == {of(POLICY)!r})"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            timeout=60,
        )
        assert done.stdout == "True\n", done.stderr


def test_what_a_baseline_asks_of_others_belongs_to_it() -> None:
    """It decides nothing by the baseline's own routes, and all by what refines it."""
    plain, bound, opens = (
        of(POLICY + more)
        for more in ("", "every route into prod require actor is machine\n", "open gate signed\n")
    )
    assert len({digest(each) for each in (plain, bound, opens)}) == 3
    assert bound["constraints"] != plain["constraints"]
    assert opens["opens"] != plain["opens"]
