"""Defines what can be wrong with a rollout as it is asked for: one function per code, the docstring its page.

`PAGES` are the pages of what dialects, `apply` and the oracle report where they find it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rung.diagnostics import Diagnostic


def rollout_start_missing(shown: str, last: Sequence[str]) -> Diagnostic:
    """It is not said what has run where the rollout starts.

    `--from` names the last migration that has run; the rollout is what comes after it. `base` says that none
    has: the database is empty.

        rung migrations db/migrations --from 20240131 --to head
    """
    hint = "name the last migration that has run; `base` is none"
    if len(last) > 1:
        hint = f"for the newest migration alone: --from {last[-2]}"
    return Diagnostic(
        "rollout-start-missing", f"it is not said which migrations of {shown} have run", None, hint
    )


def rollout_empty(first: str, last: str) -> Diagnostic:
    """The rollout runs no migration, so that there is nothing to judge; that is no proof of anything."""
    message = f"no migration runs between `{first}` and `{last}`"
    return Diagnostic("rollout-empty", message, None, "--from names the last migration that has run before")


def rollout_too_long(count: int, most: int) -> Diagnostic:
    """The rollout runs so many statements that judging them would take too long.

    Judge it in parts: `--to` ends a part, and `--from` begins the next one there. Rows of data are better
    loaded by other means than migrations.
    """
    message = f"the rollout runs {count} statements, and at most {most} are judged at once"
    return Diagnostic("rollout-too-long", message, None, "judge it in parts, with --from and --to")


def nothing_checked(count: int) -> Diagnostic:
    """The migrations hold nothing that bears on code or rows, so that nothing was checked.

    Nothing checked is no proof: perhaps a file is empty, or all that is in it is commented out.
    """
    files = "the migration holds" if count == 1 else f"the {count} migrations hold"
    return Diagnostic("nothing-checked", f"{files} nothing that could be checked", None)


def queries_unread(path: str, message: str, hint: str | None = None) -> Diagnostic:
    """The code's queries cannot be read: there is no SQL at that place, or it is in a dialect not read yet.

    Without queries, code is taken to use everything in its schema: leave the option out for that.
    """
    return Diagnostic("queries-unread", message, None, hint, file=path)


def replay_unavailable(dialect: str) -> Diagnostic:
    """Refutations are replayed on a real PostgreSQL, and these migrations are for another server."""
    return Diagnostic(
        "replay-unavailable",
        f"refutations are replayed on PostgreSQL, and these migrations are for {dialect}",
        None,
    )


_REFUSED = "the database would refuse it, and the migration would fail."

_MISSING = """A statement names a {kind} that no migration before it has made: {refused}

Perhaps a migration is missing from the folder. It is only a warning where a statement before it is not
understood, and may have made the {kind}."""

PAGES: Mapping[str, str] = {
    **{
        f"unknown-{kind.replace(' ', '-')}": _MISSING.format(kind=kind, refused=_REFUSED)
        for kind in (
            "column", "constraint", "domain", "enum", "enum-value", "extension", "function", "index",
            "materialized view", "schema", "sequence", "table", "trigger", "type", "view",
        )
    },
    "duplicate-object": f"A statement makes something whose name is taken already: {_REFUSED}",
    "wrong-object": "A statement is about a thing of another kind, a view where a table is asked for: "
    + _REFUSED,
    "ambiguous-column": "A statement names a column that several of the relations have which it reads, "
    "or two of them go by one name: " + _REFUSED,
    "column-count": "A statement gives more values than there are columns for them, or fewer: " + _REFUSED,
    "ungrouped-column": "A query that groups rows gives a column that may differ within a group: " + _REFUSED,
    "unmatched-key": "A foreign key refers to columns of which there is no key and no unique index: "
    + _REFUSED,
    "refused-statement": """PostgreSQL refuses the statement whatever the rows are: the migration would fail.

An index over what is not immutable or of a type without an operator class, a foreign key between types that
have no common equality, a default or a condition of another type, a call that no function matches: the
message says which.""",
    "dependent-objects": f"A statement drops what something else needs, without CASCADE: {_REFUSED}",
    "sql-syntax": """A statement that the grammar of the dialect does not know.

In the migrations of the rollout it is a mistake, and nothing is judged. In those before them, what it did is
unknown, and so is all that may depend on it. `--dialect` names the dialect.""",
    "no-postgres": """There is no PostgreSQL to replay refutations on.

`--replay` runs every counterexample on a real server before it is shown. The server comes with an extra:

    pip install rung[postgres]

Without `--replay`, everything is judged all the same.""",
}  # fmt: skip
"""The page of each code."""
