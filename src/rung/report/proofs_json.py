"""Defines the verdicts on properties for programs. Everything but ASCII is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rung.diagnostics import Source
from rung.explain.proofs import Chapter, Proof
from rung.inputs.request import Request
from rung.inputs.scalars import format_instant
from rung.inputs.write import to_document, to_json
from rung.prove.recheck import Rechecked
from rung.report import Look
from rung.report.json import place


def proofs(
    found: Sequence[Proof],
    sources: Mapping[str, Source],
    look: Look,
    rechecked: Rechecked | None = None,
) -> str:
    """A document of the schema `rung.proofs/1`; each decision has the request that `rung decide` accepts."""
    counted = [each for each in found if each.demanded] or found
    counts = {
        each: sum(proof.outcome == each for proof in counted) for each in ("proved", "refuted", "unknown")
    }
    document = {
        "schema": "rung.proofs/1",
        "properties": len(counted),
        **counts,
        "verdicts": [_proof(each, sources) for each in found],
        "recheck": None if rechecked is None else _rechecked(rechecked),
    }
    return to_json(json.loads(json.dumps(document, default=str))) + "\n"


def _rechecked(found: Rechecked) -> dict[str, Any]:
    return {
        "solver": found.solver,
        "asked": found.asked,
        "agreed": found.agreed,
        "contradicted": [each.sentence for each in found.contradicted],
        "unknown": [{"shows": each.sentence, "reason": why} for each, why in found.untold],
    }


def _proof(found: Proof, sources: Mapping[str, Source]) -> dict[str, Any]:
    verdict = found.verdict
    return {
        "property": found.title,
        "demanded": found.demanded,
        "place": place(verdict.property.span, sources),
        "verdict": found.outcome,
        "reason": verdict.reason if found.broken is None else found.broken,
        "without_waivers": [each.id for each in verdict.without],
        "excepted_lanes": list(verdict.excepted),
        "findings": list(verdict.findings),
        "assumptions": list(verdict.assumptions),
        "obligations": len(verdict.shown),
        "seconds": round(verdict.seconds, 3),
        "history": [_chapter(each, sources) for each in found.story],
    }


def _chapter(chapter: Chapter, sources: Mapping[str, Source]) -> dict[str, Any]:
    told: dict[str, Any] = {"at": format_instant(chapter.at), "text": chapter.text}
    if chapter.decision is not None and chapter.facts is not None:
        request = Request(proposal=chapter.decision.proposal, facts=chapter.facts)
        told["allowed"] = chapter.decision.allowed
        told["place"] = None if chapter.span is None else place(chapter.span, sources)
        told["request"] = to_document(request)
    return told
