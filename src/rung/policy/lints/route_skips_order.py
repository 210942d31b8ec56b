"""A route enters an environment without having been in all that the environment is `after`.

`after` only states the order; routes decide. This promotion goes past `staging`:

    environment qa
    environment staging after qa
    environment prod after staging
    promote qa -> prod

So do fewer sources than the order names:

    environment prod after all of { eu, us }
    promote any of { eu, us } -> prod

A requirement such as `once healthy in staging` makes up for a missing source. A hotfix may skip; what may is
for `prove no-environment-skipped except hotfix` to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model, walk

CODE = "route-skips-order"

BAD = """
environment eu
environment us
environment prod after all of { eu, us }
admit build -> eu { require provenance from "https://ci.example.com" }
admit build -> us { require provenance from "https://ci.example.com" }
promote any of { eu, us } -> prod
"""

GOOD = """
environment eu
environment us
environment prod after all of { eu, us }
admit build -> eu { require provenance from "https://ci.example.com" }
admit build -> us { require provenance from "https://ci.example.com" }
promote all of { eu, us } -> prod
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the promotions and admissions that can miss what their target is after."""
    for route in policy.routes:
        target = policy.environments[route.target]
        after = target.after
        if after is None or route.lane not in ("admit", "promote"):
            continue
        if _surely_passed(route, after, policy) < after.count:
            related = (Related(after.span, f"`{target.name}` is after this"),)
            hint = f"begin at {_written(after)}"
            if route.sources is None:
                message = f"a build enters `{target.name}` without having been in what comes before"
                hint = "a build enters what is after nothing; later environments are promoted into"
            elif set(after.names) <= set(route.sources.names):
                message = f"`{target.name}` can be entered without all that it is after"
            else:
                message = f"`{target.name}` is entered past what it is after"
            yield Diagnostic(CODE, message, route.span, hint, related, "warning")


def _surely_passed(route: model.Route, after: model.Sources, policy: model.Policy) -> int:
    """How many of the environments that come before a release was in, at the least."""
    required = {
        condition.place
        for condition, _ in walk.demands(route.requirements, policy)
        if isinstance(condition, model.Healthy)
    }.intersection(after.names)
    if route.sources is None:
        return len(required)
    # The worst choice takes as many sources as it can from elsewhere, or where health is required anyway.
    counted = [name for name in route.sources.names if name in after.names and name not in required]
    others = len(route.sources.names) - len(counted)
    return len(required) + max(0, route.sources.count - others)


def _written(sources: model.Sources) -> str:
    if len(sources.names) == 1:
        return f"`{sources.names[0]}`"
    names = ", ".join(sources.names)
    if sources.count == len(sources.names):
        return f"`all of {{ {names} }}`"
    return f"`at least {sources.count} of {{ {names} }}`"
