"""Defines `main` and `run`: the command line, arguments in, exit code out.

Only this module turns what goes wrong outside of a verb into a line and an exit code.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from rung.cli import exits


def main() -> int:
    """Run this process's command line; the exit code is one of `exits`."""
    # A run makes many objects and little garbage; looking for it as often as usual takes a tenth of the time.
    gc.set_threshold(50_000, 20, 20)
    code = run(sys.argv[1:])
    # The interpreter would look through all objects once more before it exits.
    gc.freeze()
    return code


def run(arguments: Sequence[str]) -> int:
    """Run a command line within this process; the exit code is one of `exits`."""
    try:
        code = _run(list(arguments))
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        _say("interrupted")
        return exits.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has read enough. Python would complain at its exit.
        _let_go_of_output()
        return exits.BROKEN_PIPE
    except OSError as error:
        _let_go_of_output()
        return _internal(error) if error.filename is not None else _cannot_write(error)
    except Exception as error:
        return _internal(error)
    return code


def _run(arguments: list[str]) -> int:
    import click

    from rung.cli.root import rung
    from rung.report.plain import plain

    if sys.stdout is None:
        _say("error: standard output is closed")
        return exits.BAD_INPUT
    instruction = os.environ.get("_RUNG_COMPLETE")
    if instruction:
        from click.shell_completion import shell_complete

        return shell_complete(rung, {}, "rung", "_RUNG_COMPLETE", instruction)
    try:
        # Not click's `main`, which exits with 1 where the output is a broken pipe: here that means denied.
        with rung.make_context("rung", arguments) as context:
            code = rung.invoke(context)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return exits.BAD_INPUT
    except click.UsageError as error:
        if error.ctx is not None:
            _say(f"{error.ctx.get_usage()}\n")
        _say(f"error: {plain(error.format_message())}")
        if error.ctx is not None:
            _say(f"see `{error.ctx.command_path} --help`")
        return exits.BAD_INPUT
    except click.ClickException as error:
        _say(f"error: {plain(error.format_message())}")
        return error.exit_code
    return code if isinstance(code, int) else exits.OK


def _say(message: str) -> None:
    if sys.stderr is not None:
        print(message, file=sys.stderr)


def _internal(error: Exception) -> int:
    """A mistake of this program: one line, and the rest only for who asks for it."""
    from rung.report.plain import plain

    if os.environ.get("RUNG_DEBUG"):
        import traceback

        traceback.print_exception(error)
    what = f"{type(error).__name__}: {plain(str(error))}"
    _say(f"internal error: {what}; please report it (RUNG_DEBUG=1 shows more)")
    return exits.INTERNAL


def _cannot_write(error: OSError) -> int:
    _say(f"error: cannot write to standard output: {(error.strerror or str(error)).lower()}")
    return exits.BAD_INPUT


def _let_go_of_output() -> None:
    """What is still waiting to be written goes nowhere, so that the interpreter's exit stays silent."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
