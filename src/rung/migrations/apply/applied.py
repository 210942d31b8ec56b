"""Defines `Applied`: what operators and functions come to, by the types of what they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from rung.migrations import server
from rung.migrations.apply.kinds import kind_of
from rung.migrations.apply.lookup import in_doubt, relation, type_name
from rung.migrations.expression_text import to_sql
from rung.migrations.expressions import Call, Constant, Expression, SqlType
from rung.migrations.literals import is_written
from rung.migrations.resolution import UNKNOWN, Kind, NoMeaningError, category, choose, result, volatility
from rung.migrations.schema import Function, Name, Schema

_CONCATENATIONS = {("text", "anynonarray"), ("anynonarray", "text")}


class Special(NamedTuple):
    """What only some places may hold; `shown` is for messages."""

    kind: Literal["subquery", "aggregate", "window", "set"]
    shown: str


def check_without(special: Iterable[Special], place: str, *kinds: str) -> None:
    """Refuses what a place may not hold."""
    found = next((each for each in special if each.kind in kinds), None)
    if found is not None:
        raise NoMeaningError(f"{place} holds {found.shown}")


class Applied:
    """What is noted of an expression while it is read.

    `changing` is what may give another value for the same row, `unsure` what might, `special` what only some
    places may hold: subqueries, aggregates, window functions, functions that give sets. `doubts` are what may
    be refused.
    """

    def __init__(self, schema: Schema, columns: Mapping[str, SqlType]) -> None:
        self.schema = schema
        self.columns = columns
        # an aggregate of an inner query may be one of the query around it
        self.outermost = True
        self.changing: list[str] = []
        self.unsure: list[str] = []
        self.special: list[Special] = []
        self.doubts: list[str] = []

    def volatile(self, letter: str, part: Expression) -> None:
        if letter in "sv":
            self.changing.append(f"`{to_sql(part)}`")
        elif letter == "?":
            self.unsure.append(f"`{to_sql(part)}`")

    def literal(self, literal: Constant, kind: str) -> None:
        """A literal that is read as a value of this type."""
        assert isinstance(literal.value, str)
        if category(kind) in ("C", "P"):
            return
        labels: tuple[str, ...] | None = None
        if "enum " in kind:
            place, _, name = kind.removeprefix("_").removeprefix("enum ").partition(".")
            enum = self.schema.enums.get(Name(place, name))
            labels = None if enum is None or enum.opaque else enum.values
        written = is_written(literal.value, kind, labels)
        if written is None and category(kind) != "E":
            self.doubts.append(f"whether {to_sql(literal)} is read as {kind}")
        if written is False:
            raise NoMeaningError(f"{to_sql(literal)} is no value of type {kind}")

    def applied(
        self, name: str, given: list[Kind], operands: Iterable[Expression | None], whole: Expression
    ) -> Kind:
        if self.schema.extensions and None in given:
            self.unsure.append(f"`{to_sql(whole)}`")
            return None
        known = {kind for kind in given if kind not in (None, UNKNOWN)}
        candidates = server.operators(name, len(given))
        shown = f"operator `{name}` of {' and '.join(map(str, given))}"
        if len(given) == 2 and len(known) == 1 and UNKNOWN in given:
            # a literal is first taken to be of the other operand's type
            (kind,) = known
            same = [each for each in candidates if each.arguments == (kind, kind)]
            candidates = tuple(same) or candidates
        try:
            found = choose(candidates, given, shown)
        except NoMeaningError as refused:
            sure = not any(map(server.brings_operators, self.schema.extensions))
            raise NoMeaningError(str(refused), sure=sure) from refused
        if found is None:
            self.unsure.append(f"`{to_sql(whole)}`")
            return None
        if name == "||" and found.arguments in _CONCATENATIONS:
            # an SQL function, whose body makes the other operand a text
            for each in given:
                if each is None:
                    self.unsure.append(f"`{to_sql(whole)}`")
                elif each not in ("text", UNKNOWN):
                    self.volatile(volatility(each, "text"), whole)
            return "text"
        self.take(found, given, operands, whole)
        return result(found, given)

    def take(
        self,
        found: server.Signature,
        given: list[Kind],
        operands: Iterable[Expression | None],
        whole: Expression,
    ) -> None:
        """Notes what a call does with its arguments."""
        self.volatile(found.volatility, whole)
        enums = [kind for kind in given if kind is not None and kind.startswith("enum ")]
        for kind, wanted, operand in zip(given, found.arguments, operands, strict=False):
            if kind is None or server.base_type(wanted) is None:
                continue
            if isinstance(operand, Constant) and operand.kind == "string":
                meant = enums[0] if wanted == "anyenum" and enums else wanted
                # where a type is not known, another signature of the same result may be meant
                if None not in given and category(meant) != "P":
                    self.literal(operand, meant)
            elif kind != wanted and server.cast(kind, wanted) is not None:
                self.volatile(volatility(kind, wanted), whole)

    def placed(self, found: server.Signature, call: Call, within: list[Special], over: bool) -> None:
        """Notes what kind of function is called, and refuses what may not stand `within` its arguments."""
        shown = f"function `{call.name}`"
        match found.kind:
            case _ if over:
                if found.kind not in "aw":
                    raise NoMeaningError(f"{shown} is called with OVER")
                check_without(within, shown, "window", "set")
                self.special.append(Special("window", "a window function"))
            case "a":
                inner = ("aggregate",) if self.outermost else ()
                check_without(within, f"aggregate {shown}", "window", "set", *inner)
                self.special.append(Special("aggregate", f"aggregate {shown}"))
            case "w":
                raise NoMeaningError(f"window {shown} is called without OVER")
            case _ if found.is_set:
                self.special.append(Special("set", f"{shown}, which gives a set"))

    def refuse_missing(self, call: Call, given: list[Kind]) -> None:
        """Refuses a call of what is no function, where it is no cast to a type of its name and no column."""
        name = Name(call.schema, call.name)
        if relation(self.schema, name) is not None:
            fits = len(given) == 1 and (
                given[0] in (None, UNKNOWN, "record") or category(given[0]) in ("S", "C")
            )
        else:
            # `name(t)` may be `t.name`
            of_row = len(given) == 1 and (given[0] is None or category(given[0]) == "C")
            fits = type_name(self.schema, name) is not None or of_row
        if not fits and not server.bringers(call.name) and call.schema in (None, *self.schema.schemas):
            raise NoMeaningError(f"function `{name}` does not exist")

    def chosen(self, own: tuple[Function, ...], call: Call, given: list[Kind]) -> Function | None:
        """The one of these functions that is called; None where that is not known."""
        if any(each.language == "aggregate" or each.procedure for each in own):
            return None
        name = Name(call.schema, call.name)
        if in_doubt(self.schema, name) or server.bringers(call.name) & self.schema.extensions:
            return None
        signatures = []
        for place, function in enumerate(own):
            kinds = [kind_of(self.schema, type_) for type_ in function.arguments]
            taken = tuple(kind for kind in kinds if kind is not None)
            if len(taken) < len(kinds):
                return None
            # in place of a result, which of them it is
            signatures.append(server.Signature(taken, str(place), "i", optional=function.optional))
        found = choose(tuple(signatures), given, shown_call(call, given))
        if found is None:
            return None
        self.take(found, given, call.arguments, call)
        return own[int(found.result)]


def shown_call(call: Call, given: list[Kind]) -> str:
    return f"function `{call.name}({', '.join(each or 'a type' for each in given)})`"
