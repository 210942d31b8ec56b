"""Defines the verb `docs`."""

from __future__ import annotations

import click

from rung.cli import exits, files
from rung.cli.loading import load_or_report
from rung.cli.output import write


@click.command("docs")
@click.argument("policy")
@files.root_option
def command(policy: str, root: str | None) -> int:
    """Print POLICY as a page in Markdown, for those who live under it.

    Exit codes: 0 printed, 2 a mistake in the policy.
    """
    import time

    from rung.report.docs_markdown import page

    loaded = load_or_report(policy, root)
    if loaded.policy is None:
        return exits.BAD_INPUT
    baselines = [name for name in loaded.sources if name != loaded.policy.span.file]
    write(page(loaded.policy, baselines, int(time.time())))
    return exits.OK
