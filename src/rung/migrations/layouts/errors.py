"""Defines what can be wrong with files of migrations: one function per code, its docstring the page."""

from __future__ import annotations

from collections.abc import Sequence

from rung.diagnostics import Diagnostic, Span, did_you_mean


def layout_unknown(message: str, hint: str) -> Diagnostic:
    """The files are of no layout that is known, or `--layout` names none.

    A layout says which files are migrations, in which order they run and what each does to go back. It is
    recognised from the names of files and from marks in them; where there are none, name it, or list the
    files in the order in which they run:

        rung migrations db/first.sql db/second.sql
    """
    return Diagnostic("layout-unknown", message, None, hint)


def layout_ambiguous(message: str, hint: str) -> Diagnostic:
    """The files fit more than one layout, or there are several folders of migrations, or several servers.

    A project with a folder for each kind of database, or with files like `1_a.mysql.up.sql`, is asked about
    one of them:

        rung migrations migrations/postgresql
        rung migrations migrations --dialect postgres
    """
    return Diagnostic("layout-ambiguous", message, None, hint)


def migrations_none(layout: str, shown: str, marks: str) -> Diagnostic:
    """There is nothing to judge: no file is a migration of the layout."""
    message = f"there is no migration of the layout `{layout}` in {shown}"
    return Diagnostic("migrations-none", message, None, f"it is known by {marks}")


def migration_unreadable(path: str, message: str, hint: str | None = None) -> Diagnostic:
    """A file or folder cannot be read as migrations: missing, not permitted, too large, or not UTF-8 text.

    None of the others is judged then: what is in this one might change what they mean.
    """
    return Diagnostic("migration-unreadable", message, None, hint, file=path)


def migration_link(link: str, message: str) -> Diagnostic:
    """A link in the folder leads out of it, to a folder, or nowhere.

    What is judged must be what is in the folder, not what a link makes of it on one machine.
    """
    return Diagnostic("migration-link", message, None, "put the file itself into the folder", file=link)


def migration_malformed(span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A migration is not as its tool wants it, and the tool would refuse it or run something else.

        -- +goose Up
        -- +goose StatementBegin
        CREATE FUNCTION …

    The annotation StatementEnd is missing here.
    """
    return Diagnostic("migration-malformed", message, span, hint)


def migration_double(first: str, second: str, version: str, path: str) -> Diagnostic:
    """Two migrations have the same version, so that their order is not known.

    It happens when two branches add a migration each. Give one of them a later version.
    """
    message = f"`{first}` and `{second}` have the same version `{version}`"
    return Diagnostic("migration-double", message, None, "give one of them a later version", file=path)


def migration_gap(missing: str, shown: str, path: str) -> Diagnostic:
    """The numbers of the migrations leave some out: a file may be missing."""
    message = f"the numbering in {shown} leaves out {missing}"
    hint = "check that no file is missing"
    return Diagnostic("migration-gap", message, None, hint, severity="warning", file=path)


def migration_ignored(files: str, count: int, layout: str, path: str) -> Diagnostic:
    """Some files of SQL are no migrations of the layout, and are not judged.

    Seeds and dumps of a schema often stand beside migrations. If one is a migration, its name lacks what the
    layout knows one by.
    """
    verb = "is no migration" if count == 1 else "are no migrations"
    message = f"{files} {verb} of the layout `{layout}`"
    return Diagnostic("migration-ignored", message, None, severity="warning", file=path)


def migration_order(folder: str, path: str) -> Diagnostic:
    """Files of one folder have no numbers, and are taken to run in the order of their names.

    Some tools run them so, others do not say. Number them, `01_tables.sql`, to be sure.
    """
    message = f"the files in `{folder}` are taken to run in the order of their names"
    return Diagnostic("migration-order", message, None, severity="warning", file=path)


def migration_vanished(name: str, path: str) -> Diagnostic:
    """The later of two folders lacks a migration of the earlier one, though it may have run."""
    return Diagnostic("migration-vanished", f"the later folder lacks `{name}`", None, file=path)


def migration_changed(name: str, path: str) -> Diagnostic:
    """A migration differs between two folders, though it may have run as it was before."""
    message = f"`{name}` differs between the two folders, though it may have run"
    hint = "leave it as it was and write a further migration"
    return Diagnostic("migration-changed", message, None, hint, file=path)


def revision_unknown(
    revision: str, known: Sequence[str], first_and_last: tuple[str, str] | None
) -> Diagnostic:
    """`--from` or `--to` names no migration.

    A revision is a migration's version, its name, its path, or the beginning of its version (four characters
    or more), or the folder of a version, for the last migration in it; `base` is before the first migration,
    `head` is the last.

        rung migrations db/migrations --from 20240131 --to head
    """
    hint = did_you_mean(revision, known)
    if hint is None and first_and_last is not None:
        hint = f"the revisions go from `{first_and_last[0]}` to `{first_and_last[1]}`"
    return Diagnostic("revision-unknown", f"no migration is named `{revision}`", None, hint)


def revision_ambiguous(revision: str, names: str, count: int) -> Diagnostic:
    """`--from` or `--to` names more than one migration."""
    message = f"`{revision}` names {count} migrations: {names}"
    return Diagnostic("revision-ambiguous", message, None, "give the whole name")


def revision_order(from_revision: str, to_revision: str) -> Diagnostic:
    """`--from` comes after `--to`. A rollout goes forward; whether one can go back is part of its proof."""
    message = f"`{from_revision}` comes after `{to_revision}`"
    return Diagnostic(
        "revision-order", message, None, f"did you mean --from {to_revision} --to {from_revision}?"
    )
