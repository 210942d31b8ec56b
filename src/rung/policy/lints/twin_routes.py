"""Two routes of one lane lead from the same sources into the same target, and either one is enough.

The second does not add to the first: whoever satisfies the easier one enters.

    promote staging -> prod { require tests_pass }
    promote staging -> prod { require signed_off }

Write all that must hold in one block. Where either is meant, `or` says so. Routes that owe different
things are taken for meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model

CODE = "twin-routes"

BAD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require rollback plan }
promote staging -> prod { require healthy in staging for 24h }
"""

GOOD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require rollback plan or healthy in staging for 24h }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the routes of a file that have a twin before them."""
    first: dict[object, model.Route] = {}
    for route in policy.routes:
        sources = route.sources and (frozenset(route.sources.names), route.sources.count)
        key = (route.span.file, route.lane, sources, route.target, route.within, route.obligations)
        twin = first.setdefault(key, route)
        if twin is not route:
            message = f"another {route.lane} leads the same way into `{route.target}`, and either is enough"
            hint = "write one block if both must hold, or `or` if either may"
            related = (Related(twin.span, "the other one"),)
            yield Diagnostic(CODE, message, route.span, hint, related, "warning")
