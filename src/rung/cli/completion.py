"""Defines the verb `completion`."""

from __future__ import annotations

import click

from rung.cli import exits
from rung.cli.output import write


@click.command("completion")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script of SHELL: bash, zsh or fish.

    For bash, put `eval "$(rung completion bash)"` into ~/.bashrc; for zsh likewise into ~/.zshrc; for fish,
    write the output to ~/.config/fish/completions/rung.fish.
    """
    from click.shell_completion import ShellComplete, get_completion_class

    from rung.cli.root import rung

    kind = get_completion_class(shell)
    assert kind is not None, "click knows the shells of the choice"
    # Not the class's own `source`: bash's runs bash to see how old it is.
    write(ShellComplete.source(kind(rung, {}, "rung", "_RUNG_COMPLETE")) + "\n")
    return exits.OK
