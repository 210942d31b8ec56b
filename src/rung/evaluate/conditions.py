"""Defines the concrete reading of the conditions on people and on the world: one function per kind.

Each returns a closure for the sign under which the condition stands; see `expressions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rung.evaluate.history import Episode, Observed, Past, earned, whole
from rung.evaluate.outcome import FOREVER, HealthSeen, LeftOut, Outcome, PeopleSeen, Seen, Values
from rung.evaluate.people import Directory
from rung.evaluate.situation import Situation
from rung.inputs.facts import Approval, Dependency, Review
from rung.inputs.proposal import MachineActor
from rung.policy import model
from rung.policy.types import parse_version

Check = Callable[[Situation], Outcome]
Records = Sequence[Approval | Review]

REQUEST_VALUES: dict[str, Callable[[Situation], Any]] = {
    "strategy": lambda situation: situation.proposal.strategy and situation.proposal.strategy.kind,
    "lane": lambda situation: situation.proposal.lane,
    "action": lambda situation: situation.proposal.action,
    "target": lambda situation: situation.proposal.target,
    "service": lambda situation: situation.proposal.service,
    "now": lambda situation: situation.at,
    "release.version": lambda situation: _version(situation.proposal.release.version),
    "release.configuration": lambda situation: situation.proposal.release.configuration,
    "configuration_keys": lambda situation: _set(situation.proposal.configuration_keys),
}


def _version(text: str | None) -> tuple[object, ...] | None:
    return None if text is None else parse_version(text)


def _set(texts: Iterable[str] | None) -> frozenset[str] | None:
    return None if texts is None else frozenset(texts)


# ---------------------------------------------------------------- people


def people(node: model.People, positive: bool) -> Check:
    """Counts the persons whose latest word on the release (or change) is an approval."""

    one = len(node.groups) == 1
    outside = f"is not in {node.groups[0]}" if one else "is in none of the groups"
    unsure = f"is not known to be in {node.groups[0] if one else 'any of the groups'}"
    groups, wanted, max_age = node.groups, node.count, node.max_age
    excluding = [(name, WORDS.get(name) or f"is in {name}") for name in node.excluding]
    on_release = node.kind == "approval"

    def check(situation: Situation) -> Outcome:
        at, problem = situation.at, None
        excluded: dict[str, str] = {}  # the persons who do not count, each with the reason
        for name, reason in excluding:
            persons, problem = _persons_of(name, situation)
            if problem is not None:
                break
            for person in persons:
                excluded[person] = reason
        if on_release:
            subjects = [_on_gate(situation.gate, situation)]
        else:
            subjects, missing = _on_commits(situation)
            problem = problem or missing
        # Who may be somebody else, or be in a group of whom nobody said who is in it.
        members, uncertain = _members(groups, situation.directory)
        stranger = unsure if uncertain else outside
        counted: dict[str, int] | None = None
        left_out: list[LeftOut] = []
        for records in subjects:
            found, unknown = _latest(records, situation)
            if unknown:
                uncertain = True
                left_out += [LeftOut(record.by, "belongs to no known person") for record in unknown]
            expiries: dict[str, int] = {}
            for person, record in found.items():
                if record.verdict != "approved":
                    left_out.append(LeftOut(person, "rejected it"))
                elif person in excluded:
                    left_out.append(LeftOut(person, excluded[person]))
                elif members is not None and person not in members:
                    left_out.append(LeftOut(person, stranger))
                elif max_age is not None and at - record.time >= max_age:
                    left_out.append(LeftOut(person, "said so too long ago"))
                elif counted is None or person in counted:
                    until = FOREVER if max_age is None else record.time + max_age
                    expiries[person] = until if counted is None else min(until, counted[person])
            counted = expiries
        counted = counted or {}
        seen = PeopleSeen(tuple(sorted(counted)), tuple(left_out), problem)
        if problem is not None:
            return Outcome(node, not positive, FOREVER, seen, (), True)
        holds = len(counted) >= wanted
        if not holds and uncertain:
            return Outcome(node, not positive, FOREVER, seen, (), True)
        # The count falls short once so many have expired that fewer than `count` remain.
        expires = holds and max_age is not None
        until = sorted(counted.values())[len(counted) - wanted] if expires else FOREVER
        return Outcome(node, holds, until, seen)

    return check


def _members(groups: tuple[str, ...], directory: Directory) -> tuple[frozenset[str] | None, bool]:
    """The persons of the groups together, None for anyone; and whether some group is not known."""
    members: frozenset[str] = frozenset()
    anyone = uncertain = False
    for name in groups:
        if name == "anyone":
            anyone = True
            continue
        known = directory.group(name)
        if known is None:
            uncertain = True
        else:
            members = members | known if members else known
    return None if anyone else members, uncertain


WORDS = {"authors": "is an author", "actor": "deploys", "approvers": "approves", "reviewers": "reviews"}


def _persons_of(name: str, situation: Situation) -> tuple[Iterable[str], str | None]:
    """The persons of a role or group, or why they are not known."""
    match name:
        case "authors":
            return situation.authors
        case "actor":
            actor = situation.actor
            return ((), "who deploys is no known person") if actor is None else ((actor,), None)
        case "approvers":
            gates = {each.about.gate for each in situation.approvals}  # type: ignore[union-attr]  # targets only
            return _approving([_on_gate(gate, situation) for gate in (None, *gates)], None, situation)
        case "reviewers":
            return _approving(*_on_commits(situation), situation)
        case _:
            members = situation.directory.group(name)
            return (members, None) if members is not None else ((), f"who is in {name} is not known")


def _approving(
    subjects: list[Records], problem: str | None, situation: Situation
) -> tuple[Iterable[str], str | None]:
    """Everybody whose latest word on any of the subjects is an approval."""
    persons: set[str] = set()
    for records in subjects:
        found, unknown = _latest(records, situation)
        persons.update(person for person, record in found.items() if record.verdict == "approved")
        for record in unknown:
            if record.verdict == "approved":
                problem = problem or f"{record.by} belongs to no known person"
    return persons, problem


def _on_gate(gate: str | None, situation: Situation) -> Records:
    """An approval for one gate opens that gate alone; a rejection ends what it speaks of."""
    found: list[Approval | Review] = []
    for each in situation.approvals:
        about = each.about.gate  # type: ignore[union-attr]  # `approvals` has targets only
        if about is None or about == gate or (gate is None and each.verdict == "rejected"):
            found.append(each)
    return found


def _on_commits(situation: Situation) -> tuple[list[Records], str | None]:
    """The reviews of each commit that the release was built from."""
    origin = situation.origin
    if origin.problem is not None:
        return [], origin.problem
    return [
        [each for each in situation.reviews if each.about.commit == commit]  # type: ignore[union-attr]  # commits only
        for commit in origin.commits
    ], None


def _latest(
    records: Records, situation: Situation
) -> tuple[dict[str, Approval | Review], list[Approval | Review]]:
    """The latest word of each person, and the words of whom nobody knows.

    At equal times a rejection counts.
    """
    latest: dict[str, Approval | Review] = {}
    unknown: list[Approval | Review] = []
    at, persons = situation.at, situation.directory.persons
    for record in records:
        if record.time > at:
            continue
        person = persons.get(record.by)
        if person is None:
            unknown.append(record)
            continue
        known = latest.get(person)
        if (
            known is None
            or record.time > known.time
            or (record.time == known.time and record.verdict == "rejected")
        ):
            latest[person] = record
    return latest, unknown


def person_in(node: model.PersonIn, read: Callable[[Situation], Any], positive: bool) -> Check:
    def check(situation: Situation) -> Outcome:
        person = read(situation)
        persons, problem = _persons_of(node.people, situation)
        if person is None:
            seen = Values(None, tuple(sorted(persons)), "no known person")
            return Outcome(node, not positive, FOREVER, seen, (), True)
        found = person in persons
        if problem is not None and not found:
            return Outcome(node, not positive, FOREVER, Values(person, (), problem), (), True)
        return Outcome(node, found, FOREVER, Values(person, tuple(sorted(persons))))

    return check


# ---------------------------------------------------------------- health and history


def healthy(node: model.Healthy, positive: bool) -> Check:
    """Looks at each place named; all must hold."""
    look = _once_healthy if node.once else _healthy_now

    def check(situation: Situation) -> Outcome:
        seen = []
        until, failing = FOREVER, -1
        for place in places_of(node.place, situation):
            found, lasting = look(situation, place, node.seconds)
            seen.append(found)
            if found.problem is not None:
                failing = max(failing, lasting)
            elif lasting < until:
                until = lasting
        if failing < 0 and seen:
            return Outcome(node, True, until, tuple(seen))
        return Outcome(node, not positive, failing if seen else FOREVER, tuple(seen), (), True)

    return check


def _healthy_now(situation: Situation, place: str, seconds: int) -> tuple[HealthSeen, int]:
    before = situation.past(place)
    if before.problem is not None:
        return HealthSeen(place, None, None, before.problem), FOREVER
    running = before.running
    fared = situation.fared_as_candidate(place)
    if not fared:
        if running is None or running.release != situation.release:
            return HealthSeen(place, None, None, f"this release does not run in {place}"), FOREVER
        fared = situation.fared(place)
    latest = fared[-1]
    if not latest.healthy:
        return HealthSeen(place, None, None, f"not seen healthy in {place} since its deployment"), FOREVER
    start, end = latest.healthy[-1]
    if latest.bad and latest.bad[-1] >= start:
        return HealthSeen(place, start, end, f"unhealthy in {place} since then"), FOREVER
    age = situation.policy.health_age
    if situation.at - end >= age:
        return HealthSeen(place, start, end, f"not seen healthy in {place} lately"), FOREVER
    if end - start < seconds:
        return HealthSeen(place, start, end, "not long enough"), _grown(fared[-1:], seconds, situation)
    return HealthSeen(place, start, end, None), end + age


def _once_healthy(situation: Situation, place: str, seconds: int) -> tuple[HealthSeen, int]:
    """Earned health; time alone never takes it away."""
    before = situation.past(place)
    fared = situation.fared(place)
    if not fared:
        problem = before.problem or f"never deployed into {place}"
        return HealthSeen(place, None, None, problem), FOREVER
    found = earned(fared, seconds)
    if found is not None:
        return HealthSeen(place, found.start, found.end, None), FOREVER
    bad = max((each for observation in fared for each in observation.bad), default=None)
    if bad is not None:
        return HealthSeen(place, bad, None, f"marked bad in {place}"), _grown(fared, seconds, situation)
    longest = max((each for observation in fared for each in observation.healthy), default=None)
    if longest is None:
        return HealthSeen(place, None, None, f"not seen healthy in {place} since its deployment"), FOREVER
    until = _grown(fared, seconds, situation)
    return HealthSeen(place, longest.start, longest.end, "not long enough"), until


def _grown(fared: list[Observed], seconds: int, situation: Situation) -> int:
    """When what is observed until now can first have lasted for so long."""
    now = (each for observation in fared for each in observation.healthy if each.end == situation.at)
    return min((each.start + seconds for each in now), default=FOREVER)


def once_healthy(situation: Situation, place: str) -> HealthSeen:
    """Whether the release has earned health in a place; `problem` says why not."""
    return _once_healthy(situation, place, 0)[0]


def deployed(situation: Situation, place: str) -> HealthSeen:
    """Whether the release was deployed into a place; `problem` says why not."""
    episodes = [each for each in situation.past(place).episodes if each.release == situation.release]
    if episodes:
        return HealthSeen(place, episodes[-1].since, episodes[-1].until, None)
    return HealthSeen(place, None, None, situation.past(place).problem or f"never deployed into {place}")


def candidates(situation: Situation, environment: str, within: int) -> list[Episode]:
    """The latest episode of each earlier release that a rollback may go back to, latest first."""
    episodes = situation.past(environment).episodes
    if not episodes:
        return []
    latest = {each.release: each for each in episodes}
    running = episodes[-1].release
    others = sorted(
        (each for release, each in latest.items() if release != running), key=lambda each: -each.since
    )
    return [each for each in others[:within] if earned(situation.fared_of(environment, each.release), 0)]


def rollback_plan(node: model.RollbackPlan, positive: bool) -> Check:
    fulfilled = Outcome(node, True, FOREVER, Seen("back to what runs there now"))

    def check(situation: Situation) -> Outcome:
        plan = situation.proposal.rollback
        if plan is None:
            return Outcome(node, not positive, FOREVER, Seen("the proposal has no rollback plan"), (), True)
        target = situation.proposal.target
        before = situation.past(target)
        running, problem = before.running, before.problem
        if running is None or problem is not None:
            text = problem or f"nothing runs in {target} to go back to"
            return Outcome(node, not positive, FOREVER, Seen(text), (), True)
        if running.release[0] != plan.to:
            text = f"the plan goes back to something that does not run in {target}"
            return Outcome(node, False, FOREVER, Seen(text))
        if node.automatic and not plan.automatic:
            return Outcome(node, False, FOREVER, Seen("the rollback is not automatic"))
        return fulfilled

    return check


# ---------------------------------------------------------------- the release


def provenance(node: model.Provenance, positive: bool) -> Check:
    trusted = frozenset(node.builders)
    fulfilled = Outcome(node, True, FOREVER, Seen("built by " + " and ".join(node.builders)))

    def check(situation: Situation) -> Outcome:
        for digest, builds in situation.origin.builds.items():
            if not builds:
                return Outcome(
                    node, not positive, FOREVER, Seen(f"no build of {digest[:19]} is known"), (), True
                )
            for build in builds:
                if build.builder not in trusted:
                    foreign = min(each.builder for each in builds if each.builder not in trusted)
                    return Outcome(node, False, FOREVER, Seen(f"{digest[:19]} was built by {foreign}"))
        return fulfilled

    return check


def configuration_has(node: model.ConfigurationHas, positive: bool) -> Check:
    wanted = frozenset(node.keys)
    fulfilled = Outcome(node, True, FOREVER, Seen("all there"))

    def check(situation: Situation) -> Outcome:
        keys = situation.proposal.configuration_keys
        if keys is None:
            text = "the proposal does not state its configuration keys"
            return Outcome(node, not positive, FOREVER, Seen(text), (), True)
        missing = wanted.difference(keys)
        if missing:
            return Outcome(node, False, FOREVER, Seen("missing: " + ", ".join(sorted(missing))))
        return fulfilled

    return check


def migrations_compatible(node: model.MigrationsCompatible, positive: bool) -> Check:
    """Judged from where the target stands; where that was not read, the proposal is taken at its word."""

    def check(situation: Situation) -> Outcome:
        brought, target = situation.proposal.migrations, situation.proposal.target
        state = situation.state(target)
        if brought is not None and state is not None and state.migrated_to not in (None, brought.from_):
            seen = Seen(f"{target} has run those up to {state.migrated_to}, not {brought.from_}")
            return Outcome(node, False, situation.stale(state), seen)
        holds, reason = situation.judge(situation.proposal)
        if holds is None:
            return Outcome(node, not positive, FOREVER, Seen(reason), (), True)
        return Outcome(node, holds, FOREVER, Seen(reason))

    return check


def no_migrations(node: model.NoMigrations) -> Check:
    def check(situation: Situation) -> Outcome:
        brought = situation.proposal.migrations
        if brought is None:
            return Outcome(node, True, FOREVER, Seen("it brings none"))
        return Outcome(
            node, False, FOREVER, Seen(f"it brings those after {brought.from_} up to {brought.to}")
        )

    return check


def contains_open_hotfixes(node: model.ContainsOpenHotfixes, positive: bool) -> Check:
    """By git's ancestry and recorded cherry-picks, as the facts have them."""

    def check(situation: Situation) -> Outcome:
        before = situation.past(situation.proposal.target)
        origin = situation.origin
        problem = before.problem or origin.problem
        missing = [] if problem else open_hotfixes(situation, before)
        if None in missing:
            problem = "the commit of a hotfix is not known"
        if problem is not None:
            return Outcome(node, not positive, FOREVER, Seen(problem), (), True)
        lacking = sorted(
            {
                str(fix)[:12]
                for fix in missing
                for head in origin.commits
                if not _contains(situation, head, fix)
            }
        )
        if lacking:
            return Outcome(node, False, FOREVER, Seen("it lacks " + ", ".join(lacking)))
        return Outcome(node, True, FOREVER, Seen("it has them all" if missing else "none is open"))

    return check


def open_hotfixes(situation: Situation, before: Past) -> list[str | None]:
    """The commits of hotfixes that no ordinary release has brought back yet, None for one not known."""
    found: list[str | None] = []
    entries = (*before.older, *before.entries)
    for index, event in enumerate(entries):
        if event.lane != "hotfix" or event.action != "deploy" or before.undone(event):
            continue
        brought_back = (
            each.commit is not None and _contains(situation, each.commit, event.commit)
            for each in entries[index + 1 :]
            if each.lane == "promote" and whole(each) and not before.undone(each)
        )
        if not any(brought_back):
            found.append(event.commit)
    return found


def _contains(situation: Situation, head: str, commit: str | None) -> bool:
    return head == commit or any(
        commit in change.contains for change in situation.facts.changes if change.head == head
    )


# ---------------------------------------------------------------- the state of the target


def new_flags_off(node: model.NewFlagsOff, positive: bool) -> Check:
    def check(situation: Situation) -> Outcome:
        target = situation.proposal.target
        state = situation.state(target)
        if state is None:
            return Outcome(
                node, not positive, FOREVER, Seen(f"the flags of {target} were not read lately"), (), True
            )
        flags = situation.proposal.flags
        on = sorted(name for name, value in flags.items() if value == "on" and name not in state.flags)
        if on:
            return Outcome(node, False, situation.stale(state), Seen("new and on: " + ", ".join(on)))
        return Outcome(node, True, situation.stale(state), Seen("no new flag is on"))

    return check


def no_drift(node: model.NoDrift, positive: bool) -> Check:
    """In none of several places; what differs anywhere is certain, whatever was not read elsewhere."""

    def check(situation: Situation) -> Outcome:
        until, untold = FOREVER, None
        for place in places_of(node.place, situation):
            state, before = situation.state(place), situation.past(place)
            if before.problem is not None:
                untold = untold or Seen(before.problem)
            elif state is None or state.drift is None or state.read < before.last:
                untold = untold or Seen(f"whether {place} has drifted was not read lately")
            elif state.drift:
                seen = Seen(f"{place} differs from what was deployed")
                return Outcome(node, False, situation.stale(state), seen)
            else:
                until = min(until, situation.stale(state))
        if untold is not None:
            return Outcome(node, not positive, FOREVER, untold, (), True)
        return Outcome(node, True, until, Seen("as deployed"))

    return check


def lock_held(node: model.LockHeld, positive: bool) -> Check:
    def check(situation: Situation) -> Outcome:
        target = situation.proposal.target
        state = situation.state(target)
        if state is None:
            return Outcome(
                node, not positive, FOREVER, Seen(f"the locks of {target} were not read lately"), (), True
            )
        actor = situation.proposal.actor
        account = actor.machine if isinstance(actor, MachineActor) else actor.person
        for lock in state.locks:
            holder = situation.directory.person(lock.holder)
            if lock.holder == account or (holder is not None and holder == situation.actor):
                seen = Seen(f"{lock.holder} holds {lock.name}")
                return Outcome(node, True, situation.stale(state), seen)
        held = "; ".join(f"{lock.holder} holds {lock.name}" for lock in state.locks)
        return Outcome(node, False, situation.stale(state), Seen(held or "nobody holds a lock"))

    return check


def dependencies_met(node: model.DependenciesMet, positive: bool) -> Check:
    def check(situation: Situation) -> Outcome:
        target = situation.proposal.target
        state = situation.state(target)
        manifests = [each for each in situation.facts.manifests if each.digests == situation.release[0]]
        if state is None or not manifests:
            lately = f"the components of {target} were not read lately"
            text = lately if manifests else "what the release depends on is not known"
            return Outcome(node, not positive, FOREVER, Seen(text), (), True)
        for needed in (each for manifest in manifests for each in manifest.requires):
            lack = _lack(needed, state.components.get(needed.component))
            if lack is not None:
                return Outcome(node, False, situation.stale(state), Seen(lack))
        return Outcome(node, True, situation.stale(state), Seen("all there"))

    return check


def _lack(needed: Dependency, found: str | None) -> str | None:
    """What keeps a component from being met, or None."""
    if found is None:
        return f"{needed.component} does not run there"
    version = parse_version(found)
    assert version is not None, "facts hold versions only where they are well-formed"
    low, high = _version(needed.at_least), _version(needed.below)
    if low is not None and version < low:
        return f"{needed.component} {found} is older than {needed.at_least}"
    if high is not None and version >= high:
        return f"{needed.component} {found} is not below {needed.below}"
    return None


def places_of(place: str, situation: Situation) -> tuple[str, ...]:
    """The environments that a place means: `source`, `target`, or one by its name."""
    if place == "source":
        return situation.sources
    return (situation.proposal.target,) if place == "target" else (place,)
