"""Defines the root command, whose verbs are imported only when they are called.

Its help comes from VERBS alone, so that it need not wait for what the verbs import.
"""

from __future__ import annotations

from importlib import import_module

import click

from rung import __version__

VERBS = {
    "check": "Find mistakes in policies, and what looks like one.",
    "decide": "Decide whether a policy allows what a proposal asks for.",
    "migrations": "Prove that database migrations are safe at every step of a rollout.",
    "prove": "Prove what policies demand, for all histories.",
    "compare": "Tell what an edited policy newly allows, denies and demands.",
    "test": "Run the cases that stand beside policies.",
    "fmt": "Write policies in their canonical form.",
    "docs": "Print a policy as a page for those who live under it.",
    "graph": "Print a policy as a graph.",
    "explain": "Explain the code of a diagnostic.",
    "init": "Start with a small policy, a proposal and facts that pass.",
    "facts": "Learn facts from test reports, coverage and git.",
    "schema": "Print the JSON Schema of a document.",
    "completion": "Print the completion script of a shell.",
}


class LazyGroup(click.Group):
    """A group whose commands are `command` in the modules of this package that have their names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"rung.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            from rung.diagnostics import did_you_mean

            hint = did_you_mean(args[0], VERBS)
            ctx.fail(f"there is no command `{args[0]}`" + (f", {hint}" if hint else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="rung %(version)s")
def rung() -> None:
    """Check release policies, and decide by them.

    Exit codes: 0 allowed, proved or nothing wrong, 1 denied or refuted, 2 bad input, 3 undecided, 4 internal
    error.
    """
