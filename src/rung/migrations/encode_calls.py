"""Defines `call`: the functions that CHECKs use in practice, as z3 terms; any other is not understood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import z3

from rung.migrations.carriers import INT4, TEXT, Kind
from rung.migrations.terms import (
    BLANKS,
    NO,
    Doubt,
    Findings,
    NotUnderstood,
    Term,
    all_of,
    choose,
    fresh_name,
    identical,
    negation,
    null_of,
)
from rung.migrations.values import Value, python_text, text


class Context(Protocol):
    """What a call needs of the encoder that reads it."""

    findings: Findings

    def alike(self, terms: Sequence[Term]) -> list[Term]: ...


def call(name: str, arguments: Sequence[Term], context: Context) -> Term:
    """The value of a built-in function."""
    match name, arguments:
        case ("char_length" | "character_length" | "length", [term]) if _is_text(term):
            return Term(INT4, term.null, z3.Length(term.value))
        case ("length" | "octet_length", [term]) if term.carrier.kind is Kind.BYTES:
            return Term(INT4, term.null, z3.Length(term.value))
        case ("octet_length", [term]) if term.carrier.kind is Kind.TEXT:
            return _octets(term, context.findings)
        case ("lower" | "upper", [term]) if _is_text(term):
            return _folded(name, term, context.findings)
        case ("btrim" | "ltrim" | "rtrim", [term]) if _is_text(term):
            return _trimmed(name, term, context.findings)
        case ("num_nonnulls" | "num_nulls", [_, *_]):
            wanted = [term.null if name == "num_nulls" else negation(term.null) for term in arguments]
            return Term(INT4, NO, z3.Sum([z3.If(each, z3.IntVal(1), z3.IntVal(0)) for each in wanted]))
        case ("coalesce", [_, *_]):
            typed = context.alike(arguments)
            answer = typed[-1]
            for term in reversed(typed[:-1]):
                answer = choose(term.null, answer, term)
            return answer
        case ("nullif", [_, _]):
            one, other = context.alike(arguments)
            same = all_of([negation(one.null), identical(one, other)])
            return choose(same, null_of(one.carrier), one)
        case ("abs", [term]) if term.carrier.kind is Kind.INTEGER:
            return Term(term.carrier, term.null, z3.If(term.value < 0, -term.value, term.value))
        case _:
            raise NotUnderstood(f"function `{name}`")


def _is_text(term: Term) -> bool:
    return term.carrier.kind in (Kind.TEXT, Kind.PADDED)


def _octets(term: Term, findings: Findings) -> Term:
    """Between one and four bytes a character in UTF-8; one where it is ASCII."""
    count = z3.Function("octets", z3.StringSort(), z3.IntSort())(term.value)
    length = z3.Length(term.value)
    ascii_only = z3.InRe(term.value, z3.Star(z3.Range("\x01", "\x7f")))
    findings.facts += [count >= length, count <= 4 * length, z3.Implies(ascii_only, count == length)]
    findings.doubts.append(Doubt(all_of([negation(term.null), z3.Not(ascii_only)]), "bytes of other letters"))
    return Term(INT4, term.null, count)


# ASCII without the letters that the function changes.
_UNCHANGED: dict[str, Callable[[], Value]] = {
    "lower": lambda: z3.Union(z3.Range("\x01", "@"), z3.Range("[", "\x7f")),
    "upper": lambda: z3.Union(z3.Range("\x01", "`"), z3.Range("{", "\x7f")),
}


def _folded(name: str, term: Term, findings: Findings) -> Term:
    """`lower` or `upper`: exact where nothing changes; what it makes of other letters the locale decides."""
    if z3.is_string_value(term.value) and python_text(term.value).isascii():
        plain = python_text(term.value)
        return Term(TEXT, term.null, text(plain.lower() if name == "lower" else plain.upper()))
    result = z3.Function(name, z3.StringSort(), z3.StringSort())(term.value)
    unchanged = z3.InRe(term.value, z3.Star(_UNCHANGED[name]()))
    ascii_only = z3.InRe(term.value, z3.Star(z3.Range("\x01", "\x7f")))
    findings.facts += [
        z3.Implies(unchanged, result == term.value),
        z3.Implies(
            z3.And(ascii_only, z3.Not(unchanged)),
            z3.And(result != term.value, z3.Length(result) == z3.Length(term.value)),
        ),
    ]
    findings.doubts.append(Doubt(all_of([negation(term.null), z3.Not(unchanged)]), f"function `{name}`"))
    return Term(TEXT, term.null, result)


def _trimmed(name: str, term: Term, findings: Findings) -> Term:
    """The text without the blanks at its ends: text = blanks + result + blanks, uniquely."""
    result = z3.String(fresh_name(name))
    before, after = z3.String(fresh_name("before")), z3.String(fresh_name("after"))
    blank = text(" ")
    empty = z3.StringVal("")
    starts, ends = z3.Not(z3.PrefixOf(blank, result)), z3.Not(z3.SuffixOf(blank, result))
    findings.facts.append(term.value == z3.Concat(before, result, after))
    findings.facts += [z3.InRe(before, BLANKS), starts] if name != "rtrim" else [before == empty]
    findings.facts += [z3.InRe(after, BLANKS), ends] if name != "ltrim" else [after == empty]
    return Term(TEXT, term.null, result)
