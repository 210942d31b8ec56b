"""Any policy: what the solver says of a way in, the evaluator says of the history. `… telling 1000`."""

from __future__ import annotations

from collections import Counter

from rung.explain.replay import replay
from rung.policy import model
from rung.prove.endings import Ending
from rung.prove.errors import NotEncodedError
from rung.prove.solve import Clock
from rung.prove.stories import Stories
from tests.campaigns.encoding import policy_of
from tests.campaigns.run import campaign
from tests.generators.decisions import Asked, decisions

SECONDS = 120.0
told: Counter[str] = Counter()


def check(asked: Asked) -> None:
    policy = policy_of(asked.policy)
    stories = Stories(policy, Clock(SECONDS))
    for route in policy.routes:
        for allowed in (True, False):
            try:
                story = stories.entry(route) if allowed else stories.find(denied(route))
            except NotEncodedError:
                told["not encoded"] += 1
                continue
            if story is None:
                told["none found"] += 1
                continue
            replay(story, policy)
            told["allowed" if allowed else "denied"] += 1


def denied(route: model.Route) -> Ending:
    """The ending of a history in which a route is not let in by."""

    conditions = tuple(each.condition for each in route.requirements)
    return Ending(route, lambda encoder: encoder.denied(route), conditions, allowed=False)


if __name__ == "__main__":
    campaign(check, decisions(), "python -m tests.campaigns.telling")
    print(dict(told))
