"""Writes decisions and diagnostics as the corpus expects them: compact, for people to read and compare.

The wording is the corpus's own, so that rewording what users see changes no expectation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rung.diagnostics import Diagnostic, Source, Span
from rung.evaluate import outcome
from rung.evaluate.decide import Decision
from rung.evaluate.outcome import Outcome
from rung.policy import model
from rung.policy.types import show_time, show_value

WIDTH = 72
_BLOCK = re.compile(r"(gate|admit|promote|hotfix|rollback|owes|step|strategy|advance|switch|expose)\b")
_DIGEST = re.compile(r"(sha256:)([0-9a-f]{2})\2{31}\b|\b([0-9a-f]{2})\3{19}\b")


# ---------------------------------------------------------------- decisions


def decision_text(decision: Decision, policy: Source) -> str:
    until = "" if decision.valid_until is None else f" until {show_time(decision.valid_until)}"
    lines = [("allowed" if decision.allowed else "denied") + until]
    lines += _allowed(decision, policy) if decision.allowed else _denied(decision, policy)
    return "".join(f"{_short(line)}\n" for line in lines)


def _allowed(decision: Decision, policy: Source) -> Iterator[str]:
    assert decision.route is not None, "an allowed decision has a route"
    yield f"by {_place(decision.route.route.span, policy)}"
    for owed in decision.owes:
        yield f"owes {owed.obligation.name} by {show_time(owed.due)}"
    for waiver in decision.waivers:
        yield f"waiver {waiver.id} of {waiver.gate}"


def _denied(decision: Decision, policy: Source) -> Iterator[str]:
    if decision.problem is not None:
        yield decision.problem
    if not any(route.holds for route in decision.routes):
        for route in decision.routes:
            yield _place(route.route.span, policy)
            yield from _failing(route.requirements, policy, 1)
    yield from _failing(decision.bans, policy, 0)


def _failing(outcomes: Iterable[Outcome], policy: Source, depth: int) -> Iterator[str]:
    for each in outcomes:
        if not each.holds:
            yield from _told(each, policy, depth)


def _told(found: Outcome, policy: Source, depth: int) -> Iterator[str]:
    """A rule, what was seen, and the parts that decided it."""
    seen = "" if found.seen is None else f": {_seen(found)}"
    yield "    " * depth + _rule(found.rule, policy) + seen
    for part in found.parts:
        # What denies by a condition that holds shows this condition; all others what fails.
        if not part.holds or isinstance(found.rule, model.Not | model.Freeze | model.Deny):
            yield from _told(part, policy, depth + 1)


def _rule(rule: Any, policy: Source) -> str:
    match rule:
        case outcome.Gate(gate, _):
            return _place(gate.span, policy)
        case outcome.Need(need, _):
            return _place(need.span, policy)
        case outcome.Source(_, environments, at_least, asked):
            return f"to have {asked} in {at_least} of {{ {', '.join(environments)} }}"
        case outcome.Candidate():
            return "to be a candidate"
        case outcome.Rollout(action, _, strategy, step):
            place = step or strategy
            return f"to {action}" + (f" by {_place(place.span, policy)}" if place is not None else "")
        case outcome.Owing(None):
            return "to owe nothing that is overdue"
        case outcome.Owing(obligation, event, due):
            entered = show_time(event.finished or event.started)
            return f"{_place(obligation.span, policy)}: entered {entered}, due {show_time(due)}"
        case _:
            return _place(rule.span, policy)


def _place(span: Span, policy: Source) -> str:
    """The line of a rule and the beginning of its text."""
    text = " ".join(policy.text[span.start : span.end].split())
    text = (
        text.partition(" {")[0]
        if re.match(r"(gate|admit|promote|hotfix|rollback|owes|step|strategy|advance|switch|expose)\b", text)
        else text
    )
    return f"{policy.place(span.start).line} {text[:WIDTH] + '…' if len(text) > WIDTH else text}"


def _seen(found: Outcome) -> str:
    match found.seen:
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


def diagnostics_text(diagnostics: Iterable[Diagnostic], sources: Sequence[Source], with_file: bool) -> str:
    by_name = {source.name: source for source in sources}

    def place(span: Span | None, file: str | None) -> str:
        if span is None:
            return f"{file} " if file and with_file else ""
        line, column = by_name[span.file].place(span.start)
        return (f"{span.file}:" if with_file else "") + f"{line}:{column} "

    lines = []
    for each in diagnostics:
        severity = "" if each.is_error else "warning "
        lines.append(f"{place(each.span, each.file)}{severity}{each.code} {each.message}")
        lines += [f"    {place(related.span, None)}{related.message}" for related in each.related]
        lines += [f"    hint: {each.hint}"] if each.hint else []
    return "".join(f"{_short(line)}\n" for line in lines)
