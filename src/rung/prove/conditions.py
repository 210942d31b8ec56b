"""Defines the symbolic reading of the conditions on people and on the world: one function per kind.

Mirrors `evaluate.conditions`. Health is known by how long it lasted, -1 for never.
"""

from __future__ import annotations

from collections.abc import Callable

from rung.policy import model
from rung.prove import clock
from rung.prove.errors import NotEncodedError
from rung.prove.scene import Scene
from rung.prove.terms import FALSE, TRUE, Term, all_of, any_of, at_least, below, from_, implies, no, same

YES, NO = TRUE, FALSE
LONGEST = 2**40  # seconds; no health lasts longer


# ---------------------------------------------------------------- people


def role(name: str, scene: Scene) -> Term:
    """The number of the person in a role; only the actor is one in decisions, others are in properties."""
    key = ("actor",) if name == "actor" else ("role", name)
    return scene.world.integer(key, 0, len(scene.persons.numbers) - 1)


def person_known(node: model.Operand, scene: Scene) -> Term:
    """Whether a person is somebody known."""
    match node:
        case model.Role("actor"):
            return scene.world.boolean(("actor known",))
        case model.Role(name):
            return scene.world.boolean(("role filled", name))
        case model.Constant(value=account) | model.ParameterValue(value=account):
            return from_(person_of(str(account), scene), 0)
        case _:
            raise NotEncodedError("a person named by evidence")


def person_of(account: str, scene: Scene) -> Term:
    """The number of the person behind an account that the policy names, -1 for nobody certain.

    The facts may make one person of several who are only listed in groups; declared persons they
    can cast doubt upon, by whatever account, but never make one.
    """
    persons, own = scene.persons, scene.persons.number(account)
    declared = account in persons.declared
    known_as = persons.named[account] if declared else account
    person = scene.world.integer(("person of", known_as), -1, len(persons.numbers) - 1)
    if own is not None and declared:
        scene.world.assume(any_of(person == own, person == -1))
    return person


def _people_of(name: str, scene: Scene) -> tuple[Callable[[int], Term], Term]:
    """Whether a person of a number is in a group or role, and whether that is known."""
    world = scene.world
    group = scene.world.policy.groups.get(name)
    if name == "anyone":
        return lambda number: YES, YES
    if name == "actor":
        actor = role("actor", scene)
        return lambda number: same(actor, number), person_known(model.Role("actor", world.policy.span), scene)
    if name in model.ROLE_SETS:
        told = world.boolean(("known", name))
        return lambda number: world.boolean(("person in", name, number)), told
    assert group is not None, "names of groups are resolved"
    if group.members is not None:
        listed = [person_of(member, scene) for member in sorted(group.members)]
        return lambda number: any_of([same(person, number) for person in listed]), YES
    told = world.boolean(("known", name))
    return lambda number: world.boolean(("person in", name, number)), told


def people(node: model.People, scene: Scene, positive: bool) -> Term:
    """At least so many persons, each counted once, whose latest word is a yes and recent enough."""
    told: list[Term] = [] if node.kind == "approval" else [_commits_known(scene)]
    told += [_people_of(name, scene)[1] for name in node.excluding]
    groups = [_people_of(name, scene) for name in node.groups]
    counted = counting(node, scene)
    enough = at_least(node.count, counted)
    if positive:
        return all_of(*told, enough)
    doubted = scene.world.boolean(("doubted", node.kind, _gate(node.kind, scene)))
    return any_of(no(all_of(told)), enough, doubted, *[no(known) for _, known in groups])


def counting(node: model.People, scene: Scene) -> list[Term]:
    """For each person of the world, whether the count of `node` includes them."""
    excluded = [_people_of(name, scene)[0] for name in node.excluding]
    groups = [_people_of(name, scene) for name in node.groups]
    counted = []
    for number in scene.persons.numbers:
        said, age = _word(node.kind, number, scene)
        inside = any_of([all_of(known, member(number)) for member, known in groups])
        out = any_of([member(number) for member in excluded])
        recent = YES if node.max_age is None else below(age, node.max_age)
        counted.append(all_of(said, inside, no(out), recent))
    return counted


def _commits_known(scene: Scene) -> Term:
    return scene.world.boolean(("commits known",))


def _word(kind: str, number: int, scene: Scene) -> tuple[Term, Term]:
    """Whether a person's latest word is a yes, and how long ago it was said."""
    key = (kind, _gate(kind, scene), number)
    return scene.world.boolean(("said", *key)), scene.world.integer(("said ago", *key), 0)


def _gate(kind: str, scene: Scene) -> str | None:
    """Approvals may be for a gate; reviews are of a change, whatever asks for them."""
    return scene.gate_name if kind == "approval" else None


def person_in(node: model.PersonIn, scene: Scene, positive: bool) -> Term:
    member, known = _people_of(node.people, scene)
    who = person_known(node.person, scene)
    match node.person:
        case model.Role(name):
            number = role(name, scene)
        case model.Constant(value=account) | model.ParameterValue(value=account):
            number = person_of(str(account), scene)
        case _:
            raise NotEncodedError("a person named by evidence")
    inside = any_of([all_of(number == each, member(each)) for each in scene.persons.numbers])
    return all_of(who, inside) if positive else any_of(no(who), no(known), inside)


def actor_is(kind: str, scene: Scene) -> Term:
    """Who acts: 0 a person, 1 a machine alone, 2 a machine on behalf of a person."""
    acting = scene.world.integer(("kind of actor",), 0, 2)
    return {"person": acting == 0, "machine": acting >= 1, "delegate": acting == 2}[kind]


# ---------------------------------------------------------------- health and history


def places(place: str, scene: Scene) -> list[tuple[str, Term]]:
    """The environments that a place means, each with the condition that it is meant."""
    if place != "source":
        return [(scene.target if place == "target" else place, YES)]
    if scene.sources is not None:
        return [(name, claimed(name, scene)) for name in scene.sources]
    # Over every route, only what the proposal itself says is known of where the release comes from.
    return [(name, stated_source(name, scene)) for name in scene.world.policy.environments]


def stated_source(name: str, scene: Scene) -> Term:
    """Whether the proposal says that the release comes from there."""
    stated = scene.world.boolean(("stated source", name))
    scene.world.assume(implies(stated, no(scene.world.boolean(("no source stated",)))))
    return stated


def claimed(name: str, scene: Scene) -> Term:
    """Whether the proposal says, or leaves it open, that the release comes from there."""
    return any_of(stated_source(name, scene), scene.world.boolean(("no source stated",)))


def healthy_for(place: str, scene: Scene) -> Term:
    """For how many seconds until now the release has been healthy in a place without a gap; -1 for not."""
    if scene.goes_on and place == scene.target:
        return scene.world.integer(("healthy as candidate", place), -1, LONGEST)
    lasted = scene.world.integer(("healthy for", place), -1, LONGEST)
    scene.world.assume(lasted <= earned_for(place, scene))
    return lasted


def earned_for(place: str, scene: Scene) -> Term:
    """The longest healthy time in a place after which nothing was marked bad; -1 for none."""
    longest = scene.world.integer(("earned for", place), -1, LONGEST)
    scene.world.assume(implies(from_(longest, 0), deployed(place, scene)))
    return longest


def deployed(place: str, scene: Scene) -> Term:
    return scene.world.boolean(("deployed", place))


def ever_earned(place: str, scene: Scene) -> Term:
    """Whether the release has ever earned health in a place, whatever was marked bad since."""
    ever = scene.world.boolean(("ever earned", place))
    scene.world.assume(implies(from_(earned_for(place, scene), 0), ever))
    scene.world.assume(implies(ever, deployed(place, scene)))
    return ever


def ever_bad(place: str, scene: Scene) -> Term:
    """Whether the release was ever marked bad in a place, whatever has become of it since."""
    ever = scene.world.boolean(("ever bad", place))
    scene.world.assume(implies(ever, deployed(place, scene)))
    return ever


def happened(node: model.Happened, scene: Scene) -> Term:
    """Whether something has happened by the time of the entry that a claim speaks of, the entry included."""
    entry = scene.entry
    if entry is None or node.event not in ("deployed", "earned"):
        raise NotEncodedError(f"a claim about what is {node.event}")
    if (node.event, node.place) == ("deployed", entry.target) and node.lane in (None, entry.lane):
        return YES
    return _happened_before(node, scene)


def before(first: model.Happened, second: model.Happened, scene: Scene) -> Term:
    """Whether something happened earlier than the entry that a claim speaks of."""
    entry = scene.entry
    if entry is None or (second.event, second.place) != ("deployed", entry.target):
        raise NotEncodedError("the order of two events of which neither is the entry")
    return _happened_before(first, scene) if second.lane in (None, entry.lane) else NO


def _happened_before(node: model.Happened, scene: Scene) -> Term:
    match node.event:
        case "earned":
            return ever_earned(node.place, scene)
        case "bad":
            return ever_bad(node.place, scene)
        case "deployed" if node.lane is None:
            return deployed(node.place, scene)
        case "deployed":
            by_lane = scene.world.boolean(("entered by", node.place, node.lane))
            scene.world.assume(implies(by_lane, deployed(node.place, scene)))
            return by_lane
        case event:
            raise NotEncodedError(f"a claim about what was {event} before")


def healthy(node: model.Healthy, scene: Scene, positive: bool) -> Term:
    """What is not healthy for certain counts as not healthy, also under a negation."""
    if not positive:
        return YES
    lasted = earned_for if node.once else healthy_for
    meant = [(term, lasted(place, scene) >= node.seconds) for place, term in places(node.place, scene)]
    somewhere = any_of([term for term, _ in meant])
    return all_of(somewhere, *[implies(term, held) for term, held in meant])


# ---------------------------------------------------------------- the release and the target


def provenance(node: model.Provenance, scene: Scene, positive: bool) -> Term:
    """Every build of every artifact is by one of the builders; one artifact stands for all."""
    world = scene.world
    told = world.boolean(("commits known",))
    by = world.boolean(("built by", node.builders))
    return all_of(told, by) if positive else any_of(no(told), by)


def rollback_plan(node: model.RollbackPlan, scene: Scene, positive: bool) -> Term:
    plain = _flag(model.RollbackPlan(False, node.span), scene, positive)
    if not node.automatic:
        return plain
    automatic = _flag(node, scene, positive)
    scene.world.assume(implies(automatic, plain))
    return automatic


def configuration_has(node: model.ConfigurationHas, scene: Scene, positive: bool) -> Term:
    world = scene.world
    told = world.boolean(("stated", "configuration_keys"))
    keys = [world.boolean(("request", "configuration_keys", "has", key)) for key in node.keys]
    return all_of(told, *keys) if positive else any_of(no(told), all_of(keys))


def brings_migrations(scene: Scene) -> Term:
    """Whether the proposal changes the schema of the target."""
    return scene.world.boolean(("brings migrations",))


def migrations_compatible(node: model.MigrationsCompatible, scene: Scene, positive: bool) -> Term:
    """Who brings no migrations brings compatible ones; what others come to is for their judge."""
    judged = _flag(node, scene, positive)
    scene.world.assume(any_of(brings_migrations(scene), judged))
    return judged


def no_drift(node: model.NoDrift, scene: Scene, positive: bool) -> Term:
    """In each source there is, where that can be told."""
    if node.place != "source":
        return _flag(node, scene, positive)
    meant = [(term, model.NoDrift(place, node.span)) for place, term in places("source", scene)]
    return all_of([implies(term, _flag(each, scene, positive)) for term, each in meant])


def observed(node: model.Condition, scene: Scene, positive: bool) -> Term:
    """Conditions that facts alone settle: true, false or untold."""
    return _flag(node, scene, positive)


def _flag(node: model.Condition, scene: Scene, positive: bool) -> Term:
    """An unknown for each sign; what holds positively holds negatively too."""
    signs = {sign: scene.world.boolean(("flag", node, scene.target, sign)) for sign in (True, False)}
    scene.world.assume(implies(signs[True], signs[False]))
    return signs[positive]


def inside_maintenance(scene: Scene) -> Term:
    windows = [each for each in scene.world.policy.maintenance if scene.target in each.places]
    return any_of([clock.is_open(each, scene.world) for each in windows])
