"""Measures whole commands, each against Python with nothing but the libraries that it cannot do without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.decide.requests import AT, allowed
from benchmarks.measure import Row, Section, children_time, in_turns

POLICY = Path(__file__).parent / "decide" / "policy.rung"
RUNG = str(Path(sys.executable).with_name("rung"))  # the script that an installation makes
ROUNDS = 40
HOW = """\
Processor time of whole processes, the interpreter's start included. `rung decide` is the twelve conditions
with one request, the policy in the user's cache folder, as it is from the second decision on."""


def measured() -> Section:
    with tempfile.TemporaryDirectory() as folder:
        request = Path(folder, "request.json")
        request.write_text(json.dumps(allowed()))
        # Modules are compiled before they are measured, as an installation has them.
        environment = {**os.environ, "XDG_CACHE_HOME": folder, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        commands = {
            "decide": (RUNG, "decide", str(POLICY), str(request), "--at", AT),
            "its libraries": (sys.executable, "-c", "import click, pydantic"),
            "help": (RUNG, "--help"),
            "its library": (sys.executable, "-c", "import click"),
        }
        subjects = {name: _process(environment, *command) for name, command in commands.items()}
        times = in_turns(subjects, ROUNDS, children_time)
    first = Row(
        "`rung decide`", '`python -c "import click, pydantic"`', (times["decide"], times["its libraries"]),
        ("at most", 1.6),
    )  # fmt: skip
    second = Row(
        "`rung --help`", '`python -c "import click"`', (times["help"], times["its library"]), ("at most", 1.5)
    )
    return Section("Commands from a standing start", HOW, (first, second))


def _process(environment: dict[str, str], *command: str) -> Callable[[], object]:
    return lambda: subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
