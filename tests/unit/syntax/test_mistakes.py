"""What is said about mistakes: `mistakes.txt` holds policies with carets and messages under their lines.

Every block is the text of a policy, each of its diagnostics, and at the end what was read in spite of them.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from rung.diagnostics import Diagnostic, Source
from rung.syntax.parse import LONGEST_POLICY, parse
from rung.syntax.recovery import MOST_MISTAKES
from tests.campaigns import reading
from tests.generators.mistakes import mistaken_policies
from tests.generators.policies import codes

HEAD = 'rung 1\npolicy "p"\n'
BLOCKS = Path(__file__).with_name("mistakes.txt").read_text(encoding="utf-8").split("\n----\n")
SAID = re.compile(r"^ *(\^+ |hint: |read: ).*\n", re.MULTILINE)


def shown(text: str) -> str:
    """The text with what is said about it under its lines."""
    source = Source("p.rung", text)
    file, diagnostics = parse(source)
    by_line: dict[int, list[Diagnostic]] = {}
    for diagnostic in diagnostics:
        assert diagnostic.span is not None
        by_line.setdefault(source.place(diagnostic.span.start).line, []).append(diagnostic)
    out: list[str] = []
    for number, line in enumerate(text.split("\n")[:-1], 1):
        out.append(line)
        for diagnostic in by_line.pop(number, []):
            assert diagnostic.span is not None
            indent = " " * (source.place(diagnostic.span.start).column - 1)
            carets = "^" * max(1, diagnostic.span.end - diagnostic.span.start)
            out.append(f"{indent}{carets} {diagnostic.message}")
            if diagnostic.hint:
                out.append(f"{indent}hint: {diagnostic.hint}")
    assert not by_line
    kinds = [type(statement).__name__.lower() for statement in file.statements] if file else ["nothing"]
    return "\n".join([*out, f"read: {', '.join(kinds) or 'no statement'}", ""])


@pytest.mark.parametrize("block", BLOCKS)
def test_each_slip_is_said_once(block: str) -> None:
    block = block.removesuffix("\n") + "\n"
    assert shown(SAID.sub("", block)) == block


@settings(max_examples=300, derandomize=True, deadline=None, database=None)
@given(mistaken_policies())
def test_any_text_is_read_without_an_exception(text: str) -> None:
    reading.check(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (HEAD + "environment a\u202e\n", "forbidden-character"),
        (HEAD + "# \x1b[31m\n", "forbidden-character"),
        (HEAD + "environment a\renvironment b\n", "forbidden-character"),
        ("\ufeff" + HEAD, "forbidden-character"),
        ("\x7fELF\x02\x01\x01\0\0\0\0", "forbidden-character"),
        (HEAD + 'deny "d" on e when ' + "(" * 65 + "a" + ")" * 65, "nested-too-deep"),
        (HEAD + 'deny "d" on e when ' + "{" * 65 + "}" * 65, "nested-too-deep"),
        (HEAD + "#" * LONGEST_POLICY, "policy-too-large"),
        ("# rung 1\nrung 2\nmodule nonsense = { ( ;\n", "unsupported-version"),
        (HEAD + "environment a\u00a0\n", "unreadable-character"),
        (HEAD + "prove x on a on b", "repeated-clause"),
    ],
)
def test_texts_that_are_refused(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "claim",
    ["(" * 64 + "a" + ")" * 64, "not (" * 60 + "a" + ")" * 60, "a" + " + a" * 3000, "a" + " and a" * 3000],
)
def test_long_and_deep_claims_are_read(claim: str) -> None:
    assert codes(HEAD + f'deny "d" on e when {claim}') == []


def test_brackets_in_texts_and_comments_do_not_nest() -> None:
    assert codes(HEAD + f'# {"(" * 100}\ngroup g {{ "{"(" * 100}" }}') == []


def test_a_file_of_mistakes_is_given_up_at_some_point() -> None:
    assert len(codes(HEAD + "enviroment a\n" * 1000)) == MOST_MISTAKES


def test_names_of_what_is_lost_are_remembered() -> None:
    text = "enviroment dev\ngate g { ! }\npromote a -> qa {\ngate h {\n    need tests\n}\nenvironment prod\n"
    file = parse(Source("p.rung", HEAD + text)).file
    assert file is not None
    assert {"dev", "g", "qa", "tests"} <= file.broken
    assert not {"h", "prod"} & file.broken
