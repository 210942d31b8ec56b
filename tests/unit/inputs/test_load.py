"""Loading: several documents become one request, or agree about nothing."""

import json
from typing import Any

import pytest

from rung.diagnostics import Source
from rung.inputs.document import MAX_BYTES, source_of
from rung.inputs.load import load_request


def split(data: Any) -> tuple[Any, Any]:
    """The proposal and the facts of a request as documents of their own."""
    return (
        {"schema": "rung.proposal/1", **data["proposal"]},
        {"schema": "rung.facts/1", **data["facts"]},
    )


def test_a_proposal_and_facts_apart_are_the_request_that_has_both(load: Any, data: Any) -> None:
    assert load(*split(data)) == load(data)
    assert load(*reversed(split(data))) == load(data)


def test_the_request_has_facts_of_every_kind(load: Any, data: Any) -> None:
    facts = load(data)[0].facts
    assert all(getattr(facts, kind) for kind in facts.field_names), "or what follows would show too little"


def test_facts_of_several_documents_are_taken_together(load: Any, data: Any) -> None:
    proposal, facts = split(data)
    parts = [{"schema": "rung.facts/1", kind: facts[kind]} for kind in facts if kind != "schema"]
    assert load(proposal, *parts) == load(data)


def test_a_request_takes_further_facts(load: Any, data: Any) -> None:
    builds = data["facts"].pop("builds")
    request, _ = load(data, {"schema": "rung.facts/1", "builds": builds})
    assert len(request.facts.builds) == 2


def test_histories_taken_together_are_complete_since_the_latest_is(load: Any, data: Any) -> None:
    events = data["facts"]["history"]["events"]
    further = {"complete_since": "2026-09-01T00:00:00Z", "source": "argo", "events": events[:1]}
    request, _ = load(data, {"schema": "rung.facts/1", "history": further})
    history = request.facts.history
    assert history.complete_since > load(data)[0].facts.history.complete_since
    assert history.source == "rung-log, argo"
    assert len(history.events) == len(events) + 1


@pytest.mark.parametrize(("read", "expected"), [("2026-11-01T00:00:00Z", "2026-11-01"), (None, None)])
def test_people_taken_together_are_as_old_as_the_oldest(
    load: Any, data: Any, read: str | None, expected: str | None
) -> None:
    further = {"source": "ldap", "read": read, "persons": [{"id": "gil@example.com"}]}
    people = load(data, {"schema": "rung.facts/1", "people": further})[0].facts.people
    assert people.source == "okta-export, ldap"
    assert people.persons[-1].id == "gil@example.com"
    assert (people.read is None) == (expected is None)


def test_there_is_one_proposal(mistakes: Any, data: Any) -> None:
    proposal, facts = split(data)
    hint = (
        '[a proposal begins with `"schema": "rung.proposal/1"`, a request with `"schema": "rung.request/1"`]'
    )
    assert mistakes(facts) == [f"missing-document: there is no proposal in `request.json` {hint}"]
    assert mistakes() == [f"missing-document: there is no proposal, as there is no document {hint}"]
    assert mistakes(proposal, data) == ["duplicate-document: there is more than one proposal"]


def test_a_proposal_that_is_not_understood_is_not_missing_as_well(mistakes: Any, data: Any) -> None:
    proposal, facts = split(data)
    del proposal["service"]
    assert mistakes(proposal, facts) == ["missing-field: missing field `service`"]


def test_a_document_says_what_it_is(mistakes: Any, data: Any) -> None:
    known = "`rung.proposal/1`, `rung.facts/1` or `rung.request/1`"
    assert mistakes({}) == [f"missing-field: missing field `schema` [it says what the document is: {known}]"]
    assert mistakes({"shema": "rung.facts/1"}) == [
        "unknown-field: unknown field `shema` [did you mean `schema`?]"
    ]
    assert mistakes(data | {"schema": 1}) == [
        f"unknown-schema: schema: expected {known}, found the number `1`"
    ]
    assert mistakes(data | {"schema": "rung.request/2"}) == [
        f"unknown-schema: schema: expected {known}, found `rung.request/2` [did you mean `rung.request/1`?]"
    ]


def test_contradictions_are_found_across_documents_and_placed_in_both(load: Any, data: Any) -> None:
    persons = [{"id": "z", "accounts": ["okta:fay"]}]
    further = json.dumps({"schema": "rung.facts/1", "people": {"source": "x", "persons": persons}})
    request, (diagnostic,) = load(data, further)
    assert request is None
    assert diagnostic.code == "conflicting-facts"
    assert (
        diagnostic.message
        == "people.persons[0].accounts[0]: `okta:fay` also means the person `fay@example.com`"
    )
    assert further[diagnostic.span.start : diagnostic.span.end] == '"okta:fay"'
    assert [related.message for related in diagnostic.related] == ["the other one is here"]


def test_the_suffix_tells_the_format_and_else_the_first_character() -> None:
    as_json, as_yaml = '{"schema": "rung.facts/2"}', "schema: rung.facts/2"

    def code(name: str, text: str) -> str:
        return load_request([Source(name, text)])[1][0].code

    assert code("x.json", as_json) == code("x.yaml", as_yaml) == code("x.yml", as_yaml) == "unknown-schema"
    assert code("<stdin>", f"\n  {as_json}") == code("<stdin>", as_yaml) == "unknown-schema"
    assert code("x.json", as_yaml) == "malformed-document"
    assert code("x.yaml", as_json) == "unknown-schema", "YAML has JSON in it"


def test_bytes_are_utf8_text_without_a_mark() -> None:
    source, problems = source_of("x.json", "é".encode())
    assert source is not None
    assert (source.text, problems) == ("é", [])
    source, (problem,) = source_of("x.json", b"\xff\xfe{")
    assert source is None
    assert problem.message == "expected text in UTF-8, found the byte 0xff at offset 0"
    assert problem.file == "x.json"
    _, (problem,) = load_request([Source("x.json", "\ufeff{}")])
    assert (problem.code, problem.message) == ("malformed-document", "found a byte order mark")
    _, (problem,) = load_request([Source("x.json", '{"\ud800": 1}')])
    assert problem.message == "expected text in UTF-8, found half of a surrogate pair"


def test_a_long_document_is_refused_before_it_is_read() -> None:
    source, (problem,) = source_of("x.json", b" " * (MAX_BYTES + 1))
    assert source is None
    assert (problem.code, problem.message) == ("document-too-large", "the document has more than 16 MiB")
    _, (problem,) = load_request([Source("x.json", " " * (MAX_BYTES + 1))])
    assert problem.code == "document-too-large"
