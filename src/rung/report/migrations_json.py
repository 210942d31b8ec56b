"""Defines the judgement of a rollout's migrations for programs. Everything but ASCII is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rung.diagnostics import Diagnostic, Source
from rung.migrations.assess import Assessment
from rung.migrations.checks import Check, checks
from rung.migrations.hazards import Hazard
from rung.migrations.plan import Stage
from rung.migrations.verdicts import Event, Level, Verdict, Witness
from rung.report import Look
from rung.report.json import diagnostic, place

Sources = Mapping[str, Source]


def migrations(found: Assessment, look: Look) -> str:
    """A document of the schema `rung.migrations/1`, for an assessment with a report."""
    rollout, report, asked = found.rollout, found.report, found.request
    assert rollout is not None
    assert report is not None
    assert found.verdict is not None
    several = checks(report)
    document: dict[str, Any] = {
        "schema": "rung.migrations/1",
        "verdict": found.verdict.value,
        "layout": rollout.layout,
        "dialect": rollout.dialect,
        "strategy": "atomic" if asked.strategy == "recreate" else asked.strategy,
        "window": asked.window,
        "assumes": found.assumes,
        "migrations": [
            {"version": each.version, "name": each.name, "path": each.path, "runs": when}
            for when, part in (("before deployment", rollout.pre), ("after deployment", rollout.post))
            for each in part
        ],
        "directions": {
            "backward": report.direction("backward").value,
            "forward": report.direction("forward").value,
        },
        "stages": [_stage(each) for each in report.stages],
        "checks": {
            "total": len(several),
            **{each.value: sum(check.verdict is each for check in several) for each in Verdict},
        },
        "findings": [_check(each, found.sources) for each in several],
        "hazards": [_hazard(hazard, each, found.sources) for hazard, each in found.hazards],
        "diagnostics": [diagnostic(each, found.sources) for each in found.diagnostics],
    }
    return json.dumps(document, indent=2) + "\n"


def _stage(stage: Stage) -> dict[str, Any]:
    asked = {each.level for each in stage.findings}
    return {
        "name": stage.name,
        "kind": stage.kind,
        "schema_version": stage.schema_version,
        "live": list(stage.live),
        "returning": list(stage.returning),
        "verdict": stage.verdict.value,
        "levels": {each.value: stage.level(each).value if each in asked else None for each in Level},
    }


def _check(check: Check, sources: Sources) -> dict[str, Any]:
    finding = check.finding
    return {
        "level": finding.level.value,
        "verdict": finding.verdict.value,
        "subject": finding.subject,
        "message": finding.message,
        "code": finding.code,
        "direction": finding.direction,
        "states": list(check.states),
        "place": None if finding.span is None else place(finding.span, sources),
        "witness": None if finding.witness is None else _witness(finding.witness),
        "reasons": list(finding.reasons),
        "assumptions": list(finding.assumptions),
        "repair": list(finding.repair),
    }


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "row": witness.row,
        "events": [_event(each) for each in witness.events],
        "contrast": [_event(each) for each in witness.contrast],
        "differs": witness.differs,
        "replayed": witness.replayed,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"role": event.role, "sql": event.sql, "code": event.code}


def _hazard(hazard: Hazard, found: Diagnostic, sources: Sources) -> dict[str, Any]:
    return {"kind": hazard.kind, **diagnostic(found, sources)}
