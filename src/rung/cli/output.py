"""Defines where reports go and how they look: the options `--format` and `--color`, and `emit`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from rung.cli import exits
from rung.report import FORMATS, Format, Look, format_named

Function = TypeVar("Function", bound=Callable[..., Any])
WIDEST, NARROWEST, WIDTH_OF_LOGS = 120, 60, 100
# For outputs that cannot show these.
_PLAINER = str.maketrans({"✓": "+", "✗": "x", "→": ">", "•": "*", "…": "...", "\ufffd": "?"})


class Output(NamedTuple):
    """A format, and the file that it is written to; None is standard output."""

    format: str
    file: str | None


class Outputs(NamedTuple):
    """All that a command is to report to."""

    outputs: tuple[Output, ...]
    color: str
    verbose: bool = False


def _outputs(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[Output, ...]:
    outputs = []
    for value in values or ("text",):
        name, equals, file = value.partition("=")
        if name not in FORMATS:
            raise click.BadParameter(f"`{name}` is none of {', '.join(FORMATS)}")
        if equals and not file:
            raise click.BadParameter(f"`{value}` names no file")
        outputs.append(Output(name, file or None))
    if sum(output.file is None for output in outputs) > 1:
        raise click.BadParameter("only one format can go to standard output; write others as `json=FILE`")
    return tuple(outputs)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in FORMATS if name.startswith(incomplete)]


def report_options(function: Function) -> Function:
    """The options `--format` and `--color`, as the arguments `outputs` and `color`."""
    function = click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Whether texts have colors. auto: on a terminal, unless NO_COLOR is set.",
    )(function)
    return click.option(
        "--format",
        "outputs",
        multiple=True,
        metavar="FORMAT[=FILE]",
        callback=_outputs,
        shell_complete=_complete,
        help=f"{' or '.join(FORMATS)}, to standard output or a file. May be given several times.",
    )(function)


def emit(outputs: Outputs, render: Callable[[Format, Look], str]) -> None:
    """Write what `render` makes of every format to where it belongs."""
    for output in outputs.outputs:
        form = format_named(output.format)
        if output.file is None:
            write(render(form, Look(_width(), _has_color(outputs.color), outputs.verbose)))
            continue
        text = render(form, Look(WIDTH_OF_LOGS, False, outputs.verbose))
        try:
            with open(output.file, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise UnwritableError(output.file, error) from error


class UnwritableError(click.ClickException):
    """A file cannot be written."""

    exit_code = exits.BAD_INPUT

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"cannot write `{name}`: {(error.strerror or str(error)).lower()}")


def write(text: str) -> None:
    """Write to standard output, in its encoding as well as that can be done."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_PLAINER).encode(encoding, "replace").decode(encoding)
    sys.stdout.write(text)
    sys.stdout.flush()


def _has_color(choice: str) -> bool:
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal() and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether a person looks at standard output."""
    return sys.stdout.isatty()


def _width() -> int:
    """The width of the terminal within limits that are good to read."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return max(NARROWEST, min(int(columns), WIDEST))
    try:
        return max(NARROWEST, min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDEST))
    except OSError:  # no terminal
        return WIDTH_OF_LOGS
