"""Defines `alike`: terms as one kind, as the server's operator resolution has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import z3

from rung.migrations.carriers import NUMERIC, Carrier, Kind
from rung.migrations.terms import NO, NotUnderstood, Term, null_of
from rung.migrations.values import DAY, literal, real

_RANK = {
    Kind.INTEGER: 1,
    Kind.NUMERIC: 2,
    Kind.FLOAT: 3,
    Kind.PADDED: 1,
    Kind.TEXT: 2,
    Kind.DATE: 1,
    Kind.TIMESTAMP: 2,
}


def alike(terms: Sequence[Term]) -> list[Term]:
    """The terms as one kind: quoted literals take the others' type, numbers the wider one."""
    typed = [term for term in terms if term.written is None and not z3.is_true(term.null)]
    if not typed:
        return list(terms)
    target = max(typed, key=lambda term: _RANK.get(term.carrier.kind, 0)).carrier.bare
    return [_promoted(term, target) for term in terms]


def _promoted(term: Term, target: Carrier) -> Term:
    if z3.is_true(term.null):
        return null_of(target)
    if term.written is not None:
        read = literal(target, term.written)
        if read is None:
            raise NotUnderstood(f"`{term.written}` as {target.type.name}")
        return Term(target, NO, read)
    before, after = term.carrier.kind, target.kind
    if before is after and (after not in (Kind.OTHER, Kind.ENUM) or term.carrier.type == target.type):
        return term
    match before, after:
        case (Kind.INTEGER, Kind.NUMERIC):
            return Term(NUMERIC, term.null, z3.ToReal(term.value))
        case (Kind.INTEGER, Kind.FLOAT) if term.carrier.width < 8 and target.width == 8:
            return Term(target, term.null, z3.ToReal(term.value))
        case (Kind.NUMERIC, Kind.FLOAT) if z3.is_rational_value(term.value):
            # As a double, which is what the comparison is made in.
            return Term(target, term.null, real(Fraction(float(term.value.as_fraction()))))
        case (Kind.PADDED, Kind.TEXT):
            return replace(term, carrier=target)
        case (Kind.DATE, Kind.TIMESTAMP):
            return Term(target, term.null, term.value * DAY)
        case _:
            raise NotUnderstood(f"{before.value} with {after.value}")
