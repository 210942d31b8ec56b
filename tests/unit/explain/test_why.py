"""An explanation says of every rule whether it holds, what was found, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.explain.explanation import Line
from tests.unit.explain.stories import POLICY, STORIES, Story, told


def every(lines: tuple[Line, ...]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from every(line.parts)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_stories(story: Story) -> None:
    explanation, _ = told(story)
    assert (explanation.allowed, explanation.verdict) == (story.allowed, story.verdict)
    lines = list(every((*explanation.routes, *explanation.standing, *explanation.bans)))
    seen = [phrase for line in lines for phrase in line.seen]
    for phrase in story.seen:
        assert phrase in seen
    texts = [step.text for step in explanation.steps]
    for step in story.steps:
        assert step in texts
    assert bool(texts) == (story.verdict in ("forbidden", "not-permitted"))
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_marks_agree_with_the_verdict(story: Story) -> None:
    explanation, _ = told(story)
    held = [all(part.mark == "holds" for part in route.parts) for route in explanation.routes]
    assert [route.mark == "holds" for route in explanation.routes] == held
    standing = all(line.mark == "holds" for line in (*explanation.standing, *explanation.bans))
    assert explanation.allowed == (any(held) and standing)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_what_a_rule_says_is_what_the_policy_says_there(story: Story) -> None:
    explanation, _ = told(story)
    own_words = {"gate", "source", "candidate", "route", "rollout", "obligation", "freeze", "window", "deny"}
    for line in every((*explanation.routes, *explanation.standing, *explanation.bans)):
        if line.span is not None and line.kind not in own_words:
            written = POLICY[line.span.start : line.span.end]
            assert line.text == " ".join(written.split())


def test_steps_that_only_wait_come_last() -> None:
    [story] = [each for each in STORIES if each.name == "freeze"]
    explanation, _ = told(story)
    ranks = [step.rank for step in explanation.steps]
    assert ranks == sorted(ranks)
    waits = [step.at for step in explanation.steps if step.at is not None]
    assert waits == sorted(waits)


def test_an_allowed_hotfix_owes_what_its_route_says() -> None:
    [story] = [each for each in STORIES if each.name == "hotfix"]
    explanation, _ = told(story)
    [owed] = explanation.owes
    assert (owed.name, owed.due - explanation.at) == ("review", 48 * 3600)
    assert owed.rules == ("at least 1 approval from managers",)
    assert explanation.reason == "by `hotfix staging -> prod`"


def test_a_waiver_that_was_used_is_told() -> None:
    [story] = [each for each in STORIES if each.name == "waived"]
    explanation, _ = told(story)
    assert [waiver.id for waiver in explanation.waivers] == ["W-1"]
