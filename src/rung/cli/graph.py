"""Defines the verb `graph`."""

from __future__ import annotations

from importlib import import_module

import click

from rung.cli import exits, files
from rung.cli.loading import load_or_report
from rung.cli.output import write

FORMATS = ("mermaid", "dot")
"""Every format is the module `rung.report.graph_…` that has its name."""


@click.command("graph")
@click.argument("policy")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="mermaid", show_default=True,
    help="The language of Mermaid, which forges show in Markdown, or of Graphviz.",
)  # fmt: skip
@files.root_option
def command(policy: str, form: str, root: str | None) -> int:
    """Print POLICY as a graph: its environments, the routes between them, and the gates on these.

    Exit codes: 0 printed, 2 a mistake in the policy.
    """
    from rung.explain.graph import graph

    loaded = load_or_report(policy, root)
    if loaded.policy is None:
        return exits.BAD_INPUT
    write(import_module(f"rung.report.graph_{form}").drawn(graph(loaded.policy)))
    return exits.OK
