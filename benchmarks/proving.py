"""Measures `rung prove`: whole commands on the example policies, and its growth with the environments."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import Promise, Row, Section, children_time, in_turns
from tests.generators.ordered_policy import SHAPES, Shape, ordered_policy

RUNG = str(Path(sys.executable).with_name("rung"))  # the script that an installation makes
POLICIES = sorted(Path(__file__).parent.parent.joinpath("policies").glob("*.rung"))
STANDARD = "standard-model"
IMPORT = "import rung.cli.prove, rung.prove.prover"
SIZES = (4, 20, 100, 1_000)
ROUNDS, FEW = 8, 3
MOST_SECONDS = 6.0
HOW = """\
`rung prove` as a whole process that proves with two others, as on a machine of two processors, everything
that an example demands and that applies to it; every history that it shows was found and replayed. `cold`
is with nothing in the user's cache folder, as at the very first start. Of the other examples the slowest is
told. Time on the wall is what other work on the machine makes longer; all else is processor time.

Growth is that of `prove no-environment-skipped` over so many environments, each route with twelve conditions
and all thresholds different, with `--jobs 1`. Order is kept by the only source of each route (chain), by all
of two sources (joins), by a gate where everything comes from the first environment (gates), or follows from
what the sources of sources keep (inherited). Where each environment takes as long as any other, ten times as
many are a ratio below 10, since all start alike. For comparison only, and not measured here: Cedar's authors
published 75 ms as the mean time of their analysis of policies for one request."""


def measured() -> Section:
    with tempfile.TemporaryDirectory() as folder:
        return Section("Proofs", HOW, (*_examples(Path(folder)), *_growth(Path(folder))))


def _examples(folder: Path) -> list[Row]:
    commands = {path.stem: ("prove", str(path), "--jobs", "2") for path in POLICIES}
    subjects = {name: _rung(folder, *command) for name, command in commands.items()}
    start = _process(folder, sys.executable, "-c", IMPORT)

    def cold() -> None:
        shutil.rmtree(folder / "rung", ignore_errors=True)
        subjects[STANDARD]()

    on_the_wall = in_turns({**subjects, "start": start, "cold": cold}, ROUNDS, time.perf_counter)
    subjects["z3"] = _process(folder, sys.executable, "-c", "import z3")
    used = in_turns(subjects, ROUNDS, children_time)
    each = (on_the_wall[STANDARD] - on_the_wall["start"]) / _properties(folder)
    slowest = max((name for name in commands if name != STANDARD), key=lambda name: on_the_wall[name])
    return [
        Row(f"`{STANDARD}`, cold, on the wall", "1 s", (on_the_wall["cold"], 1.0), ("at most", 1.0)),
        Row("each of its properties after the start", "20 ms", (each, 0.02), ("at most", 1.0)),
        Row(f"`{slowest}`, on the wall", "2 s", (on_the_wall[slowest], 2.0), ("at most", 1.0)),
        *(Row(f"`{name}`", '`python -c "import z3"`', (used[name], used["z3"])) for name in commands),
    ]


def _properties(folder: Path) -> int:
    path = next(each for each in POLICIES if each.stem == STANDARD)
    done = subprocess.run(
        [RUNG, "prove", str(path)], env=_environment(folder), capture_output=True, text=True
    )
    return int(done.stdout.splitlines()[-1].split()[0])


def _growth(folder: Path) -> list[Row]:
    rows = []
    for shape in SHAPES:
        times = in_turns({str(size): _order(folder, size, shape) for size in SIZES}, FEW, children_time)
        for fewer, more in pairwise(SIZES):
            both = times[str(more)], times[str(fewer)]
            promise: Promise | None = ("at most", 13.0) if more == SIZES[-1] else None
            rows.append(Row(f"{more:,} environments, {shape}", f"{fewer}", both, promise))
        longest = times[str(SIZES[-1])], MOST_SECONDS
        rows.append(Row(f"{SIZES[-1]:,} environments, {shape}", "6 s", longest, ("at most", 1.0)))
    return rows


def _order(folder: Path, environments: int, shape: Shape) -> Callable[[], object]:
    path = folder / f"{shape}-{environments}.rung"
    path.write_text(ordered_policy(environments, shape))
    return _rung(folder, "prove", str(path), "--demanded", "--jobs", "1", "--timeout", "600")


def _rung(folder: Path, *arguments: str) -> Callable[[], object]:
    return _process(folder, RUNG, *arguments)


def _process(folder: Path, *command: str) -> Callable[[], object]:
    environment = _environment(folder)
    return lambda: subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)


def _environment(folder: Path) -> dict[str, str]:
    # Modules are compiled before they are measured, as an installation has them.
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(folder),
        "PYTHONPYCACHEPREFIX": str(folder / "modules"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment
