"""After a hotfix, the next ordinary release may not contain the fix, and nothing asks for it.

A hotfix into `prod` is undone by the next promotion that was built without it.

    hotfix staging -> prod { require tests_pass }
    promote staging -> prod { require signed_off }

Let promotions `require contains open hotfixes`, or let the hotfix owe its return:

    hotfix staging -> prod {
        require tests_pass
        owes backport within 72h { require once healthy in dev }
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model, walk

CODE = "forgotten-hotfix"

BAD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod
hotfix staging -> prod { require provenance from "https://ci.example.com" }
"""

GOOD = """
environment staging
environment prod after staging
admit build -> staging { require provenance from "https://ci.example.com" }
promote staging -> prod { require contains open hotfixes }
hotfix staging -> prod { require provenance from "https://ci.example.com" }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the hotfixes that owe nothing, into where some promotion does not ask for them."""
    forgetful: dict[str, model.Route] = {}
    for route in policy.routes:
        if route.lane == "promote" and not _asks(route, policy):
            forgetful.setdefault(route.target, route)
    for route in policy.routes:
        promotion = forgetful.get(route.target)
        if route.lane == "hotfix" and not route.obligations and promotion is not None:
            message = f"the next promotion into `{route.target}` may go without this hotfix"
            hint = "write `require contains open hotfixes` in the promotion"
            related = (Related(promotion.span, "the promotion"),)
            yield Diagnostic(CODE, message, route.span, hint, related, "warning")


def _asks(route: model.Route, policy: model.Policy) -> bool:
    return any(
        isinstance(condition, model.ContainsOpenHotfixes)
        for condition, _ in walk.demands(route.requirements, policy)
    )
