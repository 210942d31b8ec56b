"""Defines the verb `init`."""

from __future__ import annotations

import os

import click

from rung.cli import exits
from rung.cli.output import UnwritableError, write
from rung.report.plain import plain


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
def command(folder: str) -> int:
    """Write a small policy, a proposal and facts that it allows, to begin with.

    Nothing is overwritten.
    """
    import time

    from rung.cli.starter import files

    written = {os.path.join(folder, name): text for name, text in files(int(time.time())).items()}
    there = [path for path in written if os.path.lexists(path)]
    if there:
        raise click.UsageError(f"`{there[0]}` exists already, so nothing was written")
    for path, text in written.items():
        try:
            os.makedirs(folder, exist_ok=True)
            with open(path, "x", encoding="utf-8", newline="") as file:
                file.write(text)
        except OSError as error:
            raise UnwritableError(path, error) from error
        write(f"wrote {plain(path)}\n")
    import shlex

    names = " ".join(shlex.quote(plain(path)) for path in written)
    write(f"\nNow try: rung decide {names}\n")
    return exits.OK
