"""YAML: another way to write JSON, and nothing more."""

import json
from typing import Any

import pytest
import yaml

from rung.diagnostics import Source
from rung.inputs import yaml_text
from rung.inputs.load import load_request
from rung.inputs.yaml_text import read_yaml


def data_of(text: str) -> Any:
    """The data of a YAML text that has nothing wrong in it."""
    data, diagnostics = read_yaml(Source("x.yaml", text))
    assert diagnostics == []
    return data


@pytest.fixture(params=["the C parser", "the Python parser"])
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may be built without its C parser."""
    if request.param == "the Python parser":
        monkeypatch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)


def test_a_request_is_the_same_in_yaml_and_json(load: Any, data: Any, text: str) -> None:
    assert load(yaml.safe_dump(data), name="request.yaml") == load(text)
    assert load(text, name="request.yaml") == load(text)


@pytest.mark.usefixtures("_both_parsers")
def test_only_what_json_can_say_is_more_than_text() -> None:
    text = """
      truth: [true, false, null]
      numbers: [0, -12, 1.50, 2e3]
      texts: [2026-11-23T09:12:00Z, 2026-11-23, 4.12.0, 83.4%, v1, 24h, sha256:00, nope]
      quoted: ["12", 'no', "true"]
      words: yes it is
      folded: one
        line
      block: |
        two
        lines
    """
    assert data_of(text) == {
        "truth": [True, False, None],
        "numbers": [0, -12, 1.5, 2000],
        "texts": ["2026-11-23T09:12:00Z", "2026-11-23", "4.12.0", "83.4%", "v1", "24h", "sha256:00", "nope"],
        "quoted": ["12", "no", "true"],
        "words": "yes it is",
        "folded": "one line",
        "block": "two\nlines\n",
    }


AMBIGUOUS = [
    "yes",
    "Yes",
    "YES",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "True",
    "TRUE",
    "False",
    "FALSE",
    "Null",
    "NULL",
    "~",
    "=",
    "<<",
]
AMBIGUOUS += [
    "012",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "+1",
    ".5",
    "5.",
    "12:30",
    "190:20:30",
    "1:30.5",
    ".inf",
    "-.inf",
    "+.INF",
    ".nan",
    ".NaN",
]


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize("word", AMBIGUOUS)
def test_a_word_that_readers_take_differently_must_be_quoted(word: str) -> None:
    for text in (f"a: {word}\n", f"[{word}]\n", f"{word}: 1\n"):
        _, (diagnostic,) = read_yaml(Source("x.yaml", text))
        assert diagnostic.code == "ambiguous-value"
        assert diagnostic.hint == f'put it in quotes if it is a text: `"{word}"`'
        assert text[diagnostic.span.start : diagnostic.span.end] == word
    assert data_of(f'a: "{word}"') == {"a": word}


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &x 1\n", [("unsupported-yaml", "anchors are not read here")]),
        ("a: &x [1]\n", [("unsupported-yaml", "anchors are not read here")]),
        (
            "a: &x 1\nb: *x\n",
            [
                ("unsupported-yaml", "anchors are not read here"),
                ("unsupported-yaml", "aliases are not read here"),
            ],
        ),
        ("a: !!str 1\n", [("unsupported-yaml", "tags are not read here")]),
        ("a: !!str no\n", [("unsupported-yaml", "tags are not read here")]),
        ("*x : 1\n", [("unsupported-yaml", "aliases are not read here")]),
        ("a: !x {}\n", [("unsupported-yaml", "tags are not read here")]),
        ("a: ! x\n", [("unsupported-yaml", "tags are not read here")]),
        ("%YAML 1.1\n---\na: 1\n", [("unsupported-yaml", "directives are not read here")]),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", [("unsupported-yaml", "directives are not read here")]),
        ("a: 1\n---\nb: 2\n", [("unsupported-yaml", "a second document in one file is not read here")]),
        ("a: 1\n...\n---\n", [("unsupported-yaml", "a second document in one file is not read here")]),
        ("a: 1\na: 2\n", [("duplicate-key", "the key `a` stands twice")]),
        ("b:\n  c: 1\n  'c': 2\n", [("duplicate-key", "b: the key `c` stands twice")]),
        ("a:\n", [("ambiguous-value", "a: an empty value means different things to different readers")]),
        ("- \n", [("ambiguous-value", "[0]: an empty value means different things to different readers")]),
        ("1: x\n", [("malformed-value", "expected a text as key, found the number `1`")]),
        ("true: x\n", [("malformed-value", "expected a text as key, found `true`")]),
        ("? [a]\n: x\n", [("malformed-value", "expected a text as key, found a list")]),
        ("? {a: 1}\n: x\n", [("malformed-value", "expected a text as key, found a mapping")]),
        ("a: 1e999\n", [("malformed-value", "a: expected a number of at most 40 digits, found `1e999`")]),
        ("", [("malformed-document", "the document is empty")]),
        ("# nothing\n", [("malformed-document", "the document is empty")]),
        ("[" * 65, [("document-too-large", "the document has more than 64 levels of nesting")]),
        ("a: " + "[" * 65, [("document-too-large", "the document has more than 64 levels of nesting")]),
    ],
)
def test_what_json_cannot_say_is_refused(text: str, expected: list[tuple[str, str]]) -> None:
    _, diagnostics = read_yaml(Source("x.yaml", text))
    assert [(each.code, each.message) for each in diagnostics] == expected


@pytest.mark.usefixtures("_both_parsers")
@pytest.mark.parametrize(
    "text", ["a: [", "a: 'x", "a: b: c", "a: \x01", "\tx", "a: @x", "{", "- a\nb: c", 'a: "\\q"']
)
def test_what_is_no_yaml_is_refused_with_its_place(text: str) -> None:
    _, (diagnostic,) = read_yaml(Source("x.yaml", text))
    assert diagnostic.code == "malformed-document"
    assert diagnostic.message.startswith("this is not YAML: ")
    assert 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)


@pytest.mark.usefixtures("_both_parsers")
def test_values_are_placed_in_characters_not_bytes() -> None:
    text = "# é 🚀\nä: ['ü', no]\n"
    _, (diagnostic,) = read_yaml(Source("x.yaml", text))
    assert text[diagnostic.span.start : diagnostic.span.end] == "no"


def test_the_validator_places_its_mistakes_in_yaml_too(data: Any) -> None:
    data["facts"]["builds"][0]["finished"] = "yesterday"
    text = yaml.safe_dump(data)
    _, (diagnostic,) = load_request([Source("request.yaml", text)])
    assert diagnostic.message.startswith("facts.builds[0].finished: expected an instant")
    assert text[diagnostic.span.start : diagnostic.span.end] == "yesterday"


def test_a_yaml_document_is_a_mapping(mistakes: Any) -> None:
    assert mistakes("- 1", name="x.yaml") == ["malformed-document: expected a mapping, found a list"]


def test_the_values_of_a_document_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_NODES", 100)
    assert data_of(json.dumps([0] * 99)) == [0] * 99
    _, (diagnostic,) = read_yaml(Source("x.yaml", json.dumps([0] * 100)))
    assert diagnostic.code == "document-too-large"


@pytest.mark.parametrize(
    "text", ["1_" * 500_000 + "x", "1" * 500_000 + "x", "1:" * 500_000, "0x" + "_" * 500_000]
)
def test_a_scalar_of_many_digits_is_read_in_linear_time(text: str) -> None:
    read_yaml(Source("x.yaml", text))  # in quadratic time, this would take hours
