"""Defines how freezes, windows, denies, waivers and standing rules are resolved: tree → model."""

from __future__ import annotations

from rung.policy import composition, errors, model, moments
from rung.policy.conditions_from_syntax import condition
from rung.policy.scope import Scope, head
from rung.policy.values_from_syntax import Place
from rung.syntax import tree


def _moment(node: tree.Moment, zone: tree.Text | None, scope: Scope) -> int | None:
    """UTC seconds of a local time; None, and reported, where there is no such time."""
    local = moments.local_datetime(node.date, node.clock)
    if local is None:
        written = node.date + (f" {node.clock}" if node.clock else "")
        hint = "a time from 1970 on, such as `2026-12-18 18:00`"
        scope.report(errors.malformed_literal(node.span, "time of the calendar", written, hint))
        return None
    name = zone.text if zone is not None else "UTC"
    where = moments.zone(name)
    if where is None:
        return None  # the zone itself is reported once, by its statement
    instants = moments.readings(local, where)
    if len(instants) == 2 and node.which is None:
        scope.report(errors.ambiguous_local_time(node.span, f"{local:%Y-%m-%d %H:%M}", name))
        return None
    return instants[-1] if node.which == "later" else instants[0]


def _zone(zone: tree.Text | None, scope: Scope) -> None:
    if zone is not None and moments.zone(zone.text) is None:
        scope.report(errors.unknown_time_zone(zone.span, zone.text, moments.zone_names()))


def _interval(
    begins: tree.Moment, ends: tree.Moment, zone: tree.Text | None, what: str, scope: Scope
) -> tuple[int, int]:
    _zone(zone, scope)
    first, last = _moment(begins, zone, scope), _moment(ends, zone, scope)
    if first is None or last is None:
        return 0, 0
    if last <= first:
        message = f"the {what} ends {'before' if last < first else 'when'} it begins"
        scope.report(errors.empty_interval(begins.span.to(ends.span), message))
    return first, last


def _ban_condition(node: tree.Expression | None, scope: Scope) -> model.Condition | None:
    # A ban allows where its condition is false, so the condition itself stands negatively.
    return None if node is None else condition(node, scope, Place("ban", positive=False))


def freeze(node: tree.Freeze, scope: Scope) -> model.Freeze:
    begins, ends = _interval(node.begins, node.ends, node.zone, "freeze", scope)
    when = _ban_condition(node.when, scope)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return model.Freeze(node.name.text, places, begins, ends, spares, when, node.zone.text, head(node))


def window(node: tree.Window, scope: Scope) -> model.Window:
    _zone(node.zone, scope)
    slots = tuple(slot for each in node.slots if (slot := _slot(each, scope)) is not None)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return model.Window(node.name.text, places, slots, node.zone.text, spares, head(node))


def _slot(node: tree.Slot, scope: Scope) -> model.Slot | None:
    last = node.last or node.first
    unknown = [day for day in {node.first, last} if not scope.known("day", day, model.DAYS)]
    if unknown:
        return None
    times = []
    for clock in (node.opens, node.closes):
        minutes = moments.clock_minutes(clock.text)
        if minutes is None:
            scope.report(
                errors.malformed_literal(clock.span, "time of day", clock.text, "from `00:00` to `24:00`")
            )
            return None
        times.append(minutes)
    opens, closes = times
    if opens == closes or opens == moments.DAY_MINUTES:
        scope.report(errors.empty_interval(node.span, "the window closes when it opens"))
        return None
    first, final = model.DAYS.index(node.first.text), model.DAYS.index(last.text)
    days = frozenset((first + step) % 7 for step in range((final - first) % 7 + 1))
    return model.Slot(days, opens, closes if closes > opens else closes + moments.DAY_MINUTES, node.span)


def deny(node: tree.Deny, scope: Scope) -> model.Deny | None:
    when = _ban_condition(node.when, scope)
    places, spares = scope.places(node.places), scope.lanes(node.sparing)
    return None if when is None else model.Deny(node.name.text, places, spares, when, head(node))


def waiver(node: tree.Waive, scope: Scope) -> model.Waiver:
    if scope.known("gate", node.gate, scope.gates):
        composition.may_waive(node, scope)
    begins, ends = _interval(node.begins, node.ends, node.zone, "waiver", scope)
    places = scope.places(node.places)
    span = node.span.to(node.id.span)
    return model.Waiver(
        node.id.text, node.gate.text, places, node.approver.text, begins, ends, node.reason.text, span
    )


# ---------------------------------------------------------------- standing rules


def maintenance(node: tree.Maintenance, scope: Scope) -> model.Window:
    _zone(node.zone, scope)
    slots = tuple(slot for each in node.slots if (slot := _slot(each, scope)) is not None)
    return model.Window(node.name.text, scope.places(node.places), slots, node.zone.text, (), head(node))


def single(node: tree.Single, scope: Scope) -> model.Single:
    return model.Single(scope.places(node.places), scope.lanes(node.sparing), node.span)


def parity(node: tree.Parity, scope: Scope) -> model.Parity:
    places = scope.environment_names(node.places)
    if len(node.places) == 1:
        message = "parity is between two environments at least"
        scope.report(errors.number_out_of_range(node.places[0].span, message))
    return model.Parity(places, scope.distinct("facet", node.facets), scope.lanes(node.sparing), node.span)


def keys(node: tree.Keys, scope: Scope) -> model.Keys:
    names = scope.distinct("key", [tree.Name(text.text, text.span) for text in node.keys])
    return model.Keys(scope.places(node.places), names, scope.lanes(node.sparing), node.span)
