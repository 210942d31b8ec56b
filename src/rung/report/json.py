"""Defines the format `json`: a decision or diagnostics for programs, by a published and versioned schema.

Everything but ASCII is escaped, so that no text within can do anything to a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.inputs.scalars import LAST_INSTANT, format_instant
from rung.report import Findings, Look

if TYPE_CHECKING:
    from rung.explain.explanation import Explanation, Line
    from rung.explain.standing import Standing

Sources = Mapping[str, Source]


def decision(explanation: Explanation, sources: Sources, look: Look) -> str:
    """A document of the schema `rung.decision/1`."""
    proposal = explanation.proposal
    release = proposal.release
    actor = {name: getattr(proposal.actor, name) for name in proposal.actor.field_names}
    return _written(
        {
            "schema": "rung.decision/1",
            "hypothetical": explanation.hypothetical,
            "allowed": explanation.allowed,
            "verdict": explanation.verdict,
            "reason": explanation.reason,
            "at": format_instant(explanation.at),
            "valid_until": _instant(explanation.valid_until),
            "policy": {"name": explanation.policy, "file": explanation.file},
            "proof": None if explanation.proof is None else _proof(explanation.proof),
            "proposal": {
                "service": proposal.service,
                "action": proposal.action,
                "lane": proposal.lane,
                "from": list(proposal.from_),
                "target": proposal.target,
                "release": {
                    "version": release.version,
                    "configuration": release.configuration,
                    "digests": sorted(release.digests),
                },
                "actor": {name: value for name, value in actor.items() if value is not None},
            },
            "routes": [_line(each, sources) for each in explanation.routes],
            "standing": [_line(each, sources) for each in explanation.standing],
            "bans": [_line(each, sources) for each in explanation.bans],
            "missing": [{"text": each.text, "until": _instant(each.at)} for each in explanation.steps],
            "owes": [
                {
                    "name": each.name,
                    "due": _instant(each.due),
                    "rules": list(each.rules),
                    "place": place(each.span, sources),
                }
                for each in explanation.owes
            ],
            "waivers": [
                {
                    "id": each.id,
                    "gate": each.gate,
                    "approver": each.approver,
                    "until": format_instant(each.ends),
                    "reason": each.reason,
                    "place": place(each.span, sources),
                }
                for each in explanation.waivers
            ],
        }
    )


def _proof(proof: Standing) -> dict[str, Any]:
    return {
        "state": proof.state,
        "file": proof.file,
        "said": list(proof.said),
        "remedy": proof.remedy or None,
    }


def diagnostics(findings: Findings, look: Look) -> str:
    """A document of the schema `rung.diagnostics/1`."""
    return _written(
        {
            "schema": "rung.diagnostics/1",
            "about": findings.about,
            "files": list(findings.sources),
            "errors": findings.errors,
            "warnings": findings.warnings,
            "diagnostics": [diagnostic(each, findings.sources) for each in findings.diagnostics],
        }
    )


def _written(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def _instant(seconds: int | None) -> str | None:
    """None also for what is later than any instant that a document can have."""
    return None if seconds is None or seconds > LAST_INSTANT else format_instant(seconds)


def _line(line: Line, sources: Sources) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "mark": line.mark,
        "rule": line.text,
        "place": None if line.span is None else place(line.span, sources),
        "seen": list(line.seen),
        "controls": list(line.controls),
        "parts": [_line(each, sources) for each in line.parts],
    }


def place(span: Span, sources: Sources) -> dict[str, Any]:
    start, end = sources[span.file].place(span.start), sources[span.file].place(span.end)
    return {
        "file": span.file,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
    }


def diagnostic(found: Diagnostic, sources: Sources) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "file": found.span.file if found.span else found.file,
        "place": place(found.span, sources) if found.span else None,
        "hint": found.hint,
        "related": [{"message": each.message, "place": place(each.span, sources)} for each in found.related],
    }
