"""The twelve conditions as Cedar policies: one permit, and a forbid for each rule, named by its annotation.

Cedar has no counting: two of three managers are three pairs.
"""

from __future__ import annotations

from importlib.metadata import version
from itertools import combinations
from typing import Any

import cedarpy

VERSION = "cedarpy " + version("cedarpy")

MANAGERS = ("ana@example.com", "bo@example.com", "chen@example.com")


def _counts(person: str) -> str:
    return (
        f'(context.derived.approved_at has "{person}"'
        f' && context.at - context.derived.approved_at["{person}"] < 259200'
        f' && !context.derived.authors.contains("{person}"))'
    )


_TWO_MANAGERS = " || ".join(f"({_counts(a)} && {_counts(b)})" for a, b in combinations(MANAGERS, 2))
RULES = {
    "order": "context.derived has healthy",
    "soak": """
        context.derived has healthy
        && context.derived.running has staging
        && context.derived.release.digests == context.derived.running.staging.digests
        && context.derived.release has configuration
        && context.derived.running.staging has configuration
        && context.derived.release.configuration == context.derived.running.staging.configuration
        && context.at - context.derived.healthy.end < 300
        && context.derived.healthy.end - context.derived.healthy.start >= 86400
    """,
    "tests": """
        context.derived has tests && context.at - context.derived.tests.time < 604800
        && context.derived.tests.failed == 0
    """,
    "coverage": """
        context.derived has tests && context.at - context.derived.tests.time < 604800
        && context.derived.tests.coverage >= 8000
    """,
    "vulnerabilities": """
        context.derived has scan && context.at - context.derived.scan.time < 604800
        && context.derived.scan.critical == 0
    """,
    "approvals": f"context.derived has authors && ({_TWO_MANAGERS})",
    "year end": "!(context.at >= 1797613200 && context.at < 1799046000)",
    "black friday": "!(context.at >= 1795647600 && context.at < 1796079600)",
    "audit": "!(context.at >= 1796857200 && context.at < 1796943600)",
    "strategy": """
        context.proposal has strategy && ["canary", "blue_green"].contains(context.proposal.strategy.kind)
    """,
    "rollback plan": """
        context.proposal has rollback
        && context.proposal.rollback.to == context.derived.running.prod.digests
    """,
    "configuration": """
        context.proposal has configuration_keys
        && context.proposal.configuration_keys.containsAll(["DATABASE_URL", "SMTP_URL"])
    """,
    "builder": """
        context.derived has builders && context.derived.builders == ["https://ci.example.com/release@v2"]
    """,
}
TEXT = "permit (principal, action, resource);\n" + "\n".join(
    f'@id("{name}") forbid (principal, action, resource) unless {{ {rule.strip()} }};'
    for name, rule in RULES.items()
)
POLICIES = cedarpy.PolicySet.from_str(TEXT)
ENTITIES = cedarpy.Entities.from_json_str("[]")


def decide_from_text(document: dict[str, Any]) -> set[str]:
    return _decide(document, TEXT, [])


def decide(document: dict[str, Any]) -> set[str]:
    return _decide(document, POLICIES, ENTITIES)


def _decide(document: dict[str, Any], policies: Any, entities: Any) -> set[str]:
    request = {
        "principal": 'Machine::"ci:release"',
        "action": 'Action::"deploy"',
        "resource": 'Environment::"prod"',
        "context": document,
    }
    result = cedarpy.is_authorized(request, policies, entities)
    if result.diagnostics.errors:
        raise ValueError(result.diagnostics.errors)
    failing = result.diagnostics.id_annotations_by_reason
    assert result.allowed == (not failing)
    return set(failing.values())
