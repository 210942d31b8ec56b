"""Any policy: what the solver says of a way in, the evaluator says of the history. `… telling 1000`."""

from __future__ import annotations

from collections import Counter
from random import Random

from rung.explain.replay import replay
from rung.policy import model
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.solve import Clock
from rung.prove.stories import Stories
from tests.campaigns.encoding import policy_of
from tests.campaigns.run import seeded
from tests.generators import decisions

SECONDS = 120.0


def told(seed: str, policies: int) -> Counter[str]:
    """How many histories, allowed and denied, of so many policies went as they were told."""
    numbers = Random(seed)
    found: Counter[str] = Counter()
    for _ in range(policies):
        found += told_of(decisions.policy(numbers))
    return found


def told_of(text: str) -> Counter[str]:
    policy = policy_of(text)
    stories = Stories(policy, Clock(SECONDS))
    found: Counter[str] = Counter()
    for route in policy.routes:
        for verdict in ("allowed", "denied"):
            try:
                story = stories.entry(route) if verdict == "allowed" else stories.find(denied(route))
                assert story is None or replay(story, policy)
            except NotEncodedError as error:
                found[str(error)] += 1
                continue
            except AssertionError as error:
                error.add_note(text)
                raise
            found["none found" if story is None else verdict] += 1
    return found


def denied(route: model.Route) -> Ending:
    """The ending of a history in which a route is not let in by."""
    conditions = tuple(each.condition for each in route.requirements)
    return Ending(route, lambda encoder: encoder.denied(route), conditions, allowed=False)


if __name__ == "__main__":
    limit, number = seeded("python -m tests.campaigns.telling")
    print(dict(told(str(number), limit)))
