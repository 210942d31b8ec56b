"""The twelve conditions as a module of Rego, queried, or built into a bundle for the failing rules."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import regopy

VERSION = "regopy " + version("regopy")

MODULE = """
package release

import rego.v1

managers := {"ana@example.com", "bo@example.com", "chen@example.com"}
freezes := {
    "year end": [1797613200, 1799046000],
    "black friday": [1795647600, 1796079600],
    "audit": [1796857200, 1796943600],
}
found := input.derived

holds contains "order" if found.healthy
holds contains "soak" if {
    found.release == found.running.staging
    input.at - found.healthy.end < 300
    found.healthy.end - found.healthy.start >= 86400
}
holds contains "tests" if {
    input.at - found.tests.time < 604800
    found.tests.failed == 0
}
holds contains "coverage" if {
    input.at - found.tests.time < 604800
    found.tests.coverage >= 8000
}
holds contains "vulnerabilities" if {
    input.at - found.scan.time < 604800
    found.scan.critical == 0
}
holds contains "approvals" if {
    count({person |
        some person in managers
        input.at - found.approved_at[person] < 259200
        not person in found.authors
    }) >= 2
    found.authors
}
holds contains name if {
    some name, [begins, ends] in freezes
    not frozen(begins, ends)
}
frozen(begins, ends) if {
    input.at >= begins
    input.at < ends
}
holds contains "strategy" if input.proposal.strategy.kind in {"canary", "blue_green"}
holds contains "rollback plan" if {
    {each | some each in input.proposal.rollback.to} == {each | some each in found.running.prod.digests}
}
holds contains "configuration" if {
    count({"DATABASE_URL", "SMTP_URL"} - {key | some key in input.proposal.configuration_keys}) == 0
}
holds contains "builder" if found.builders == ["https://ci.example.com/release@v2"]

rules := {
    "order", "soak", "tests", "coverage", "vulnerabilities", "approvals", "year end", "black friday", "audit",
    "strategy", "rollback plan", "configuration", "builder",
}
failing := rules - holds
"""
ENTRY = "release/failing"
INTERPRETER = regopy.Interpreter()
INTERPRETER.add_module("release.rego", MODULE)
BUNDLE = INTERPRETER.build(None, [ENTRY])
QUERIED = regopy.Interpreter()
QUERIED.add_module("release.rego", MODULE)


def decide_by_query(document: dict[str, Any]) -> set[str]:
    QUERIED.set_input(document)
    return _failing(QUERIED.query("data." + ENTRY.replace("/", ".")))


def decide(document: dict[str, Any]) -> set[str]:
    INTERPRETER.set_input(document)
    return _failing(INTERPRETER.query_bundle_entrypoint(BUNDLE, ENTRY))


def _failing(output: regopy.Output) -> set[str]:
    if not output.ok():
        raise ValueError(str(output))
    return set(output[0].expressions[0])
