"""Defines the language as lark knows it: one parser made from `grammar/policy.lark`, and its words.

Making the parser takes a third of a second, so it is kept in the user's cache folder. Only plain
data is read back from there, and only for the same grammar, lark and Python.
"""

from __future__ import annotations

import io
import pickle
import sys
from functools import cache, cached_property
from typing import Any, NoReturn

import lark
from lark import Lark

from rung import user_cache
from rung.diagnostics import Diagnostic
from rung.syntax.build import Builder
from rung.syntax.grammar import grammar_text


class Language:
    """The parser, its tree builder, and the sets of words that messages and recovery speak of."""

    def __init__(self) -> None:
        self.builder = Builder()
        self.parser = _parser(self.builder)
        self.words: dict[str, str] = {
            terminal.name: terminal.pattern.value
            for terminal in self.parser.terminals
            if terminal.pattern.type == "str"
        }

    def run(self, file: str, text: str, base: int, start: str) -> tuple[tuple[Any, ...], list[Diagnostic]]:
        """The children of a `start` or `fragment`, `base` characters into a file, and the mistakes in them.

        Raises lark's UnexpectedInput where the text does not follow the grammar.
        """
        self.builder.begin(file, base)
        result: Any = self.parser.parse(text, start=start)
        return tuple(result), self.builder.mistakes

    def _accepted_after(self, text: str) -> frozenset[str]:
        state = self.parser.parse_interactive(text, start="fragment")
        list(state.exhaust_lexer())
        names = state.accepts()  # type: ignore[no-untyped-call]  # lark has no hints for it
        return frozenset(self.words.get(name, name) for name in names)

    @cached_property
    def statements(self) -> frozenset[str]:
        """The words that begin a statement."""
        return self._accepted_after("") - {"$END"}

    @cached_property
    def conditions(self) -> frozenset[str]:
        """What may begin a condition, but `not`, which may not stand twice."""
        return self._accepted_after('deny "d" on e when not')

    @cached_property
    def values(self) -> frozenset[str]:
        """What may begin a value."""
        return self._accepted_after('deny "d" on e when 1 + 1 ==')

    @cached_property
    def operators(self) -> frozenset[str]:
        """What may follow a name that stands for a value, and what may follow a condition."""
        following = self._accepted_after('deny "d" on e when a') | self._accepted_after(
            'deny "d" on e when a(b)'
        )
        return following - self.statements - {"$END"}

    @cached_property
    def soft(self) -> frozenset[str]:
        """The words that may also be names."""
        expansions = (rule.expansion for rule in self.parser.rules if rule.origin.name == "name")
        return frozenset(self.words[symbol.name] for [symbol] in expansions if symbol.name in self.words)


@cache
def language() -> Language:
    """The language, made at the first use."""
    return Language()


class _PlainData(pickle.Unpickler):
    """Reads numbers, texts and collections of them, and refuses everything else."""

    def find_class(self, module: str, name: str) -> NoReturn:
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


def _parser(builder: Builder) -> Lark:
    grammar = grammar_text()
    key = "\n".join((lark.__version__, sys.version, grammar))
    kept = user_cache.read("grammar", key)
    parser = _restored(kept, builder) if kept is not None else None
    if parser is not None:
        return parser
    parser = Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["start", "fragment"],
        transformer=builder,
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
    saved = io.BytesIO()
    parser.save(saved, exclude_options=("transformer",))
    user_cache.write("grammar", key, saved.getvalue())
    return parser


def _restored(kept: bytes, builder: Builder) -> Lark | None:
    try:
        state = _PlainData(io.BytesIO(kept)).load()
        parser: Lark = Lark._load_from_dict(  # type: ignore[no-untyped-call]  # lark has no hints for it
            state["data"], state["memo"], transformer=builder
        )
    except Exception:  # an entry that somebody tampered with can make these raise anything
        return None
    return parser
