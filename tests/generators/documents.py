"""Defines `mistaken_requests`: requests with slips in their text or in their data, as JSON or YAML."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

Draw = Callable[[st.SearchStrategy[Any]], Any]

POLICIES = Path(__file__).parents[2] / "policies"
REQUESTS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(POLICIES.glob("*.json"))]

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(),
    st.text(max_size=8),
    st.just({}),
    st.just([]),
    st.sampled_from(
        [
            "2026-11-24T10:00:00Z",
            "2026-11-24T10:00:00",
            "prod",
            "hotfix",
            "sha256:" + "0" * 64,
            "100%",
            "24h",
            "1e9",
        ]
    ),
)
SLIPS = st.sampled_from(
    [*'{}[]",:0-.eE\\ \t\n\x00\ufeff', "null", "NaN", "&a ", "*a", "!!int ", "- ", "no", "1e999"]
)


def _spots(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything within plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(spot for key, value in inner for spot in _spots(value, (*path, key)))]


def _slip_in_data(draw: Draw, data: Any) -> None:
    """One value, key or entry is replaced, left out or doubled."""
    *path, last = draw(st.sampled_from(_spots(data)[1:] or [("schema",)]))
    holder = data
    for key in path:
        holder = holder[key]
    match draw(st.sampled_from(["replace", "drop", "double", "rename"])):
        case "replace":
            holder[last] = draw(VALUES)
        case "drop":
            holder.pop(last, None) if isinstance(holder, dict) else holder.pop(last)
        case "double" if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        case "rename" if isinstance(holder, dict):
            holder[draw(st.text(max_size=6))] = holder.pop(last, None)
        case _:
            pass


@st.composite
def mistaken_requests(draw: Draw) -> str:
    """The text of a request: some are in order, most are nearly so."""
    data = copy.deepcopy(draw(st.sampled_from(REQUESTS)))
    for _ in range(draw(st.integers(0, 3))):
        _slip_in_data(draw, data)
    as_json = draw(st.booleans())
    text: str = json.dumps(data) if as_json else yaml.safe_dump(data, allow_unicode=True)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 3]))):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(SLIPS) + text[at + draw(st.integers(0, 3)) :]
    return text
