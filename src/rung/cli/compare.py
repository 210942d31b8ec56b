"""Defines the verb `compare`."""

from __future__ import annotations

import os
from importlib import import_module

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, emit, report_options
from rung.cli.prove import SECONDS
from rung.diagnostics import Diagnostic, Source
from rung.policy import model


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option("--timeout", "seconds", type=click.FloatRange(min=0.001), default=SECONDS, show_default=True,
              metavar="SECONDS", help="How long each way into an environment may take.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="How many ways to compare at a time; one for each processor unless said.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Show the whole history of each request.")
@files.root_option
@report_options
def command(
    old: str,
    new: str,
    seconds: float,
    jobs: int | None,
    verbose: bool,
    root: str | None,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Tell what the policy NEW allows, denies and demands otherwise than OLD; one of them may be `-`.

    The verdict is `same`, `tighter`, `looser`, `incomparable` or `unknown`, over all requests. Each
    difference is shown by one request, which was decided by both policies.

    Exit codes: 0 same or tighter, 1 something is newly allowed or owed less, 2 a mistake in the input,
    3 something could not be compared.
    """
    from rung import engine

    files.once((old, new))
    target = Outputs(outputs, color, verbose)
    policies: list[model.Policy] = []
    sources: dict[str, Source] = {}
    mistakes: list[Diagnostic] = []
    for name in (old, new):
        text = files.read_policy(name, root)
        loaded = None if isinstance(text, Diagnostic) else engine.load(text)
        if loaded is None:
            assert isinstance(text, Diagnostic), "what is no policy's text is a mistake"
            mistakes.append(text)
            continue
        sources.update(loaded.sources)
        mistakes += [each for each in loaded.mistakes if each not in mistakes]  # both may have one baseline
        policies += [] if loaded.policy is None else [loaded.policy]
    if len(policies) < 2:
        return _refuse(target, mistakes, sources)
    found = engine.compare(policies[0], policies[1], sources, seconds, jobs or os.cpu_count() or 1)
    for output in outputs:
        write = import_module(f"rung.report.comparison_{output.format}").comparison
        emit(Outputs((output,), color, verbose), lambda form, look: write(found, sources, look))  # noqa: B023  # called at once
    if found.broken:
        return exits.INTERNAL
    if found.looser:
        return exits.DENIED
    return exits.UNDECIDED if found.relation == "unknown" else exits.OK


def _refuse(outputs: Outputs, mistakes: list[Diagnostic], sources: dict[str, Source]) -> int:
    from rung.report import Findings

    emit(
        outputs,
        lambda form, look: form.diagnostics(Findings("nothing compared", sources, tuple(mistakes)), look),
    )
    return exits.BAD_INPUT
