"""Compares two policies, door by door: what one allows and the other denies, and what entries owe.

States are well-formed, and not those that one of the policies leads to: a history may be older than both.
The facts know whoever some policy names. That two policies say the same in other words is the matter of
`renaming`, for the names of gates, and of `relations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rung.policy import model
from rung.prove.abreast import Abreast, refusals
from rung.prove.claims import head, routes_into
from rung.prove.comparison import Compared, Difference, Newly, Owing, explained
from rung.prove.decide import Encoder
from rung.prove.doors import Door, Policies, Way, doors, ways
from rung.prove.envelope import plain_users
from rung.prove.errors import NotEncodedError
from rung.prove.joint import apart, bearing, strategy_in
from rung.prove.obligation import Answers, Docket, obligation
from rung.prove.owing import uncovered
from rung.prove.renaming import renamed, with_names
from rung.prove.solve import Answer, Clock, TimeIsUpError
from rung.prove.terms import Term, all_of, any_of, no
from rung.prove.workers import Lost, side_by_side

MOST_APART = 5  # rules of one policy, each at fault alone; with more of them a way is another one


def compare_all(old: model.Policy, new: model.Policy, seconds: float, jobs: int) -> list[Compared]:
    """What is known of every door of two policies, each of which may take so many seconds.

    Policies that bind routes of others are compared as well by routes of files that use them.
    """
    comparer = Comparer(old, new)
    pieces: list[tuple[Comparer, Door, Policies | None]] = [
        (comparer, door, None) for door in doors(comparer.old, comparer.new)
    ]
    for used, door in plain_users(comparer.old, comparer.new):
        user = Comparer(*used)
        if not user.same(door):
            pieces.append((user, door, used))
    # What is the same without asking a solver needs no process.
    found = [Compared(door, used=used) for _, door, used in pieces]
    asked = [index for index, (each, door, _) in enumerate(pieces) if not each.same(door)]

    def work(number: int) -> Compared:
        each, door, used = pieces[asked[number]]
        return replace(each.compare(door, seconds), used=used)

    answers = side_by_side(lambda: work, len(asked), seconds, jobs)
    for index, answer in zip(asked, answers, strict=True):
        known = replace(found[index], unknown=(answer.why,)) if isinstance(answer, Lost) else answer
        found[index] = known
    return explained(found)


class Comparer:
    """Two policies whose gates have one name, the old one's, where they say the same."""

    def __init__(self, old: model.Policy, new: model.Policy) -> None:
        self.names = renamed(old, new)
        self.old = old
        self.new = with_names(new, self.names)
        self.answers: Answers = {}

    def same(self, door: Door) -> bool:
        """Whether all that bears on a door is the same, so that nobody need be asked."""
        return bearing(self.old, door) == bearing(self.new, door)

    def compare(self, door: Door, seconds: float) -> Compared:
        """What is known of one door, which may take this long."""
        docket = Docket(Clock(seconds), self.answers)
        differences: list[Difference] = []
        owing: Owing | None = None
        unknown: list[str] = []
        try:
            for newly, policies in self._both_ways():
                for each in differing(Abreast(policies, door, docket), newly):
                    differences.append(each)  # those found before time is up are kept
            owing = self._owing(door, docket)
        except (NotEncodedError, TimeIsUpError) as error:
            unknown.append(str(error))
        return Compared(door, tuple(differences), owing, tuple(unknown))

    def _both_ways(self) -> Iterator[tuple[Newly, Policies]]:
        yield "allowed", Policies(self.new, self.old)
        yield "denied", Policies(self.old, self.new)

    def _owing(self, door: Door, docket: Docket) -> Owing | None:
        """What entries by a door owe under one policy alone, where both have the door."""
        mine = ways(self.new, door)
        if not mine or not ways(self.old, door):
            return None
        lost = tuple(uncovered(Policies(self.old, self.new), door, docket))
        gained = tuple(uncovered(Policies(self.new, self.old), door, docket))
        if not lost and not gained:
            return None
        side = Abreast(Policies(self.new, self.old), door, docket)
        reason = ""
        for way in mine:
            story, reason = side.story(way, side.opens)
            if story is not None:
                return Owing(way, lost, gained, story)
        return Owing(mine[0], lost, gained, None, reason)


def differing(side: Abreast, newly: Newly) -> Iterator[Difference]:
    """What the first policy allows at a door and the second denies."""
    for way in ways(side.policies.first, side.door):
        yield from differing_by(side, way, newly)


def differing_by(side: Abreast, way: Way, newly: Newly) -> Iterator[Difference]:
    """What the first policy allows by a way and the second denies: a difference for each rule at fault alone.

    Where rules only deny together, there is one for them all. So if there is none, the second allows all that
    the first allows.
    """
    yield from _Search(side, way, newly).differences()


class _Search:
    """One way in under the first policy, and the reasons for which the second may deny what it allows."""

    def __init__(self, side: Abreast, way: Way, newly: Newly) -> None:
        self.side = side
        self.way = way
        self.newly = newly
        self.shows = f"what one policy lets in by {head(way)} is never denied by the other"
        first, second = side.encoders()
        self.world = first.world
        allowed = first.allowed(way)
        self.reasons = refusals(second, side.door)
        self.entry = (*first.world.axioms, *side.known(first.world), allowed)
        self.certain = not apart(first)

    def differences(self) -> Iterator[Difference]:
        if not self._possible(any_of(self.reasons)):
            if self._with_several_records():
                reason = (
                    "it may be that the records of several artifacts or builds make a difference together"
                )
                yield Difference(self.newly, self.way, None, reason)
            return
        at_fault = [index for index, each in enumerate(self.reasons) if self._possible(each)]
        alone = [each for each in at_fault if self._possible(self._alone(self.reasons, [each], at_fault))]
        if len(alone) > MOST_APART:
            yield self._told(at_fault, [])
            return
        for index in alone:
            yield self._told([index], at_fault)
        rest = [each for each in at_fault if each not in alone]
        if rest and self._possible(self._alone(self.reasons, rest, alone)):
            yield self._told(rest, alone)

    def _possible(self, term: Term) -> bool:
        """Whether the first policy can allow something of which a term holds; it can where nobody knows."""
        return self.side.docket.meet(obligation(self.shows, *self.entry, term)) is not Answer.IMPOSSIBLE

    def _alone(self, reasons: list[Term], some: list[int], others: list[int]) -> Term:
        """That some of these reasons hold, and none of the others."""
        rest = [no(reasons[each]) for each in others if each not in some]
        return all_of(any_of([reasons[each] for each in some]), *rest)

    def _told(self, some: list[int], others: list[int]) -> Difference:
        def last(second: Encoder) -> Term:
            return self._alone(refusals(second, self.side.door), some, others)

        story, reason = self.side.story(self.way, last)
        if story is None and others:
            # Rules that go together in every history need not do so in every state.
            story, reason = self.side.story(
                self.way, lambda second: self._alone(refusals(second, self.side.door), some, [])
            )
        overdue = [self._is_overdue(each) for each in some]
        for lane in self._lanes(any(overdue)) if story is None else ():
            story, reason = self.side.story(self.way, last, lane)
            if story is not None:
                break
        if story is not None:
            story = replace(story, certain=self.certain)
        return Difference(self.newly, self.way, story, reason, all(overdue))

    def _is_overdue(self, reason: int) -> bool:
        """Whether the second policy denies because something is overdue."""
        overdue = {each.get_id() for key, each in self.world.unknowns.items() if "overdue" in key[:2]}
        return self.reasons[reason].get_id() in overdue

    def _lanes(self, overdue: bool) -> list[model.Lane]:
        """The lanes by which what runs may have come, where it matters under the second policy that it did.

        It owes something, which may be overdue, or the old side of a pair is kept for a while after it.
        """
        policy, target = self.side.policies.second, self.side.door.target
        keeps = strategy_in(policy, target, "blue_green") is not None
        routes = (each for each in routes_into(policy, (target,)) if keeps or (overdue and each.obligations))
        return list(dict.fromkeys(each.lane for each in routes))

    def _with_several_records(self) -> bool:
        """Whether a difference appears once each gate of the second policy has a record of its own."""
        copies = self.side.copies()
        if max(copies.values(), default=1) < 2:
            return False
        first, second = self.side.encoders(copies)
        allowed, reasons = first.allowed(self.way), refusals(second, self.side.door)
        known = (*first.world.axioms, *self.side.known(first.world))
        step = obligation(self.shows, *known, allowed, any_of(reasons))
        return self.side.docket.meet(step) is not Answer.IMPOSSIBLE
