"""Defines how a command writes a folder of files anew, and leaves alone what holds other things."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

import click

from rung.cli.output import UnwritableError


def refuse_foreign(folder: str, manifest: str, schema: str) -> None:
    """Usage error unless the folder is absent, empty, or holds what a manifest of the schema lists."""
    foreign = sorted(_names(folder) - _listed(folder, manifest, schema))
    if foreign:
        raise click.UsageError(f"`{folder}` holds other things, such as `{foreign[0]}`: name an empty folder")


def write_anew(folder: str, contents: Mapping[str, str], manifest: str, schema: str) -> None:
    """Put files into a folder instead of those that its manifest lists."""
    refuse_foreign(folder, manifest, schema)
    path = folder
    try:
        os.makedirs(folder, exist_ok=True)
        # A run that is broken off leaves no manifest that speaks of what is not there.
        for name in sorted(_names(folder), key=lambda each: each != manifest):
            os.unlink(os.path.join(folder, name))
        for name, text in contents.items():
            path = os.path.join(folder, name)
            with open(path, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise UnwritableError(path, error) from error


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))
    except FileNotFoundError:
        return set()
    except ValueError as error:
        raise click.UsageError(f"`{folder!r}` is no folder: no file can have this name") from error
    except OSError as error:
        raise UnwritableError(folder, error) from error


def _listed(folder: str, manifest: str, schema: str) -> set[str]:
    """The files of an earlier run."""
    try:
        with open(os.path.join(folder, manifest), encoding="utf-8") as file:
            found = json.load(file)
        if found["schema"] != schema:
            return set()
        return {manifest, *(each["file"] for part in found["properties"] for each in part["obligations"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
