"""Defines the verb `test`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from rung.cli import exits, files
from rung.cli.output import Output, Outputs, emit, report_options
from rung.diagnostics import Diagnostic, Source

if TYPE_CHECKING:
    from rung.cases.coverage import Coverage
    from rung.cases.run import FileResults

SUFFIXES = (".test.yaml", ".test.yml", ".test.json")


class Asked(NamedTuple):
    """A file of cases to run, and the folder that baselines stay in where a folder was named."""

    file: str
    root: str | None


@click.command("test")
@click.argument("names", nargs=-1, metavar="[POLICY|FILE|DIR]...")
@click.option("--coverage", is_flag=True, help="Also list the rules that no case has seen allow, or deny.")
@files.root_option
@report_options
def command(
    names: tuple[str, ...],
    coverage: bool,
    root: str | None,
    outputs: tuple[Output, ...],
    color: str,
) -> int:
    """Run the cases that stand beside policies: `NAME.test.yaml` beside `NAME.rung`.

    A folder stands for all cases in it, and baselines may then come from anywhere within it. Without a
    name, the folder is the current one.

    Exit codes: 0 all cases passed, 1 one failed or there was none, 2 mistakes in the input.
    """
    from rung.cases.coverage import Coverage
    from rung.cases.run import Summary

    target = Outputs(outputs, color)
    for output in outputs:
        if output.format not in ("text", "json"):
            raise click.UsageError(f"results of cases are written as text or json, not as {output.format}")
    runner = _Runner(Coverage())
    for asked in dict.fromkeys(_asked(names or (".",), root)):
        runner.run(asked)
    if runner.mistakes:
        from rung.report import Findings

        findings = Findings("nothing tested", runner.sources, tuple(dict.fromkeys(runner.mistakes)))
        emit(target, lambda form, look: form.diagnostics(findings, look))
        return exits.BAD_INPUT
    summary = Summary(tuple(runner.results), runner.sources, runner.coverage if coverage else None)
    for output in outputs:
        write_cases = import_module(f"rung.report.cases_{output.format}").cases
        emit(Outputs((output,), color), lambda form, look: write_cases(summary, look))  # noqa: B023  # called at once
    return exits.OK if summary.is_good else exits.DENIED


def _asked(names: Sequence[str], root: str | None) -> Iterator[Asked]:
    for name in names:
        if os.path.isdir(name):
            yield from (Asked(each, root or name) for each in sorted(_within(name)))
        elif name.endswith(".rung"):
            stem = name.removesuffix(".rung")
            beside = [stem + suffix for suffix in SUFFIXES if os.path.lexists(stem + suffix)]
            yield from (Asked(each, root) for each in beside or [stem + SUFFIXES[0]])
        else:
            yield Asked(name, root)


def _within(folder: str) -> Iterator[str]:
    """The files of cases in a folder, but for what is hidden."""
    for place, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not each.startswith(".")]
        yield from (os.path.normpath(os.path.join(place, each)) for each in names if each.endswith(SUFFIXES))


class _Runner:
    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.sources: dict[str, Source] = {}
        self.mistakes: list[Diagnostic] = []
        self.results: list[FileResults] = []

    def run(self, asked: Asked) -> None:
        """Run the cases of a file; what is wrong with them, or their policy, is noted."""
        from rung import engine
        from rung.cases.read import read_cases
        from rung.cases.run import FileResults

        sources, wrong = files.read_documents((asked.file,))
        self.mistakes += wrong
        if not sources:
            return
        source = sources[0]
        self.sources[source.name] = source
        cases = read_cases(source)
        if cases.cases is None:
            self.mistakes += cases.mistakes
            return
        text = files.read_policy(_policy_of(asked.file, cases.policy), asked.root)
        if isinstance(text, Diagnostic):
            self.mistakes.append(text)
            return
        tested = engine.test(text, cases.cases, self.coverage)
        self.sources.update(tested.sources)
        self.mistakes += tested.mistakes
        self.results.append(FileResults(source.name, text.source.name, tested.results))


def _policy_of(file: str, named: str | None) -> str:
    """The path of the policy that a file of cases tests."""
    folder, name = os.path.split(file)
    if named is not None:
        return os.path.normpath(os.path.join(folder, named))
    stem = next((name.removesuffix(each) for each in SUFFIXES if name.endswith(each)), name)
    return os.path.join(folder, f"{stem}.rung")
