"""Runs cases: what must be decided is held against what is, rule by rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rung.cases.coverage import Coverage
from rung.cases.read import Written
from rung.cases.records import Case
from rung.cases.story import request_of
from rung.diagnostics import Diagnostic, Source, Span
from rung.evaluate.decide import Decision, Evaluator
from rung.explain.explanation import Explanation, Line
from rung.explain.why import explain
from rung.policy import model

NO_ROUTE = "no route"
"""What a case calls it when the policy does not speak of such a deployment at all."""


@dataclass(frozen=True, slots=True)
class Failing:
    """A rule that failed: `names` are all by which a case may know it, the usual one first."""

    names: tuple[str, ...]
    seen: tuple[str, ...]
    within: tuple[str, ...]  # the names of what failed in it

    def known_as(self, name: str) -> bool:
        return name in self.names or name in self.within


@dataclass(frozen=True, slots=True)
class Result:
    """A case that was run: it passed when nothing `differs`.

    `lacking` are rules that should have failed and did not, `surplus` those that failed unexpectedly; both
    are empty where the verdict itself is another one.
    """

    name: str
    span: Span
    expected: Case
    explanation: Explanation
    failing: tuple[Failing, ...]
    lacking: tuple[str, ...]
    surplus: tuple[Failing, ...]
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return self.right and not (self.lacking or self.surplus or self.notes)

    @property
    def right(self) -> bool:
        """Whether the verdict is the one expected."""
        return self.explanation.allowed == (self.expected.expect == "allowed")


@dataclass(frozen=True, slots=True)
class FileResults:
    """The results of the cases of a file, and the path of the policy that they test."""

    file: str
    policy: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """All that was run; `coverage` only where it was asked for. Without a single case nothing was tested."""

    files: tuple[FileResults, ...]
    sources: Mapping[str, Source]
    coverage: Coverage | None

    @property
    def count(self) -> int:
        return sum(len(each.results) for each in self.files)

    @property
    def passed(self) -> int:
        return sum(result.passed for each in self.files for result in each.results)

    @property
    def is_good(self) -> bool:
        return 0 < self.passed == self.count


@dataclass(frozen=True, slots=True)
class Run:
    """The results of the cases of a file, or none and all that is wrong with them."""

    results: tuple[Result, ...]
    mistakes: tuple[Diagnostic, ...] = ()


def run(
    cases: Sequence[Written], policy: model.Policy, sources: Mapping[str, Source], coverage: Coverage
) -> Run:
    """Decide every case; `sources` are the texts of the policy and its baselines, by name."""
    requests = [request_of(each, policy) for each in cases]
    mistakes = tuple(dict.fromkeys(mistake for each in requests for mistake in each.mistakes))
    if mistakes:
        return Run((), mistakes)
    evaluator = Evaluator(policy)
    results = []
    for written, told in zip(cases, requests, strict=True):
        assert told.request is not None, "a case without mistakes has a request"
        decision = evaluator.decide(told.request.proposal, told.request.facts, written.case.at)
        coverage.add(decision)
        results.append(_result(written, decision, policy, sources))
    return Run(tuple(results))


def _result(
    written: Written, decision: Decision, policy: model.Policy, sources: Mapping[str, Source]
) -> Result:
    explanation = explain(decision, policy, sources, hypothetical=False)
    failing = () if decision.allowed else _failing(explanation)
    case = written.case
    lacking: tuple[str, ...] = ()
    surplus: tuple[Failing, ...] = ()
    notes: list[str] = []
    if decision.allowed and case.expect == "allowed":
        notes += _unlike("owes", case.owes, [each.name for each in explanation.owes])
        notes += _unlike("waivers", case.waivers, [each.id for each in explanation.waivers])
    elif not decision.allowed and case.expect == "denied":
        lacking = tuple(
            name for name in case.because if not any(rule.known_as(_plain(name)) for rule in failing)
        )
        surplus = tuple(
            rule for rule in failing if not any(rule.known_as(_plain(name)) for name in case.because)
        )
    return Result(written.name, written.span, case, explanation, failing, lacking, surplus, tuple(notes))


def _unlike(what: str, expected: Sequence[str] | None, found: Sequence[str]) -> list[str]:
    if expected is None or set(expected) == set(found):
        return []
    return [f"{what}: expected {', '.join(expected) or 'none'}, found {', '.join(found) or 'none'}"]


# ---------------------------------------------------------------- failing rules


def _failing(explanation: Explanation) -> tuple[Failing, ...]:
    """The rules that keep a deployment out: those of each route where all fail, then what binds all."""
    if explanation.verdict == "no-rule":
        return (Failing((NO_ROUTE,), (explanation.reason,), ()),)
    lines: list[Line] = []
    if not any(route.mark == "holds" for route in explanation.routes):
        lines += [part for route in explanation.routes for part in route.parts]
    lines += [*explanation.standing, *explanation.bans]
    found: dict[str, Failing] = {}
    for line in lines:
        if line.mark != "holds":
            names = _names(line)
            found.setdefault(names[0], Failing(names, _seen(line), tuple(_within(line))))
    return tuple(found.values())


def _names(line: Line) -> tuple[str, ...]:
    """What a case may call a rule, the usual name first."""
    text = _plain(line.text)
    match line.kind:
        case "gate":
            return text.partition(' "')[0], text
        case "freeze" | "window" | "deny":
            return text, text.partition('"')[2].removesuffix('"')
        case "source":
            return text.removeprefix("the release has "), "source"
        case "obligation":
            return text.partition(" of ")[0], text
        case "candidate" | "rollout" | "parity" | "keys" | "obligations":
            return line.kind, text
        case _:
            return (text,)


def _seen(line: Line) -> tuple[str, ...]:
    """What was found where a rule failed, deep down."""
    inner = [part for part in line.parts if part.mark != "holds"]
    deeper = tuple(seen for part in inner for seen in _seen(part))
    if line.kind == "obligation":
        return (f"{line.text}: {'; '.join((*line.seen, *deeper))}",)
    return line.seen or deeper


def _within(line: Line) -> list[str]:
    failing = [part for part in line.parts if part.mark != "holds"]
    return [name for part in failing for name in (*_names(part), *_within(part))]


def _plain(text: str) -> str:
    return " ".join(text.split())
