"""Writes decisions and diagnostics as the corpus expects them: compact, for people to read and compare.

The wording is the corpus's own, so that rewording what users see changes no expectation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.evaluate import outcome
from rung.evaluate.decide import Decision
from rung.evaluate.outcome import Outcome
from rung.policy import model
from rung.policy.types import show_time, show_value

POLICY = "policy.rung"
WIDTH = 72
MOST_ALIKE = 12  # in a row; more of one code are counted
# What stands before the braces of a block.
_HEAD = re.compile(
    r"(?:admit|promote|hotfix)\b.*?-> [\w-]+"
    r"|(?:gate|rollback|owes|step|strategy|advance|switch|expose)\b[^{]*[^{ ]"
)
_DIGEST = re.compile(r"(sha256:)([0-9a-f]{2})\2{31}\b|\b([0-9a-f]{2})\3{19}\b")


Texts = Mapping[str, Source]

# ---------------------------------------------------------------- decisions


def decision_text(decision: Decision, sources: Sequence[Source]) -> str:
    texts = {source.name: source for source in sources}
    until = "" if decision.valid_until is None else f" until {show_time(decision.valid_until)}"
    lines = [("allowed" if decision.allowed else "denied") + until]
    lines += _allowed(decision, texts) if decision.allowed else _denied(decision, texts)
    return "".join(f"{_short(line)}\n" for line in lines)


def _allowed(decision: Decision, texts: Texts) -> Iterator[str]:
    assert decision.route is not None, "an allowed decision has a route"
    yield f"by {_place(decision.route.route.span, texts)}"
    for owed in decision.owes:
        yield f"owes {owed.obligation.name} by {show_time(owed.due)}"
    for waiver in decision.waivers:
        yield f"waiver {waiver.id} of {waiver.gate}"


def _denied(decision: Decision, texts: Texts) -> Iterator[str]:
    if decision.problem is not None:
        yield decision.problem
    if not any(route.holds for route in decision.routes):
        for route in decision.routes:
            yield _place(route.route.span, texts)
            yield from _failing(route.requirements, texts, 1)
    yield from _failing(decision.bans, texts, 0)


def _failing(outcomes: Iterable[Outcome], texts: Texts, depth: int) -> Iterator[str]:
    for each in outcomes:
        if not each.holds:
            yield from _told(each, texts, depth)


def _told(found: Outcome, texts: Texts, depth: int) -> Iterator[str]:
    """A rule, what was seen, and the parts that decided it."""
    seen = "" if found.seen is None else f": {_seen(found)}"
    yield "    " * depth + _rule(found.rule, texts) + seen
    for part in found.parts:
        # A ban or negation stands against what its part says; all others go with what they are made of.
        if part.holds == found.holds or isinstance(found.rule, model.Not | model.Freeze | model.Deny):
            yield from _told(part, texts, depth + 1)


def _rule(rule: Any, texts: Texts) -> str:
    match rule:
        case outcome.Gate(gate, _):
            return _place(gate.span, texts)
        case outcome.Need(need, _):
            return _place(need.span, texts)
        case outcome.Source(_, environments, at_least, asked):
            return f"to have {asked} in {at_least} of {{ {', '.join(environments)} }}"
        case outcome.Candidate():
            return "to be a candidate"
        case model.InsideMaintenance() if _whole(rule.span, texts):
            return "to be inside maintenance"
        case model.LockHeld() if _whole(rule.span, texts):
            return "to hold a lock"
        case outcome.Rollout(action, _, strategy, step):
            place = step or strategy
            what = "roll out" if action == "strategy" else action
            return f"to {what}" + (f" by {_place(place.span, texts)}" if place is not None else "")
        case outcome.Owing(None):
            return "to owe nothing that is overdue"
        case outcome.Owing(obligation, event, due):
            entered = show_time(event.finished or event.started)
            return f"{_place(obligation.span, texts)}: entered {entered}, due {show_time(due)}"
        case _:
            return _place(rule.span, texts)


def _whole(span: Span, texts: Texts) -> bool:
    """Whether a rule is one that the language adds: it stands nowhere, and so for the whole policy."""
    return (span.start, span.end) == (0, len(texts[span.file].text))


def _place(span: Span, texts: Texts) -> str:
    """The line of a rule and the beginning of its text."""
    source = texts[span.file]
    text = " ".join(source.text[span.start : span.end].split())
    head = _HEAD.match(text)
    text = head.group() if head is not None else text
    file = "" if span.file == POLICY else f"{span.file}:"
    return f"{file}{source.place(span.start).line} {text[:WIDTH] + '…' if len(text) > WIDTH else text}"


def _seen(found: Outcome) -> str:
    match found.seen:
        case outcome.Values(person, persons, problem) if isinstance(found.rule, model.PersonIn):
            return problem or f"{person} among {', '.join(persons) or 'nobody'}"
        case outcome.Values(left, right, missing):
            return (
                missing or f"{_value(found.rule, 'left', left)} against {_value(found.rule, 'right', right)}"
            )
        case outcome.PeopleSeen(counted, left_out, problem):
            out = [f"{each.who} {each.why}" for each in left_out]
            parts = [problem or "", f"counted {', '.join(counted)}" if counted else "", *out]
            return "; ".join(part for part in parts if part) or "nobody"
        case outcome.HealthSeen():
            return _health(found.seen)
        case outcome.RecordSeen(subject, time, source, problem):
            when = "" if time is None else f" ({show_time(time)}, {source})"
            return f"{subject}: {problem}{when}" if subject else f"{problem}{when}"
        case outcome.Seen(text):
            return text
        case tuple():
            return "; ".join(_health(each) for each in found.seen) or "nowhere"
        case _:
            raise AssertionError(f"the reader does not know {found.seen!r}")


def _health(seen: outcome.HealthSeen) -> str:
    times = [show_time(time) for time in (seen.since, seen.until) if time is not None]
    return f"{seen.place}: {seen.problem or 'fine'}" + (f" ({' to '.join(times)})" if times else "")


def _value(rule: Any, side: str, value: Any) -> str:
    """A value of one side of a comparison, as the policy would write it."""
    if value is None:
        return "nothing"
    if not isinstance(rule, model.Compare):
        return str(value)
    return show_value(model.type_of(getattr(rule, side)), value)


def _short(line: str) -> str:
    return _DIGEST.sub(lambda match: f"{match.group(1) or ''}{match.group(2) or match.group(3)}…", line)


# ---------------------------------------------------------------- diagnostics


def diagnostics_text(diagnostics: Iterable[Diagnostic], sources: Sequence[Source]) -> str:
    """What is said, with its places; those in the policy alone without the name of its file."""
    by_name = {source.name: source for source in sources}

    def place(span: Span | None, file: str | None) -> str:
        if span is None:
            return f"{file} " if file else ""
        line, column = by_name[span.file].place(span.start)
        return ("" if span.file == POLICY else f"{span.file}:") + f"{line}:{column} "

    lines = []
    for code, group in groupby(diagnostics, key=lambda each: each.code):
        alike = list(group)
        for each in alike[:MOST_ALIKE]:
            severity = "" if each.is_error else "warning "
            lines.append(f"{place(each.span, each.file)}{severity}{each.code} {each.message}")
            lines += [f"    {place(related.span, None)}{related.message}" for related in each.related]
            lines += [f"    hint: {each.hint}"] if each.hint else []
        lines += [f"… {len(alike) - MOST_ALIKE} more {code}"] if len(alike) > MOST_ALIKE else []
    return "".join(f"{_short(line)}\n" for line in lines)
