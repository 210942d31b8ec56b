"""Defines how the verdicts on properties look in a terminal or a log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rung.diagnostics import Source
from rung.explain import words
from rung.explain.proofs import Proof
from rung.prove.recheck import Rechecked
from rung.report import Look
from rung.report.text import Page

MARKS = {"proved": ("✓", "green"), "refuted": ("✗", "red"), "unknown": ("?", "yellow")}


def proofs(
    found: Sequence[Proof],
    sources: Mapping[str, Source],
    look: Look,
    rechecked: Rechecked | None = None,
) -> str:
    """Every property with its verdict, the history of those refuted, and the count last.

    Before it stands what a second solver said, if one was asked.
    """
    page = Page(sources, look)
    demanded = [each for each in found if each.demanded]
    others = [each for each in found if not each.demanded]
    for each in demanded:
        _proof(page, each)
    if demanded and others:
        page.blank()
        page.add("Not demanded by the policy, but about it:", bold=True)
    for each in others:
        _proof(page, each)
    page.blank()
    if look.verbose:
        assumed = dict.fromkeys(text for each in found for text in each.verdict.assumptions)
        page.add("Assumed:", bold=True)
        for text in assumed:
            page.add(text, 2, "•")
        page.blank()
    if rechecked is not None:
        _rechecked(page, rechecked)
    if demanded and others:
        page.add(f"not demanded: {count(others)}")
    page.add(count(demanded or others), bold=True)
    return page.text()


def count(found: Sequence[Proof]) -> str:
    """The last line: `18 properties: 17 proved, 1 refuted, 0 unknown`."""
    of = {outcome: sum(each.outcome == outcome for each in found) for outcome in MARKS}
    noun = "property" if len(found) == 1 else "properties"
    return f"{len(found)} {noun}: " + ", ".join(f"{number} {outcome}" for outcome, number in of.items())


def _rechecked(page: Page, rechecked: Rechecked) -> None:
    for each in rechecked.contradicted:
        page.add(f"internal error: {rechecked.solver} contradicts that {each.sentence}", 0, "✗", "red")
    for each, why in rechecked.untold:
        page.add(f"{rechecked.solver} cannot tell whether {each.sentence}: {why}", 0, "?", "yellow")
    page.add(f"{rechecked.solver} agrees on {rechecked.agreed} of {rechecked.asked} steps")


def _proof(page: Page, found: Proof) -> None:
    verdict = found.verdict
    mark, color = MARKS[found.outcome]
    page.add(found.title, 0, mark, color, verdict.property.span, bold=found.outcome != "proved")
    if found.broken is not None:
        page.add(f"internal error: {found.broken}", 2, color="red")
        return
    if verdict.without:
        ids = words.listed(each.id for each in verdict.without)
        until = words.clock(max(each.ends for each in verdict.without))
        page.add(f"proved without {ids}; refuted with it (entries until {until} remain)", 2, "!", "yellow")
        page.add(verdict.reason, 2)
    elif verdict.reason:
        page.add(verdict.reason, 2)
    for text in verdict.findings:
        page.add(text, 2, "!", "yellow")
    refuting = (verdict.story is not None and verdict.story.breaks) or found.outcome == "refuted"
    shown = refuting or page.look.verbose
    if not (shown and found.story):
        return
    if not refuting:
        page.add("such a history, in which it holds:", 2, dim=True)
    last = len(found.story) - 1
    day = ""
    for index, chapter in enumerate(found.story):
        moment = words.clock(chapter.at).removesuffix(" UTC")
        date, clock = moment.split(" ", 1)
        when = f"{date if date != day else '':<10} {clock:<8}"
        bold = index == last and refuting
        page.add(chapter.text, 4, when, at=chapter.span, dim=chapter.mark == "fact", bold=bold)
        day = date
    page.blank()
