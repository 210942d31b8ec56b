"""Defines the files that `rung init` writes: a small policy, and documents that it allows at that time."""

from __future__ import annotations

import json
from typing import Any

from rung.inputs.scalars import format_instant

HOUR = 3600
DIGEST = "sha256:" + "5f" * 32
CONFIGURATION = "sha256:" + "c0" * 32
COMMIT = "4a" * 20

POLICY = """\
rung 1
policy "starter"

# Where releases run, and in which order.
environment staging
environment prod after staging

# Who is who: one person counts once, whatever the account.
person "ana@example.com" accounts "github:ana"
person "bo@example.com" accounts "github:bo"
group release_managers { "ana@example.com", "bo@example.com" }

# What tools find out about a build. The facts hold the records, each with its time and source.
evidence unit_tests about build { passed: int, failed: int, coverage: percent }

# A gate is a condition with a name. It can use only the evidence that it needs, so that evidence
# that is absent, too old or about another build never counts.
gate tests_pass "Unit tests pass" {
    needs unit_tests no older than 7d
    require unit_tests.failed == 0 and unit_tests.passed > 0
    require unit_tests.coverage >= 80%
}
gate signed_off "A release manager who wrote none of it approves" {
    require at least 1 approval from release_managers except authors no older than 3d
}

# The ways into an environment. What no route allows is denied. A promotion also asks that the
# release has run healthily in its source, and a rollback goes only to what was healthy before.
admit build -> staging { require tests_pass }
promote staging -> prod { require tests_pass, signed_off }
rollback prod within 3 releases

# Times at which nothing enters, but by the lanes that are spared:
# freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin" sparing rollback
# window "Office hours" on prod mon..thu 09:00..16:00 in "Europe/Berlin" sparing rollback

# What must hold in every history. Promotions then wait until `rung prove --write policy.rung` has proved it:
# prove no-environment-skipped
"""


def files(now: int) -> dict[str, str]:
    """The contents of the files by name, as of an instant (UTC seconds)."""
    return {
        "policy.rung": POLICY,
        "proposal.json": _written("rung.proposal/1", _proposal()),
        "facts.json": _written("rung.facts/1", _facts(now)),
    }


def _written(schema: str, content: dict[str, Any]) -> str:
    return json.dumps({"schema": schema, **content}, indent=2) + "\n"


def _proposal() -> dict[str, Any]:
    artifact = {"kind": "oci", "digest": DIGEST}
    return {
        "service": "shop",
        "lane": "promote",
        "from": "staging",
        "target": "prod",
        "release": {"version": "1.0.0", "configuration": CONFIGURATION, "artifacts": {"web": artifact}},
        "actor": {"machine": "ci", "on_behalf_of": "github:bo"},
    }


def _facts(now: int) -> dict[str, Any]:
    def ago(hours: int) -> str:
        return format_instant(now - hours * HOUR)

    release = {"digests": [DIGEST], "configuration": CONFIGURATION}
    return {
        "builds": [
            {
                "digest": DIGEST,
                "commit": COMMIT,
                "builder": "https://ci.example.com/build",
                "invocation": "run/1",
                "finished": ago(6),
                "source": "ci",
            }
        ],
        "changes": [
            {"base": None, "head": COMMIT, "complete": True, "authors": ["github:chen"], "source": "git"}
        ],
        "evidence": [
            {
                "type": "unit_tests",
                "about": {"build": "run/1"},
                "time": ago(6),
                "fields": {"passed": 412, "failed": 0, "coverage": "87.5%"},
                "source": "ci",
            }
        ],
        "approvals": [
            {
                "by": "github:ana",
                "verdict": "approved",
                "about": {**release, "target": "prod"},
                "time": ago(1),
                "source": "github",
            }
        ],
        "history": {
            "complete_since": ago(24),
            "source": "deployments",
            "events": [
                {
                    "environment": "staging",
                    **release,
                    "commit": COMMIT,
                    "lane": "admit",
                    "started": ago(5),
                    "finished": ago(5),
                    "outcome": "succeeded",
                }
            ],
        },
        "health": [
            {
                "environment": "staging",
                **release,
                "status": "healthy",
                "from": ago(5),
                "observed_until": ago(0),
                "source": "monitoring",
            }
        ],
        "people": {
            "source": "directory",
            "persons": [{"id": "chen@example.com", "accounts": ["github:chen"]}],
        },
        "environments": [{"name": "prod", "read": ago(0), "running": []}],
    }
