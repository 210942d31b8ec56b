"""Pairs of migrations that differ in a constant, a WHERE or a length get different verdicts, and each
refutation fails on PostgreSQL as it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rung.diagnostics import Diagnostic
from rung.migrations.oracle import start
from rung.migrations.plan import Replay, Report
from rung.migrations.replaying import replay
from rung.migrations.verdicts import Level, Verdict
from tests.agreement.migrations_rollouts import refuted, rollout, verdict

PROVED, REFUTED, UNKNOWN = Verdict.PROVED, Verdict.REFUTED, Verdict.UNKNOWN


@pytest.fixture(scope="module")
def replayer() -> Iterator[Callable[[str], Replay]]:
    with start() as server:
        assert not isinstance(server, Diagnostic), server
        yield lambda base: lambda witness: replay(server, [base], witness)


def levels(report: Report, code: str = "old code") -> dict[str, str]:
    found = {level.value: verdict(report, level, code).value for level in (Level.WRITE, Level.READ)}
    return {**found, "data": verdict(report, Level.DATA).value}


def changed_check(before: str, after: str) -> tuple[str, str]:
    base = f"CREATE TABLE orders (id integer PRIMARY KEY, price integer CONSTRAINT p CHECK ({before}));"
    change = f"ALTER TABLE orders DROP CONSTRAINT p, ADD CONSTRAINT p CHECK ({after});"
    return base, change


def test_tightened_check(replayer: Callable[[str], Replay]) -> None:
    report = rollout(*changed_check("price >= 0", "price > 0"), replayer=replayer)
    assert levels(report) == {"write": "refuted", "read": "proved", "data": "refuted"}
    [finding] = refuted(report, Level.DATA)
    assert finding.witness is not None
    assert finding.witness.row == "price = 0"
    assert finding.witness.replayed


def test_loosened_check(replayer: Callable[[str], Replay]) -> None:
    report = rollout(*changed_check("price > 0", "price >= 0"), replayer=replayer)
    assert levels(report) == {"write": "proved", "read": "refuted", "data": "proved"}
    assert {each.witness.row for each in refuted(report, Level.READ) if each.witness} == {"price = 0"}


def test_loosened_check_when_no_old_code_is_left(replayer: Callable[[str], Replay]) -> None:
    base, change = changed_check("price > 0", "price >= 0")
    report = rollout(base, change, strategy="recreate", window=False, replayer=replayer)
    assert report.verdict is PROVED


NULLABLE = "CREATE TABLE orders (id integer PRIMARY KEY, kind text, price integer);"
ENFORCED = NULLABLE + "ALTER TABLE orders ADD CONSTRAINT n CHECK (kind IS NOT NULL) NOT VALID;"
FULL = "UPDATE orders SET kind = 'x' WHERE kind IS NULL; ALTER TABLE orders ALTER kind SET NOT NULL;"
PARTIAL = FULL.replace("IS NULL;", "IS NULL AND price > 3;")


@pytest.mark.parametrize(("backfill", "expected"), [(FULL, PROVED), (PARTIAL, REFUTED)])
@pytest.mark.parametrize(
    ("base", "strategy"), [(NULLABLE, "recreate"), (ENFORCED, "rolling"), (ENFORCED, "recreate")]
)
def test_backfill_before_not_null(
    base: str, strategy: str, backfill: str, expected: Verdict, replayer: Callable[[str], Replay]
) -> None:
    report = rollout(base, backfill, strategy=strategy, window=False, replayer=replayer)  # type: ignore[arg-type]  # one of its values
    assert verdict(report, Level.DATA) is expected


def test_backfill_that_old_code_may_undo(replayer: Callable[[str], Replay]) -> None:
    report = rollout(NULLABLE, FULL, replayer=replayer)
    [finding] = refuted(report, Level.DATA)
    assert finding.witness is not None
    assert [event.role for event in finding.witness.events] == ["migration", "migration", "live", "migration"]


def test_backfill_under_a_lock(replayer: Callable[[str], Replay]) -> None:
    report = rollout(NULLABLE, "LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;" + FULL, replayer=replayer)
    assert verdict(report, Level.DATA) is PROVED
    assert verdict(report, Level.WRITE, "old code") is REFUTED


def test_widened_and_narrowed_text(replayer: Callable[[str], Replay]) -> None:
    def changed(before: int, after: int) -> Report:
        base = f"CREATE TABLE users (id integer PRIMARY KEY, name varchar({before}));"
        return rollout(base, f"ALTER TABLE users ALTER name TYPE varchar({after});", replayer=replayer)

    assert levels(changed(20, 50)) == {"write": "proved", "read": "refuted", "data": "proved"}
    narrowed = changed(50, 20)
    assert levels(narrowed) == {"write": "refuted", "read": "proved", "data": "refuted"}
    rows = [each.witness.row for each in refuted(narrowed, Level.WRITE) if each.witness is not None]
    assert all(len(row.removeprefix("name = '").removesuffix("'")) > 20 for row in rows)


ACCOUNTS = "CREATE TABLE accounts (id integer PRIMARY KEY, name text, fax text);"
DROP = "ALTER TABLE accounts DROP COLUMN fax;"
WITHOUT = """
-- name: Names :many
SELECT id, name FROM accounts;
-- name: New :exec
INSERT INTO accounts (id, name) VALUES (@id, @name);
"""
WITH = WITHOUT + "-- name: Fax :one\nSELECT fax FROM accounts WHERE id = sqlc.arg(id);"
STAR = "-- name: All :many\nSELECT * FROM accounts;"


@pytest.mark.parametrize(
    ("old", "expected"), [(WITHOUT, PROVED), (WITH, REFUTED), (STAR, REFUTED), (None, REFUTED)]
)
def test_dropped_column(old: str | None, expected: Verdict, replayer: Callable[[str], Replay]) -> None:
    report = rollout(ACCOUNTS, DROP, old=old, new=WITHOUT, replayer=replayer)
    assert verdict(report, Level.NAME) is expected
    assert report.verdict is expected


def test_dropped_after_the_deployment(replayer: Callable[[str], Replay]) -> None:
    assert rollout(ACCOUNTS, post=DROP, old=WITH, new=WITHOUT, replayer=replayer).verdict is PROVED
    assert rollout(ACCOUNTS, post=DROP, old=WITH, new=WITH, replayer=replayer).verdict is REFUTED


DOCUMENTS = (
    "CREATE TABLE documents (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), content jsonb NOT NULL,"
    " kind text, title text NOT NULL GENERATED ALWAYS AS (content ->> 'title') STORED);"
)


def test_what_is_generated_alike_is_in_no_doubt() -> None:
    report = rollout(DOCUMENTS, "CREATE INDEX ON documents (title);")
    assert report.verdict is PROVED
    report = rollout(
        DOCUMENTS, "ALTER TABLE documents ADD CONSTRAINT short CHECK (length(title) < 9) NOT VALID;"
    )
    assert verdict(report, Level.WRITE) is UNKNOWN


def test_doubt_of_a_generated_column_is_of_no_other(replayer: Callable[[str], Replay]) -> None:
    base = DOCUMENTS.replace("text NOT NULL GENERATED", "text GENERATED")
    change = "ALTER TABLE documents ALTER kind SET NOT NULL;"
    assert rollout(base, change, replayer=replayer).verdict is REFUTED


def test_a_key_is_refuted_where_the_identifier_is_drawn(replayer: Callable[[str], Replay]) -> None:
    base = "CREATE TABLE parts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), serial text NOT NULL);"
    queries = "-- name: Add :exec\nINSERT INTO parts (serial) VALUES ($1);\n"
    change = "CREATE UNIQUE INDEX ON parts (serial);"
    report = rollout(base, change, old=queries, new=queries, replayer=replayer)
    assert verdict(report, Level.WRITE, "old code") is REFUTED


def test_an_array_of_an_enum_that_gained_a_label_takes_what_it_took() -> None:
    base = (
        "CREATE TYPE color AS ENUM ('red'); CREATE TABLE cars (id int PRIMARY KEY, colors color[] NOT NULL);"
    )
    report = rollout(base, "ALTER TYPE color ADD VALUE 'blue';")
    assert levels(report) == {"write": "proved", "read": "unknown", "data": "proved"}


def test_code_that_does_not_fit_its_own_schema_is_told_to_begin_elsewhere() -> None:
    base = "CREATE TABLE cars (id int PRIMARY KEY);"
    queries = "-- name: Get :one\nSELECT color FROM cars;\n"
    report = rollout(base, "ALTER TABLE cars ADD color text;", old=queries, new=queries)
    [finding] = [one for one in refuted(report, Level.NAME) if one.state == "before"]
    assert finding.repair == (
        "begin at the revision that the code that runs is for, or give the queries of that code",
    )


def test_a_reference_dangles_though_its_row_refers_to_that_table_besides(
    replayer: Callable[[str], Replay],
) -> None:
    base = (
        "CREATE TABLE people (id int PRIMARY KEY, badge int NOT NULL UNIQUE);"
        "CREATE TABLE rooms (id int PRIMARY KEY, keeper int NOT NULL REFERENCES people);"
        "CREATE TABLE visits (room int NOT NULL REFERENCES rooms, host int NOT NULL REFERENCES people,"
        " guest int NOT NULL CONSTRAINT known REFERENCES people);"
    )
    report = rollout(base, "ALTER TABLE visits DROP CONSTRAINT known;", replayer=replayer)
    assert verdict(report, Level.READ, "old code") is REFUTED
