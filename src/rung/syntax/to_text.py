"""Defines `to_text`: syntax tree → the canonical text of a policy, comments included (the formatter).

The text depends on nothing but the tree, its comments, and which lines the author set apart. What
it means is what the tree means: `same_meaning` compares the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from rung.diagnostics import Source
from rung.syntax import tree
from rung.syntax.expression_to_text import expression
from rung.syntax.layout import Break, Group, Part, Token, Words, group, lay_out
from rung.syntax.pieces import (
    age_of,
    begin,
    block,
    braces,
    clause,
    comma_list,
    end_of,
    is_one,
    lanes_of,
    moment_of,
    name_of,
    names_of,
    one_or_braces,
    places_of,
    slot_of,
    sources_of,
    text_of,
    type_of,
    words_of,
)


def to_text(file: tree.PolicyFile, source: Source | str) -> str:
    """The canonical text of a file; `source` is the text that it was parsed from, without a mistake."""
    text = source if isinstance(source, str) else source.text
    head = group(Token(f"rung {file.version}"), Break(depth=0), "policy ", text_of(file.name), hard=True)
    members = [head, *map(_statement, file.statements)]
    return lay_out(block(Words("", 0, 0), members, Words("", len(text), len(text))), file.comments, text)


# ---------------------------------------------------------------- members of blocks


def _body(head: Group, members: Sequence[tree.Need | tree.Require | tree.Owes]) -> Group:
    """A head and its block: on one line if that fits, for one member that has no block of its own."""
    if not members:
        return group(head, " {", Break("", 0, opens=True, closes=True, keeps_blank=True), Token("}"))
    several = len(members) > 1 or isinstance(members[0], tree.Owes)
    return block(group(head, " {"), [_member(member) for member in members], Token("}"), hard=several)


def _member(member: tree.Need | tree.Require | tree.Owes) -> Group:
    match member:
        case tree.Need():
            place = () if member.place is None else (" in ", name_of(member.place))
            age = () if member.age is None else (" ", *age_of(member.age))
            return group(begin(member, "needs "), name_of(member.evidence), *place, *age)
        case tree.Require():
            return group(begin(member, "require "), *comma_list(map(expression, member.conditions)))
        case tree.Owes():
            within = words_of(member.within, member.within.text)
            head = group(begin(member, "owes "), name_of(member.name), " within ", within)
            return _body(head, member.members)
        case _:
            assert_never(member)


# ---------------------------------------------------------------- statements


def _statement(statement: tree.Statement) -> Group:
    match statement:
        case tree.Environment():
            after = () if statement.after is None else (" after ", sources_of(statement.after))
            forward = clause("forward_only") if statement.forward_only else ()
            return group(begin(statement, "environment "), name_of(statement.name), *after, *forward)
        case tree.Person():
            accounts = _listed("accounts ", statement.accounts)
            return group(begin(statement, "person "), text_of(statement.id), *accounts)
        case tree.Group():
            head = begin(statement, f"group {statement.name.text} ")
            return group(head, _group_members(statement.members), end_of(statement))
        case tree.Evidence():
            once = " produced once " if statement.once else " "
            fields = [group(name_of(field.name), ": ", type_of(field.type)) for field in statement.fields]
            about = (" about ", name_of(statement.about), once)
            return group(begin(statement, "evidence "), name_of(statement.name), *about, braces(fields))
        case tree.Parameter():
            head = begin(statement, f"parameter {statement.name.text}: ")
            direction = statement.direction
            only = () if direction is None else (" may only ", name_of(direction))
            return group(head, type_of(statement.type), " = ", expression(statement.value), *only)
        case tree.Health():
            return group(begin(statement, "health "), *age_of(statement.age))
        case tree.Gate():
            title = () if statement.title is None else (" ", text_of(statement.title))
            controls = _listed("controls ", statement.controls)
            gate = group(begin(statement, "gate "), name_of(statement.name), *title, *controls)
            return _body(gate, statement.members)
        case tree.Route():
            return _route(statement)
        case tree.Freeze() | tree.Window() | tree.Deny() | tree.Waive():
            return _ban(statement)
        case tree.Use() | tree.Setting() | tree.Constraint() | tree.Open() | tree.Extension():
            return _composition(statement)
        case tree.Act():
            return _requiring(
                group(begin(statement, f"{statement.action} "), name_of(statement.target)), statement
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
    return clause(word, group(*comma_list(map(text_of, texts)))) if texts else ()


def _group_members(members: tuple[tree.Text | tree.Name, ...] | None) -> Part:
    if not members:
        return "from facts" if members is None else "{}"
    return braces(text_of(member) if isinstance(member, tree.Text) else name_of(member) for member in members)


def _route(route: tree.Route) -> Group:
    if route.within is not None:
        count = route.within.text
        releases = "release" if is_one(count) else "releases"
        head = group(begin(route, "rollback "), name_of(route.target), f" within {count} {releases}")
    elif route.sources is None:
        head = group(begin(route, "admit build -> "), name_of(route.target))
    else:
        head = group(begin(route, f"{route.lane} "), sources_of(route.sources), " -> ", name_of(route.target))
    return _body(head, route.members) if route.members else group(head, end_of(route))


def _composition(node: tree.Use | tree.Setting | tree.Constraint | tree.Open | tree.Extension) -> Group:
    match node:
        case tree.Use():
            return group(begin(node, "use "), text_of(node.path))
        case tree.Setting():
            return group(begin(node, f"set {node.name.text} = "), expression(node.value))
        case tree.Constraint():
            exempt = clause("except ", lanes_of(node.exempt)) if node.exempt else ()
            head = begin(node, "every route into ")
            return group(head, places_of(node.places), *exempt, *clause(_member(node.require)))
        case tree.Open():
            names = (" ", *comma_list(map(name_of, node.names))) if node.names else ()
            return group(begin(node, f"open {node.kind}"), *names)
        case tree.Extension():
            return group(begin(node, f"extend group {node.group.text} "), _group_members(node.members))
        case _:
            assert_never(node)


def _requiring(head: Group, node: tree.Act | tree.Step) -> Group:
    return _body(head, node.members) if node.members else group(head, end_of(node))


def _strategy(node: tree.Strategy) -> Group:
    head = group(begin(node, f"strategy {node.kind.text} on "), places_of(node.places))
    if not node.members:
        return _body(head, ())
    return block(group(head, " {"), [_strategy_member(each) for each in node.members], Token("}"))


def _strategy_member(member: tree.Step | tree.Limit | tree.Keep) -> Group:
    match member:
        case tree.Step():
            hold = () if member.hold is None else (" hold ", words_of(member.hold, member.hold.text))
            return _requiring(group(begin(member, f"step {member.share.text}"), *hold), member)
        case tree.Limit():
            return group(words_of(member, f"max unavailable {member.share.text}"))
        case tree.Keep():
            return group(words_of(member, f"keep {member.duration.text}"))
        case _:
            assert_never(member)


def _standing(node: tree.Maintenance | tree.Single | tree.Parity | tree.Keys) -> Group:
    match node:
        case tree.Maintenance():
            head = (begin(node, "maintenance "), text_of(node.name), " on ", places_of(node.places))
            return group(
                *head, *clause(group(*comma_list(map(slot_of, node.slots)), " in ", text_of(node.zone)))
            )
        case tree.Single():
            return group(begin(node, "single rollout on "), places_of(node.places), *_sparing(node))
        case tree.Parity():
            facets = group(*comma_list(map(name_of, node.facets)))
            return group(begin(node, "parity "), names_of(node.places), " on ", facets, *_sparing(node))
        case tree.Keys():
            keys = one_or_braces([*map(text_of, node.keys)])
            return group(
                begin(node, "configuration on "), places_of(node.places), " has ", keys, *_sparing(node)
            )
        case _:
            assert_never(node)


def _ban(ban: tree.Freeze | tree.Window | tree.Deny | tree.Waive) -> Group:
    match ban:
        case tree.Waive():
            zone = () if ban.zone is None else (" in ", text_of(ban.zone))
            until = ("from ", moment_of(ban.begins), " until ", moment_of(ban.ends), *zone)
            return group(
                begin(ban, f"waive {ban.gate.text} on "),
                *(places_of(ban.places), " as ", text_of(ban.id), " by ", text_of(ban.approver)),
                *clause(*until),
                *clause("because ", text_of(ban.reason)),
            )
        case tree.Freeze():
            lasts = ("from ", moment_of(ban.begins), " to ", moment_of(ban.ends), " in ", text_of(ban.zone))
            clauses = (*clause(*lasts), *_sparing(ban), *_when(ban.when))
            word = "freeze"
        case tree.Window():
            clauses = (
                *clause(group(*comma_list(map(slot_of, ban.slots)), " in ", text_of(ban.zone))),
                *_sparing(ban),
            )
            word = "window"
        case tree.Deny():
            clauses = (*_sparing(ban), *_when(ban.when))
            word = "deny"
        case _:
            assert_never(ban)
    return group(begin(ban, f"{word} "), text_of(ban.name), " on ", places_of(ban.places), *clauses)


def _sparing(
    rule: tree.Freeze | tree.Window | tree.Deny | tree.Single | tree.Parity | tree.Keys,
) -> tuple[Part, ...]:
    lanes = rule.sparing
    if not lanes:
        return ()
    return clause("sparing ", Words(lanes_of(lanes), lanes[0].span.start, lanes[-1].span.end))


def _when(condition: tree.Expression | None) -> tuple[Part, ...]:
    return () if condition is None else clause("when ", expression(condition))


def _prove_named(prove: tree.ProveNamed) -> Group:
    """Clauses go into a fixed order, so comments among them cannot stay: they count as before them all."""
    clauses = [
        *([clause("except ", lanes_of(prove.lanes))] if prove.lanes else []),
        *([clause("on ", places_of(prove.places))] if prove.places else []),
        *([clause(names_of(prove.names))] if prove.names else []),
        *([clause(text_of(prove.policy))] if prove.policy else []),
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
        return group(begin(prove, "prove possible: "), expression(prove.claim))
    parts: list[Part] = []
    for each in prove.quantifiers:
        among = (" in ", names_of(each.among)) if each.among else ()
        parts += clause(begin(each, f"for every {each.kind.text} {each.variable.text}"), *among, ":")
    parts += clause(f"{prove.modality} ", expression(prove.claim))
    return group(begin(prove, "prove "), text_of(prove.title), ":", *parts)
