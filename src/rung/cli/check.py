"""Defines the verb `check`."""

from __future__ import annotations

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, emit, report_options
from rung.diagnostics import Diagnostic, Source

SECONDS = 10.0  # of a solver, for each policy


@click.command("check")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--prove", "ask_solver", is_flag=True,
              help="Also find, by proof, rules that can never matter.")  # fmt: skip
@click.option("--deny-warnings", is_flag=True, help="Exit with 1 when there are warnings.")
@files.root_option
@report_options
def command(
    policies: tuple[str, ...],
    ask_solver: bool,
    deny_warnings: bool,
    root: str | None,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Find all mistakes in policies, and what is no mistake but looks like one.

    `-` is standard input. Exit codes: 0 no errors, 1 warnings that were to be denied, 2 errors.
    """
    from rung import engine
    from rung.report import Findings

    files.once(policies)
    sources: dict[str, Source] = {}
    found: list[Diagnostic] = []
    for name in dict.fromkeys(policies):
        text = files.read_policy(name, root)
        if isinstance(text, Diagnostic):
            found.append(text)
            continue
        checked = engine.check(text, SECONDS if ask_solver else None)
        sources.update(checked.sources)
        found.extend(each for each in checked.mistakes if each not in found)
    count = len(dict.fromkeys(policies))
    about = f"{count} polic{'y' if count == 1 else 'ies'}"
    findings = Findings(about, sources, tuple(found))
    emit(Outputs(outputs, color), lambda form, look: form.diagnostics(findings, look))
    if findings.errors:
        return exits.BAD_INPUT
    return exits.DENIED if findings.warnings and deny_warnings else exits.OK
