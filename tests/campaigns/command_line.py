"""Nothing that a user can type gives a traceback, in `check` and `decide`. `… command_line 20000`."""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from hypothesis import strategies as st

import rung.cli
from tests.campaigns.run import campaign
from tests.generators.documents import POLICIES, mistaken_requests
from tests.generators.mistakes import mistaken_policies

AT = ("--at", "2026-11-24T10:00:00Z")
VERDICTS = (0, 1, 2, 3)
REAL = [path.read_text(encoding="utf-8") for path in sorted(POLICIES.glob("*.rung"))]


def inputs() -> st.SearchStrategy[tuple[str, str]]:
    """A policy and a request, each in order or nearly so."""
    policy = st.one_of(st.sampled_from(REAL), st.sampled_from(REAL).flatmap(_shuffled), mistaken_policies())
    return st.tuples(policy, mistaken_requests())


def _shuffled(text: str) -> st.SearchStrategy[str]:
    """A policy with some of its lines exchanged, so that what it says changes more than how."""
    lines = text.splitlines()

    def exchanged(pairs: list[tuple[int, int]]) -> str:
        changed = list(lines)
        for one, other in pairs:
            changed[one], changed[other] = changed[other], changed[one]
        return "\n".join(changed)

    numbers = st.integers(0, len(lines) - 1)
    return st.lists(st.tuples(numbers, numbers), max_size=3).map(exchanged)


def check(case: tuple[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        policy, request = Path(folder, "p.rung"), Path(folder, "request")
        policy.write_text(case[0], encoding="utf-8", errors="surrogatepass", newline="")
        request.write_text(case[1], encoding="utf-8", errors="surrogatepass", newline="")
        for arguments in (("check", str(policy)), ("decide", str(policy), str(request), *AT)):
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = rung.cli.run(arguments)
            said = out.getvalue() + err.getvalue()
            assert code in VERDICTS, said
            assert "Traceback" not in said
            assert said.strip(), "a command that says nothing"


if __name__ == "__main__":
    campaign(check, inputs(), "python -m tests.campaigns.command_line")
