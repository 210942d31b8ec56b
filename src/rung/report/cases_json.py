"""Defines the results of cases for programs. Everything but ASCII is escaped."""

from __future__ import annotations

import json
from typing import Any

from rung.cases.run import Failing, FileResults, Result, Summary
from rung.diagnostics import Span
from rung.report import Look


def cases(summary: Summary, look: Look) -> str:
    """A document of the schema `rung.tests/1`."""
    document: dict[str, Any] = {
        "schema": "rung.tests/1",
        "cases": summary.count,
        "passed": summary.passed,
        "failed": summary.count - summary.passed,
        "files": [_file(each, summary) for each in summary.files],
        "coverage": None,
    }
    if summary.coverage is not None:
        lacking = summary.coverage.uncovered()
        document["coverage"] = {
            "rules": len(summary.coverage.rules),
            "covered": len(summary.coverage.rules) - len(lacking),
            "uncovered": [
                {
                    "kind": each.kind,
                    "rule": each.text,
                    "lacks": list(each.lacks),
                    "place": _place(each.span, summary),
                }
                for each in lacking
            ],
        }
    return json.dumps(document, indent=2) + "\n"


def _file(file: FileResults, summary: Summary) -> dict[str, Any]:
    return {
        "file": file.file,
        "policy": file.policy,
        "cases": [_result(each, summary) for each in file.results],
    }


def _result(result: Result, summary: Summary) -> dict[str, Any]:
    explanation, expected = result.explanation, result.expected
    return {
        "name": result.name,
        "place": _place(result.span, summary),
        "passed": result.passed,
        "expected": {"verdict": expected.expect, "because": list(expected.because)},
        "found": {
            "verdict": "allowed" if explanation.allowed else "denied",
            "reason": explanation.reason,
            "failing": [_failing(each) for each in result.failing],
        },
        "did_not_fail": list(result.lacking),
        "failed_too": [each.names[0] for each in result.surplus],
        "notes": list(result.notes),
    }


def _failing(rule: Failing) -> dict[str, Any]:
    return {"rule": rule.names[0], "seen": list(rule.seen)}


def _place(span: Span, summary: Summary) -> dict[str, Any]:
    place = summary.sources[span.file].place(span.start)
    return {"file": span.file, "line": place.line, "column": place.column}
