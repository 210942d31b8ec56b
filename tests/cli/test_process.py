"""What only a process shows: pipes, signals, closed files, and what is imported."""

from __future__ import annotations

import fcntl
import os
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest

from tests.cli.conftest import AT

DECIDE = ("decide", "policy.rung", "proposal.json", "facts.json", "--at", AT)

pytestmark = pytest.mark.usefixtures("starters")


def rung(
    *arguments: str, environment: Mapping[str, str] | None = None, shell: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `python -m rung` as a process, with what a shell is to add to its command line."""
    command = [sys.executable, "-m", "rung", *arguments]
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'"$@" {shell}', "bash", *command],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **(environment or {})},
        timeout=60,
    )


def test_the_exit_code_is_the_verdict() -> None:
    assert rung(*DECIDE).returncode == 0
    assert rung("decide", "policy.rung", "proposal.json", "--at", AT).returncode == 1
    assert rung("decide", "policy.rung", "missing").returncode == 2


def test_a_reader_that_has_read_enough() -> None:
    for arguments in (["--help"], ["schema", "facts"], DECIDE):
        result = rung(*arguments, shell="| true")
        assert (result.returncode, result.stderr) == (141, "")


@pytest.mark.parametrize(
    ("shell", "said"),
    [
        (">&-", "error: standard output is closed\n"),
        (">/dev/full", "error: cannot write to standard output: no space left on device\n"),
    ],
)
def test_output_that_cannot_be_written(shell: str, said: str) -> None:
    result = rung(*DECIDE, shell=shell)
    assert (result.returncode, result.stderr) == (2, said)


def test_input_that_is_closed() -> None:
    result = rung("check", "-", shell="<&-")
    assert (result.returncode, result.stderr) == (2, "")
    assert "cannot read `<stdin>`: standard input is closed" in result.stdout


def heed_interrupts() -> None:
    """What is started from a script in the background would ignore them."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_is_one_line() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "rung", "check", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=heed_interrupts,
    ) as process:  # fmt: skip
        try:
            assert process.stdin is not None
            process.stdin.write("rung 1\n")
            process.stdin.flush()
            while unread(process.stdin):
                assert process.poll() is None, "it waits for more"
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (130, "interrupted\n")
        finally:
            process.kill()


def unread(pipe: IO[str]) -> int:
    """How many bytes of what was written into a pipe nobody has read yet."""
    (count,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))
    return int(count)


INTERRUPTED_AS_IT_FORKS = """\
import os, signal, sys
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
from rung.cli import main
sys.exit(main())
"""


@pytest.mark.parametrize("by", ["another", "itself"])
def test_an_interrupt_leaves_no_process_behind(surroundings: Path, by: str) -> None:
    names = [f"e{number}" for number in range(300)]
    lines = ["rung 1", 'policy "long"', "environment e0", "admit build -> e0"]
    for source, target in pairwise(names):
        lines += [f"environment {target} after {source}", f"promote {source} -> {target}"]
    (surroundings / "long.rung").write_text("\n".join([*lines, "prove no-environment-skipped", ""]))
    python = [sys.executable, *(["-m", "rung"] if by == "another" else ["-c", INTERRUPTED_AS_IT_FORKS])]
    with subprocess.Popen(
        [*python, "prove", "long.rung", "--all", "--jobs", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=heed_interrupts,
    ) as process:  # fmt: skip
        try:
            if by == "another":
                while children(process.pid) < 2:
                    assert process.poll() is None, "it is still at work"
                process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (130, "interrupted\n")
            with pytest.raises(ProcessLookupError):
                os.killpg(process.pid, 0)
        finally:
            process.kill()


def children(process: int) -> int:
    """How many processes there are of whose group a process is the first, besides itself."""
    found = subprocess.run(["ps", "-o", "pid=", "-g", str(process)], capture_output=True, text=True)
    return len(found.stdout.split()) - 1


def test_an_output_that_cannot_show_every_character() -> None:
    result = rung(*DECIDE, environment={"PYTHONIOENCODING": "ascii"})
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert "+ promote staging -> prod" in result.stdout


def test_a_decision_from_the_cache_imports_neither_parser_nor_solver() -> None:
    assert rung(*DECIDE).returncode == 0
    modules = imported(*DECIDE)
    assert "rung.policy.model" in modules
    assert modules.isdisjoint({"lark", "z3", "sqlglot", "rich", "rung.syntax.parse", "rung.syntax.tree"})


def test_help_imports_nothing_but_click() -> None:
    assert imported("--help").isdisjoint(
        {"lark", "z3", "sqlglot", "rich", "pydantic", "pydantic_core", "rung.engine", "rung.policy.model"}
    )


def test_a_check_imports_no_solver_unless_it_is_asked_to_prove(tmp_path: Path) -> None:
    policy = tmp_path / "p.rung"
    policy.write_text('rung 1\npolicy "p"\nenvironment prod\nadmit build -> prod\n')
    assert "z3" not in imported("check", str(policy))
    assert "z3" in imported("check", "--prove", str(policy))


def imported(*arguments: str) -> set[str]:
    """The modules that a command imports."""
    listing = r"print('\n'.join(sys.modules), file=sys.stderr)"
    code = f"import sys; from rung.cli import run; run(sys.argv[1:]); {listing}"
    result = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", timeout=60
    )
    assert result.stderr, "the modules are listed"
    return set(result.stderr.split())


def test_nothing_is_written_beside_what_is_judged() -> None:
    before = sorted(Path().rglob("*"))
    rung(*DECIDE)
    assert sorted(Path().rglob("*")) == before
