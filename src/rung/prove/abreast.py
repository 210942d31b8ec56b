"""Defines two policies at one door, abreast: what the first allows, read under both, and its histories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from rung.policy import model
from rung.prove.decide import Encoder
from rung.prove.doors import Door, Policies, Way, part, ways
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.joint import beside, joint_encoder
from rung.prove.obligation import Docket
from rung.prove.owing import overdue_under
from rung.prove.relations import relations
from rung.prove.stories import Stories
from rung.prove.terms import TRUE, Term, all_of, any_of, implies, no
from rung.prove.verdict import Story
from rung.prove.world import OTHER, World


class Abreast:
    """The first policy's door read under both policies, all within the time of a docket."""

    def __init__(self, policies: Policies, door: Door, docket: Docket) -> None:
        self.policies = policies
        self.door = door
        self.docket = docket
        self.parts = Policies(*(part(each, door) for each in policies))
        self.stories = Stories(policies.first, docket.clock, self.parts.second)
        # What the first allows is not overdue under it, so the converse says nothing.
        self._overdue_alike = overdue_under(policies.turned, door.target, docket)

    def encoders(self, copies: Mapping[str, int] | None = None) -> tuple[Encoder, Encoder]:
        """Both policies in one world, where there are so many records of each evidence."""
        first = joint_encoder(*self.parts, copies=copies, guess=True)
        return first, self.second(first)

    def second(self, first: Encoder) -> Encoder:
        return beside(first, self.parts.second, *self.policies)

    def known(self, world: World) -> Iterator[Term]:
        """What is true of every request, of the unknowns that are in the world by now."""
        yield from relations(world, *self.policies)
        mine, theirs = (world.unknowns.get((*start, "overdue", self.door.target)) for start in ((), (OTHER,)))
        if mine is not None and theirs is not None and self._overdue_alike:
            yield implies(theirs, mine)

    def copies(self) -> dict[str, int]:
        """How many records of each evidence it can take for the second policy to deny: one for each gate."""
        gates = self.parts.second.gates.values()
        return dict(Counter(name for gate in gates for name in {need.evidence for need in gate.needs}))

    def opens(self, second: Encoder) -> Term:
        """When the second policy lets something through the door, whichever way it came."""
        return no(any_of(refusals(second, self.door)))

    def story(
        self, way: Way, last: Callable[[Encoder], Term], adopted: model.Lane | None = None
    ) -> tuple[Story | None, str]:
        """A history under the first policy whose last decision, by a way, the second reads as `last` says.

        Without one, the reason why there is none. What is `adopted` came by that lane before the history
        begins.
        """

        def term(first: Encoder) -> Term:
            return all_of(last(self.second(first)), *self.known(first.world))

        try:
            story = self.stories.find(Ending(way, term, adopted=adopted))
        except NotEncodedError as error:
            return None, str(error)
        return story, "" if story is not None else NO_HISTORY


NO_HISTORY = "no history was found that leads there"


def refusals(encoder: Encoder, door: Door) -> list[Term]:
    """When a policy denies what claims a door: each of the terms is reason enough, and there is no other."""
    found = ways(encoder.policy, door)
    if not found:
        return [TRUE]
    first = found[0]
    if isinstance(first, model.Act):
        bare = encoder.act(replace(first, requirements=()))
        return [no(bare), *encoder.failing(first), *encoder.act_bans(first)]
    bans = encoder.bans(first.lane, door.target)
    if len(found) > 1:
        routes = (each for each in found if isinstance(each, model.Route))
        return [no(any_of([encoder.route(each) for each in routes])), *bans]
    bare = encoder.route(replace(first, requirements=()))
    return [no(bare), *encoder.failing(first), *bans]
