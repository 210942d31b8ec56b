"""Whatever is loaded, there is a request or there are diagnostics that can be shown, and nothing else."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from rung.diagnostics import Source
from rung.inputs.document import source_of
from rung.inputs.load import load_request

TEXT = (Path(__file__).parent / "request.json").read_text(encoding="utf-8")
NAMES = st.sampled_from(["x.json", "x.yaml", "<stdin>"])
YAML = yaml.safe_dump(json.loads(TEXT))
# Pieces that mean something to a JSON or YAML reader, or to a field.
PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "'",
    "\\",
    "\n",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!!int ",
    "%",
    "---\n",
    "#",
    "|",
]
PIECES += [
    "NaN",
    "1e999",
    "9" * 50,
    "0x1",
    "no",
    "~",
    "\\ud800",
    "\x00",
    "\x1b",
    "\u202e",
    "\ufeff",
    "\ud800",
    "🚀",
    "<<",
]


def check(name: str, text: str) -> None:
    """Loading ends in one of the two ways, twice in the same."""
    source = Source(name, text)
    request, diagnostics = load_request([source])
    assert (request is None) == bool(diagnostics)
    for each in diagnostics:
        assert each.span is not None or each.file is not None or each.code == "missing-document"
        shown = [each.message, each.hint or ""]
        assert "\n" not in each.message
        assert all("Input should" not in words and "<class" not in words for words in shown)
        "".join(shown).encode()
        assert all(character.isprintable() for character in "".join(shown))
        for span in [each.span] * bool(each.span) + [related.span for related in each.related]:
            assert span.file == name
            assert 0 <= span.start <= span.end <= len(text)
    assert load_request([source]) == (request, diagnostics)


@given(NAMES, st.binary(max_size=200))
@example("x.json", b"\xef\xbb\xbf{}")
def test_any_bytes(name: str, content: bytes) -> None:
    source, problems = source_of(name, content)
    assert (source is None) == bool(problems)
    if source:
        check(name, source.text)


@given(NAMES, st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=40).map("".join))
@example("x.yaml", "? " * 500)
@example("x.yaml", "- " * 500)
@example("x.yaml", "[" * 5000)
@example("x.yaml", "{a: " * 5000)
@example("x.yaml", "!" * 100)
@example("x.json", '{"schema": ' * 5000)
@example("x.json", '"' + "\\" * 9999)
@example("x.json", '{"schema": "rung.facts/1", "\\u0000\\u001b": "\\u202e"}')
def test_any_pieces(name: str, text: str) -> None:
    check(name, text)


@given(st.booleans(), st.data())
def test_any_slip_in_a_valid_document(is_json: bool, data: Any) -> None:
    text = TEXT if is_json else YAML
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.one_of(st.sampled_from(PIECES), st.text(max_size=2))) + text[end:]
    check("x.json" if is_json else "x.yaml", text)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.one_of(st.sampled_from(["proposal", "facts", "builds"]), st.text()), inner, max_size=4
            ),
        ),
        max_leaves=12,
    ),
    st.sampled_from(["rung.request/1", "rung.proposal/1", "rung.facts/1"]),
)
@example({"facts": {"proposal": None}}, "rung.request/1")
def test_any_values_under_a_schema(value: Any, schema: str) -> None:
    members = value if isinstance(value, dict) else {"facts": value, "builds": value, "release": value}
    check("x.json", json.dumps({"schema": schema, **members}))
