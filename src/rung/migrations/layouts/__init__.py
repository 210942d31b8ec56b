"""Migration layouts: how people keep migrations in files, one module each; `LAYOUTS` is the only registry.

`read_migrations` recognises the layout from the files, or takes the one named, and orders its migrations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rung.diagnostics import Diagnostic, did_you_mean
from rung.migrations.layouts import (
    alembic,
    dbmate,
    diesel,
    errors,
    flyway,
    golang_migrate,
    goose,
    plain,
    prisma,
    sqlmigrate,
    sqlx,
    versions,
)
from rung.migrations.layouts.checks import doubles, gaps, some, unused
from rung.migrations.layouts.files import read_files
from rung.migrations.layouts.homes import Home, find_homes
from rung.migrations.layouts.model import File, Found, Layout, Migration, Script, Wrapping
from rung.migrations.layouts.selection import Selection, difference, select
from rung.migrations.layouts.servers import Dialect, for_server

LAYOUTS = (
    alembic.LAYOUT,
    dbmate.LAYOUT,
    diesel.LAYOUT,
    flyway.LAYOUT,
    golang_migrate.LAYOUT,
    goose.LAYOUT,
    plain.LAYOUT,
    prisma.LAYOUT,
    sqlmigrate.LAYOUT,
    sqlx.LAYOUT,
    versions.LAYOUT,
)

__all__ = [
    "LAYOUTS",
    "Dialect",
    "Layout",
    "Migration",
    "Migrations",
    "Script",
    "Selection",
    "Wrapping",
    "difference",
    "read_migrations",
    "select",
]


@dataclass(frozen=True, slots=True)
class Migrations:
    """Migrations in the order in which they run, their layout, and what there is to say of the files.

    Where a diagnostic is an error, the migrations are not all there are.
    """

    layout: str | None
    migrations: tuple[Migration, ...]
    diagnostics: tuple[Diagnostic, ...]


def read_migrations(
    paths: Sequence[Path], layout_name: str | None = None, dialect: Dialect | None = None
) -> Migrations:
    """Read one folder, or a list of files in the order in which they run.

    Of files for several servers only those for the one in `dialect` are read.
    """
    files, diagnostics = read_files(paths)
    if diagnostics:
        return Migrations(None, (), tuple(diagnostics))
    layouts = LAYOUTS if layout_name is None else tuple(lay for lay in LAYOUTS if lay.name == layout_name)
    if not layouts:
        return Migrations(None, (), (_unknown(layout_name or ""),))
    shown = ", ".join(f"`{path}`" for path in paths[:3]) + (", …" if len(paths) > 3 else "")
    served = for_server(files, paths, dialect, shown)
    if isinstance(served, Diagnostic):
        return Migrations(None, (), (served,))
    files, homes = served, find_homes(served, layouts)
    if len(homes) != 1 or len(homes[0].layouts) != 1:
        return Migrations(None, (), (_undecided(homes, files, layout_name, paths, shown),))
    home, layout = homes[0], homes[0].layouts[0]
    found = layout.read(home.within(layout))
    diagnostics = [
        *found.diagnostics,
        *doubles(found),
        *(() if layout is alembic.LAYOUT else gaps(found, shown)),
        *unused(found, home.files, layout),
    ]
    if not found.migrations and not diagnostics:
        diagnostics = [errors.migrations_none(layout.name, shown, layout.marks)]
    return Migrations(layout.name, _in_order(found, files), tuple(diagnostics))


def _in_order(found: Found, files: Sequence[File]) -> tuple[Migration, ...]:
    if any(file.listed for file in files):
        places = {file.shown: i for i, file in enumerate(files)}
        return tuple(sorted((step for _, step in found.migrations), key=lambda step: places[step.path]))
    return tuple(migration for _, migration in sorted(found.migrations, key=lambda entry: entry[0]))


def _unknown(name: str) -> Diagnostic:
    names = [layout.name for layout in LAYOUTS]
    hint = did_you_mean(name, names) or f"the layouts are {', '.join(names)}"
    return errors.layout_unknown(f"there is no layout `{name}`", hint)


def _undecided(
    homes: Sequence[Home], files: Sequence[File], named: str | None, paths: Sequence[Path], shown: str
) -> Diagnostic:
    """Why no one layout in no one folder was found."""
    if len(homes) > 1:
        message = f"{shown} holds {len(homes)} folders of migrations: {some([home.folder for home in homes])}"
        return errors.layout_ambiguous(message, f"name one of them: {paths[0] / homes[0].folder}")
    if homes:
        names = [layout.name for layout in homes[0].layouts]
        message = f"the files in {shown} look like the layouts {some(names)}"
        return errors.layout_ambiguous(message, f"name one: --layout {names[0]}")
    if named is not None:
        marks = next(layout.marks for layout in LAYOUTS if layout.name == named)
        return errors.migrations_none(named, shown, marks)
    choices = ", ".join(layout.name for layout in LAYOUTS)
    scripts = [file for file in files if file.is_sql]
    message = f"no migrations are recognised in {shown}"
    hint = f"name the layout with --layout ({choices}), or list the files in order"
    if scripts:
        message += f", which holds {some([file.path for file in scripts])}"
        hint += f": rung migrations {' '.join(file.shown for file in scripts[:2])}{' …' * (len(scripts) > 2)}"
    elif any(file.name.endswith(".py") for file in files):
        hint = "print them as SQL first, with `alembic upgrade base:head --sql` or `manage.py sqlmigrate`"
    elif any(file.name.endswith(".prisma") for file in files):
        hint = "have them written as SQL first, with `prisma migrate dev --create-only`"
    elif files:
        message += ", which holds no file of SQL"
        hint = "migrations that are code can be judged as the SQL that they send, in files of their own"
    return errors.layout_unknown(message, hint)
