"""Defines the verb `decide`."""

from __future__ import annotations

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, emit, report_options
from rung.diagnostics import Diagnostic, Source


def _instant(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    from rung.inputs.scalars import parse_instant

    if value is None:
        return None
    try:
        return parse_instant(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def _folder(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    import os

    if value is not None and not os.path.isdir(value):
        raise click.BadParameter(f"there is no folder `{value}`")
    return value


@click.command("decide")
@click.argument("policy")
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@click.option(
    "--at", metavar="TIME", callback=_instant,
    help="Decide as of another time, such as 2026-11-24T10:00:00Z; the verdict is then hypothetical.",
)  # fmt: skip
@click.option(
    "--sources", metavar="DIR", callback=_folder,
    help="The folder in which the directory of the proposal's migrations is; unless named, none is judged.",
)  # fmt: skip
@click.option(
    "--proof", "proof", metavar="FILE",
    help="The proof file of the policy; the one beside it unless named.",
)  # fmt: skip
@click.option("-v", "--verbose", is_flag=True, help="Show all that was looked at, also where it holds.")
@files.root_option
@report_options
def command(
    policy: str,
    documents: tuple[str, ...],
    at: int | None,
    sources: str | None,
    proof: str | None,
    verbose: bool,
    root: str | None,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Decide whether POLICY allows what is proposed, by the facts.

    DOCUMENT is a proposal, facts, or a request that has both, in JSON or YAML; there is one proposal
    among them. `-` is standard input.

    What is admitted or promoted by a policy that demands properties waits for a proof of them, which
    `rung prove --write` puts beside the policy. A hotfix or a rollback does not.

    Exit codes: 0 allowed, 1 denied, 2 a mistake in the input (nothing is decided), 3 it waits for a proof.
    """
    from rung import engine

    files.once((policy, *documents))
    target = Outputs(outputs, color, verbose)
    text = files.read_policy(policy, root)
    texts, mistakes = files.read_documents(documents)
    if isinstance(text, Diagnostic):
        return _refuse(target, [text, *mistakes], {each.name: each for each in texts})
    loaded = engine.load(text)
    read = {**loaded.sources, **{each.name: each for each in texts}}
    if mistakes or loaded.policy is None:
        return _refuse(target, [*loaded.mistakes, *mistakes], read)
    import time

    when = int(time.time()) if at is None else at
    decided = engine.decide(loaded.policy, texts, when, sources)
    if decided.decision is None:
        return _refuse(target, list(decided.mistakes), read)
    from rung.explain.why import explain

    standing = None
    if loaded.policy.properties:
        file = files.read_proof(policy, proof)
        prove = files.prove_command(policy, root)
        standing = engine.standing(engine.identified(text, loaded), file, when, prove)
    explanation = explain(decided.decision, loaded.policy, loaded.sources, at is not None, standing)
    emit(target, lambda form, look: form.decision(explanation, loaded.sources, look))
    if explanation.verdict == "undecided":
        return exits.UNDECIDED
    return exits.OK if explanation.allowed else exits.DENIED


def _refuse(outputs: Outputs, mistakes: list[Diagnostic], sources: dict[str, Source]) -> int:
    from rung.report import Findings

    findings = Findings("nothing decided", sources, tuple(mistakes))
    emit(outputs, lambda form, look: form.diagnostics(findings, look))
    return exits.BAD_INPUT
