"""Defines `to_text`: syntax tree → the canonical text of a policy, comments included (the formatter).

The text depends on nothing but the tree, its comments, and which lines the author set apart. What
it means is what the tree means: `same_meaning` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, assert_never

from rung.diagnostics import Source, Span
from rung.syntax import tree
from rung.syntax.layout import Break, Group, Part, Token, Words, group, lay_out


def to_text(file: tree.PolicyFile, source: Source | str) -> str:
    """The canonical text of a file; `source` is the text that it was parsed from, without a mistake."""
    text = source if isinstance(source, str) else source.text
    head = group(Token(f"rung {file.version}"), Break(depth=0), "policy ", _text(file.name), hard=True)
    members = [head, *map(_statement, file.statements)]
    return lay_out(_block(Words("", 0, 0), members, Words("", len(text), len(text))), file.comments, text)


class _Spanned(Protocol):
    @property
    def span(self) -> Span: ...


# ---------------------------------------------------------------- pieces


def _words(node: _Spanned, text: str) -> Words:
    return Words(text, node.span.start, node.span.end)


def _first(node: _Spanned, text: str) -> Words:
    """The words that begin a node."""
    return Words(text, node.span.start, node.span.start)


def _last(node: _Spanned) -> Words:
    """Nothing to read: comments before the end of the node stand within it."""
    return Words("", node.span.end, node.span.end)


def _name(name: tree.Name) -> Words:
    return _words(name, name.text)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _text(text: tree.Text) -> Words:
    return _words(text, _quoted(text.text))


def _clause(first: Part, *parts: Part) -> tuple[Part, ...]:
    """A clause that may begin a line of its own."""
    return (Break(), Token(first) if isinstance(first, str) else first, *parts)


def _comma_list(parts: Iterable[Part]) -> tuple[Part, ...]:
    first, *others = parts
    return (first, *(piece for part in others for piece in (",", Break(), part)))


def _braces(parts: Iterable[Part]) -> Group:
    """`{ a, b }`; or, where that is too long, one on each line."""
    return group("{", Break(), *_comma_list(parts), Break(depth=0, comma=True, closes=True), Token("}"))


def _names(names: Sequence[tree.Name]) -> Group:
    return _braces(map(_name, names))


def _some(parts: Sequence[Part]) -> Part:
    """One, or several in braces."""
    return parts[0] if len(parts) == 1 else _braces(parts)


def _block(head: Part, members: Sequence[Part], end: Part, *, hard: bool = True) -> Group:
    between = (
        piece
        for index, member in enumerate(members)
        for piece in (Break(opens=index == 0, keeps_blank=True), member)
    )
    return group(head, *between, Break(depth=0, closes=True, keeps_blank=True), end, hard=hard)


def _body(head: Group, members: Sequence[tree.Need | tree.Require | tree.Owes]) -> Group:
    """A head and its block: on one line if that fits, for one member that has no block of its own."""
    if not members:
        return group(head, " {", Break("", 0, opens=True, closes=True, keeps_blank=True), Token("}"))
    several = len(members) > 1 or isinstance(members[0], tree.Owes)
    return _block(group(head, " {"), [_member(member) for member in members], Token("}"), hard=several)


def _lanes(lanes: Sequence[tree.Name]) -> str:
    return ", ".join(lane.text for lane in lanes)


def _places(places: tree.Places) -> Part:
    if places.every:
        return _words(places, "every environment")
    return _words(places, places.names[0].text) if len(places.names) == 1 else _names(places.names)


def _sources(sources: tree.Sources) -> Part:
    match sources.kind:
        case "one":
            return _words(sources, sources.names[0].text)
        case "at least" if sources.count is not None:
            return group(_first(sources, f"at least {sources.count.text} of "), _names(sources.names))
        case _:
            return group(_first(sources, f"{sources.kind} of "), _names(sources.names))


def _age(age: tree.Duration | None) -> tuple[Part, ...]:
    return () if age is None else ("no older than ", _words(age, age.text))


def _moment(moment: tree.Moment) -> Words:
    return _words(moment, " ".join(filter(None, (moment.date, moment.clock, moment.which))))


def _slot(slot: tree.Slot) -> Words:
    days = slot.first.text if slot.last is None else f"{slot.first.text}..{slot.last.text}"
    return _words(slot, f"{days} {slot.opens.text}..{slot.closes.text}")


def _type(type_: tree.Type) -> Part:
    match type_:
        case tree.NamedType():
            return _words(type_, type_.name.text)
        case tree.EnumType():
            return group(_first(type_, "one of "), _names(type_.members))
        case tree.SetType():
            return group(_first(type_, "set of "), _type(type_.element))
        case _:
            assert_never(type_)


# ---------------------------------------------------------------- members of blocks


def _member(member: tree.Need | tree.Require | tree.Owes) -> Group:
    match member:
        case tree.Need():
            place = () if member.place is None else (" in ", _name(member.place))
            age = () if member.age is None else (" ", *_age(member.age))
            return group(_first(member, "needs "), _name(member.evidence), *place, *age)
        case tree.Require():
            return group(_first(member, "require "), *_comma_list(map(_expression, member.conditions)))
        case tree.Owes():
            within = _words(member.within, member.within.text)
            head = group(_first(member, "owes "), _name(member.name), " within ", within)
            return _body(head, member.members)
        case _:
            assert_never(member)


# ---------------------------------------------------------------- statements


def _statement(statement: tree.Statement) -> Group:
    match statement:
        case tree.Environment():
            after = () if statement.after is None else (" after ", _sources(statement.after))
            forward = _clause("forward_only") if statement.forward_only else ()
            return group(_first(statement, "environment "), _name(statement.name), *after, *forward)
        case tree.Person():
            accounts = _listed("accounts ", statement.accounts)
            return group(_first(statement, "person "), _text(statement.id), *accounts)
        case tree.Group():
            head = _first(statement, f"group {statement.name.text} ")
            return group(head, _group_members(statement.members), _last(statement))
        case tree.Evidence():
            once = " produced once " if statement.once else " "
            fields = [group(_name(field.name), ": ", _type(field.type)) for field in statement.fields]
            about = (" about ", _name(statement.about), once)
            return group(_first(statement, "evidence "), _name(statement.name), *about, _braces(fields))
        case tree.Parameter():
            head = _first(statement, f"parameter {statement.name.text}: ")
            direction = statement.direction
            only = () if direction is None else (" may only ", _name(direction))
            return group(head, _type(statement.type), " = ", _expression(statement.value), *only)
        case tree.Health():
            return group(_first(statement, "health "), *_age(statement.age))
        case tree.Gate():
            title = () if statement.title is None else (" ", _text(statement.title))
            controls = _listed("controls ", statement.controls)
            gate = group(_first(statement, "gate "), _name(statement.name), *title, *controls)
            return _body(gate, statement.members)
        case tree.Route():
            return _route(statement)
        case tree.Freeze() | tree.Window() | tree.Deny() | tree.Waive():
            return _ban(statement)
        case tree.Use() | tree.Setting() | tree.Constraint() | tree.Open() | tree.Extension():
            return _composition(statement)
        case tree.Act():
            return _requiring(
                group(_first(statement, f"{statement.action} "), _name(statement.target)), statement
            )
        case tree.Strategy():
            return _strategy(statement)
        case tree.Maintenance() | tree.Single() | tree.Parity() | tree.Keys():
            return _standing(statement)
        case tree.ProveNamed():
            return _prove_named(statement)
        case tree.ProveFormula():
            return _prove_formula(statement)
        case _:
            assert_never(statement)


def _listed(word: str, texts: Sequence[tree.Text]) -> tuple[Part, ...]:
    return _clause(word, group(*_comma_list(map(_text, texts)))) if texts else ()


def _group_members(members: tuple[tree.Text | tree.Name, ...] | None) -> Part:
    if not members:
        return "from facts" if members is None else "{}"
    return _braces(_text(member) if isinstance(member, tree.Text) else _name(member) for member in members)


def _route(route: tree.Route) -> Group:
    if route.within is not None:
        count = route.within.text
        releases = "release" if _is_one(count) else "releases"
        head = group(_first(route, "rollback "), _name(route.target), f" within {count} {releases}")
    elif route.sources is None:
        head = group(_first(route, "admit build -> "), _name(route.target))
    else:
        head = group(_first(route, f"{route.lane} "), _sources(route.sources), " -> ", _name(route.target))
    return _body(head, route.members) if route.members else group(head, _last(route))


def _composition(node: tree.Use | tree.Setting | tree.Constraint | tree.Open | tree.Extension) -> Group:
    match node:
        case tree.Use():
            return group(_first(node, "use "), _text(node.path))
        case tree.Setting():
            return group(_first(node, f"set {node.name.text} = "), _expression(node.value))
        case tree.Constraint():
            exempt = _clause("except ", _lanes(node.exempt)) if node.exempt else ()
            head = _first(node, "every route into ")
            return group(head, _places(node.places), *exempt, *_clause(_member(node.require)))
        case tree.Open():
            names = (" ", *_comma_list(map(_name, node.names))) if node.names else ()
            return group(_first(node, f"open {node.kind}"), *names)
        case tree.Extension():
            return group(_first(node, f"extend group {node.group.text} "), _group_members(node.members))
        case _:
            assert_never(node)


def _requiring(head: Group, node: tree.Act | tree.Step) -> Group:
    return _body(head, node.members) if node.members else group(head, _last(node))


def _strategy(node: tree.Strategy) -> Group:
    head = group(_first(node, f"strategy {node.kind.text} on "), _places(node.places))
    if not node.members:
        return _body(head, ())
    return _block(group(head, " {"), [_strategy_member(each) for each in node.members], Token("}"))


def _strategy_member(member: tree.Step | tree.Limit | tree.Keep) -> Group:
    match member:
        case tree.Step():
            hold = () if member.hold is None else (" hold ", _words(member.hold, member.hold.text))
            return _requiring(group(_first(member, f"step {member.share.text}"), *hold), member)
        case tree.Limit():
            return group(_words(member, f"max unavailable {member.share.text}"))
        case tree.Keep():
            return group(_words(member, f"keep {member.duration.text}"))
        case _:
            assert_never(member)


def _standing(node: tree.Maintenance | tree.Single | tree.Parity | tree.Keys) -> Group:
    match node:
        case tree.Maintenance():
            head = (_first(node, "maintenance "), _text(node.name), " on ", _places(node.places))
            return group(
                *head, *_clause(group(*_comma_list(map(_slot, node.slots)), " in ", _text(node.zone)))
            )
        case tree.Single():
            return group(_first(node, "single rollout on "), _places(node.places), *_sparing(node))
        case tree.Parity():
            facets = group(*_comma_list(map(_name, node.facets)))
            return group(_first(node, "parity "), _names(node.places), " on ", facets, *_sparing(node))
        case tree.Keys():
            keys = _some([*map(_text, node.keys)])
            return group(
                _first(node, "configuration on "), _places(node.places), " has ", keys, *_sparing(node)
            )
        case _:
            assert_never(node)


def _is_one(count: str) -> bool:
    return count.lstrip("0") == "1"


def _ban(ban: tree.Freeze | tree.Window | tree.Deny | tree.Waive) -> Group:
    match ban:
        case tree.Waive():
            zone = () if ban.zone is None else (" in ", _text(ban.zone))
            until = ("from ", _moment(ban.begins), " until ", _moment(ban.ends), *zone)
            return group(
                _first(ban, f"waive {ban.gate.text} on "),
                *(_places(ban.places), " as ", _text(ban.id), " by ", _text(ban.approver)),
                *_clause(*until),
                *_clause("because ", _text(ban.reason)),
            )
        case tree.Freeze():
            lasts = ("from ", _moment(ban.begins), " to ", _moment(ban.ends), " in ", _text(ban.zone))
            clauses = (*_clause(*lasts), *_sparing(ban), *_when(ban.when))
            word = "freeze"
        case tree.Window():
            clauses = (
                *_clause(group(*_comma_list(map(_slot, ban.slots)), " in ", _text(ban.zone))),
                *_sparing(ban),
            )
            word = "window"
        case tree.Deny():
            clauses = (*_sparing(ban), *_when(ban.when))
            word = "deny"
        case _:
            assert_never(ban)
    return group(_first(ban, f"{word} "), _text(ban.name), " on ", _places(ban.places), *clauses)


def _sparing(
    rule: tree.Freeze | tree.Window | tree.Deny | tree.Single | tree.Parity | tree.Keys,
) -> tuple[Part, ...]:
    lanes = rule.sparing
    if not lanes:
        return ()
    return _clause("sparing ", Words(_lanes(lanes), lanes[0].span.start, lanes[-1].span.end))


def _when(condition: tree.Expression | None) -> tuple[Part, ...]:
    return () if condition is None else _clause("when ", _expression(condition))


def _prove_named(prove: tree.ProveNamed) -> Group:
    """Clauses go into a fixed order, so comments among them cannot stay: they count as before them all."""
    clauses = [
        *([_clause("except ", _lanes(prove.lanes))] if prove.lanes else []),
        *([_clause("on ", _places(prove.places))] if prove.places else []),
        *([_clause(_names(prove.names))] if prove.names else []),
        *([_clause(_text(prove.policy))] if prove.policy else []),
    ]
    head = Words(f"prove {prove.name.text}", prove.span.start, prove.span.end)
    return group(head, *(_at_end(part, prove.span.end) for clause in clauses for part in clause))


def _at_end(part: Part, end: int) -> Part:
    match part:
        case Words() | Token():
            return Words(part.text, end, end)
        case str():
            return Words(part, end, end)
        case Group():
            return Group(tuple(_at_end(inner, end) for inner in part.parts))
        case Break():
            return part
        case _:
            assert_never(part)


def _prove_formula(prove: tree.ProveFormula) -> Group:
    if prove.title is None:
        return group(_first(prove, "prove possible: "), _expression(prove.claim))
    parts: list[Part] = []
    for each in prove.quantifiers:
        among = (" in ", _names(each.among)) if each.among else ()
        parts += _clause(_first(each, f"for every {each.kind.text} {each.variable.text}"), *among, ":")
    parts += _clause(f"{prove.modality} ", _expression(prove.claim))
    return group(_first(prove, "prove "), _text(prove.title), ":", *parts)


# ---------------------------------------------------------------- expressions


def _expression(node: tree.Expression, depth: int = 1) -> Part:
    """`depth` is how far the later lines of a chain are indented: not at all right inside parentheses."""
    match node:
        case tree.Literal():
            return _words(node, _quoted(node.text) if node.kind == "text" else node.text)
        case tree.TypedText():
            return _words(node, f"{node.type.text} {_quoted(node.text.text)}")
        case tree.Reference():
            return _words(node, node.name.text)
        case tree.Attribute():
            return _words(node, f"{node.owner.text}.{node.field.text}")
        case tree.Call():
            by = "" if node.lane is None else f" by {node.lane.text}"
            return _words(node, f"{node.function.text}({node.argument.text}){by}")
        case tree.SetOf():
            if not node.elements:
                return _words(node, "{}")
            return group(_first(node, ""), _braces(map(_expression, node.elements)))
        case tree.Parenthesised():
            inner = _expression(node.inner, depth=0)
            return group(_first(node, "("), Break(""), inner, Break("", 0, closes=True), Token(")"))
        case tree.Negative():
            return group(_first(node, "-"), _expression(node.operand))
        case tree.Sum():
            return _chain(node.first, node.rest, depth)
        case tree.Product():
            return _chain(node.factors[0], [("*", factor) for factor in node.factors[1:]], depth)
        case tree.Comparison():
            return group(_expression(node.left), f" {node.operator.text} ", _expression(node.right))
        case tree.Not():
            return group(_first(node, "not "), _expression(node.operand))
        case tree.And():
            return _chain(node.operands[0], [("and", operand) for operand in node.operands[1:]], depth)
        case tree.Or():
            return _chain(node.operands[0], [("or", operand) for operand in node.operands[1:]], depth)
        case tree.Implies():
            return _chain(node.premise, [("implies", node.conclusion)], depth)
        case tree.People():
            return _people(node)
        case tree.Healthy():
            once = "once " if node.once else ""
            lasting = "" if node.duration is None else f" for {node.duration.text}"
            return _words(node, f"{once}healthy in {node.place.text}{lasting}")
        case tree.Provenance():
            return group(_first(node, "provenance from "), _some([*map(_text, node.builders)]), _last(node))
        case tree.ConfigurationHas():
            return group(_first(node, "configuration has "), _some([*map(_text, node.keys)]), _last(node))
        case tree.Condition():
            return _words(node, node.words)
        case tree.NoDrift():
            return _words(node, f"no drift in {node.place.text}")
        case _:
            assert_never(node)


def _chain(first: tree.Expression, rest: Iterable[tuple[str, tree.Expression]], depth: int) -> Group:
    parts = (
        part for word, operand in rest for part in (Break(depth=depth), f"{word} ", _expression(operand))
    )
    return group(_expression(first), *parts)


def _people(node: tree.People) -> Group:
    kind = node.kind.text.removesuffix("s") + ("" if _is_one(node.count.text) else "s")
    excepting = _clause("except ", _some([*map(_name, node.excepting)])) if node.excepting else ()
    age = _clause(*_age(node.age)) if node.age else ()
    head = _first(node, f"at least {node.count.text} {kind} from ")
    return group(head, _some([*map(_name, node.groups)]), *excepting, *age, _last(node))
