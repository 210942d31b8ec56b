"""What the format `json` writes follows the schemas that `rung schema` prints."""

from __future__ import annotations

import json

import jsonschema
import pytest

from rung.diagnostics import Diagnostic, Related, Source, Span
from rung.report import Findings, Look
from rung.report import json as format_json
from rung.report.json_schema import json_schema
from tests.unit.explain.stories import STORIES, Story, told


@pytest.mark.parametrize("name", ["decision", "diagnostics", "proofs", "obligations", "comparison"])
def test_the_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(name))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_decisions_follow_their_schema(story: Story) -> None:
    explanation, sources = told(story)
    text = format_json.decision(explanation, sources, Look())
    assert text.isascii()
    document = json.loads(text)
    jsonschema.Draft202012Validator(json_schema("decision")).validate(document)
    assert document["allowed"] == (document["verdict"] == "allowed") == story.allowed
    # nothing may be added without a new version of the schema
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "more": 1}, json_schema("decision"))


def test_diagnostics_follow_their_schema() -> None:
    span = Span("f", 4, 7)
    found = (
        Diagnostic("a-code", "message \x1b", span, "hint", (Related(Span("f", 0, 3), "there"),)),
        Diagnostic("b-code", "message", None, severity="warning", file="g"),
    )
    findings = Findings("2 files", {"f": Source("f", "one\ntwo\n")}, found)
    text = format_json.diagnostics(findings, Look())
    assert text.isascii()
    document = json.loads(text)
    jsonschema.Draft202012Validator(json_schema("diagnostics")).validate(document)
    assert (document["errors"], document["warnings"]) == (1, 1)
    first = document["diagnostics"][0]
    assert first["place"] == {"file": "f", "line": 2, "column": 1, "end_line": 2, "end_column": 4}
    assert first["related"][0]["place"]["line"] == 1
    assert document["diagnostics"][1]["file"] == "g"
