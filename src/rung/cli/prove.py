"""Defines the verb `prove`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, UnwritableError, emit, report_options
from rung.diagnostics import Diagnostic, Source, did_you_mean
from rung.policy.model import FormulaProperty
from rung.report.plain import plain

if TYPE_CHECKING:
    from rung.engine import Loaded
    from rung.explain.proofs import Proof
    from rung.explain.standing import Standing
    from rung.policy import model
    from rung.prove.recheck import Rechecked

SECONDS = 60.0
Options = dict[str, Any]


class NothingToProveError(click.ClickException):
    """A policy demands nothing, which is no success."""

    exit_code = exits.BAD_INPUT


class UnusableProofError(click.ClickException):
    """There is no proof file about a policy, which is neither a success nor a refutation."""

    exit_code = exits.UNDECIDED

    def __init__(self, standing: Standing) -> None:
        why = "; ".join(standing.said)
        about = f"`{standing.file}` is not about this policy: " if standing.state == "stale" else ""
        super().__init__(f"{about}{why}; `{standing.remedy}` makes one")


@click.command("prove")
@click.argument("policy")
@click.option(
    "--property", "names", multiple=True, metavar="NAME", help="Only this property: its name or title."
)
@click.option("--write", is_flag=True, help="Put what is proved beside the policy, in NAME.proof.json.")
@click.option("--check", is_flag=True,
              help="Prove nothing anew: check from scratch what the proof file claims.")  # fmt: skip
@click.option("--export", "folder", metavar="DIR",
              help="Write each step of each proof as SMT-LIB 2, with a manifest.")  # fmt: skip
@click.option("--recheck", "solver", type=click.Choice(["cvc5"]),
              help="Have a second solver show each step of each proof as well.")  # fmt: skip
@click.option("--timeout", "seconds", type=click.FloatRange(min=0.001), default=SECONDS, show_default=True,
              metavar="SECONDS", help="How long each property may take.")  # fmt: skip
@click.option("--jobs", type=click.IntRange(min=1), metavar="N",
              help="How many properties to prove at a time; one for each processor unless said.")  # fmt: skip
@click.option("--all/--demanded", "everything", default=None,
              help="What applies to the policy without being demanded as well, or not; "
                   "not in a policy of many environments unless said.")  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Also show histories in which what is proved holds.")
@files.root_option
@report_options
def command(policy: str, root: str | None, outputs: tuple[Output, ...], color: str, **options: Any) -> int:
    """Prove what POLICY demands with `prove`, for all histories, or show the history that breaks it.

    So are the properties that apply to POLICY without being demanded; where nothing is, these count.

    Exit codes: 0 all that counts is proved, 1 something is refuted, or a claim of the file that is checked
    does not hold, 2 a mistake in the input, or nothing to prove, 3 something is neither proved nor refuted,
    or there is no proof file about this policy to check, 4 a second solver contradicts the first.
    """
    from rung import engine

    _fit_together(policy, options)
    target = Outputs(outputs, color, options["verbose"])
    text = files.read_policy(policy, root)
    if isinstance(text, Diagnostic):
        return _refuse(target, [text], {})
    loaded = engine.load(text)
    read = loaded.policy
    if read is None:
        return _refuse(target, list(loaded.mistakes), dict(loaded.sources))
    loaded = engine.identified(text, loaded)
    if (options["write"] or options["check"]) and not read.properties:
        raise NothingToProveError("the policy demands nothing with `prove`, so nothing waits for a proof")
    asked = _asked(engine.properties(read, options["everything"]), options["names"])
    loaded = engine.held_against(text, loaded, asked)
    if loaded.mistakes:
        return _refuse(target, list(loaded.mistakes), dict(loaded.sources))
    jobs = options["jobs"] or os.cpu_count() or 1
    if options["check"]:
        command = files.prove_command(policy, root)
        return _check(policy, command, loaded, options["seconds"], jobs, target)
    return _prove(policy, loaded, asked, options, jobs, target)


def _fit_together(policy: str, options: Options) -> None:
    """Usage error for options of which one makes no sense beside another."""
    if options["check"]:
        others = {"write": "--write", "names": "--property", "folder": "--export", "solver": "--recheck"}
        wrong = [option for name, option in others.items() if options[name]]
        if wrong:
            raise click.UsageError(f"`--check` looks at the whole proof file as it is, without `{wrong[0]}`")
    if options["write"] and options["names"]:
        raise click.UsageError("`--write` is for all that the policy demands, without `--property`")
    for name in ("write", "check"):
        if options[name] and policy == files.STDIN:
            raise click.UsageError(f"`--{name}` needs a policy in a file, which a proof can be beside")
    if options["solver"]:
        from importlib.util import find_spec

        if find_spec(options["solver"]) is None:
            raise click.UsageError("cvc5 is not installed: `pip install 'rung[cvc5]'` brings it")
    if options["folder"] is not None:
        from rung.cli.folder import refuse_foreign
        from rung.report.smtlib import MANIFEST, SCHEMA

        refuse_foreign(options["folder"], MANIFEST, SCHEMA)


def _prove(
    name: str, loaded: Loaded, asked: Sequence[model.Property], options: Options, jobs: int, target: Outputs
) -> int:
    from rung import engine
    from rung.cli.progress import progress

    assert loaded.policy is not None, "it was read without a mistake"
    seconds, scripts = options["seconds"], options["folder"] is not None or options["solver"] is not None
    with progress("proving", len(asked)) as done:
        found = engine.prove(
            loaded.policy,
            asked,
            loaded.sources,
            seconds,
            jobs,
            done,
            scripts=scripts,
            baselines=loaded.baselines,
        )
    rechecked = None
    if options["solver"]:
        with progress("rechecking", sum(len(each.verdict.shown) for each in found)) as done:
            rechecked = engine.recheck(found, seconds, jobs, done)
    _report(found, loaded, target, rechecked)
    if options["folder"] is not None:
        _export(options["folder"], found, loaded)
    broken = any(each.broken is not None for each in found)
    if options["write"] and not broken:
        path = files.proof_path(name)
        assert path is not None, "it was asked before"
        _write(path, engine.proof_file([each for each in found if each.demanded], loaded))
    if broken or (rechecked is not None and rechecked.contradicted):
        return exits.INTERNAL
    code = _code(found)
    return exits.UNDECIDED if code == exits.OK and rechecked is not None and rechecked.untold else code


def _check(name: str, command: str, loaded: Loaded, seconds: float, jobs: int, target: Outputs) -> int:
    """Check what the proof file beside a policy claims."""
    from rung import engine
    from rung.cli.progress import progress
    from rung.explain.standing import Standing

    assert loaded.policy is not None, "it was read without a mistake"
    read = engine.proof_of(loaded, files.read_proof(name, None), command)
    if isinstance(read, Standing):
        raise UnusableProofError(read)
    with progress("checking", len(read.verdicts)) as done:
        found = engine.check_proof(loaded, read, seconds, jobs, done)
    _report(found, loaded, target, None)
    if any(each.broken is not None for each in found):
        return exits.INTERNAL
    holds = all(each.outcome == claim.verdict for each, claim in zip(found, read.verdicts, strict=True))
    return _code(found) if holds else exits.DENIED


def _code(found: Sequence[Proof]) -> int:
    outcomes = {each.outcome for each in found if each.demanded} or {each.outcome for each in found}
    if "refuted" in outcomes:
        return exits.DENIED
    return exits.UNDECIDED if "unknown" in outcomes else exits.OK


def _report(found: Sequence[Proof], loaded: Loaded, target: Outputs, rechecked: Rechecked | None) -> None:
    for output in target.outputs:
        write: Callable[..., str] = import_module(f"rung.report.proofs_{output.format}").proofs
        told = partial(write, found, loaded.sources, rechecked=rechecked)
        emit(target._replace(outputs=(output,)), lambda form, look: told(look=look))  # noqa: B023  # called at once


def _export(folder: str, found: Sequence[Proof], loaded: Loaded) -> None:
    from rung import engine
    from rung.cli.folder import write_anew
    from rung.report.smtlib import MANIFEST, SCHEMA

    contents = engine.export(found, loaded)
    write_anew(folder, contents, MANIFEST, SCHEMA)
    count = len(contents) - 1
    click.echo(f"wrote {count} {'step' if count == 1 else 'steps'} of proofs to {plain(folder)}", err=True)


def _write(path: str, text: str) -> None:
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise UnwritableError(path, error) from error
    click.echo(f"wrote {plain(path)}", err=True)


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
