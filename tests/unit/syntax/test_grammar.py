"""The grammar has no conflicts, its words do not melt into names, and its soft words may be names."""

from __future__ import annotations

import re
from functools import cache

import pytest
from lark import Lark
from lark.exceptions import UnexpectedInput

from rung.syntax.grammar import grammar_text
from tests.campaigns.formatting import parsed

HEAD = 'rung 1\npolicy "p"\n'


@cache
def strict() -> Lark:
    """The grammar under the checks that lark makes of conflicts between rules and between terminals."""
    return Lark(grammar_text(), parser="lalr", lexer="basic", start=["start", "fragment"], strict=True)


SOFT_WORDS = re.findall(r'"([a-z]+)"', grammar_text().split("\nname: NAME")[1].split("\nNAME:")[0])


def test_there_are_soft_words() -> None:
    assert {"build", "step", "group", "environment"} <= set(SOFT_WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "environmentdev",
        "gate g { requirex }",
        "gate g { require a andb }",
        "gate g { require nota b }",
        'personx "a"',
        "promote a -> b withinc",
        "rollback a within 3releases",
        "gate g { needs e no older than 7days }",
        "environment 2nd",
        "gate g { require a == 1.5x }",
        'freeze "x" on a from 2026-12-181 to 2027-01-04 in "UTC"',
        'window "x" on a mon 09:001..16:00 in "UTC"',
    ],
)
def test_words_need_a_boundary(text: str) -> None:
    with pytest.raises(UnexpectedInput):
        strict().parse(text, start="fragment")


@pytest.mark.parametrize(
    "name",
    [
        "allowprod",
        "requirex",
        "environmentdev",
        "nothing",
        "in_",
        "inside-out",
        "no-2",
        "_x",
        "admit1",
        "setof",
    ],
)
def test_names_may_begin_with_a_word_of_the_language(name: str) -> None:
    tokens = list(strict().lex(f"environment {name}"))
    assert [(token.type, str(token)) for token in tokens] == [("ENVIRONMENT", "environment"), ("NAME", name)]


@pytest.mark.parametrize("word", SOFT_WORDS)
def test_soft_words_are_names_everywhere(word: str) -> None:
    text = f"""
        environment {word} after all of {{ {word}, {word} }}
        group {word} {{ {word} }}
        evidence {word} about {word} {{ {word}: {word}, x: one of {{ {word} }} }}
        parameter {word}: {word} = {word} may only {word}
        gate {word} {{
            needs {word} in {word}
            require {word}, {word}.{word} == {word}, {word} in {{ {word}, {word} }}, healthy in {word}
            require at least 1 approval from {word} except {word}
        }}
        promote {word} -> {word} {{ require {word} owes {word} within 1h {{ require {word} }} }}
        strategy {word} on {word} {{ keep 1h }}
        deny "d" on {{ {word}, {word} }} when {word}({word})
        prove {word} on {word} {{ {word} }}
        prove "t": for every {word} {word} in {{ {word} }}: always {word}
        """
    file = parsed(HEAD + text)
    assert [type(statement).__name__ for statement in file.statements][:3] == [
        "Environment",
        "Group",
        "Evidence",
    ]
    assert len(file.statements) == 10


def test_subtraction_needs_blanks() -> None:
    assert parsed(HEAD + 'deny "d" on e when a-b == a - b').statements
