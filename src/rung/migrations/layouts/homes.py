"""Finds the folder that holds the migrations, at the named one or below it, and the layouts it may be in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rung.migrations.layouts import golang_migrate, plain, sqlx, versions
from rung.migrations.layouts.model import File, Layout


@dataclass(frozen=True, slots=True)
class Home:
    """A folder (its path below the named one) with its files, and the layouts that they bear the marks of."""

    folder: str
    files: tuple[File, ...]
    layouts: tuple[Layout, ...]

    def within(self, layout: Layout) -> list[File]:
        return _within(self.files, layout)


def find_homes(files: Sequence[File], layouts: Sequence[Layout]) -> list[Home]:
    """The topmost folders that any of `layouts` recognises; marks in a text outweigh names of files.

    Folders for versions are what several folders of bare files, or files that no layout knows, are taken for.
    """
    known = [layout for layout in layouts if layout is not versions.LAYOUT]
    homes = _topmost(files, known) if known else []
    if versions.LAYOUT in layouts and len(homes) != 1 and all(map(_is_bare, homes)):
        return _topmost(files, (versions.LAYOUT,)) or homes
    return homes


def _is_bare(home: Home) -> bool:
    """Whether the folder is named for a version and its files are at most marked as `up` or `down`."""
    named = versions.VERSION.fullmatch(home.folder.rsplit("/", 1)[-1])
    return named is not None and set(home.layouts) <= {golang_migrate.LAYOUT, plain.LAYOUT, sqlx.LAYOUT}


def _topmost(files: Sequence[File], layouts: Sequence[Layout], folder: str = "") -> list[Home]:
    strengths = [(layout.recognise(_within(files, layout)), layout) for layout in layouts]
    best = max(strength for strength, _ in strengths)
    if best:
        return [
            Home(folder, tuple(files), tuple(layout for strength, layout in strengths if strength == best))
        ]
    below: dict[str, list[File]] = {}
    for file in files:
        name, slash, rest = file.path.partition("/")
        if slash and not file.listed:
            below.setdefault(name, []).append(replace(file, path=rest))
    return [
        home
        for name, inner in below.items()
        for home in _topmost(inner, layouts, f"{folder}/{name}" if folder else name)
    ]


def _within(files: Sequence[File], layout: Layout) -> list[File]:
    """The files that stand no deeper than the layout looks; all that the user listed."""
    return [file for file in files if file.listed or file.path.count("/") <= layout.depth]
