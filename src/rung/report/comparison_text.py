"""Defines how the comparison of two policies looks in a terminal or a log."""

from __future__ import annotations

from collections.abc import Sequence

from rung.diagnostics import Source
from rung.explain import words
from rung.explain.comparison import Comparison, Fails, Owes, Shown
from rung.policy import model
from rung.prove.doors import Door
from rung.report import Look
from rung.report.text import Page

VERDICTS = {
    "same": ("the new policy decides everything as the old one does", "green"),
    "tighter": (
        "the new policy allows nothing that the old one denies, and denies some of what it allows",
        "green",
    ),
    "looser": ("the new policy allows what the old one denies", "red"),
    "incomparable": ("the new policy allows what the old one denies, and denies what it allows", "red"),
    "unknown": ("not everything could be compared", "yellow"),
}


def comparison(found: Comparison, sources: dict[str, Source], look: Look) -> str:
    """The verdict, then what is newly allowed, newly denied and owed otherwise; and that this is all."""
    page = Page(sources, look)
    said, color = VERDICTS[found.relation]
    if found.relation == "unknown" and not found.allowed and not found.unknown and not found.broken:
        said = (
            "the new policy allows nothing that the old one denies; whether it denies more could not be shown"
        )
    page.lines.append(page.style(found.relation.upper(), color, bold=True) + f"  {said}")
    page.add(f"old: {found.old.span.file}", dim=True)
    page.add(f"new: {found.new.span.file}", dim=True)
    for title, several, mark, color in (
        ("Newly allowed", found.allowed, "+", "red"),
        ("Newly denied", found.denied, "-", "yellow"),
    ):
        page.blank()
        page.add(f"{title}:" if several else f"{title}: nothing", bold=True)
        for alike in _alike(several):
            _shown(page, alike, mark, color)
    if found.opened or found.closed:
        page.blank()
        page.add("What files that use it may change:", bold=True)
        for kind, name in found.opened:
            page.add(f"{kind} {name}".strip(), 0, "+", "red")
        for kind, name in found.closed:
            page.add(f"{kind} {name}".strip(), 0, "-", "yellow")
    page.blank()
    page.add("Owed otherwise:" if found.owing else "Owed otherwise: nothing", bold=True)
    for owes in found.owing:
        _owes(page, owes)
    if found.unknown:
        page.blank()
        page.add("Not known:", bold=True)
        for door, reason in found.unknown:
            page.add(f"{door_head(door)}: {reason}", 0, "?", "yellow")
    if found.notes:
        page.blank()
        page.add("Not about decisions:", bold=True)
        for note in found.notes:
            page.add(note, 0, "•")
    if page.look.verbose:
        page.blank()
        page.add("Assumed:", bold=True)
        for text in found.assumptions:
            page.add(text, 0, "•")
    for text in found.broken:
        page.add(f"internal error: {text}", color="red")
    page.blank()
    page.add(_rest(found), bold=True)
    return page.text()


def _alike(several: Sequence[Shown]) -> list[list[Shown]]:
    """Differences by the same rules together, such as those of a gate that several routes ask for."""
    groups: dict[object, list[Shown]] = {}
    for each in several:
        rules = tuple((fails.within, fails.line.span, fails.line.text) for fails in each.fails)
        group = groups.setdefault(rules or each.reason or each.way, [])
        if each.way not in [one.way for one in group]:
            group.append(each)
    return list(groups.values())


def _rest(found: Comparison) -> str:
    if found.relation == "unknown":
        return f"{found.same} of {found.doors} ways in are as they were."
    if found.same == found.doors:
        what = "Nothing" if found.relation == "same" else "No decision"
        return f"{what} has changed: {found.doors} ways in are as they were."
    return f"Nothing else has changed: {found.same} of {found.doors} ways in are as they were."


def door_head(door: Door) -> str:
    return f"{door.lane or door.action} {'into' if door.action == 'deploy' else 'in'} {door.target}"


def _shown(page: Page, alike: Sequence[Shown], mark: str, color: str) -> None:
    each, *others = alike
    if each.decision is None:
        page.add(f"it seems so, but {each.reason}:", 0, "?", "yellow")
        for one in alike:
            page.add(_head(one), 2, mark, color, one.way.span)
        return
    page.add(_head(each), 0, mark, color, each.way.span, bold=True)
    chapters = each.story if page.look.verbose else each.story[-1:]
    for chapter in chapters:
        last = chapter is each.story[-1]
        page.add(f"{words.clock(chapter.at)}  {chapter.text}", 2, dim=not last)
    past, now = (
        ("the old policy denies it", "now")
        if each.newly == "allowed"
        else ("the new policy denies it", "before")
    )
    page.add(f"{past}: {each.denial}", 2)
    within = ""
    for fails in each.fails:
        if fails.within and fails.within != within:
            page.add(fails.within, 4, dim=True)
        within = fails.within
        _fails(page, fails, now)
    if others:
        page.add("likewise:", 2)
    for one in others:
        page.add(_head(one), 4, at=one.way.span)


def _head(each: Shown) -> str:
    head = words.route_head(each.way)
    return f"{head}, in a file that uses it" if each.used else head


def _fails(page: Page, fails: Fails, now: str) -> None:
    line = fails.line
    page.add(line.text, 4, "✗", "red", line.span)
    for seen in line.seen:
        page.add(seen, 6)
    for part in line.parts:
        if part.mark != "holds":
            page.add(f"{part.text}: {words.listed(part.seen)}" if part.seen else part.text, 6)
    text, span = fails.instead
    if text is None:
        page.add(f"{now}: not asked for", 6, dim=True)
    elif text:
        page.add(f"{now}: {text}", 6, at=span, dim=True)


def _owes(page: Page, owes: Owes) -> None:
    page.add(words.route_head(owes.way), 0, "~", "yellow", owes.way.span, bold=True)
    for old, new in owes.pairs:
        if old is not None and new is None:
            page.add(f"no longer owes {_obligation(old, page)}", 2, at=old.span)
        elif new is not None and old is None:
            page.add(f"newly owes {_obligation(new, page)}", 2, at=new.span)
        elif new is not None and old is not None:
            page.add(f"owed {_obligation(old, page)}", 2, at=old.span)
            page.add(f"now owes {_obligation(new, page)}", 2, at=new.span)


def _obligation(each: model.Obligation, page: Page) -> str:
    rules = words.listed(words.written(rule.span, page.sources) for rule in each.requirements)
    return f"{each.name} within {words.duration(each.seconds)}: {rules}"
