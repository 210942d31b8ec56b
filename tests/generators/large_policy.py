"""Defines `large_policy`: one long, ordinary policy, for measuring how time grows with lines."""

from __future__ import annotations

_HEAD = """\
rung 1
policy "everything"

group managers { "ana@example.com", "bo@example.com", "chen@example.com" }
evidence unit_tests about build { passed: int, failed: int, coverage: percent }
evidence scan about artifact { critical: int, high: int }
"""

_SERVICE = """
# service {n}
environment dev_{n}
environment qa_{n} after dev_{n}
environment eu_{n} after qa_{n}
environment us_{n} after qa_{n}
environment prod_{n} after all of {{ eu_{n}, us_{n} }}

gate tests_{n} "Unit tests pass" controls "SOC2 CC8.1" {{
    needs unit_tests no older than 7d
    require unit_tests.failed == 0 and unit_tests.passed > 0
    require unit_tests.coverage >= 85%
}}
gate scan_{n} "No critical vulnerabilities" {{
    needs scan no older than 1d
    require scan.critical == 0 and (scan.high < 5 or scan.high == 7)  # agreed
}}
gate signed_{n} "Two release managers approve" {{
    require at least 2 approvals from managers except authors no older than 3d
}}

admit build -> dev_{n} {{ require provenance from "https://ci.example.com/release@v2" }}
promote dev_{n} -> qa_{n} {{ require tests_{n} }}
promote qa_{n} -> eu_{n} {{ require tests_{n}, healthy in qa_{n} for 2h }}
promote qa_{n} -> us_{n} {{ require tests_{n}, healthy in qa_{n} for 2h }}
promote all of {{ eu_{n}, us_{n} }} -> prod_{n} {{
    require signed_{n}, scan_{n}
    require healthy in eu_{n} for 24h
    require rollback plan
}}
hotfix eu_{n} -> prod_{n} {{
    require tests_{n}
    require at least 1 approval from managers except authors no older than 1h
    owes backport within 72h {{ require once healthy in dev_{n} }}
}}
rollback prod_{n} within 3 releases
freeze "Holidays {n}" on prod_{n} from 2026-12-18 to 2027-01-04 08:00 in "Europe/Berlin" sparing rollback
window "Office hours {n}" on prod_{n} mon..thu 09:00..16:00 in "Europe/Berlin" sparing rollback, hotfix
deny "no manual change {n}" on prod_{n} when actor is person
"""


def large_policy(lines: int) -> str:
    """A policy of about this many lines, and never fewer."""
    text = _HEAD
    needed = lines - _HEAD.count("\n")
    services = -(-needed // _SERVICE.count("\n"))
    return text + "".join(_SERVICE.format(n=number) for number in range(services))
