"""Defines the verb `fmt`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, UnwritableError, emit, report_options, write
from rung.diagnostics import Diagnostic, Source
from rung.report.plain import plain


@click.command("fmt")
@click.argument("policies", nargs=-1, required=True, metavar="POLICY...")
@click.option("--check", is_flag=True, help="Change nothing; list what would change, and exit with 1.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
@report_options
def command(
    policies: tuple[str, ...], check: bool, diff: bool, outputs: tuple[Output, ...], color: str
) -> int:
    """Write policies in their canonical form, in place.

    `-` reads standard input and writes to standard output. A file with mistakes stays as it is.
    Exit codes: 0 done, 1 files would change (with --check), 2 mistakes.
    """
    from rung import engine

    files.once(policies)
    sources: dict[str, Source] = {}
    mistakes: list[Diagnostic] = []
    changed = 0
    for name in dict.fromkeys(policies):
        read = files.read_policy(name)
        if isinstance(read, Diagnostic):
            mistakes.append(read)
            continue
        source = read.source
        sources[source.name] = source
        text, found = engine.format_policy(source)
        mistakes.extend(found)
        if text is None:
            continue
        changed += text != source.text
        if diff:
            write("".join(_difference(source, text)))
        elif check:
            write(f"would change {plain(source.name)}\n" if text != source.text else "")
        elif name == files.STDIN:
            write(text)
        elif text != source.text:
            _replace(name, text)
    if mistakes:
        from rung.report import Findings

        findings = Findings("not formatted", sources, tuple(mistakes))
        emit(Outputs(outputs, color), lambda form, look: form.diagnostics(findings, look))
        return exits.BAD_INPUT
    return exits.DENIED if check and changed else exits.OK


def _difference(source: Source, text: str) -> Iterator[str]:
    from difflib import unified_diff

    before, after = (each.splitlines(keepends=True) for each in (source.text, text))
    for line in unified_diff(before, after, plain(source.name), plain(source.name)):
        yield line if line.endswith("\n") else f"{line}\n\\ no newline at the end of the file\n"


def _replace(name: str, text: str) -> None:
    """Put a text in the place of a file at once or not at all; its mode, and a link to it, stay."""
    import shutil
    import tempfile

    path = os.path.realpath(name)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".rung-")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None:
            with suppress(OSError):  # that the file could not be written is what matters
                os.unlink(temporary)
        raise UnwritableError(name, error) from error
