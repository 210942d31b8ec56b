"""Defines the verb `schema`."""

from __future__ import annotations

import click

from rung.cli import exits
from rung.cli.output import write

INPUTS = ("proposal", "facts", "request", "proof")
REPORTS = ("decision", "diagnostics", "migrations", "proofs", "obligations", "comparison")


@click.command("schema")
@click.argument("name", metavar="NAME", type=click.Choice([*INPUTS, *REPORTS]))
def command(name: str) -> int:
    """Print the JSON Schema of what Rung reads, or of what it writes for programs.

    NAME is proposal, facts or request, which `rung decide` reads; proof, the file beside a policy; decision,
    diagnostics, migrations, proofs or comparison, as in `--format json`; or obligations, the manifest of an
    export.
    """
    import json

    if name in INPUTS:
        from rung.inputs.schema import json_schema as input_schema

        document = input_schema(name)  # type: ignore[arg-type]  # one of INPUTS
    else:
        from rung.report.json_schema import json_schema as report_schema

        document = report_schema(name)
    write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return exits.OK
