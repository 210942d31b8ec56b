"""Defines the files of an export: each step of each proof as an SMT-LIB script, and a manifest of them all.

The same policy, proved by the same program, gives the same files under the same names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rung.diagnostics import Source
from rung.explain.proofs import Proof
from rung.policy import model
from rung.policy.identity import digest
from rung.prove.verdict import Shown
from rung.report.plain import plain

MANIFEST = "manifest.json"
SCHEMA = "rung.obligations/1"
LONGEST_NAME = 60  # characters
MEANING = (
    "unsat means that this is shown",
    "sat would mean that it is not, and that Rung's verdict on the property stands on nothing",
)


def files(
    found: Sequence[Proof],
    policy: model.Policy,
    identity: Mapping[str, str],
    sources: Mapping[str, Source],
    versions: Mapping[str, str],
) -> dict[str, str]:
    """The contents of the files by name, the manifest last."""
    written: dict[str, str] = {}
    listed, names = [], Counter[str]()
    for each in found:
        name = _name(each, names)
        steps = []
        for number, shown in enumerate(each.verdict.shown, 1):
            file, head = f"{name}.{number:03}.smt2", _head(each, shown, policy, identity, sources)
            written[file] = "".join(f"; {line}".rstrip() + "\n" for line in head) + shown.script
            steps.append({"file": file, "shows": shown.sentence, "sha256": _sha256(written[file])})
        listed.append(_property(each, steps))
    manifest = {
        "schema": SCHEMA,
        "policy": policy.name,
        "digest": digest(dict(identity)),
        "versions": dict(versions),
        "properties": listed,
    }
    return written | {MANIFEST: json.dumps(manifest, indent=2) + "\n"}


def _property(proof: Proof, steps: list[dict[str, str]]) -> dict[str, Any]:
    verdict = proof.verdict
    return {
        "property": proof.title,
        "verdict": proof.outcome,
        "without_waivers": [each.id for each in verdict.without],
        "excepted_lanes": list(verdict.excepted),
        "assumptions": list(verdict.assumptions),
        "obligations": steps,
    }


def _name(proof: Proof, names: Counter[str]) -> str:
    """A name for the files of a property, by what it says; others like it have numbers."""
    words = re.findall("[a-z0-9]+", proof.name.lower())
    name = "-".join(words)[:LONGEST_NAME].strip("-") or "property"
    names[name] += 1
    return name if names[name] == 1 else f"{name}.{names[name]}"


def _head(
    proof: Proof,
    shown: Shown,
    policy: model.Policy,
    identity: Mapping[str, str],
    sources: Mapping[str, Source],
) -> list[str]:
    span = proof.verdict.property.span
    source = sources[span.file]
    file = source.name.replace("\\", "/").rpartition("/")[2]
    lines = [
        f"{MEANING[0]}:",
        f"  {shown.sentence}",
        f"{MEANING[1]}.",
        "",
        f"policy: {policy.name}, {digest(dict(identity))}",
        f"property: {proof.title} ({file}:{source.place(span.start).line})",
    ]
    if proof.verdict.without:
        lines.append(f"without the waivers: {', '.join(each.id for each in proof.verdict.without)}")
    lines += ["assumed:", *(f"  {each}" for each in proof.verdict.assumptions), ""]
    return [plain(line) for line in lines]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
