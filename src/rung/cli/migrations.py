"""Defines the verb `migrations`."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rung.cli import exits
from rung.cli.output import Output, Outputs, emit, report_options
from rung.diagnostics import Diagnostic, Source

if TYPE_CHECKING:
    from rung.migrations.assess import Assessment, Request

STRATEGIES = {"rolling": "rolling", "canary": "canary", "blue_green": "blue_green", "atomic": "recreate"}
"""The strategies as proposals name them, and as the plan of a rollout does."""


@click.command("migrations")
@click.argument("paths", nargs=-1, metavar="[DIR|FILE...]")
@click.option("--from", "start", metavar="REV", help="The last migration that has run; `base`: none has.")
@click.option("--to", "end", metavar="REV", help="The last migration of the rollout; `head` unless named.")
@click.option("--before", metavar="DIR", help="The migrations that have run, as a folder; with --after.")
@click.option("--after", metavar="DIR", help="The same folder later: what it has more is the rollout.")
@click.option("--layout", metavar="NAME", help="How the files are kept; recognised unless named.")
@click.option(
    "--dialect", type=click.Choice(["postgres", "mysql", "sqlite"]),
    help="The server; recognised by the names of folders, else postgres.",
)  # fmt: skip
@click.option(
    "--strategy", type=click.Choice(list(STRATEGIES)), default="rolling", show_default=True,
    help="How the release replaces what runs. atomic: everything stops in between.",
)  # fmt: skip
@click.option(
    "--window", type=click.IntRange(0, 1000), default=1, show_default=True, metavar="N",
    help="How many releases a rollback may go back; each earlier migration counts as one.",
)  # fmt: skip
@click.option(
    "--post", "post", multiple=True, metavar="REV",
    help="A migration that runs after the deployment, to contract. May be given several times.",
)  # fmt: skip
@click.option("--window-spans-post", "spans", is_flag=True, help="A rollback stays possible after --post.")
@click.option(
    "--trust-history", is_flag=True,
    help="Take what is not understood in migrations that have run to have changed nothing else.",
)  # fmt: skip
@click.option("--queries-before", multiple=True, metavar="FILE|DIR", help="The SQL of the release that runs.")
@click.option("--queries-after", multiple=True, metavar="FILE|DIR", help="The SQL of the release to come.")
@click.option("--replay", is_flag=True, help="Run every counterexample on a real PostgreSQL first.")
@click.option("--hazards/--no-hazards", default=True, help="Whether to look for locks and the like.")
@click.option("--style", is_flag=True, help="Also show the hazards that are a matter of style.")
@click.option("--deny-hazards", is_flag=True, help="Exit with 1 where a hazard blocks queries or fails.")
@click.option("-v", "--verbose", is_flag=True, help="Show what is proved too, and every statement in full.")
@report_options
def command(
    paths: tuple[str, ...],
    start: str | None,
    end: str | None,
    before: str | None,
    after: str | None,
    layout: str | None,
    dialect: str | None,
    strategy: str,
    window: int,
    post: tuple[str, ...],
    spans: bool,
    trust_history: bool,
    queries_before: tuple[str, ...],
    queries_after: tuple[str, ...],
    replay: bool,
    hazards: bool,
    style: bool,
    deny_hazards: bool,
    verbose: bool,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Prove that a rollout's migrations are safe at every step and after a rollback, or show what breaks.

    The migrations are in DIR, or are the FILEs in the order in which they run. Live code may use everything
    in its schema, unless its queries are given. PostgreSQL is taken to be version 18.

    Exit codes: 0 proved, 1 refuted, 2 a mistake in the input (nothing is judged), 3 unknown.
    """
    from rung.migrations.assess import Request

    for output in outputs:
        if output.format not in ("text", "json"):
            raise click.UsageError(f"migrations are judged as text or json, not as {output.format}")
    if (before is None) != (after is None):
        raise click.UsageError("--before and --after go together")
    if after is not None and (paths or start is not None or end is not None):
        raise click.UsageError("with --before and --after there is no DIR, --from or --to")
    if after is None and not paths:
        raise click.UsageError("name a folder of migrations, or their files")
    if not hazards and (style or deny_hazards):
        raise click.UsageError("--no-hazards leaves no hazards to show or deny")
    target = Outputs(outputs, color, verbose)
    asked = Request(
        tuple(map(Path, (after,) if after is not None else paths)),
        start, end, None if before is None else Path(before), layout,
        dialect,  # type: ignore[arg-type]  # one of its values, by the option's choice
        STRATEGIES[strategy],  # type: ignore[arg-type]  # one of its values
        window, post, spans, trust_history, tuple(map(Path, queries_before)), tuple(map(Path, queries_after)),
    )  # fmt: skip
    found = _assessed(asked, replay)
    if isinstance(found, Diagnostic):
        return _refuse(target, {}, (found,))
    if found.report is None:
        return _refuse(target, found.sources, found.diagnostics)
    kinds = {"blocking", "failing", "breaking"} if hazards else set()
    shown = tuple(
        each for each in found.hazards if each[0].kind in kinds or (style and each[0].kind == "style")
    )
    found = replace(found, hazards=shown)
    for output in outputs:
        write = import_module(f"rung.report.migrations_{output.format}").migrations
        emit(Outputs((output,), color, verbose), lambda form, look: write(found, look))  # noqa: B023  # called at once
    denied = deny_hazards and any(each.kind in ("blocking", "failing") for each, _ in found.hazards)
    return exits.DENIED if denied else _exit_code(found)


def _assessed(asked: Request, replay: bool) -> Assessment | Diagnostic:
    from rung.migrations.assess import assess

    if not replay:
        return assess(asked)
    from rung.migrations.oracle import start

    with ExitStack() as stack:
        server = stack.enter_context(start())
        return server if isinstance(server, Diagnostic) else assess(asked, server)


def _exit_code(found: Assessment) -> int:
    from rung.migrations.verdicts import Verdict

    match found.verdict:
        case Verdict.PROVED:
            return exits.OK
        case Verdict.REFUTED:
            return exits.DENIED
        case _:
            return exits.UNDECIDED


def _refuse(target: Outputs, sources: Mapping[str, Source], mistakes: tuple[Diagnostic, ...]) -> int:
    from rung.report import Findings

    emit(target, lambda form, look: form.diagnostics(Findings("nothing judged", sources, mistakes), look))
    return exits.BAD_INPUT
