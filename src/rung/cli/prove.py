"""Defines the verb `prove`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, emit, report_options
from rung.diagnostics import Diagnostic, Source, did_you_mean
from rung.policy.model import FormulaProperty

if TYPE_CHECKING:
    from rung.policy import model

SECONDS = 60.0


class NothingToProveError(click.ClickException):
    """A policy demands nothing, which is no success."""

    exit_code = exits.BAD_INPUT


@click.command("prove")
@click.argument("policy")
@click.option(
    "--property", "names", multiple=True, metavar="NAME", help="Only this property: its name or title."
)
@click.option("--timeout", "seconds", type=click.FloatRange(min=0.001), default=SECONDS, show_default=True,
              metavar="SECONDS", help="How long each property may take.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="How many properties to prove at a time; one for each processor unless said.")  # fmt: skip
@click.option(
    "--demanded", is_flag=True, help="Only what the policy demands, not what applies to it besides."
)
@click.option("-v", "--verbose", is_flag=True, help="Also show histories in which what is proved holds.")
@files.root_option
@report_options
def command(
    policy: str,
    names: tuple[str, ...],
    seconds: float,
    jobs: int | None,
    demanded: bool,
    verbose: bool,
    root: str | None,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Prove what POLICY demands with `prove`, for all histories, or show the history that breaks it.

    So are the properties that apply to POLICY without being demanded; where nothing is, these count.

    Exit codes: 0 all that counts is proved, 1 something is refuted, 2 a mistake in the input, or nothing to
    prove, 3 something is neither proved nor refuted.
    """
    from rung import engine

    target = Outputs(outputs, color, verbose)
    text = files.read_policy(policy, root)
    if isinstance(text, Diagnostic):
        return _refuse(target, [text], {})
    loaded = engine.load(text)
    if loaded.policy is None:
        return _refuse(target, list(loaded.mistakes), dict(loaded.sources))
    asked = _asked(engine.properties(loaded.policy, demanded=demanded), names)
    found = engine.prove(loaded.policy, asked, loaded.sources, seconds, jobs or os.cpu_count() or 1)
    for output in outputs:
        write_proofs = import_module(f"rung.report.proofs_{output.format}").proofs
        emit(Outputs((output,), color, verbose), lambda form, look: write_proofs(found, loaded.sources, look))  # noqa: B023  # called at once
    outcomes = {each.outcome for each in found if each.demanded} or {each.outcome for each in found}
    if any(each.broken is not None for each in found):
        return exits.INTERNAL
    if "refuted" in outcomes:
        return exits.DENIED
    return exits.UNDECIDED if "unknown" in outcomes else exits.OK


def _asked(properties: Sequence[model.Property], names: tuple[str, ...]) -> list[model.Property]:
    """The properties asked for; all unless some are named."""
    if not properties:
        hint = "write what shall hold, such as `prove no-environment-skipped`"
        raise NothingToProveError(f"the policy has nothing to prove: {hint}")
    called = [(name_of(each), each) for each in properties]
    known = {name for name, _ in called}
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise click.BadParameter(f"there is no property `{name}`" + (f", {near}" if near else ""))
    return [each for name, each in called if not names or name in names]


def name_of(node: model.Property) -> str:
    """The name or title by which a property is asked for."""
    return node.title if isinstance(node, FormulaProperty) else node.name


def _refuse(outputs: Outputs, mistakes: list[Diagnostic], sources: dict[str, Source]) -> int:
    from rung.report import Findings

    emit(
        outputs,
        lambda form, look: form.diagnostics(Findings("nothing proved", sources, tuple(mistakes)), look),
    )
    return exits.BAD_INPUT
