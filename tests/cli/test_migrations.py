"""`rung migrations`: what it says of rollouts, and of whatever else can be typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rung.report.json_schema import json_schema
from tests.cli.conftest import Rung

BASE = (
    "CREATE TABLE orders (id int PRIMARY KEY, kind text, price integer CONSTRAINT p CHECK (price {check}));"
    "CREATE TABLE users (id integer PRIMARY KEY, name varchar({length}), fax text);\n"
)


def write(folder: str, *texts: str) -> None:
    """Migrations 001, 002 …"""
    Path(folder).mkdir(parents=True)
    for number, text in enumerate(texts, 1):
        Path(folder, f"{number:03}_step.sql").write_text(text, encoding="utf-8")


def base(check: str = ">= 0", length: int = 20) -> str:
    return BASE.format(check=check, length=length)


def recheck(check: str) -> str:
    return f"ALTER TABLE orders DROP CONSTRAINT p,\n    ADD CONSTRAINT p CHECK (price {check});\n"


BACKFILL = (
    "UPDATE orders SET kind = 'x' WHERE kind IS NULL{more}; ALTER TABLE orders ALTER kind SET NOT NULL;"
)
ENFORCED = base() + "ALTER TABLE orders ADD CONSTRAINT n CHECK (kind IS NOT NULL) NOT VALID;"
RESIZED = "ALTER TABLE users ALTER name TYPE varchar({0});"
DROPPED = "ALTER TABLE users DROP COLUMN fax;"


def levels(done: Any, level: str) -> set[str]:
    return {each["verdict"] for each in done.json["findings"] if each["level"] == level}


@pytest.mark.parametrize(
    ("first", "second", "data", "writes", "reads"),
    [
        (base(">= 0"), recheck("> 0"), "refuted", "refuted", "proved"),
        (base("> 0"), recheck(">= 0"), "proved", "proved", "refuted"),
        (base(length=50), RESIZED.format(20), "refuted", "refuted", "proved"),
        (base(length=20), RESIZED.format(50), "proved", "proved", "refuted"),
    ],
)
def test_pairs_that_differ_in_one_value(
    first: str, second: str, data: str, writes: str, reads: str, rung_: Rung
) -> None:
    write("db", first, second)
    done = rung_("migrations", "db", "--from", "001", "--format", "json")
    assert done.code == 1
    found = {
        level: "refuted" if "refuted" in levels(done, level) else "proved"
        for level in ("data", "write", "read")
    }
    assert found == {"data": data, "write": writes, "read": reads}


@pytest.mark.parametrize(("more", "code"), [("", 0), (" AND price > 3", 1)])
def test_a_full_and_a_partial_backfill(more: str, code: int, rung_: Rung) -> None:
    write("db", ENFORCED, BACKFILL.format(more=more))
    done = rung_("migrations", "db", "--from", "001", "--strategy", "atomic", "--window", "0")
    assert done.code == code
    assert done.out.startswith("REFUTED" if code else "PROVED")


@pytest.mark.parametrize(("used", "code"), [("id, name", 0), ("fax", 1), ("*", 1)])
def test_a_dropped_column(used: str, code: int, rung_: Rung) -> None:
    write("db", base(), DROPPED)
    Path("old.sql").write_text(f"-- name: All :many\nSELECT {used} FROM users;\n")
    Path("new.sql").write_text("-- name: All :many\nSELECT id FROM users;\n")
    queries = ("--queries-before", "old.sql", "--queries-after", "new.sql")
    assert rung_("migrations", "db", "--from", "001", *queries).code == code
    # Once no code that names it can come back, it may go.
    assert rung_("migrations", "db", "--from", "001", "--post", "002", *queries).code == 0
    spanning = ("--post", "002", "--window-spans-post", *queries)
    assert rung_("migrations", "db", "--from", "001", *spanning).code == code


def test_what_is_shown(rung_: Rung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    first = "CREATE TABLE orders (id integer PRIMARY KEY, price integer CONSTRAINT p CHECK (price >= 0));"
    write("db", first, recheck("> 0"))
    done = rung_("migrations", "db", "--from", "001", "--no-hazards")
    assert done.out.startswith(
        """\
REFUTED  002_step
Not every step is safe. The first that is not: running `002_step`.
rolling rollout, back to the release before; postgres, plain

                               live code     NAME TYPE WRITE READ DATA
✓ 0  before                    old             -    -    ✓     ✓    -
✗ 1  running `002_step`        old             -    -    -     -    ✗
✗ 1  old and new side by side  old + new       ✓    -    ✗     ✓    -
✗ 1  new code deployed         new (or old)    ✓    -    ✗     ✓    -

refuted[data]: orders.price: CHECK `p` refuses the row price = 0
 --> db/002_step.sql:1:1
  |
1 | ALTER TABLE orders DROP CONSTRAINT p,
  | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
2 |     ADD CONSTRAINT p CHECK (price > 0);
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = where: running `002_step`
  = to see it fail:
      -- a row that is there
      INSERT INTO orders (id, price) VALUES (0, 0);
      -- the migration (fails)
      ALTER TABLE orders DROP CONSTRAINT p,
          ADD CONSTRAINT p CHECK (price > 0);
  = what would be safe:
"""
    )
    assert done.out.endswith("7 checks: 5 proved, 2 refuted, 0 unknown\n")


@pytest.mark.parametrize(
    "second", [recheck("> 0"), "CREATE TABLE t (id integer);", "DO $$ BEGIN EXECUTE 'x'; END $$;"]
)
def test_the_json_is_of_its_schema(second: str, rung_: Rung) -> None:
    write("db", base(), second)
    schema = json_schema("migrations")
    jsonschema.Draft202012Validator.check_schema(schema)
    done = rung_("migrations", "db", "--from", "001", "--style", "--format", "json")
    jsonschema.validate(done.json, schema)
    assert done.code == {"proved": 0, "refuted": 1, "unknown": 3}[done.json["verdict"]]
    assert done.json["checks"]["total"] == len(done.json["findings"]) > 0
    assert rung_("schema", "migrations").json == schema


def test_a_replayed_counterexample(rung_: Rung) -> None:
    write("db", base(), recheck("> 0"))
    done = rung_("migrations", "db", "--from", "001", "--replay", "--format", "json")
    assert done.code == 1
    refuted = [each for each in done.json["findings"] if each["verdict"] == "refuted"]
    assert refuted
    assert all(each["witness"]["replayed"] for each in refuted)


def test_a_window_of_several_releases(rung_: Rung) -> None:
    write("db", base(), "ALTER TABLE users ADD COLUMN a integer;", "ALTER TABLE orders ADD COLUMN b integer;")
    one = rung_("migrations", "db", "--from", "002", "--format", "json").json
    two = rung_("migrations", "db", "--from", "002", "--window", "2", "--format", "json").json
    assert [each["returning"] for each in one["stages"]][-1] == ["old code"]
    assert [each["returning"] for each in two["stages"]][-1] == ["old code", "code of `001`"]


def test_two_folders(rung_: Rung) -> None:
    write("before", base())
    write("after", base(), "CREATE TABLE t (id integer);")
    assert rung_("migrations", "--before", "before", "--after", "after").code == 0
    Path("after/001_step.sql").write_text(base(">= 1"))
    done = rung_("migrations", "--before", "before", "--after", "after")
    assert done.code == 2
    assert "error[migration-changed]" in done.out


def test_a_list_of_files(rung_: Rung) -> None:
    write("db", base(), recheck("> 0"))
    done = rung_("migrations", "db/001_step.sql", "db/002_step.sql", "--from", "001")
    assert done.code == 1


def test_a_statement_that_may_have_done_anything(rung_: Rung) -> None:
    write("db", base() + "DO $$ BEGIN EXECUTE (SELECT 'x' || 'y'); END $$;", "CREATE TABLE t (id integer);")
    done = rung_("migrations", "db", "--from", "001")
    assert done.code == 3
    assert "not understood: DO block, which may have changed anything" in done.out
    assert rung_("migrations", "db", "--from", "001", "--trust-history").code == 0


def test_a_statement_that_does_not_apply(rung_: Rung) -> None:
    write("db", base(), "ALTER TABLE order ADD COLUMN a integer;".replace("order", "ordres"))
    done = rung_("migrations", "db", "--from", "001")
    assert done.code in (2, 3)
    assert "error[unknown-table]: table `ordres` does not exist" in done.out
    assert "did you mean `orders`?" in done.out


def test_what_no_migration_tells_is_an_assumption(rung_: Rung) -> None:
    write("db", base(), "GRANT SELECT ON orders TO reader; ALTER TABLE users ADD nick citext;")
    done = rung_("migrations", "db", "--from", "001")
    assert done.code == 0
    assert "assuming that role `reader` exists; type `citext` exists" in done.out


def test_a_changed_collation_is_not_understood(rung_: Rung) -> None:
    text = "CREATE TABLE users (id integer PRIMARY KEY, name varchar(20) UNIQUE);"
    write("mysql", text, "ALTER TABLE users MODIFY name varchar(20) COLLATE utf8mb4_general_ci;")
    done = rung_("migrations", "mysql", "--from", "001")
    assert done.code == 3
    assert "not understood: what a collation now takes as equal" in done.out


def test_a_rollout_that_is_too_long(rung_: Rung) -> None:
    write("db", base(), "INSERT INTO users DEFAULT VALUES;" * 2001)
    done = rung_("migrations", "db", "--from", "001")
    assert done.code == 2
    assert "error[rollout-too-long]" in done.out


def test_hazards_are_no_part_of_the_verdict(rung_: Rung) -> None:
    write("db", base(), "CREATE INDEX i ON orders (price);")
    done = rung_("migrations", "db", "--from", "001", "--format", "json")
    assert "blocking" in {each["kind"] for each in done.json["hazards"]}
    assert done.code == 0
    assert rung_("migrations", "db", "--from", "001", "--deny-hazards").code == 1
    assert "Hazards" not in rung_("migrations", "db", "--from", "001", "--no-hazards").out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere", "--from", "001"], "migration-unreadable"),
        (["empty", "--from", "001"], "layout-unknown"),
        (["binary", "--from", "001"], "migration-unreadable"),
        (["broken", "--from", "001"], "sql-syntax"),
        (["db"], "rollout-start-missing"),
        (["db", "--from", "9"], "revision-unknown"),
        (["db", "--from", ""], "revision-unknown"),
        (["db", "--from", "002", "--to", "001"], "revision-order"),
        (["db", "--from", "002", "--to", "002"], "rollout-empty"),
        (["db", "--from", "001", "--layout", "nothing"], "layout-unknown"),
        (["db", "--from", "001", "--post", "001"], "revision-unknown"),
        (["db", "--from", "001", "--queries-before", "nowhere"], "migration-unreadable"),
        (["db", "--from", "001", "--queries-before", "empty"], "queries-unread"),
        (["db", "--from", "001", "--queries-after", "binary"], "migration-unreadable"),
        (["db", "--from", "001", "--dialect", "sqlite", "--queries-after", "db"], "queries-unread"),
        (["commented", "--from", "001"], "nothing-checked"),
    ],
)
def test_mistakes(arguments: list[str], code: str, rung_: Rung) -> None:
    write("db", base(), "CREATE TABLE t (id integer);")
    write("empty")
    write("binary", base())
    Path("binary/002_step.sql").write_bytes(bytes(range(256)))
    write("broken", base(), "ALTER TABEL orders;")
    write("commented", base(), "-- ALTER TABLE orders ADD COLUMN a integer;")
    done = rung_("migrations", *arguments)
    assert (done.code, done.err) == (2, "")
    assert f"error[{code}]" in done.out
    assert "nothing judged" in done.out
    assert rung_("migrations", *arguments, "--format", "json").json["errors"] == 1
    assert rung_("explain", code).code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["db", "--before", "db"],
        ["db", "--before", "db", "--after", "db"],
        ["db", "--window", "-1"],
        ["db", "--window", "many"],
        ["db", "--dialect", "oracle"],
        ["db", "--strategy", "hope"],
        ["db", "--no-hazards", "--style"],
        ["db", "--format", "pdf"],
    ],
)
def test_wrong_usage(arguments: list[str], rung_: Rung) -> None:
    write("db", base())
    done = rung_("migrations", *arguments)
    assert (done.code, done.out) == (2, "")
    assert "error: " in done.err


POLICY = """rung 1
policy "p"
environment prod
admit build -> prod { require migrations compatible }
"""


def proposal(**migrations: str) -> str:
    data: dict[str, Any] = {
        "schema": "rung.proposal/1",
        "service": "shop",
        "lane": "admit",
        "target": "prod",
        "release": {"artifacts": {"app": {"digest": "sha256:" + "a" * 64}}},
        "actor": {"machine": "ci"},
    }
    return json.dumps({**data, "migrations": migrations} if migrations else data)


@pytest.mark.parametrize(
    ("migrations", "sources", "code", "said"),
    [
        ({"directory": "safe", "from": "001", "to": "002"}, "src", 0, ""),
        ({"directory": "tight", "from": "001", "to": "002"}, "src", 1, "CHECK `p` refuses the row price = 0"),
        ({"directory": "safe", "from": "001", "to": "002"}, None, 1, "nothing has judged the migrations"),
        ({"directory": "safe", "from": "009", "to": "002"}, "src", 1, "no migration is named `009`"),
        ({"directory": "../outside", "from": "001", "to": "002"}, "src", 1, "is not within the sources"),
        ({"directory": "/", "from": "001", "to": "002"}, "src", 1, "is not within the sources"),
        ({"directory": "link", "from": "001", "to": "002"}, "src", 1, "leads through a link"),
        ({"directory": "none", "from": "001", "to": "002"}, "src", 1, "the sources have no folder none"),
        ({"directory": "unread", "from": "001", "to": "002"}, "src", 1, "not understood: DO block"),
        ({}, None, 0, ""),
    ],
)
def test_a_policy_that_asks_for_them(
    migrations: dict[str, str], sources: str | None, code: int, said: str, rung_: Rung
) -> None:
    write("src/safe", base(), "CREATE TABLE t (id integer);")
    write("src/tight", base(), recheck("> 0"))
    write("src/unread", base(), "DO $$ BEGIN EXECUTE (SELECT 'x' || 'y'); END $$;")
    write("outside", base(), "CREATE TABLE t (id integer);")
    Path("src/link").symlink_to(Path("outside").resolve())
    Path("p.rung").write_text(POLICY)
    Path("p.json").write_text(proposal(**migrations))
    done = rung_("decide", "p.rung", "p.json", *(("--sources", sources) if sources else ()))
    assert done.code == code
    assert said in " ".join(done.out.split())


def test_the_widest_rollback_counts(rung_: Rung) -> None:
    """Two ways back, of which the later in the file reaches less far."""
    names = ["CREATE TABLE t (a integer, b integer);", "ALTER TABLE t DROP COLUMN b;", "CREATE TABLE u ();"]
    write("src/db", *names)
    policy = POLICY + "rollback prod within 2 releases { require actor is machine }\n"
    narrow = "rollback prod within 1 releases { require actor is person }\n"
    Path("p.json").write_text(proposal(directory="db", **{"from": "002", "to": "003"}))
    for text, code in ((POLICY + narrow, 0), (policy, 1), (policy + narrow, 1)):
        Path("p.rung").write_text(text)
        assert rung_("decide", "p.rung", "p.json", "--sources", "src").code == code


def test_sources_that_are_no_folder(rung_: Rung) -> None:
    Path("p.rung").write_text(POLICY)
    Path("p.json").write_text(proposal())
    done = rung_("decide", "p.rung", "p.json", "--sources", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "there is no folder `nowhere`" in done.err
