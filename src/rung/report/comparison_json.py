"""Defines the comparison of two policies for programs. Everything but ASCII is escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rung.diagnostics import Source, Span
from rung.evaluate.decide import Decision
from rung.explain import words
from rung.explain.comparison import Comparison, Fails, Owes, Shown
from rung.inputs.request import Request
from rung.inputs.scalars import format_instant
from rung.inputs.write import to_document, to_json
from rung.policy import model
from rung.report import Look
from rung.report.json import place

Sources = Mapping[str, Source]


def comparison(found: Comparison, sources: Sources, look: Look) -> str:
    """A document of the schema `rung.comparison/1`; each witness is a request that `rung decide` accepts."""
    document = {
        "schema": "rung.comparison/1",
        "old": {"policy": found.old.name, "file": found.old.span.file},
        "new": {"policy": found.new.name, "file": found.new.span.file},
        "relation": found.relation,
        "looser": found.looser,
        "newly_allowed": [_shown(each, sources) for each in found.allowed],
        "newly_denied": [_shown(each, sources) for each in found.denied],
        "owed_otherwise": [_owes(each, sources) for each in found.owing],
        "opened": [f"{kind} {name}".strip() for kind, name in found.opened],
        "closed": [f"{kind} {name}".strip() for kind, name in found.closed],
        "unknown": [{**_door(each), "reason": reason} for each, reason in found.unknown],
        "notes": list(found.notes),
        "assumptions": list(found.assumptions),
        "broken": list(found.broken),
        "ways": found.doors,
        "same": found.same,
    }
    return to_json(json.loads(json.dumps(document, default=str))) + "\n"


def _door(door: Any) -> dict[str, Any]:
    return {"action": door.action, "lane": door.lane, "target": door.target}


def _shown(each: Shown, sources: Sources) -> dict[str, Any]:
    return {
        "way": words.route_head(each.way),
        "place": place(each.way.span, sources),
        "in_files_that_use_it": each.used,
        "witness": None if each.decision is None else _witness(each.decision),
        "history": [{"at": format_instant(one.at), "text": one.text} for one in each.story],
        "denied_because": each.denial,
        "failing": [_fails(one, sources) for one in each.fails],
        "reason": each.reason,
    }


def _witness(decision: Decision) -> dict[str, Any]:
    request = Request(proposal=decision.proposal, facts=decision.facts)
    return {"at": format_instant(decision.at), "request": to_document(request)}


def _fails(each: Fails, sources: Sources) -> dict[str, Any]:
    return {
        "rule": each.line.text,
        "place": _place(each.line.span, sources),
        "gate": each.within or None,
        "seen": list(each.line.seen),
        "instead": each.instead.text,
        "instead_place": _place(each.instead.span, sources),
    }


def _place(span: Span | None, sources: Sources) -> dict[str, Any] | None:
    return None if span is None else place(span, sources)


def _owes(each: Owes, sources: Sources) -> dict[str, Any]:
    return {
        "way": words.route_head(each.way),
        "place": place(each.way.span, sources),
        "obligations": [
            {"old": _obligation(old, sources), "new": _obligation(new, sources)} for old, new in each.pairs
        ],
        "witness": None if each.decision is None else _witness(each.decision),
    }


def _obligation(each: model.Obligation | None, sources: Sources) -> dict[str, Any] | None:
    if each is None:
        return None
    rules = [words.written(one.span, sources) for one in each.requirements]
    return {"name": each.name, "seconds": each.seconds, "rules": rules, "place": place(each.span, sources)}
