"""An environment that no chain of routes leads into from a build never gets a release.

Everything is denied that no route allows, and a rollback only returns to what was there before.

    environment staging
    environment prod after staging
    promote staging -> prod

Here nothing is ever in `staging`: it needs `admit build -> staging`. In a baseline, to which others add
routes, this is not looked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic
from rung.policy import model

CODE = "unreachable-environment"

BAD = """
environment staging
environment prod after staging
promote staging -> prod
"""

GOOD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the environments that the rest would be reachable from, if only they were."""
    if policy.is_baseline:
        return
    entries = [route for route in policy.routes if route.lane != "rollback"]
    entered = {route.target for route in entries}
    reached: set[str] = set()
    _spread(reached, entries)
    for name in sorted(policy.environments, key=lambda name: name in entered):
        if name not in reached:
            environment = policy.environments[name]
            if name in entered:
                message = f"nothing can reach `{name}`: its routes begin where no release ever is"
            else:
                message = f"no route leads into `{name}`"
            way = "promote … ->" if environment.after else "admit build ->"
            yield Diagnostic(
                CODE, message, environment.span, f"add one, such as `{way} {name}`", severity="warning"
            )
            reached.add(name)
            _spread(reached, entries)


def _spread(reached: set[str], entries: list[model.Route]) -> None:
    """Add all that routes lead into from what is reached."""
    waiting = entries
    while True:
        blocked = []
        for route in waiting:
            sources = route.sources
            if sources is None or sum(name in reached for name in sources.names) >= sources.count:
                reached.add(route.target)
            else:
                blocked.append(route)
        if len(blocked) == len(waiting):
            return
        waiting = blocked
