"""Defines where each rule of the other migration linters is answered: by a hazard, or why by none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rung.migrations.hazards.model import Hazard

_BY_LEVEL = "the compatibility proof decides it"
_UNKNOWN = "what it does is not modelled: the compatibility proof says UNKNOWN and names it"
_OTHER_SERVER = "of MySQL and MariaDB; locks are PostgreSQL's here"
_PYTHON = "about Python code; what is not SQL is an opaque step, which the compatibility proof names"

# the rules that no hazard carries, each with the reason; those of the hazards stand in `Hazard.names`
ELSEWHERE: Mapping[str, Mapping[str, str]] = {
    "squawk": {
        "ban-add-column": f"{_BY_LEVEL}, level READ: whether live code is sure of a table's columns",
        "ban-add-composite-attribute": _UNKNOWN,
        "ban-add-enum-value": f"{_BY_LEVEL}, level READ: whether live code may meet a value it does not know",
        "ban-alter-extension": _UNKNOWN,
        "ban-alter-function-options": _UNKNOWN,
        "ban-alter-sequence-values": _UNKNOWN,
        "ban-alter-view-options": _UNKNOWN,
        "ban-new-write-restriction": f"{_BY_LEVEL}, level WRITE: whether a row of live code is refused",
        "ban-replace-view-function": f"{_BY_LEVEL}, level NAME, and says UNKNOWN of a body",
        "require-table-schema": "off by default there; search_path is followed, so each name is resolved",
        "syntax-error": "a diagnostic of its own, `sql-syntax`",
        "unused-ignore": "about squawk's own comments",
    },
    "strong_migrations": {
        "add_check_constraint_mysql": _OTHER_SERVER,
        "add_foreign_key_mysql": _OTHER_SERVER,
        "add_index_corruption": "about a bug of PostgreSQL 14.0 to 14.3",
        "change_column_default": f"about Rails; {_BY_LEVEL}",
        "change_column_null_mysql": _OTHER_SERVER,
        "change_table": "about Ruby code; all migrations are SQL here",
        "copy_algorithm": _OTHER_SERVER,
        "execute": "all migrations are SQL here, and are looked at",
        "lock_option": _OTHER_SERVER,
    },
    "atlas": {
        "LT101": "of SQLite",
        "MY101": _OTHER_SERVER,
        "MY102": _OTHER_SERVER,
        "NM101": "naming is for the project to choose",
        "NM102": "naming is for the project to choose",
        "NM103": "naming is for the project to choose",
        "NM104": "naming is for the project to choose",
        "NM105": "naming is for the project to choose",
        "NM106": "naming is for the project to choose",
        "PG110": "saves bytes and endangers nothing",
        "SA101": "about the bodies of functions, which are not modelled",
    },
    "eugene": {},
    "django-migration-linter": {
        "RUNPYTHON_ARGS_NAMING_CONVENTION": _PYTHON,
        "RUNPYTHON_MODEL_IMPORT": _PYTHON,
        "RUNPYTHON_MODEL_VARIABLE_NAME": _PYTHON,
        "RUNPYTHON_REVERSIBLE": _PYTHON,
        "RUNSQL_REVERSIBLE": "the rollback window says whether the schema must go back at all",
    },
}

LINTERS = tuple(ELSEWHERE)


def answers(linter: str, hazards: Iterable[Hazard]) -> dict[str, str | tuple[str, ...]]:
    """By rule of the linter: the codes of the hazards that cover it, or the reason why none does."""
    found: dict[str, str | tuple[str, ...]] = dict(ELSEWHERE[linter])
    for hazard in hazards:
        for rule in hazard.names.get(linter, ()):
            codes = found.get(rule, ())
            assert not isinstance(codes, str), f"{rule} is said to have no hazard"
            found[rule] = (*codes, hazard.code)
    return dict(sorted(found.items()))
