"""Defines how each grammar rule becomes a node of the tree: one method per rule, named after it.

lark calls these while it parses, so no intermediate tree is built and nothing recurses. Every
token is kept, which gives each node its exact span.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from lark import Token, Transformer

from rung.diagnostics import Diagnostic, Span
from rung.syntax import errors, tree

T = TypeVar("T")
Children = Sequence[Any]


class _Part(NamedTuple):
    """An optional clause on its way to the statement that holds it."""

    kind: str
    value: Any
    span: Span


def _all(children: Children, *kinds: type[T]) -> tuple[T, ...]:
    return tuple(child for child in children if isinstance(child, kinds))


def _parts(children: Children) -> dict[str, Any]:
    return {child.kind: child.value for child in children if type(child) is _Part}


def _nodes(children: Children) -> tuple[Any, ...]:
    """The children that are neither tokens nor optional clauses."""
    return tuple(child for child in children if type(child) is not Token and type(child) is not _Part)


def _unescape(token: str) -> str:
    inner = token[1:-1]
    return re.sub(r'\\(["\\])', r"\1", inner) if "\\" in inner else inner


class Builder(Transformer[Token, Any]):
    """Builds nodes whose spans are in `file`, `base` characters further than the text parsed.

    `mistakes` are those that the grammar lets pass.
    """

    def __init__(self) -> None:
        super().__init__()
        self.begin("", 0)

    def begin(self, file: str, base: int) -> None:
        """Get ready for another text."""
        self.file = file
        self.base = base
        self.mistakes: list[Diagnostic] = []

    # -- spans and tokens

    def _span(self, children: Children) -> Span:
        first, last = children[0], children[-1]
        start = self._token_span(first).start if type(first) is Token else first.span.start
        end = self._token_span(last).end if type(last) is Token else last.span.end
        return Span(self.file, start, end)

    def _token_span(self, token: Token) -> Span:
        # lark's lexer sets the position of every token, though its type allows for None.
        start = self.base + (token.start_pos or 0)
        return Span(self.file, start, start + len(token))

    def _texts(self, children: Children) -> tuple[tree.Text, ...]:
        return tuple(
            tree.Text(_unescape(child), self._token_span(child))
            for child in children
            if type(child) is Token and child.type == "STRING"
        )

    def _tokens(self, children: Children, *types: str) -> tuple[tree.Name, ...]:
        return tuple(
            tree.Name(str(child), self._token_span(child))
            for child in children
            if type(child) is Token and child.type in types
        )

    def _durations(self, children: Children) -> tuple[tree.Duration, ...]:
        return tuple(
            tree.Duration(str(child), self._token_span(child))
            for child in children
            if type(child) is Token and child.type == "DURATION"
        )

    def _part(self, kind: str, children: Children, value: Any) -> _Part:
        return _Part(kind, value, self._span(children))

    def name(self, children: Children) -> tree.Name:
        token = children[0]
        return tree.Name(str(token), self._token_span(token))

    lane = name

    # -- a file

    def start(self, children: Children) -> tuple[Any, ...]:
        """The header's version token and name, then the statements."""
        return (self._tokens(children[:2], "INT")[0], self._texts(children[:4])[0], *_nodes(children[4:]))

    def fragment(self, children: Children) -> tuple[Any, ...]:
        return tuple(children)

    # -- baselines

    def use(self, children: Children) -> tree.Use:
        return tree.Use(self._texts(children)[0], self._span(children))

    def setting(self, children: Children) -> tree.Setting:
        return tree.Setting(children[1], children[3], self._span(children))

    def constraint(self, children: Children) -> tree.Constraint:
        exempt = _parts(children).get("exempt", ())
        return tree.Constraint(_all(children, tree.Places)[0], exempt, children[-1], self._span(children))

    def exempt(self, children: Children) -> _Part:
        return self._part("exempt", children, children[1].value)

    def open_persons(self, children: Children) -> tree.Open:
        return tree.Open("persons", (), self._span(children))

    def open_names(self, children: Children) -> tree.Open:
        return tree.Open(str(children[1]), _all(children, tree.Name), self._span(children))

    def extension(self, children: Children) -> tree.Extension:
        return tree.Extension(children[2], _all(children[3:], tree.Text, tree.Name), self._span(children))

    # -- environments

    def environment(self, children: Children) -> tree.Environment:
        sources = _all(children, tree.Sources)
        forward = "forward_only" in _parts(children)
        return tree.Environment(children[1], sources[0] if sources else None, forward, self._span(children))

    def forward_only(self, children: Children) -> _Part:
        return self._part("forward_only", children, True)

    def _sources(self, kind: str, children: Children) -> tree.Sources:
        names = _parts(children).get("names") or _all(children, tree.Name)
        count = self._tokens(children, "INT")
        return tree.Sources(kind, names, count[0] if count else None, self._span(children))

    def one(self, children: Children) -> tree.Sources:
        return self._sources("one", children)

    def all_of(self, children: Children) -> tree.Sources:
        return self._sources("all", children)

    def any_of(self, children: Children) -> tree.Sources:
        return self._sources("any", children)

    def at_least_of(self, children: Children) -> tree.Sources:
        return self._sources("at least", children)

    def names(self, children: Children) -> _Part:
        return self._part("names", children, _all(children, tree.Name))

    def place(self, children: Children) -> tree.Places:
        names = _parts(children).get("names") or _all(children, tree.Name)
        return tree.Places(names, not names, self._span(children))

    def lanes(self, children: Children) -> _Part:
        return self._part("lanes", children, _all(children, tree.Name))

    # -- people

    def person(self, children: Children) -> tree.Person:
        accounts = _parts(children).get("accounts", ())
        return tree.Person(self._texts(children)[0], accounts, self._span(children))

    def accounts(self, children: Children) -> _Part:
        return self._part("accounts", children, self._texts(children))

    def group(self, children: Children) -> tree.Group:
        return tree.Group(children[1], children[2].value, self._span(children))

    def listed(self, children: Children) -> _Part:
        return self._part("members", children, _all(children, tree.Text, tree.Name))

    def supplied(self, children: Children) -> _Part:
        return self._part("members", children, None)

    def member(self, children: Children) -> tree.Text | tree.Name:
        texts = self._texts(children)
        return texts[0] if texts else children[0]

    # -- evidence and gates

    def evidence(self, children: Children) -> tree.Evidence:
        name, about = _all(children, tree.Name)
        once = "once" in _parts(children)
        return tree.Evidence(name, about, once, _all(children, tree.Field), self._span(children))

    def once(self, children: Children) -> _Part:
        return self._part("once", children, True)

    def field(self, children: Children) -> tree.Field:
        return tree.Field(children[0], children[2], self._span(children))

    def named_type(self, children: Children) -> tree.NamedType:
        return tree.NamedType(children[0], self._span(children))

    def set_type(self, children: Children) -> tree.SetType:
        names = _parts(children).get("names")
        if names is None:
            element: tree.NamedType | tree.EnumType = tree.NamedType(children[2], children[2].span)
        else:
            element = tree.EnumType(names, self._span(children[2:]))
        return tree.SetType(element, self._span(children))

    def enum_type(self, children: Children) -> tree.EnumType:
        return tree.EnumType(children[2].value, self._span(children))

    def parameter(self, children: Children) -> tree.Parameter:
        direction = _parts(children).get("direction")
        return tree.Parameter(children[1], children[3], children[5], direction, self._span(children))

    def direction(self, children: Children) -> _Part:
        return self._part("direction", children, children[2])

    def health(self, children: Children) -> tree.Health:
        return tree.Health(children[1].value, self._span(children))

    def gate(self, children: Children) -> tree.Gate:
        parts = _parts(children)
        members: tuple[tree.Need | tree.Require, ...] = _nodes(children[2:])
        return tree.Gate(
            children[1], parts.get("title"), parts.get("controls", ()), members, self._span(children)
        )

    def title(self, children: Children) -> _Part:
        return self._part("title", children, self._texts(children)[0])

    def controls(self, children: Children) -> _Part:
        return self._part("controls", children, self._texts(children))

    def need(self, children: Children) -> tree.Need:
        names = _all(children, tree.Name)
        place = names[1] if len(names) > 1 else None
        return tree.Need(names[0], place, _parts(children).get("age"), self._span(children))

    def age(self, children: Children) -> _Part:
        return self._part("age", children, self._durations(children)[0])

    def require(self, children: Children) -> tree.Require:
        return tree.Require(_nodes(children), self._span(children))

    # -- routes

    def _route(self, lane: str, children: Children) -> tree.Route:
        sources = _all(children, tree.Sources)
        within = self._tokens(children, "INT")
        return tree.Route(
            lane,
            sources[0] if sources else None,
            _all(children, tree.Name)[0],
            within[0] if within else None,
            _parts(children).get("body", ()),
            self._span(children),
        )

    def admit(self, children: Children) -> tree.Route:
        return self._route("admit", children)

    def promote(self, children: Children) -> tree.Route:
        return self._route("promote", children)

    def hotfix(self, children: Children) -> tree.Route:
        return self._route("hotfix", children)

    def rollback(self, children: Children) -> tree.Route:
        return self._route("rollback", children)

    def body(self, children: Children) -> _Part:
        return self._part("body", children, _nodes(children))

    def owes(self, children: Children) -> tree.Owes:
        within = self._durations(children)[0]
        return tree.Owes(children[1], within, _all(children, tree.Require), self._span(children))

    def act(self, children: Children) -> tree.Act:
        requires = _all(children, tree.Require)
        return tree.Act(str(children[0]), children[1], requires, self._span(children))

    def strategy(self, children: Children) -> tree.Strategy:
        members = tuple(each for each in children if isinstance(each, tree.Step | tree.Limit | tree.Keep))
        return tree.Strategy(children[1], _all(children, tree.Places)[0], members, self._span(children))

    def _share(self, children: Children) -> tree.Literal:
        share = self._tokens(children, "PERCENT")[0]
        return tree.Literal("percent", share.text, share.span)

    def step(self, children: Children) -> tree.Step:
        hold = self._durations(children)
        requires = _all(children, tree.Require)
        return tree.Step(self._share(children), hold[0] if hold else None, requires, self._span(children))

    def limit(self, children: Children) -> tree.Limit:
        return tree.Limit(self._share(children), self._span(children))

    def keep(self, children: Children) -> tree.Keep:
        return tree.Keep(self._durations(children)[0], self._span(children))

    # -- times and bans

    def freeze(self, children: Children) -> tree.Freeze:
        parts = _parts(children)
        begins, ends = _all(children, tree.Moment)
        return tree.Freeze(
            self._texts(children)[0],
            _all(children, tree.Places)[0],
            begins,
            ends,
            parts["zone"],
            parts.get("sparing", ()),
            parts.get("when"),
            self._span(children),
        )

    def moment(self, children: Children) -> tree.Moment:
        words = {child.type: str(child) for child in children}
        which = words.get("EARLIER") or words.get("LATER")
        return tree.Moment(words["DATE"], words.get("CLOCK"), which, self._span(children))

    def zone(self, children: Children) -> _Part:
        return self._part("zone", children, self._texts(children)[0])

    def sparing(self, children: Children) -> _Part:
        return self._part("sparing", children, children[1].value)

    def when(self, children: Children) -> _Part:
        return self._part("when", children, children[1])

    def window(self, children: Children) -> tree.Window:
        parts = _parts(children)
        return tree.Window(
            self._texts(children)[0],
            _all(children, tree.Places)[0],
            _all(children, tree.Slot),
            parts["zone"],
            parts.get("sparing", ()),
            self._span(children),
        )

    def maintenance(self, children: Children) -> tree.Maintenance:
        slots = _all(children, tree.Slot)
        place = _all(children, tree.Places)[0]
        zone = _parts(children)["zone"]
        return tree.Maintenance(self._texts(children)[0], place, slots, zone, self._span(children))

    def single(self, children: Children) -> tree.Single:
        sparing = _parts(children).get("sparing", ())
        return tree.Single(_all(children, tree.Places)[0], sparing, self._span(children))

    def parity(self, children: Children) -> tree.Parity:
        parts = _parts(children)
        facets = _all(children, tree.Name)
        return tree.Parity(parts["names"], facets, parts.get("sparing", ()), self._span(children))

    def keys(self, children: Children) -> tree.Keys:
        parts = _parts(children)
        place = _all(children, tree.Places)[0]
        return tree.Keys(place, parts["texts"], parts.get("sparing", ()), self._span(children))

    def slot(self, children: Children) -> tree.Slot:
        days = _all(children, tree.Name)
        opens, closes = self._tokens(children, "CLOCK")
        return tree.Slot(days[0], days[1] if len(days) > 1 else None, opens, closes, self._span(children))

    def deny(self, children: Children) -> tree.Deny:
        parts = _parts(children)
        place = _all(children, tree.Places)[0]
        name = self._texts(children)[0]
        return tree.Deny(name, place, parts.get("sparing", ()), parts["when"], self._span(children))

    def waive(self, children: Children) -> tree.Waive:
        waiver_id, approver, reason = self._texts(children)
        begins, ends = _all(children, tree.Moment)
        return tree.Waive(
            children[1],
            _all(children, tree.Places)[0],
            waiver_id,
            approver,
            begins,
            ends,
            _parts(children).get("zone"),
            reason,
            self._span(children),
        )

    # -- properties

    def prove_named(self, children: Children) -> tree.ProveNamed:
        clauses: dict[str, _Part] = {}
        for clause in children[2:]:
            if clause.kind in clauses:
                self.mistakes.append(errors.repeated_clause(clause.span, clauses[clause.kind].span))
            else:
                clauses[clause.kind] = clause
        values = {kind: clause.value for kind, clause in clauses.items()}
        return tree.ProveNamed(
            children[1],
            values.get("except", ()),
            values.get("on"),
            values.get("of", ()),
            values.get("policy"),
            self._span(children),
        )

    def except_lanes(self, children: Children) -> _Part:
        return self._part("except", children, children[1].value)

    def on_place(self, children: Children) -> _Part:
        return self._part("on", children, children[1])

    def of_names(self, children: Children) -> _Part:
        return self._part("of", children, children[0].value)

    def of_policy(self, children: Children) -> _Part:
        return self._part("policy", children, self._texts(children)[0])

    def prove_formula(self, children: Children) -> tree.ProveFormula:
        quantifiers, modality, claim = children[3].value
        title = self._texts(children)[0]
        return tree.ProveFormula(title, quantifiers, modality, claim, self._span(children))

    def prove_possible(self, children: Children) -> tree.ProveFormula:
        return tree.ProveFormula(None, (), "possible", children[3], self._span(children))

    def formula(self, children: Children) -> _Part:
        quantifiers = _all(children, tree.Quantifier)
        return self._part("formula", children, (quantifiers, children[-2].value, children[-1]))

    def quantifier(self, children: Children) -> tree.Quantifier:
        kind, variable = _all(children, tree.Name)
        among = _parts(children).get("names", ())
        return tree.Quantifier(kind, variable, among, self._span(children))

    def modality(self, children: Children) -> _Part:
        return self._part("modality", children, str(children[0]))

    # -- expressions

    def implies(self, children: Children) -> tree.Implies:
        return tree.Implies(children[0], children[2], self._span(children))

    def or_(self, children: Children) -> tree.Or:
        return tree.Or(_nodes(children), self._span(children))

    def and_(self, children: Children) -> tree.And:
        return tree.And(_nodes(children), self._span(children))

    def not_(self, children: Children) -> tree.Not:
        return tree.Not(children[1], self._span(children))

    def comparison(self, children: Children) -> tree.Comparison:
        left, operator, right = children
        return tree.Comparison(left, operator, right, self._span(children))

    def compare(self, children: Children) -> tree.Name:
        return tree.Name(" ".join(children), self._span(children))

    def sum(self, children: Children) -> tree.Sum:
        rest = tuple(zip(map(str, children[1::2]), children[2::2], strict=True))
        return tree.Sum(children[0], rest, self._span(children))

    def product(self, children: Children) -> tree.Product:
        return tree.Product(_nodes(children), self._span(children))

    def negative(self, children: Children) -> tree.Negative:
        return tree.Negative(children[1], self._span(children))

    def parenthesised(self, children: Children) -> tree.Parenthesised:
        return tree.Parenthesised(children[1], self._span(children))

    def set(self, children: Children) -> tree.SetOf:
        return tree.SetOf(_nodes(children), self._span(children))

    def _literal(self, kind: str, children: Children) -> tree.Literal:
        return tree.Literal(kind, str(children[0]), self._span(children))

    def int(self, children: Children) -> tree.Literal:
        return self._literal("int", children)

    def decimal(self, children: Children) -> tree.Literal:
        return self._literal("decimal", children)

    def percent(self, children: Children) -> tree.Literal:
        return self._literal("percent", children)

    def duration(self, children: Children) -> tree.Literal:
        return self._literal("duration", children)

    def truth(self, children: Children) -> tree.Literal:
        return self._literal("bool", children)

    def text(self, children: Children) -> tree.Literal:
        return tree.Literal("text", _unescape(children[0]), self._span(children))

    def typed_text(self, children: Children) -> tree.TypedText:
        return tree.TypedText(children[0], self._texts(children)[0], self._span(children))

    def reference(self, children: Children) -> tree.Reference:
        return tree.Reference(children[0], children[0].span)

    lane_value = reference

    def attribute(self, children: Children) -> tree.Attribute:
        return tree.Attribute(children[0], children[2], self._span(children))

    def call(self, children: Children) -> tree.Call:
        lane = children[5] if len(children) > 4 else None
        return tree.Call(children[0], children[2], lane, self._span(children))

    # -- conditions

    def people(self, children: Children) -> tree.People:
        parts = _parts(children)
        count = self._tokens(children, "INT")[0]
        return tree.People(
            count,
            _all(children, tree.Name)[0],
            parts["groups"],
            parts.get("excepting", ()),
            parts.get("age"),
            self._span(children),
        )

    kind = name

    def groups(self, children: Children) -> _Part:
        return self._part("groups", children, _parts(children).get("names") or _all(children, tree.Name))

    def excepting(self, children: Children) -> _Part:
        return self._part("excepting", children, _parts(children).get("names") or _all(children, tree.Name))

    def _healthy(self, once: bool, children: Children) -> tree.Healthy:
        duration = self._durations(children)
        return tree.Healthy(
            once, _all(children, tree.Name)[0], duration[0] if duration else None, self._span(children)
        )

    def healthy(self, children: Children) -> tree.Healthy:
        return self._healthy(False, children)

    def once_healthy(self, children: Children) -> tree.Healthy:
        return self._healthy(True, children)

    def texts(self, children: Children) -> _Part:
        return self._part("texts", children, self._texts(children))

    def provenance(self, children: Children) -> tree.Provenance:
        return tree.Provenance(children[2].value, self._span(children))

    def configuration_has(self, children: Children) -> tree.ConfigurationHas:
        return tree.ConfigurationHas(children[2].value, self._span(children))

    def _condition(self, children: Children) -> tree.Condition:
        return tree.Condition(" ".join(children), self._span(children))

    rollback_plan = automatic_rollback = migrations_compatible = no_migrations = _condition
    contains_open_hotfixes = new_flags_off = lock_held = inside_maintenance = dependencies_met = _condition

    def no_drift(self, children: Children) -> tree.NoDrift:
        return tree.NoDrift(_all(children, tree.Name)[0], self._span(children))
