"""Defines the verb `facts`, whose command `collect` learns facts from what pipelines already write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from rung.cli import exits

if TYPE_CHECKING:
    pass

FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("facts")
def command() -> None:
    """Learn facts from what pipelines already write."""


@command.command("collect")
@click.option("--junit", type=FILE, multiple=True, help="A JUnit XML report; its cases are counted anew.")
@click.option("--cobertura", type=FILE, help="A Cobertura XML report; its lines are counted anew.")
@click.option(
    "--evidence", default="unit_tests", show_default=True, help="The type of evidence that these are."
)
@click.option("--repository", type=click.Path(path_type=Path, file_okay=False), help="A git repository.")
@click.option("--head", default="HEAD", show_default=True, help="The commit that is to be released.")
@click.option("--base", help="The commit that runs now; left out: everything from the very beginning.")
@click.option("--artifact", type=FILE, multiple=True, help="A file that was built; its digest is computed.")
@click.option("--builder", help="Who built the artifacts.")
@click.option("--invocation", help="The run of the builder. Tests are about this run.")
@click.option("-o", "--output", type=FILE, help="Where to write the facts; left out: standard output.")
@click.pass_context
def collect(
    context: click.Context,
    junit: tuple[Path, ...],
    cobertura: Path | None,
    evidence: str,
    repository: Path | None,
    head: str,
    base: str | None,
    artifact: tuple[Path, ...],
    builder: str | None,
    invocation: str | None,
    output: Path | None,
) -> int:
    """Write a facts document; what could not be learned is said on standard error.

    Exit codes: 0 written, 2 a source cannot be read (nothing is written).
    """
    from rung.collect import facts
    from rung.collect.learned import UnreadableError
    from rung.inputs.write import to_document, to_json

    if not (junit or cobertura or repository or artifact):
        raise click.UsageError(
            "nothing to collect from: give --junit, --cobertura, --repository or --artifact"
        )
    if (junit or cobertura or artifact) and not invocation:
        raise click.UsageError("reports and artifacts belong to a run of the builder: give --invocation")
    if artifact and not (builder and repository):
        raise click.UsageError("who built an artifact from what? give --builder and --repository")
    try:
        found = facts.collect(
            facts.Asked(junit, cobertura, evidence, repository, head, base, artifact, builder, invocation)
        )
    except UnreadableError as error:
        click.echo(f"error: {error}", err=True)
        return exits.BAD_INPUT
    text = to_json(to_document(found.facts)) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            click.echo(f"error: {output}: {(error.strerror or str(error)).lower()}", err=True)
            return exits.BAD_INPUT
    for each in found.unknown:
        click.echo(f"not learned: {each}", err=True)
    return exits.OK
