"""Rollouts of many statements and many rows are settled as short ones are, and refutations fail as told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rung.diagnostics import Diagnostic
from rung.migrations import history
from rung.migrations.oracle import start
from rung.migrations.plan import Replay
from rung.migrations.replaying import replay
from rung.migrations.verdicts import Level, Verdict
from tests.agreement.migrations_campaign import campaign
from tests.agreement.migrations_rollouts import refuted, rollout

PROVED, REFUTED = Verdict.PROVED, Verdict.REFUTED
ITEMS = (
    "CREATE TABLE items (id integer PRIMARY KEY, name text UNIQUE, price integer NOT NULL CHECK (price > 0));"
)


@pytest.fixture(scope="module")
def replayer() -> Iterator[Callable[[str], Replay]]:
    with start() as server:
        assert not isinstance(server, Diagnostic), server
        yield lambda base: lambda witness: replay(server, [base], witness)


def test_each_of_many_updates_is_judged(replayer: Callable[[str], Replay]) -> None:
    updates = "".join(
        f"UPDATE items SET price = price - {1 if n % 2 else 0} WHERE id = {n};" for n in range(14)
    )
    report = rollout(ITEMS, updates, atomic=False, replayer=replayer)
    failing = {each.span for each in refuted(report, Level.DATA)}
    assert len(failing) == 7
    assert all(each.witness is not None and each.witness.replayed for each in refuted(report, Level.DATA))


def test_old_rows_are_not_forgotten_where_live_code_could_not_write_them(
    replayer: Callable[[str], Replay],
) -> None:
    """A constraint that is not validated keeps live code from writing what is there already."""
    base = ITEMS + "ALTER TABLE items ADD CONSTRAINT named CHECK (name <> '') NOT VALID;"
    updates = "".join(f"UPDATE items SET price = {n} WHERE id = {n};" for n in range(1, 12))
    report = rollout(base, updates + "ALTER TABLE items VALIDATE CONSTRAINT named;", atomic=False)
    assert any(each.verdict is not PROVED and "named" in each.message for each in report.findings)


@pytest.mark.parametrize(("last", "expected"), [(300, PROVED), (7, REFUTED)])
@pytest.mark.parametrize("at_once", [True, False])
def test_many_rows_of_a_new_table(
    last: int, expected: Verdict, at_once: bool, replayer: Callable[[str], Replay]
) -> None:
    rows = [f"({n}, 'item {n}', {n + 1})" for n in (*range(300 if at_once else 60), last)]
    inserts = f"INSERT INTO items VALUES {', '.join(rows)};"
    if not at_once:
        inserts = "".join(f"INSERT INTO items VALUES {row};" for row in rows)
    assert rollout("", ITEMS + inserts, replayer=replayer).verdict is expected


def test_a_price_among_many_that_the_check_refuses(replayer: Callable[[str], Replay]) -> None:
    rows = ", ".join(f"({n}, 'item {n}', {n or 1})" for n in range(300))
    assert rollout("", ITEMS + f"INSERT INTO items VALUES {rows};", replayer=replayer).verdict is PROVED
    wrong = ITEMS + f"INSERT INTO items VALUES {rows}, (300, 'last', 0);"
    assert rollout("", wrong, replayer=replayer).verdict is REFUTED


def test_many_rows_beside_those_that_may_be_there(replayer: Callable[[str], Replay]) -> None:
    rows = ", ".join(f"({n}, 'item {n}', 1)" for n in range(250))
    assert rollout(ITEMS, f"INSERT INTO items VALUES {rows};", replayer=replayer).verdict is REFUTED
    passed_over = f"INSERT INTO items VALUES {rows} ON CONFLICT DO NOTHING;"
    assert rollout(ITEMS, passed_over, replayer=replayer).verdict is PROVED


def test_a_long_text_is_found(replayer: Callable[[str], Replay]) -> None:
    base = "CREATE TABLE notes (id integer PRIMARY KEY, body varchar(2000), title varchar(255));"
    report = rollout(
        base, "ALTER TABLE notes ALTER body TYPE text, ALTER title TYPE text;", replayer=replayer
    )
    assert {each.subject for each in refuted(report, Level.READ)} == {"notes.body", "notes.title"}
    shorter = rollout(base, "ALTER TABLE notes ALTER body TYPE varchar(500);", replayer=replayer)
    assert {each.subject for each in refuted(shorter, Level.DATA)} == {"notes.body"}


def test_a_key_over_an_expression_of_another_type(replayer: Callable[[str], Replay]) -> None:
    base = "CREATE TABLE marks (id integer PRIMARY KEY, owner uuid, at date);"
    key = "CREATE UNIQUE INDEX ON marks (coalesce(owner, '00000000-0000-0000-0000-000000000000'::uuid), at);"
    report = rollout(base, key, replayer=replayer)
    assert refuted(report, Level.DATA)
    assert rollout(base + "CREATE UNIQUE INDEX ON marks (at);", key, replayer=replayer).verdict is PROVED


def test_a_row_may_be_its_own_parent(replayer: Callable[[str], Replay]) -> None:
    base = "CREATE TABLE spans (id text PRIMARY KEY, parent text REFERENCES spans CHECK (parent = id));"
    without = "ALTER TABLE spans DROP CONSTRAINT spans_parent_fkey;"
    again = "ALTER TABLE spans ADD FOREIGN KEY (parent) REFERENCES spans;"
    assert rollout(base, without, replayer=replayer).verdict is PROVED
    assert rollout(base + without, again, replayer=replayer).verdict is PROVED
    free = base.replace("CHECK (parent = id)", "")
    assert refuted(rollout(free, without, replayer=replayer), Level.READ)
    assert refuted(rollout(free + without, again, replayer=replayer), Level.DATA)


def test_verdicts_stay_right_when_all_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "MOST_WRITES", 0)
    tally = campaign(40, 500)
    assert tally.wrong == []
    assert tally.counts["replay fails"] > 20
