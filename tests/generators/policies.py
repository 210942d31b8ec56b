"""Defines `policies`: texts that the grammar accepts, drawn from its own rules, laid out in any way.

Every construct occurs, so a rule added to the grammar is tested without a change here. Names mean
nothing: what these policies say is syntax only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from hypothesis import strategies as st
from lark import Lark
from lark.grammar import NonTerminal, Symbol, Terminal

from rung.diagnostics import Source
from rung.syntax.grammar import grammar_text
from rung.syntax.parse import parse

WORDS_OF_A_STATEMENT = 60

WORD = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

TERMINALS: dict[str, st.SearchStrategy[str]] = {
    "NAME": st.sampled_from(
        [
            "dev",
            "qa",
            "staging-eu",
            "prod",
            "a",
            "_b",
            "x1",
            "notx",
            "in_",
            "requirements",
            "allow-prod",
            "no-2",
        ]
    ),
    "STRING": st.one_of(
        st.sampled_from(
            ["", "a", "Europe/Berlin", 'say "hi"', "back\\slash", "# no comment", "{ é → 漢", "\t"]
        ),
        st.sampled_from(["a rather long text, as titles and reasons of waivers are known to become"]),
    ).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    "INT": st.sampled_from(["0", "1", "2", "85", "007", "9223372036854775807"]),
    "DECIMAL": st.sampled_from(["0.5", "12.50"]),
    "PERCENT": st.sampled_from(["80%", "99.95%"]),
    "DURATION": st.sampled_from(["24h", "7d", "90m", "30s", "2w"]),
    "DATE": st.sampled_from(["2026-12-18", "2027-01-04"]),
    "CLOCK": st.sampled_from(["18:00", "08:30"]),
}

# The numbers tell comments apart, so that their order can be compared.
COMMENTS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["#", "# ", '# an open " quote ', "# { open ", "# rung 2", "# é\t#", "# \\"]),
    st.integers(0, 99),
    st.sampled_from(["", "", "  "]),
)
ENDS = st.sampled_from(["\n", "\n", "\n\n", "\r\n", "\n \n\t\n"])
SPACES = st.sampled_from([" ", " ", " ", " ", "  ", "\t", "\n", "\n    ", "\r\n", "\n\n\n"])
SEPARATORS = st.one_of(
    *[SPACES] * 7,
    st.builds("{}{}{}{}".format, SPACES, COMMENTS, ENDS, st.sampled_from(["", "  "])),
)

Draw = Callable[[st.SearchStrategy[Any]], Any]


class _Rules(NamedTuple):
    expansions: dict[str, list[list[Symbol]]]
    choices: dict[str, st.SearchStrategy[list[Symbol]]]
    shortest: dict[str, list[Symbol]]  # the expansion of a rule that needs the fewest words
    words: dict[str, str]


@cache
def _rules() -> _Rules:
    parser = Lark(grammar_text(), parser="lalr", lexer="basic", keep_all_tokens=True)
    expansions: dict[str, list[list[Symbol]]] = {}
    for rule in parser.rules:
        expansions.setdefault(rule.origin.name, []).append(rule.expansion)
    least: dict[str, int] = {}
    shortest: dict[str, list[Symbol]] = {}
    changed = True
    while changed:
        changed = False
        for name, options in expansions.items():
            for option in options:
                needed = [1 if isinstance(symbol, Terminal) else least.get(symbol.name) for symbol in option]
                if None not in needed and sum(filter(None, needed)) < least.get(name, 1_000_000):
                    least[name] = sum(filter(None, needed))
                    shortest[name] = option
                    changed = True
    words = {term.name: term.pattern.value for term in parser.terminals if term.pattern.type == "str"}
    choices = {name: st.sampled_from(options) for name, options in expansions.items()}
    return _Rules(expansions, choices, shortest, words)


def _tokens(draw: Draw, start: str) -> list[str]:
    """The words of one statement (or other rule)."""
    rules = _rules()
    words: list[str] = []
    agenda: list[Symbol] = [NonTerminal(start)]
    while agenda:
        symbol = agenda.pop()
        if isinstance(symbol, Terminal):
            text = rules.words.get(symbol.name)
            words.append(draw(TERMINALS[symbol.name]) if text is None else text)
        elif len(words) + len(agenda) < WORDS_OF_A_STATEMENT and len(rules.expansions[symbol.name]) > 1:
            agenda.extend(reversed(draw(rules.choices[symbol.name])))
        else:
            agenda.extend(reversed(rules.shortest[symbol.name]))
    return words


def _laid_out(draw: Draw, words: list[str]) -> str:
    """The words with something between them: blanks, line ends, comments, or nothing where that will do."""
    pieces = [draw(st.one_of(st.just(""), SEPARATORS))]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        separator = draw(SEPARATORS)
        may_touch = not (word[-1] in WORD and following[:1] and following[0] in WORD)
        if separator == "  " and may_touch:
            separator = ""
        pieces += [word, separator]
    return "".join(pieces)


@st.composite
def _texts(draw: Draw) -> str:
    words = ["rung", "1", "policy", draw(TERMINALS["STRING"])]
    for _ in range(draw(st.integers(0, 6))):
        words += _tokens(draw, "statement")
    return _laid_out(draw, words)


def policies() -> st.SearchStrategy[str]:
    """The text of a policy without a syntax error; the grammar alone would let a clause be repeated."""
    return _texts().filter(lambda text: "repeated-clause" not in codes(text))


def codes(text: str) -> list[str]:
    """The codes of the syntax errors of a text."""
    return [diagnostic.code for diagnostic in parse(Source("p.rung", text)).diagnostics]
