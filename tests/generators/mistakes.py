"""Defines `mistaken_policies`: policies with slips in them, and texts that are no policies at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tests.generators.large_policy import large_policy
from tests.generators.policies import policies

Draw = Callable[[st.SearchStrategy[Any]], Any]

ORDINARY = large_policy(50)

SLIPS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "\n",
            '"',
            "{",
            "}",
            "(",
            ")",
            ",",
            ":",
            ".",
            "..",
            "->",
            "=",
            "==",
            "!",
            "&&",
            "-",
            "%",
            "#",
        ]
    ),
    st.sampled_from(
        ["require", "needs", "owes", "gate", "environment", "not", "and", "at", "least", "from", "}\n}"]
    ),
    st.sampled_from(
        ["1", "1.0", "2x", "7days", "9:00", "2026-13-45", "rung 2", "\\", "é", "→", "\u00a0", "\r", "\0"]
    ),
    st.text(max_size=5),
)

_WORDS = re.compile(r'"[^"\n]*"|[A-Za-z0-9_-]+|\s+|.')


@st.composite
def _slipped(draw: Draw) -> str:
    """A policy of whose words some are replaced, left out, doubled or swapped, or that ends too early."""
    words = _WORDS.findall(draw(st.one_of(st.just(ORDINARY), policies())))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words)))
        match draw(st.sampled_from(["replace", "insert", "double", "swap", "cut"])):
            case "replace":
                words[at : at + draw(st.integers(1, 3))] = [draw(SLIPS)]
            case "insert":
                words.insert(at, draw(SLIPS))
            case "double":
                words[at:at] = words[at : at + draw(st.integers(1, 20))]
            case "swap":
                words[at : at + 3] = reversed(words[at : at + 3])
            case _:
                words = words[:at] if draw(st.booleans()) else words[at:]
    return "".join(words)


def mistaken_policies() -> st.SearchStrategy[str]:
    """Any text, most of them nearly policies."""
    return st.one_of(
        _slipped(), _slipped(), _slipped(), st.text(), st.text(st.sampled_from('rung 1\n{}"#=(,-a.'))
    )
