"""The committed reference page is what the hazards say, and the table of other linters is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from rung.migrations.hazards import HAZARDS, Hazard
from rung.migrations.hazards.other_linters import ELSEWHERE, LINTERS, answers
from rung.migrations.hazards.reference import page, reference, text_page

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "hazards.md"

# the rules of each linter, from its own list
RULES = {
    "squawk": """
        adding-field-with-default adding-foreign-key-constraint adding-not-nullable-field
        adding-required-field adding-serial-primary-key-field ban-add-column
        ban-add-composite-attribute ban-add-enum-value ban-alter-database-options
        ban-alter-domain-with-add-constraint ban-alter-extension ban-alter-function-options
        ban-alter-generated-expression ban-alter-identity ban-alter-policy-condition
        ban-alter-role-options ban-alter-row-level-security ban-alter-sequence-values
        ban-alter-system-options ban-alter-view-options ban-char-field
        ban-concurrent-index-creation-in-transaction ban-create-domain-with-constraint
        ban-create-policy ban-detach-inheritance ban-disable-trigger ban-drop-column
        ban-drop-constraint ban-drop-database ban-drop-default ban-drop-domain ban-drop-extension
        ban-drop-function ban-drop-generated-expression ban-drop-index ban-drop-not-null
        ban-drop-policy ban-drop-schema ban-drop-sequence ban-drop-table ban-drop-trigger
        ban-drop-type ban-drop-view ban-duplicate-column-assignments ban-new-write-restriction
        ban-replace-view-function ban-replica-identity ban-revoke ban-set-default ban-set-schema
        ban-truncate-cascade ban-uncommitted-transaction changing-column-type
        constraint-missing-not-valid disallowed-unique-constraint identifier-too-long
        prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-repack
        prefer-robust-stmts prefer-text-field prefer-timestamp-tz renaming-column renaming-object
        renaming-table require-concurrent-index-creation require-concurrent-index-deletion
        require-concurrent-partition-detach require-concurrent-reindex require-enum-value-ordering
        require-lock-timeout require-statement-timeout require-table-schema require-timeout-settings
        syntax-error transaction-nesting unused-ignore
    """,
    "strong_migrations": """
        add_check_constraint add_check_constraint_mysql add_column_auto_incrementing
        add_column_default add_column_default_callable add_column_generated_stored add_column_json
        add_exclusion_constraint add_foreign_key add_foreign_key_mysql add_index add_index_columns
        add_index_corruption add_reference add_unique_constraint change_column
        change_column_constraint change_column_default change_column_null change_column_null_mysql
        change_column_null_postgresql change_column_with_not_null change_table copy_algorithm
        create_table execute lock_option remove_column remove_index rename_column rename_enum_value
        rename_schema rename_table validate_check_constraint validate_foreign_key
    """,
    "atlas": """
        BC101 BC102 CD101 CD102 CD103 DS101 DS102 DS103 LT101 MF101 MF102 MF103 MF104 MY101 MY102
        NM101 NM102 NM103 NM104 NM105 NM106 PG101 PG102 PG103 PG104 PG105 PG108 PG109 PG110 PG301
        PG302 PG303 PG304 PG305 PG306 PG307 PG308 PG309 PG310 PG311 PG312 PG314 PG320 SA101 TX101
        TX201
    """,
    "eugene": "E1 E2 E3 E4 E5 E6 E7 E8 E9 E10 E11 W12 W13 W14 E15",
    "django-migration-linter": """
        ADD_UNIQUE ALTER_COLUMN CREATE_INDEX CREATE_INDEX_EXCLUSIVE DROP_COLUMN DROP_INDEX
        DROP_TABLE NOT_NULL REINDEX RENAME_COLUMN RENAME_TABLE RUNPYTHON_ARGS_NAMING_CONVENTION
        RUNPYTHON_MODEL_IMPORT RUNPYTHON_MODEL_VARIABLE_NAME RUNPYTHON_REVERSIBLE RUNSQL_REVERSIBLE
    """,
}


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run python -m rung.migrations.hazards.reference > docs/reference/hazards.md"
    )


@pytest.mark.parametrize("linter", LINTERS)
def test_every_rule_of_another_linter_is_covered_or_the_reason_is_said(linter: str) -> None:
    assert set(answers(linter, HAZARDS)) == set(RULES[linter].split())


def test_names_are_of_the_linters_in_the_table() -> None:
    assert {linter for hazard in HAZARDS for linter in hazard.names} == set(ELSEWHERE)


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.code)
def test_a_page_holds_all_that_is_known_of_a_hazard(hazard: Hazard) -> None:
    markdown, plain = page(hazard), text_page(hazard)
    for part in (hazard.summary, *hazard.bad.splitlines(), *hazard.good.splitlines(), hazard.hint):
        assert part in markdown
        assert part in plain
