"""Defines the verb `explain`."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from rung.cli import exits
from rung.cli.output import write


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from rung.cli.codes import pages

    return [
        CompletionItem(code, help=page.splitlines()[0])
        for code, page in pages().items()
        if code.startswith(incomplete)
    ]


@click.command("explain")
@click.argument("code", required=False, shell_complete=_complete)
def command(code: str | None) -> int:
    """Explain the CODE of a diagnostic; without one, list all codes."""
    from rung.cli.codes import pages
    from rung.diagnostics import did_you_mean

    found = pages()
    if code is None:
        room = max(map(len, found))
        write("".join(f"{each:<{room}}  {page.splitlines()[0]}\n" for each, page in found.items()))
    elif code in found:
        write(f"{code}\n\n{found[code]}\n")
    else:
        hint = did_you_mean(code, found)
        raise click.UsageError(f"there is no code `{code}`; {hint or '`rung explain` lists all codes'}")
    return exits.OK
