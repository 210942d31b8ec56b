"""Defines how a comparison of two policies is told: each difference by one request, decided by both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rung.diagnostics import Source
from rung.evaluate.decide import Decision, Evaluator
from rung.explain import words
from rung.explain.claims import judge_of
from rung.explain.explanation import Explanation, Line
from rung.explain.failing import failing
from rung.explain.instead import Instead, instead
from rung.explain.proofs import Chapter, chapters
from rung.explain.replay import NotReplayedError, replay
from rung.explain.why import explain
from rung.frozen import frozen
from rung.inputs.facts import AboutTarget, Facts
from rung.policy import model, parameters
from rung.policy.assumptions import assumed_of_both
from rung.prove.comparison import Compared, Difference, Newly, Owing, Relation, newly_allowed, relation
from rung.prove.doors import Door, Way, door_of
from rung.prove.joint import identities
from rung.prove.owing import owed
from rung.prove.renaming import Names, renamed, with_names
from rung.prove.verdict import Story

Sources = Mapping[str, Source]


@frozen
class Fails:
    """A rule by which one policy denies what the other allows; `within` is the gate that asks for it."""

    line: Line
    within: str
    instead: Instead


@frozen
class Shown:
    """A difference in words: a request that one policy allows by `way`, and why the other denies it.

    Without a request, `reason` says why there is none. What is `used` is a way of files that use the
    policies.
    """

    newly: Newly
    way: Way
    story: tuple[Chapter, ...] = ()
    decision: Decision | None = None
    denial: str = ""
    fails: tuple[Fails, ...] = ()
    reason: str = ""
    used: bool = False


@frozen
class Owes:
    """What entries by `way` owe under one policy alone; `pairs` are the old one's with the new one's."""

    way: Way
    pairs: tuple[tuple[model.Obligation | None, model.Obligation | None], ...]
    story: tuple[Chapter, ...] = ()
    decision: Decision | None = None


@frozen
class Comparison:
    """Two policies compared, in words. `broken` says what of it went otherwise than it was told.

    What is `opened`, or `closed`, is so to the files that use them: a kind and a name.
    """

    old: model.Policy
    new: model.Policy
    relation: Relation
    looser: bool
    allowed: tuple[Shown, ...]
    denied: tuple[Shown, ...]
    owing: tuple[Owes, ...]
    opened: tuple[tuple[str, str], ...]
    closed: tuple[tuple[str, str], ...]
    unknown: tuple[tuple[Door, str], ...]
    same: int
    doors: int
    notes: tuple[str, ...]
    assumptions: tuple[str, ...]
    broken: tuple[str, ...]


def comparison(
    old: model.Policy, new: model.Policy, found: Sequence[Compared], sources: Sources
) -> Comparison:
    """Replay every story under both policies, and put all into words."""
    opened = _opened(old, new), _opened(new, old)
    tellers = [_Teller(each, *(each.used or (old, new)), sources) for each in found]
    told = [[teller.difference(each) for each in teller.found.differences] for teller in tellers]
    seen = [_as_seen(each, several) for each, several in zip(found, told, strict=True)]
    shown = _different(each for several in told for each in several)
    broken = tuple(text for teller in tellers for text in teller.broken)
    return Comparison(
        old=old,
        new=new,
        relation="unknown" if broken else relation(seen, bool(opened[0]), bool(opened[1])),
        looser=bool(opened[0]) or newly_allowed(seen),
        allowed=tuple(each for each in shown if each.newly == "allowed"),
        denied=tuple(each for each in shown if each.newly == "denied"),
        owing=tuple(teller.owes(teller.found.owing) for teller in tellers if teller.found.owing is not None),
        opened=opened[0],
        closed=opened[1],
        unknown=tuple((each.door, reason) for each in found for reason in each.unknown),
        same=sum(each.same for each in found),
        doors=len(found),
        notes=tuple(notes(old, new, sources)),
        assumptions=assumed_of_both(old, new),
        broken=broken,
    )


def _opened(old: model.Policy, new: model.Policy) -> tuple[tuple[str, str], ...]:
    """What files that use the new policy may change, and those that use the old one may not."""
    return tuple(sorted((new.opens - old.opens) | parameters.opened(old, new)))


def _different(several: Iterable[Shown]) -> list[Shown]:
    """Differences that are not by the same rules of the same way, or not shown for the same reason."""
    found: dict[object, Shown] = {}
    for each in several:
        rules = tuple((fails.within, fails.line.span, fails.line.text) for fails in each.fails)
        found.setdefault((each.newly, each.way, each.way.span, each.used, rules, each.reason), each)
    return list(found.values())


def _as_seen(found: Compared, told: Sequence[Shown]) -> Compared:
    """What was found of a door, without the histories that do not show it."""
    pairs = zip(found.differences, told, strict=True)
    differences = (each if shown.decision is not None else replace(each, story=None) for each, shown in pairs)
    return replace(found, differences=tuple(differences))


class _Teller:
    """Tells what two policies do otherwise at a door; `broken` gathers what did not go as it was told."""

    def __init__(self, found: Compared, old: model.Policy, new: model.Policy, sources: Sources) -> None:
        self.found = found
        self.sources = sources
        self.names = renamed(old, new)
        self.old, self.new = old, new
        self.alike = with_names(new, self.names)
        self.broken: list[str] = []

    def difference(self, found: Difference) -> Shown:
        return replace(self._difference(found), used=self.found.used is not None)

    def _difference(self, found: Difference) -> Shown:
        if found.story is None:
            return Shown(found.newly, found.way, reason=found.reason)
        looser = found.newly == "allowed"
        told = self._told(found.story, self.alike if looser else self.old)
        if told is None:
            return Shown(found.newly, found.way, reason="its history does not go as it was told")
        story, allowed, denied = told if looser else (told[0], told[2], told[1])
        if allowed.allowed and not denied.allowed:
            denying = self.old if looser else self.new
            explained = explain(denied, denying, self.sources, hypothetical=False)
            fails = tuple(self._fails(explained, found.newly, found.way))
            return Shown(found.newly, found.way, story, allowed, explained.reason, fails)
        reason = self._unlike()
        if found.story.certain:
            self.broken.append(f"{words.route_head(found.way)}: both policies decide it alike")
        return Shown(found.newly, found.way, reason=reason)

    def _unlike(self) -> str:
        """Why a history does not show what it was to show: what it rests on is read otherwise."""
        changed = identities(self.old) ^ identities(self.new)
        if changed:
            accounts = words.listed(f"`{each}`" for each in sorted(set().union(*changed)))
            return f"who is who has changed ({accounts})"
        if self.old.health_age != self.new.health_age:
            ages = [words.duration(each.health_age) for each in (self.old, self.new)]
            return f"health is stale after {ages[1]}, and was after {ages[0]}"
        return "the history that was found does not show it"

    def owes(self, found: Owing) -> Owes:
        told = None if found.story is None else self._told(found.story, self.alike)
        if told is None:
            return Owes(found.way, self._paired(found))
        return Owes(found.way, self._paired(found), told[0], told[1])

    def _paired(self, found: Owing) -> tuple[tuple[model.Obligation | None, model.Obligation | None], ...]:
        """Each obligation that is not demanded by both, with the other policy's of that name."""
        door = door_of(found.way)
        old, new = ({each.name: each for each in owed(policy, door)} for policy in (self.old, self.new))
        names = dict.fromkeys(each.name for each in (*found.lost, *found.gained))
        return tuple((old.get(name), new.get(name)) for name in names)

    def _told(
        self, story: Story, policy: model.Policy
    ) -> tuple[tuple[Chapter, ...], Decision, Decision] | None:
        """A story, and its last decision under the new and the old policy; None where it goes otherwise."""
        try:
            steps = replay(story, policy)
        except NotReplayedError as error:
            self.broken.append(str(error))
            return None
        last = next(each for each in reversed(steps) if each.decision is not None)
        assert last.decision is not None, "it was looked for"
        assert last.facts is not None, "a decision has its facts"
        facts = _by_either_name(last.facts, self.names)
        proposal, at = last.decision.proposal, last.decision.at
        new, old = (
            Evaluator(each).decide(proposal, facts, at, judge_of(each)) for each in (self.new, self.old)
        )
        return tuple(chapters(story, steps)), new, old

    def _fails(self, denied: Explanation, newly: Newly, way: Way) -> Iterator[Fails]:
        """The rules by which something is denied, each with what the other policy has instead."""
        mine, other = (self.old, self.alike) if newly == "allowed" else (self.alike, self.old)
        for each in failing(denied):
            name = None if each.gate is None else each.gate.text.split(" ")[0]
            gate = name if name is None or newly == "allowed" else self.names.get(name, name)
            found = instead(each, gate, mine, other, way, self.sources)
            yield Fails(each.line, "" if each.gate is None else each.gate.text, found)


def _by_either_name(facts: Facts, names: Names) -> Facts:
    """The facts in which an approval for a gate that was renamed is one by its other name as well."""
    both = {**names, **{old: new for new, old in names.items()}}
    again = [
        each.replace(about=each.about.replace(gate=both[each.about.gate]))
        for each in facts.approvals
        if isinstance(each.about, AboutTarget) and each.about.gate in both
    ]
    return facts.replace(approvals=(*facts.approvals, *again)) if again else facts


def notes(old: model.Policy, new: model.Policy, sources: Sources) -> Iterator[str]:
    """What has changed besides what is decided: the order of environments, and what is to be proved."""
    for name, place in new.environments.items():
        before = old.environments.get(name)
        if before is not None and before.after != place.after:
            yield f"`{name}` comes after {_after(place)}, and came after {_after(before)}"
    for one, other, said in ((old, new, "no longer demanded"), (new, old, "newly demanded")):
        for node in one.properties:
            if node not in other.properties:
                yield f"{said}: `{words.written(node.span, sources)}`"


def _after(place: model.Environment) -> str:
    if place.after is None:
        return "nothing"
    names = words.listed(place.after.names)
    whole = place.after.count == len(place.after.names)
    return names if whole else f"at least {place.after.count} of {names}"
