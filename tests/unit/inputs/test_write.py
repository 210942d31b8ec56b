"""Writing: what is read back is what was written."""

import json
from decimal import Decimal
from typing import Any

from rung.inputs.proposal import Proposal
from rung.inputs.write import to_document, to_json


def test_a_request_is_read_back_as_it_was_written(load: Any, text: str) -> None:
    request, _ = load(text)
    assert load(to_json(to_document(request))) == (request, [])


def test_a_proposal_and_facts_are_documents_of_their_own(load: Any, text: str) -> None:
    request, _ = load(text)
    parts = [to_json(to_document(part)) for part in (request.proposal, request.facts)]
    assert load(*parts) == (request, [])


def test_instants_are_written_in_utc_digests_in_order_and_defaults_not_at_all(load: Any, text: str) -> None:
    facts = to_document(load(text)[0].facts)
    assert facts["approvals"][1]["time"] == "2026-11-24T07:05:00Z"
    digests = facts["approvals"][1]["about"]["digests"]
    assert digests == sorted(digests)
    assert facts["environments"][2] == {"name": "dr", "read": "2026-11-24T09:58:00Z"}


def test_a_field_that_must_be_there_is_written_even_when_it_is_null(load: Any, data: Any) -> None:
    data["facts"]["changes"][0]["base"] = None
    assert to_document(load(data)[0].facts)["changes"][0]["base"] is None


def test_decimals_keep_every_digit() -> None:
    exact = Decimal("1234567890.12345678901234567890")
    assert to_json({"x": [exact, 1, True, None, "é"]}) == (
        '{\n  "x": [1234567890.12345678901234567890, 1, true, null, "\\u00e9"]\n}'
    )


def test_shares_are_written_as_percents(load: Any, data: Any) -> None:
    data["proposal"]["strategy"] = {"kind": "rolling", "max_unavailable": "12.50%"}
    proposal: Proposal = load(data)[0].proposal
    assert to_document(proposal)["strategy"] == {"kind": "rolling", "max_unavailable": "12.50%"}


def test_what_is_written_is_json() -> None:
    value = {"a": [], "b": {}, "c": [[1], {"d": [{}]}], "e": "x\ny"}
    assert json.loads(to_json(value)) == value
