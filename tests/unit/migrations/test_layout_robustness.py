"""Whatever is in a folder, a layout reads it or says what is wrong; what it reads stands in the files."""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import given

from rung.diagnostics import Source
from rung.migrations.layouts import LAYOUTS
from rung.migrations.layouts.checks import doubles, gaps, unused
from rung.migrations.layouts.homes import find_homes
from rung.migrations.layouts.model import File, Layout

NAMES = st.sampled_from(
    [
        "1_a.sql",
        "01_b.sql",
        "2_b.up.sql",
        "2_b.down.sql",
        "3_c.up.go",
        "20240101000000_d.sql",
        "V1__a.sql",
        "V1_0__b.sql",
        "R__v.sql",
        "U1__a.sql",
        "B2__b.sql",
        "V2_bad.sql",
        "V3__c.java",
        "V1__a.sql.conf",
        "up.sql",
        "down.sql",
        "metadata.toml",
        "migration.sql",
        "migration_lock.toml",
        "4_e.go",
        "5_f_test.go",
        "seed.sql",
        "README.md",
        ".sql",
        "_.sql",
        "0.sql",
        "V.sql",
        "models.py",
        "1_a.mysql.sql",
        "a.sql.sqlite",
        "manifest.json",
        "migration.ts",
    ]
)
FOLDERS = st.sampled_from(["", "0.27/", "v1/", "2024-01-01-000000_a/", "2_b/", "main/", "main/3_c/", "x/y/"])
LINES = st.sampled_from(
    """\
-- +goose Up
-- +goose Down
-- +goose StatementBegin
-- +goose StatementEnd
-- +goose NO TRANSACTION
-- +goose
-- migrate:up
-- migrate:up transaction:false
-- migrate:down
-- no-transaction
-- Running upgrade  -> a1b2
-- Running upgrade a1b2 -> c3d4, e5f6
-- Running downgrade a1b2 ->
-- Running upgrade
BEGIN;
COMMIT;
--
-- Create model Crate
-- Raw Python operation
-- THIS OPERATION CANNOT BE WRITTEN AS SQL
create table ${schema}.a (id int);
run_in_transaction = false
executeInTransaction=false
[x]
""".splitlines()
)
TEXTS = st.lists(LINES, max_size=8).flatmap(
    lambda lines: st.sampled_from(["\n", "\r\n"]).map(lambda end: end.join(lines))
)
TREES = st.dictionaries(st.builds(str.__add__, FOLDERS, NAMES), TEXTS, max_size=8)


def tree(texts: dict[str, str], listed: bool) -> list[File]:
    return [
        File(path, path, Source(path, text) if path.endswith((".sql", ".toml", ".conf")) else None, listed)
        for path, text in sorted(texts.items())
    ]


@given(TREES, st.booleans(), st.sampled_from(LAYOUTS))
def test_any_layout_reads_any_files(texts: dict[str, str], listed: bool, layout: Layout) -> None:
    files = tree(texts, listed)
    found = layout.read(files)
    said = [*found.diagnostics, *doubles(found), *gaps(found, "`db`"), *unused(found, files, layout)]
    for _, migration in found.migrations:
        assert migration.path in texts
        assert migration.up or migration.opaque_reason
        for script in (*migration.up, *migration.down):
            assert texts[script.source.name][script.start :].startswith(script.text)
            assert script.sql().text[script.start :] == script.text
            assert script.sql().text.count("\n") == texts[script.source.name][: script.start].count(
                "\n"
            ) + script.text.count("\n")
    for diagnostic in said:
        assert diagnostic.message
        if diagnostic.span is not None:
            assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(texts[diagnostic.span.file])
    # no file of SQL is passed over unsaid
    assert {file.path for file in files if file.is_sql} <= found.used or "migration-ignored" in {
        diagnostic.code for diagnostic in said
    }


@given(TREES, st.booleans())
def test_homes_are_apart_and_hold_what_they_are_known_by(texts: dict[str, str], listed: bool) -> None:
    homes = find_homes(tree(texts, listed), LAYOUTS)
    for home in homes:
        assert home.layouts
        assert all(layout.recognise(home.within(layout)) for layout in home.layouts)
    folders = [f"{home.folder}/" for home in homes]
    assert not any(a != b and b.startswith(a) for a in folders for b in folders)
