"""Defines `call`: the functions that CHECKs use in practice, as z3 terms; any other is not understood."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import z3

from rung.migrations.alike import alike
from rung.migrations.carriers import INT4, TEXT, Kind, integer_range
from rung.migrations.terms import (
    BLANKS,
    FILLING,
    NO,
    YES,
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


def call(name: str, arguments: Sequence[Term], findings: Findings) -> Term:
    """The value of a built-in function."""
    match name, arguments:
        case ("char_length" | "character_length" | "length", [term]) if _is_text(term):
            return Term(INT4, term.null, z3.Length(term.value))
        case ("length" | "octet_length", [term]) if term.carrier.kind is Kind.BYTES:
            return Term(INT4, term.null, z3.Length(term.value))
        case ("octet_length", [term]) if term.carrier.kind is Kind.TEXT:
            return _octets(term, findings)
        case ("lower" | "upper", [term]) if _is_text(term):
            return _folded(name, term, findings)
        case ("btrim" | "ltrim" | "rtrim", [term]) if _is_text(term):
            return _trimmed(name, term, findings)
        case ("num_nonnulls" | "num_nulls", [_, *_]):
            wanted = [term.null if name == "num_nulls" else negation(term.null) for term in arguments]
            return Term(INT4, NO, z3.Sum([z3.If(each, z3.IntVal(1), z3.IntVal(0)) for each in wanted]))
        case ("coalesce", [_, *_]):
            typed = alike(arguments)
            answer = typed[-1]
            for term in reversed(typed[:-1]):
                answer = choose(term.null, answer, term)
            return answer
        case ("nullif", [_, _]):
            one, other = alike(arguments)
            same = all_of([negation(one.null), identical(one, other)])
            return choose(same, null_of(one.carrier), one)
        case ("abs", [term]) if term.carrier.kind is Kind.INTEGER:
            low, _ = integer_range(term.carrier)
            findings.errors.append(all_of([negation(term.null), term.value == low]))
            return Term(term.carrier, term.null, z3.If(term.value < 0, -term.value, term.value))
        case _:
            raise NotUnderstood(f"function `{name}`")


def _is_text(term: Term) -> bool:
    return term.carrier.kind in (Kind.TEXT, Kind.PADDED)


def _octets(term: Term, findings: Findings) -> Term:
    """Between one and four bytes a character in UTF-8; one where it is ASCII."""
    count = z3.Function("octets", z3.StringSort(), z3.IntSort())(term.value)
    length = z3.Length(term.value)
    ascii_only = z3.InRe(term.value, _ascii())
    findings.facts += [count >= length, count <= 4 * length, z3.Implies(ascii_only, count == length)]
    findings.doubts.append(Doubt(all_of([negation(term.null), z3.Not(ascii_only)]), "bytes of other letters"))
    return Term(INT4, term.null, count)


@cache
def _ascii() -> Value:
    """Any ASCII text."""
    return z3.Star(z3.Range("\x01", "\x7f"))


@cache
def _unchanged(name: str) -> Value:
    """ASCII text without the letters that the function changes."""
    first, last = ("A", "Z") if name == "lower" else ("a", "z")
    before, after = z3.Range("\x01", chr(ord(first) - 1)), z3.Range(chr(ord(last) + 1), "\x7f")
    return z3.Star(z3.Union(before, after))


def _folded(name: str, term: Term, findings: Findings) -> Term:
    """`lower` or `upper`: exact where nothing changes; what it makes of other letters the locale decides."""
    result, known = _folded_value(name, term.value, findings)
    findings.doubts.append(Doubt(all_of([negation(term.null), negation(known)]), f"function `{name}`"))
    return Term(TEXT, term.null, result)


def _folded_value(name: str, value: Value, findings: Findings) -> tuple[Value, Value]:
    """The folded text, and whether it is surely that: where nothing changes, and for a sample where it does.
    A choice is one between folded texts: so that each text has its facts once, however often it is written
    and chosen from."""
    if z3.is_app_of(value, z3.Z3_OP_ITE):
        condition, *texts = value.children()
        (one, same), (other, same_other) = (_folded_value(name, each, findings) for each in texts)
        return z3.If(condition, one, other), z3.If(condition, same, same_other)
    if z3.is_string_value(value) and python_text(value).isascii():
        plain = python_text(value)
        return text(plain.lower() if name == "lower" else plain.upper()), YES
    folded = z3.Function(name, z3.StringSort(), z3.StringSort())
    result, unchanged = folded(value), z3.InRe(value, _unchanged(name))
    sample, answer = ("A", "a") if name == "lower" else ("a", "A")
    ascii_only = z3.InRe(value, _ascii())
    findings.facts += [
        folded(text(sample)) == text(answer),
        z3.Implies(unchanged, result == value),
        z3.Implies(
            z3.And(ascii_only, z3.Not(unchanged)),
            z3.And(result != value, z3.Length(result) == z3.Length(value)),
        ),
    ]
    return result, z3.Or(unchanged, value == text(sample))


def _trimmed(name: str, term: Term, findings: Findings) -> Term:
    """The text without the blanks at its ends: text = blanks + result + blanks, uniquely."""
    result = z3.String(fresh_name(name))
    before, after = z3.String(fresh_name(FILLING + "before")), z3.String(fresh_name(FILLING + "after"))
    blank = text(" ")
    empty = z3.StringVal("")
    starts, ends = z3.Not(z3.PrefixOf(blank, result)), z3.Not(z3.SuffixOf(blank, result))
    findings.facts.append(term.value == z3.Concat(before, result, after))
    findings.facts += [z3.InRe(before, BLANKS), starts] if name != "rtrim" else [before == empty]
    findings.facts += [z3.InRe(after, BLANKS), ends] if name != "ltrim" else [after == empty]
    return Term(TEXT, term.null, result)
