"""JSON Schemas: they take what loading takes, and nothing else."""

import copy
import inspect
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from rung.diagnostics import Source
from rung.inputs import facts, proposal, request
from rung.inputs.load import load_request
from rung.inputs.record import Record
from rung.inputs.schema import field_docs, json_schema

TEXT = (Path(__file__).parent / "request.json").read_text(encoding="utf-8")
SCHEMAS = {kind: Draft202012Validator(json_schema(kind)) for kind in ("proposal", "facts", "request")}
RECORDS = [
    each
    for module in (facts, proposal, request)
    for _, each in inspect.getmembers(module, inspect.isclass)
    if issubclass(each, Record) and each is not Record and each.__module__ == module.__name__
]
A_DIGEST = "sha256:" + "0" * 64
# Texts that are something to some field; a Feb 30 is left out, since no pattern can refuse it.
TEXTS = [
    "",
    "a",
    "a-b",
    "-a",
    "a b",
    "on",
    "canary",
    "promote",
    "1.2.3",
    "1.2",
    "5%",
    "100.5%",
    A_DIGEST,
    A_DIGEST * 2,
]
TEXTS += ["sha512:" + "f" * 128, "abcdef0", "ABCDEF0", "2026-11-23T09:12:00Z", "2026-11-23T09:12:00.5-09:30"]
TEXTS += ["2026-13-23T09:12:00Z", "2026-11-23T09:12:60Z", "2026-11-23", "a\u202eb", "a\tb", "é", "x" * 4097]
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.just(1.5), st.sampled_from(TEXTS)
)
ABOUTS = st.dictionaries(
    st.sampled_from(["commit", "build", "artifact", "environment", "release", "digests", "target", "x"]),
    st.one_of(SCALARS, st.lists(st.sampled_from(TEXTS), max_size=2)),
    max_size=3,
)
VALUES = st.one_of(
    SCALARS,
    ABOUTS,
    st.lists(SCALARS, max_size=2),
    st.dictionaries(st.sampled_from(TEXTS), SCALARS, max_size=2),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values in plain data but the whole."""
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for step, below in steps for place in ((*path, step), *places(below, (*path, step)))]


PLACES = places(json.loads(TEXT))


@st.composite
def changed_requests(draw: st.DrawFn) -> Any:
    """The request with one to three values left out, added, renamed or replaced."""
    data = copy.deepcopy(json.loads(TEXT))
    for _ in range(draw(st.integers(1, 3))):
        *steps, last = draw(st.sampled_from(PLACES))
        at = data
        try:
            for step in steps:
                at = at[step]
            value = at[last]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
        match draw(st.sampled_from(["replace", "leave out", "add", "rename"])):
            case "replace":
                at[last] = draw(VALUES)
            case "leave out":
                del at[last]
            case "add" if isinstance(value, dict):
                value[draw(st.sampled_from(TEXTS))] = draw(VALUES)
            case "rename" if isinstance(at, dict):
                at[draw(st.sampled_from(TEXTS))] = at.pop(last)
    return data


@given(changed_requests())
def test_the_schema_takes_what_loading_takes(data: Any) -> None:
    _, diagnostics = load_request([Source("x.json", json.dumps(data))])
    wrong = [each for each in diagnostics if each.code not in ("conflicting-facts", "impossible-record")]
    assert SCHEMAS["request"].is_valid(data) == (not wrong)


def test_the_whole_request_and_its_parts_are_valid(data: Any) -> None:
    SCHEMAS["request"].validate(data)
    SCHEMAS["proposal"].validate({"schema": "rung.proposal/1", **data["proposal"]})
    SCHEMAS["facts"].validate({"schema": "rung.facts/1", **data["facts"]})
    assert not SCHEMAS["facts"].is_valid(data["facts"])


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_a_schema_is_a_valid_schema(schema: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(schema.schema)


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_says_what_it_is(record: type[Record]) -> None:
    assert list(field_docs(record)) == list(record.field_names)
    assert all(doc[0].isupper() and doc[-1] == "." for doc in field_docs(record).values())


def test_descriptions_and_defaults_are_in_the_schema() -> None:
    properties = json_schema("proposal")["properties"]
    assert properties["target"]["description"] == "The environment to deploy into."
    assert properties["action"]["default"] == "deploy"
    assert "from" in properties
