"""Each layout as its tool reads it: which files are migrations, their order, directions and transactions."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung.migrations.layouts import LAYOUTS, Dialect, Migrations, read_migrations

GOOSE = "-- +goose Up\ncreate table a (id int);\n-- +goose Down\ndrop table a;\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def read(folder: Path, files: dict[str, str], layout: str | None = None) -> Migrations:
    return read_migrations([write(folder, files)], layout)


def versions(result: Migrations) -> list[str]:
    assert result.diagnostics == ()
    return [migration.version for migration in result.migrations]


def codes(result: Migrations) -> list[str]:
    return [diagnostic.code for diagnostic in result.diagnostics]


def ups(result: Migrations) -> list[str]:
    return [script.text for migration in result.migrations for script in migration.up]


def wrappings(result: Migrations) -> list[str]:
    return [script.wrapping for migration in result.migrations for script in migration.up]


def test_diesel_orders_by_the_digits_as_text_and_reads_its_metadata(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {
            "2024-01-31-120000_b/up.sql": "select 2;",
            "2024-01-31-120000_b/metadata.toml": "run_in_transaction = false",
            "20230101000000_a/up.sql": "select 1;",
            "20230101000000_a/down.sql": "select -1;",
            "2024-02-01-000000_c/up.sql": "select 3;",
            "2024-02-01-000000_c/metadata.toml": "",
        },
    )
    assert result.layout == "diesel"
    assert versions(result) == ["20230101000000", "20240131120000", "20240201000000"]
    assert wrappings(result) == ["transaction", "batch", "batch"]
    assert [script.text for script in result.migrations[0].down] == ["select -1;"]


@pytest.mark.parametrize(
    "metadata", ["run_in_transaction = 1", "run_in_transaction =", f"x = {'9' * 5000}", f"x = {'[' * 5000}"]
)
def test_diesel_metadata_that_cannot_be_read_is_an_error(tmp_path: Path, metadata: str) -> None:
    result = read(tmp_path, {"1_a/up.sql": "select 1;", "1_a/metadata.toml": metadata})
    assert codes(result) == ["migration-malformed"]


def test_a_diesel_folder_without_up_is_an_error(tmp_path: Path) -> None:
    result = read(tmp_path, {"1_a/up.sql": "select 1;", "2_b/down.sql": "select 1;"})
    assert codes(result) == ["migration-malformed"]


def test_goose_splits_up_from_down_and_names_go_steps(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {
            "00001_a.sql": GOOSE,
            "00002_b.go": "package m",
            "00002_b_test.go": "package m",
            "helpers.go": "package m",
            "00010_c.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nselect 10;\n",
        },
    )
    assert result.layout == "goose"
    assert versions(result) == ["00001", "00002", "00010"]
    assert ups(result) == ["create table a (id int);\n", "select 10;\n"]
    assert wrappings(result) == ["transaction", "statements"]
    assert [migration.opaque_reason for migration in result.migrations] == [
        None,
        "it is a step in Go code",
        None,
    ]
    assert [script.text for script in result.migrations[0].down] == ["drop table a;\n"]


def test_a_span_of_a_script_is_a_place_in_its_file(tmp_path: Path) -> None:
    result = read(tmp_path, {"1_a.sql": "\ufeff" + GOOSE.replace("\n", "\r\n")})
    (script,) = result.migrations[0].up
    span = script.span(script.text.index("table"), script.text.index("table") + 5)
    assert script.source.text[span.start : span.end] == "table"
    assert script.source.place(span.start) == (2, 8)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("-- +goose Up\n-- +goose Up\nselect 1;", "out of place"),
        ("-- +goose Down\n-- +goose Up\nselect 1;", "out of place"),
        ("-- +goose Up\n-- +goose StatementBegin\nselect 1;", "never ended"),
        ("-- +goose Up\n-- +goose Sideways\nselect 1;", "Sideways"),
    ],
)
def test_goose_annotations_that_goose_would_refuse(tmp_path: Path, text: str, word: str) -> None:
    result = read(tmp_path, {"1_a.sql": text}, "goose")
    assert codes(result) == ["migration-malformed"]
    assert word in result.diagnostics[0].message


def test_goose_environment_variables_are_not_known(tmp_path: Path) -> None:
    result = read(tmp_path, {"1_a.sql": "-- +goose ENVSUB ON\n-- +goose Up\nselect '$X';\n"})
    assert result.migrations[0].opaque_reason is not None


def test_golang_migrate_pairs_its_files_by_number(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {
            "2_b.up.sql": "2",
            "10_c.up.sql": "10",
            "1_a.up.sql": "1",
            "1_other.down.sql": "-1",
            "3_d.up.go": "package m",
        },
    )
    assert result.layout == "golang-migrate"
    assert versions(result) == ["1", "2", "3", "10"]
    assert wrappings(result) == ["batch"] * 3
    assert [script.text for script in result.migrations[0].down] == ["-1"]
    assert result.migrations[2].opaque_reason == "it is a .go step, not SQL"


def test_a_down_file_without_its_up_file_is_an_error(tmp_path: Path) -> None:
    assert codes(read(tmp_path, {"1_a.up.sql": "", "2_b.down.sql": ""})) == ["migration-malformed"]


def test_flyway_orders_by_the_parts_of_the_version_then_repeatables(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {
            "V1_10__j.sql": "",
            "more/V1.2__b.sql": "",
            "V1__a.sql": "",
            "R__views.sql": "",
            "R__alpha.sql": "",
            "U1__a.sql": "undo",
            "V2__code.java": "",
            "V1__a.sql.conf": "executeInTransaction=false",
        },
    )
    assert result.layout == "flyway"
    assert versions(result) == ["1", "1.2", "1.10", "2", "R__alpha", "R__views"]
    assert wrappings(result) == ["statements"] + ["unless-forbidden"] * 4
    assert [script.text for script in result.migrations[0].down] == ["undo"]
    assert result.migrations[3].opaque_reason == "it is a .java step, not SQL"


def test_the_newest_flyway_baseline_replaces_what_it_covers(tmp_path: Path) -> None:
    files = {"V1__a.sql": "", "V2__b.sql": "", "B2__base.sql": "", "B1__old.sql": "", "V3__c.sql": ""}
    assert [migration.name for migration in read(tmp_path, files).migrations] == ["B2__base", "V3__c"]


def test_flyway_versions_that_differ_only_in_zeros_are_the_same(tmp_path: Path) -> None:
    assert codes(read(tmp_path, {"V1__a.sql": "", "V1.0__b.sql": ""})) == ["migration-double"]


def test_a_flyway_name_with_one_underscore_is_an_error(tmp_path: Path) -> None:
    result = read(tmp_path, {"V1__a.sql": "", "V2_b.sql": ""})
    assert codes(result) == ["migration-malformed"]


def test_flyway_placeholders_are_not_known(tmp_path: Path) -> None:
    result = read(tmp_path, {"V1__a.sql": "create table ${schema}.a (id int);"})
    assert "${schema}" in (result.migrations[0].opaque_reason or "")


def test_sqlx_takes_timestamps_in_one_file_each(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {"20240201000000_b.sql": "-- no-transaction\nselect 2;", "20240101000000_a.sql": "select 1;"},
    )
    assert result.layout == "sqlx"
    assert versions(result) == ["20240101000000", "20240201000000"]
    assert wrappings(result) == ["transaction", "batch"]


def test_sqlx_knows_its_own_reversible_files_by_the_opt_out(tmp_path: Path) -> None:
    result = read(
        tmp_path, {"1_a.up.sql": "-- no-transaction\nselect 1;", "1_a.down.sql": "", "2_b.up.sql": ""}
    )
    assert result.layout == "sqlx"
    assert wrappings(result) == ["batch", "transaction"]


def test_prisma_orders_by_the_name_of_the_folder(tmp_path: Path) -> None:
    result = read(
        tmp_path,
        {
            "20240201000000_b/migration.sql": "2",
            "20240101000000_a/migration.sql": "1",
            "migration_lock.toml": 'provider = "postgresql"',
        },
    )
    assert (result.layout, ups(result), wrappings(result)) == ("prisma", ["1", "2"], ["batch", "batch"])


def test_plain_files_are_ordered_by_number(tmp_path: Path) -> None:
    result = read(tmp_path, {"2-b.sql": "2", "10.sql": "10", "v1_a.sql": "1"})
    assert (result.layout, ups(result), wrappings(result)) == ("plain", ["1", "2", "10"], ["statements"] * 3)


def test_files_without_a_number_are_named_as_left_out(tmp_path: Path) -> None:
    result = read(tmp_path, {"1_a.sql": "", "seed.sql": "", "1_a.down.sql": ""}, "plain")
    (warning,) = result.diagnostics
    assert (warning.code, warning.severity) == ("migration-ignored", "warning")
    assert "`seed.sql`" in warning.message


def test_dbmate_reads_each_pair_of_sections(tmp_path: Path) -> None:
    first = "-- migrate:up\nup 1\n-- migrate:down\ndown 1\n"
    second = "-- migrate:up transaction:false\nup 2\n-- migrate:down\ndown 2"
    result = read(tmp_path, {"20240101000000_a.sql": first + second})
    assert result.layout == "dbmate"
    assert ups(result) == ["up 1\n", "up 2\n"]
    assert wrappings(result) == ["transaction", "batch"]
    assert [script.text for script in result.migrations[0].down] == ["down 2", "down 1\n"]


@pytest.mark.parametrize("text", ["-- migrate:up\nselect 1;", "select 1;\n-- migrate:up\n-- migrate:down\n"])
def test_dbmate_sections_that_dbmate_would_refuse(tmp_path: Path, text: str) -> None:
    assert codes(read(tmp_path, {"1_a.sql": text})) == ["migration-malformed"]


ALEMBIC = """\
BEGIN;

CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);

-- Running upgrade  -> 0a1b

CREATE TABLE a (id INT);

INSERT INTO alembic_version (version_num) VALUES ('0a1b');

-- Running upgrade 0a1b -> 2c3d, 4e5f

CREATE TABLE b (id INT);

COMMIT;
"""


def test_alembic_output_is_a_section_for_each_revision(tmp_path: Path) -> None:
    result = read_migrations([write(tmp_path, {"all.sql": ALEMBIC}) / "all.sql"])
    assert result.layout == "alembic"
    assert versions(result) == ["0a1b", "2c3d"]
    first, second = (migration.up[0] for migration in result.migrations)
    assert first.text + second.text == ALEMBIC
    assert (first.wrapping, second.wrapping) == ("statements", "transaction")


def test_alembic_sections_keep_the_begin_before_them(tmp_path: Path) -> None:
    text = (
        "BEGIN;\n\n-- Running upgrade  -> a1\n\nselect 1;\n\nCOMMIT;\n\n"
        "BEGIN;\n\n-- Running upgrade a1 -> b2\n\nselect 2;\n\nCOMMIT;\n"
    )
    result = read(tmp_path, {"all.sql": text})
    assert wrappings(result) == ["statements", "statements"]
    assert ups(result)[1].startswith("BEGIN;")


def test_alembic_downgrades_are_the_way_back(tmp_path: Path) -> None:
    down = "-- Running downgrade 0a1b -> \n\nDROP TABLE a;\n"
    write(tmp_path, {"there.sql": ALEMBIC, "back.sql": down})
    result = read_migrations([tmp_path / "there.sql", tmp_path / "back.sql"])
    assert [[script.text for script in migration.down] for migration in result.migrations] == [[down], []]
    assert codes(read_migrations([tmp_path / "back.sql"])) == ["migration-malformed"]


SQLMIGRATE = "BEGIN;\n--\n-- Create model Crate\n--\nCREATE TABLE crate (id int);\nCOMMIT;\n"


def test_sqlmigrate_output_is_known_by_its_comments(tmp_path: Path) -> None:
    python = "--\n-- Raw Python operation\n--\n-- THIS OPERATION CANNOT BE WRITTEN AS SQL\n"
    result = read(tmp_path, {"0001_initial.sql": SQLMIGRATE, "0002_fill.sql": python})
    assert result.layout == "sqlmigrate"
    assert versions(result) == ["0001", "0002"]
    assert [migration.opaque_reason is not None for migration in result.migrations] == [False, True]


def test_a_list_of_files_is_in_the_order_given(tmp_path: Path) -> None:
    write(tmp_path, {"b.sql": "first", "a.sql": "second"})
    result = read_migrations([tmp_path / "b.sql", tmp_path / "a.sql"])
    assert (result.layout, ups(result)) == ("plain", ["first", "second"])


def test_a_list_of_files_of_another_layout_keeps_its_order_too(tmp_path: Path) -> None:
    write(tmp_path, {"1_a/up.sql": "first", "2_b/up.sql": "second"})
    result = read_migrations([tmp_path / "2_b/up.sql", tmp_path / "1_a/up.sql"])
    assert (result.layout, ups(result)) == ("diesel", ["second", "first"])


def test_migrations_in_a_folder_below_are_found(tmp_path: Path) -> None:
    result = read(tmp_path, {"main/001_a.up.sql": "1", "main/002_b.up.sql": "2", "README.md": ""})
    assert (result.layout, versions(result)) == ("golang-migrate", ["001", "002"])


def test_two_folders_of_migrations_below_must_be_told_apart(tmp_path: Path) -> None:
    result = read(tmp_path, {"mysql/1_a/up.sql": "", "postgres/1_a/up.sql": ""})
    assert codes(result) == ["layout-ambiguous"]
    assert "`mysql`, `postgres`" in result.diagnostics[0].message


def test_two_layouts_in_one_folder_must_be_told_apart(tmp_path: Path) -> None:
    files = {"1_a.sql": GOOSE, "2_b.sql": "-- migrate:up\n-- migrate:down\n"}
    result = read(tmp_path, files)
    assert codes(result) == ["layout-ambiguous"]
    assert "`dbmate`, `goose`" in result.diagnostics[0].message


def test_folders_for_versions_hold_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    files = {"0.9/00__a.sql": "1", "0.10/2_c.sql": "3", "0.10/10_d.sql": "4", "0.9.1/x.sql": "2"}
    result = read(tmp_path, {f"store/{name}": text for name, text in files.items()})
    assert (result.layout, ups(result)) == ("versions", ["1", "2", "3", "4"])
    assert versions(result) == ["0.9/00__a", "0.9.1/x", "0.10/2_c", "0.10/10_d"]
    assert set(wrappings(result)) == {"statements"}


def test_folders_for_versions_hold_files_marked_up_and_down(tmp_path: Path) -> None:
    files = {"2/01_c.up.sql": "3", "1/02_b.up.sql": "2", "1/02_b.down.sql": "no", "1/01_a.up.sql": "1"}
    result = read(tmp_path, files)
    assert (result.layout, ups(result)) == ("versions", ["1", "2", "3"])
    assert versions(result) == ["1/01_a.up", "1/02_b.up", "2/01_c.up"]


def test_a_manifest_tells_the_order_of_the_files_that_it_names(tmp_path: Path) -> None:
    files = {"v1.0/a.sql": "2", "v1.0/b.sql": "1", "v1.0/manifest.json": '{"files": ["b.sql", "a.sql"]}'}
    result = read(tmp_path, files)
    assert (versions(result), ups(result)) == (["v1.0/b", "v1.0/a"], ["1", "2"])


def test_an_order_that_only_names_tell_is_a_warning(tmp_path: Path) -> None:
    files = {"v1.0/a.sql": "1", "v1.0/b.sql": "2", "v1.0/manifest.json": '{"files": ["b.sql"]}'}
    result = read(tmp_path, files)
    assert (codes(result), ups(result)) == (["migration-order"], ["1", "2"])


def test_code_among_the_files_of_a_version_is_a_step(tmp_path: Path) -> None:
    names = ("53/01_a.sql", "54/01_a.sql", "54/02_b.py", "54/__init__.py", "54/x.down.sql")
    result = read(tmp_path, dict.fromkeys(names, ""))
    assert [step.opaque_reason for step in result.migrations] == [None, None, "it is a .py step, not SQL"]
    assert codes(result) == ["migration-ignored"]


def test_folders_for_versions_with_the_marks_of_a_tool_must_be_told_apart(tmp_path: Path) -> None:
    assert codes(read(tmp_path, {"1.0/1_a.sql": GOOSE, "1.1/2_b.sql": GOOSE})) == ["layout-ambiguous"]


def test_code_between_the_folders_of_prisma_is_a_step(tmp_path: Path) -> None:
    result = read(tmp_path, {"20240101_a/migration.sql": "1", "20240102_b/migration.ts": ""})
    assert [step.opaque_reason for step in result.migrations] == [None, "it is a step in code"]


SERVERS = {
    "1_a.up.sql": "all",
    "2_b.up.sql": "others",
    "2_b.mysql.up.sql": "mysql",
    "2_b.sqlite3.up.sql": "sqlite",
    "3_c.cockroach.up.sql": "cockroach",
    "4_d.postgres.autocommit.up.sql": "postgres",
}


@pytest.mark.parametrize(
    ("dialect", "texts"),
    [
        ("mysql", ["all", "mysql"]),
        ("sqlite", ["all", "sqlite"]),
        ("postgres", ["all", "others", "postgres"]),
    ],
)
def test_files_for_other_servers_are_not_read(tmp_path: Path, dialect: Dialect, texts: list[str]) -> None:
    result = read_migrations([write(tmp_path, SERVERS)], dialect=dialect)
    assert (result.layout, result.diagnostics, ups(result)) == ("golang-migrate", (), texts)
    assert ("statements" in wrappings(result)) == (dialect == "postgres")


def test_files_for_several_servers_are_no_one_history(tmp_path: Path) -> None:
    result = read(tmp_path, SERVERS)
    assert codes(result) == ["layout-ambiguous"]
    assert "`cockroach`, `mysql`, `postgres`, `sqlite`" in result.diagnostics[0].message
    assert result.diagnostics[0].hint == "name one of them: --dialect postgres"
    files = sorted(tmp_path / name for name in SERVERS)
    assert codes(read_migrations(files)) == ["layout-ambiguous"]


def test_a_file_in_place_of_another_on_one_server_needs_the_server_named(tmp_path: Path) -> None:
    assert codes(read(tmp_path, {"1_a.up.sql": "", "1_a.sqlite.up.sql": ""})) == ["layout-ambiguous"]


@pytest.mark.parametrize(
    "layout", ["{}/V1__a.sql", "{}/1_a.sql", "{}/0.1/1_a.sql", "1/a.sql.{}", "{}/a/up.sql"]
)
def test_folders_for_servers_are_taken_apart_in_any_layout(tmp_path: Path, layout: str) -> None:
    folder = write(tmp_path, {layout.format(server): server for server in ("MySQL", "postgresql")})
    assert codes(read_migrations([folder])) == ["layout-ambiguous"]
    assert ups(read_migrations([folder], dialect="mysql")) == ["MySQL"]


def test_a_server_that_is_not_known_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path, {"clickhouse/1_a.sql": "x"})
    for path in (folder, folder / "clickhouse"):
        result = read_migrations([path])
        assert codes(result) == ["layout-unknown"]
        assert "`clickhouse`" in result.diagnostics[0].message
    assert ups(read_migrations([folder / "clickhouse"], dialect="postgres")) == ["x"]


def test_what_is_found_is_named_where_nothing_is_recognised(tmp_path: Path) -> None:
    unnumbered = read(tmp_path / "a", {"users.sql": "", "bounces.sql": ""}).diagnostics[0]
    assert "`bounces.sql`, `users.sql`" in unnumbered.message
    assert f"{tmp_path}/a/bounces.sql {tmp_path}/a/users.sql" in (unnumbered.hint or "")
    code = read(tmp_path / "b", {"v1.0.go": "", "v2.0.go": ""}).diagnostics[0]
    assert "holds no file of SQL" in code.message
    prisma = read(tmp_path / "c", {"schema.prisma": ""}).diagnostics[0]
    assert "prisma migrate" in (prisma.hint or "")


def test_python_migrations_are_to_be_printed_first(tmp_path: Path) -> None:
    result = read(tmp_path, {"versions/0a1b_first.py": "def upgrade(): ..."})
    assert codes(result) == ["layout-unknown"]
    assert "alembic upgrade" in (result.diagnostics[0].hint or "")


def test_an_empty_folder_holds_no_layout(tmp_path: Path) -> None:
    result = read(tmp_path, {})
    assert codes(result) == ["layout-unknown"]
    assert all(layout.name in (result.diagnostics[0].hint or "") for layout in LAYOUTS)


def test_an_unknown_layout_gets_the_nearest_name(tmp_path: Path) -> None:
    result = read(tmp_path, {"1_a.sql": GOOSE}, "gooze")
    assert (codes(result), result.diagnostics[0].hint) == (["layout-unknown"], "did you mean `goose`?")


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_a_named_layout_without_migrations_is_an_error(tmp_path: Path, layout: object) -> None:
    name = layout.name  # type: ignore[attr-defined]  # pytest types parameters as objects
    result = read(tmp_path, {"README.md": "nothing"}, name)
    assert (result.migrations, codes(result)) == ((), ["migrations-none"])


def test_versions_given_twice_are_errors(tmp_path: Path) -> None:
    assert codes(read(tmp_path, {"1_a.sql": GOOSE, "01_b.sql": GOOSE})) == ["migration-double"]


def test_a_number_left_out_is_a_warning(tmp_path: Path) -> None:
    result = read(tmp_path, {f"{n:03}_x.sql": "" for n in (1, 2, 3, 5, 6)})
    (warning,) = result.diagnostics
    assert (warning.code, warning.severity) == ("migration-gap", "warning")
    assert "`4`" in warning.message


def test_wide_steps_leave_nothing_out(tmp_path: Path) -> None:
    assert versions(read(tmp_path, {f"{n:04}_x.sql": "" for n in (10, 20, 30)})) == ["0010", "0020", "0030"]
