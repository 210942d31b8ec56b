"""The twelve conditions in the expression language of ZEN: each a rule of its own, or all in one object."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import zen

VERSION = "zen-engine " + version("zen-engine")

RULES = {
    "order": "derived.healthy != null",
    "soak": """
        derived.healthy != null and derived.running.staging != null
        and all(derived.release.digests, # in derived.running.staging.digests)
        and all(derived.running.staging.digests, # in derived.release.digests)
        and derived.running.staging.configuration == derived.release.configuration
        and at - derived.healthy.end < 300
        and derived.healthy.end - derived.healthy.start >= 86400
    """,
    "tests": "derived.tests != null and at - derived.tests.time < 604800 and derived.tests.failed == 0",
    "coverage": """
        derived.tests != null and at - derived.tests.time < 604800 and derived.tests.coverage >= 8000
    """,
    "vulnerabilities": """
        derived.scan != null and at - derived.scan.time < 604800 and derived.scan.critical == 0
    """,
    "approvals": """
        derived.authors != null
        and count(
            ["ana@example.com", "bo@example.com", "chen@example.com"],
            derived.approved_at[#] != null
            and at - derived.approved_at[#] < 259200
            and not (# in derived.authors)
        ) >= 2
    """,
    "year end": "not (at >= 1797613200 and at < 1799046000)",
    "black friday": "not (at >= 1795647600 and at < 1796079600)",
    "audit": "not (at >= 1796857200 and at < 1796943600)",
    "strategy": "proposal.strategy != null and proposal.strategy.kind in ['canary', 'blue_green']",
    "rollback plan": """
        proposal.rollback != null
        and all(proposal.rollback.to, # in derived.running.prod.digests)
        and all(derived.running.prod.digests, # in proposal.rollback.to)
    """,
    "configuration": """
        proposal.configuration_keys != null
        and all(['DATABASE_URL', 'SMTP_URL'], # in proposal.configuration_keys)
    """,
    "builder": """
        derived.builders != null and all(derived.builders, # == 'https://ci.example.com/release@v2')
    """,
}  # fmt: skip

# The findings of `prepared`, found by the language itself.
FINDINGS = """
digests = map(values(proposal.release.artifacts), #.digest);
configuration = proposal.release.configuration;
builds = filter(facts.builds, #.digest in digests and #.finished <= at);
invocations = map(builds, #.invocation);
done = filter(
    facts.history.events,
    #.outcome == 'succeeded' and #.finished <= at and #.started >= facts.history.complete_since
    and (#.share == null or #.share == '100%')
);
staged = filter(done, #.environment == 'staging');
live = filter(done, #.environment == 'prod');
in_staging = filter(staged as e, all(staged, #.finished <= e.finished))[0];
in_prod = filter(live as e, all(live, #.finished <= e.finished))[0];
since = in_staging != null ? in_staging.finished : at + 1;
spans = filter(
    facts.health as h,
    h.environment == 'staging' and h.status == 'healthy'
    and all(h.digests, # in digests) and h.observed_until >= since
);
marked = filter(
    facts.health as h,
    h.environment == 'staging' and h.status == 'unhealthy'
    and all(h.digests, # in digests) and h.observed_until >= since
);
bad = len(marked) > 0 ? max(map(marked, min([#.observed_until, at]))) : 0;
start = len(spans) > 0 ? max([spans[0].from, since, bad + 1]) : 0;
end = len(spans) > 0 ? min([spans[0].observed_until, at]) : -1;
tests = filter(
    facts.evidence as r, r.type == 'unit_tests' and r.about.build in invocations and r.time <= at
);
scans = filter(
    facts.evidence as r, r.type == 'vulnerability_scan' and r.about.artifact in digests and r.time <= at
);
last_tests = filter(tests as r, all(tests, #.time <= r.time))[0];
last_scan = filter(scans as r, all(scans, #.time <= r.time))[0];
persons = facts.people.persons;
valid = filter(
    facts.approvals as a,
    a.about.target == proposal.target and all(a.about.digests, # in digests)
    and a.about.configuration == configuration and a.time <= at
);
said = map(valid as a, {
    who: filter(persons as p, a.by in p.accounts or a.by == p.id)[0].id, time: a.time, verdict: a.verdict
});
latest = filter(said as s, all(said, #.who != s.who or #.time <= s.time));
changes = filter(facts.changes as c, c.head in map(builds, #.commit) and c.base == in_prod.commit);
accounts = flatMap(changes, flatMap([#.authors, #.coauthors], #));
wrote = map(accounts as a, filter(persons as p, a in p.accounts or a == p.id)[0].id);
derived = {
    release: { digests: digests, configuration: configuration },
    running: { staging: in_staging, prod: in_prod },
    healthy: start <= end ? { start: start, end: end } : null,
    tests: len(tests) > 0 and all(values(last_tests.fields), type(#) == 'number')
        ? merge([last_tests, last_tests.fields]) : null,
    scan: len(scans) > 0 and all(values(last_scan.fields), type(#) == 'number')
        ? merge([last_scan, last_scan.fields]) : null,
    authors: len(changes) > 0 and all(changes, #.complete) and all(wrote, # != null) ? wrote : null,
    builders: all(digests as d, some(builds, #.digest == d)) ? map(builds, #.builder) : null
};
"""
ALONE = {
    **RULES,
    "approvals": """
        derived.authors != null
        and count(
            latest as word,
            word.verdict == 'approved'
            and word.who in ["ana@example.com", "bo@example.com", "chen@example.com"]
            and at - word.time < 259200
            and not (word.who in derived.authors)
        ) >= 2
    """,
}


def _object(rules: dict[str, str]) -> str:
    return "{" + ", ".join(f"'{name}': {rule.strip()}" for name, rule in rules.items()) + "}"


BY_RULE = {name: zen.compile_expression(rule.strip()) for name, rule in RULES.items()}
AT_ONCE = zen.compile_expression(_object(RULES))
BY_ITSELF = zen.compile_expression(FINDINGS + _object(ALONE))
OWN = ("at", "proposal", "facts")  # what is not derived


def decide_by_rule(document: dict[str, Any]) -> set[str]:
    return {name for name, rule in BY_RULE.items() if not rule.evaluate(document)}


def decide(document: dict[str, Any]) -> set[str]:
    return {name for name, holds in AT_ONCE.evaluate(document).items() if not holds}


def decide_by_itself(document: dict[str, Any]) -> set[str]:
    found = BY_ITSELF.evaluate({name: document[name] for name in OWN})
    return {name for name, holds in found.items() if not holds}
