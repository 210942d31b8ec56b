"""Defines how values, instants, ages and pieces of a policy are put into words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from rung.diagnostics import Source, Span
from rung.inputs.proposal import MachineActor, PersonActor, Proposal, Release
from rung.inputs.scalars import LAST_INSTANT, format_instant
from rung.policy import model
from rung.policy.types import PERSON, TIME, UNIT_SECONDS, SetType, show_value

_COMMENT_OR_SPACE = re.compile(r'("(?:[^"\\\n]|\\.)*")|(?:\s|#[^\n]*)+')
_LAYOUT = re.compile(r'("(?:[^"\\\n]|\\.)*")|(?:[\s,{}]|#[^\n]*)+')
SHORT_DIGEST = len("sha256:") + 12

Sources = Mapping[str, Source]


def clock(seconds: int) -> str:
    """An instant for a reader: `2026-11-24 10:00 UTC`, with seconds where there are any."""
    if seconds > LAST_INSTANT:
        return "the year 10000"
    text = format_instant(seconds).replace("T", " ").removesuffix("Z")
    return text.removesuffix(":00") + " UTC"


def age(seconds: int) -> str:
    """A span of time to its two largest units: `1d 4h`, `24m`, `0s`."""
    parts: list[str] = []
    for unit in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, UNIT_SECONDS[unit])
        if count or parts:
            parts.append(f"{count}{unit}" if count else "")
    return " ".join(part for part in parts[:2] if part) or "0s"


def duration(seconds: int) -> str:
    """A length that somebody asked for, in the unit that writes it shortest: `24h`, `90m`, `3d`."""
    if seconds and seconds <= 2 * UNIT_SECONDS["d"] and seconds % UNIT_SECONDS["h"] == 0:
        return f"{seconds // UNIT_SECONDS['h']}h"
    unit = next(each for each in ("d", "h", "m", "s") if seconds % UNIT_SECONDS[each] == 0)
    return f"{seconds // UNIT_SECONDS[unit]}{unit}"


def value(node: model.Operand, found: Any) -> str:
    """A value as a reader expects it in a sentence."""
    type = model.type_of(node)
    if found is None:
        return "not stated"
    if type == TIME:
        return clock(found)
    if type == PERSON:
        return str(found)
    if isinstance(type, SetType) and type.element == PERSON:
        return listed(sorted(found))
    return show_value(type, found)


def listed(items: Iterable[str]) -> str:
    return ", ".join(items)


def short(digest: str) -> str:
    return digest[:SHORT_DIGEST] + "…" if len(digest) > SHORT_DIGEST else digest


def written(span: Span, sources: Sources) -> str:
    """What the author of a policy wrote at a span, on one line and without comments."""
    text = sources[span.file].text[span.start : span.end]
    return _COMMENT_OR_SPACE.sub(lambda match: match.group(1) or " ", text).strip()


def demanded(node: model.Property, sources: Sources) -> str:
    """A property as the policy demands it."""
    return written(node.span, sources).removeprefix("prove ")


def without_layout(text: str) -> str:
    """What an author wrote but for spaces, comments, commas and braces, which the formatter may change."""
    return _LAYOUT.sub(r"\1", text)


def named_property(node: model.NamedProperty) -> str:
    """A property of the library as a policy would demand it: `rollback-possible on prod`."""
    if node.name == "possible":
        return "possible: every lane into every environment"
    places = node.places[0] if len(node.places) == 1 else braces(node.places)
    parts = [
        f"except {', '.join(node.lanes)}" if node.lanes else "",
        f"on {places}" if node.places else "",
        braces(node.names) if node.names else "",
    ]
    return " ".join([node.name, *filter(None, parts)])


def braces(names: Iterable[str]) -> str:
    return "{ " + ", ".join(names) + " }"


def release(proposed: Release) -> str:
    """A name for a release: its version, else the digest of its first artifact."""
    return proposed.version or short(min(proposed.digests))


def actor(proposal: Proposal) -> str:
    match proposal.actor:
        case PersonActor() as who:
            return who.person
        case MachineActor() as machine:
            behalf = f" on behalf of {machine.on_behalf_of}" if machine.on_behalf_of else ""
            return machine.machine + behalf


def subject(about: str, name: str, proposal: Proposal) -> str:
    """What a record is about: `artifact api (sha256:9f9f9f9f9f9f…)`, `build gh:881/1`."""
    match about:
        case "artifact":
            called = next(
                (each for each, artifact in proposal.release.artifacts.items() if artifact.digest == name), ""
            )
            return f"artifact {called} ({short(name)})"
        case "commit":
            return f"commit {name[:12]}"
        case "release":
            return name
        case _:
            return f"{about} {name}"


def ban_name(ban: Any) -> str:
    """What a freeze, window, deny or single rollout is called."""
    return "single rollout" if isinstance(ban, model.Single) else f'{type(ban).__name__.lower()} "{ban.name}"'


def route_head(route: model.Route | model.Act) -> str:
    """The first words of a route or action, such as `promote all of { eu, us } -> prod`."""
    if isinstance(route, model.Act):
        return f"{route.action} {route.target}"
    match route.lane:
        case "rollback":
            return f"rollback {route.target} within {route.within} releases"
        case "admit":
            return f"admit build -> {route.target}"
        case lane:
            return f"{lane} {_sources(route.sources)} -> {route.target}"


def _sources(sources: model.Sources | None) -> str:
    assert sources is not None, "the grammar gives sources to promote and hotfix"
    names = sources.names
    if len(names) == 1:
        return names[0]
    count = {len(names): "all", 1: "any"}.get(sources.count, f"at least {sources.count}")
    return f"{count} of {{ {listed(names)} }}"
