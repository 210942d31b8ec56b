"""Defines a policy's identity: a digest for each part of what decisions and proofs by it depend on.

Comments, layout and places in files are no part of it, nor is the version of the tz database: what counts is
what that says of the clocks that the policy reads. A policy is the same as long as all of its parts are.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import rung
from rung.policy import model
from rung.policy.moments import BEGIN, END, offsets

HORIZON = "/".join(datetime.fromtimestamp(each, UTC).date().isoformat() for each in (BEGIN, END))
LANGUAGE = 1  # the version that the first line of every policy states


Parts = dict[str, str]
"""What a policy depends on, by name: the digest of each part, or its version."""


def identity(policy: model.Policy) -> Parts:
    """The identity of a policy as this version of Rung reads it."""
    zones = sorted({each.zone for each in (*policy.windows, *policy.maintenance)})
    names = [each.name for each in fields(policy) if each.compare and each.name != "name"]
    parts = {name.replace("_", " "): _digest(_plain(getattr(policy, name))) for name in names}
    parts |= {f"clocks of {zone}": _digest(offsets(zone)) for zone in zones}
    return parts | {"language": str(LANGUAGE), "rung": rung.__version__, "horizon": HORIZON}


def digest(parts: Parts) -> str:
    """One digest for all of a policy."""
    return _digest(parts)


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A value of the model as JSON has it: what is equal is written alike, and what is not is not."""
    match value:
        case None | bool() | int() | str():
            return value
        case tuple():
            return [_plain(each) for each in value]
        case frozenset():
            return {"set": sorted(json.dumps(_plain(each)) for each in value)}
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case _:
            kept = {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.compare}
            return {"kind": type(value).__name__, **kept}
