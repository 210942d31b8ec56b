"""A constraint on a domain: each change of it reads every table that has a column of the domain.

ALTER DOMAIN … ADD CONSTRAINT, SET NOT NULL and VALIDATE hold SHARE locks, which block writes, on all
those tables at once. A domain that is created with a constraint leads there on the day the constraint
must change. Constraints on columns change one table at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard
from rung.migrations.steps import AlterDomain, CreateDomain


def check(context: Context) -> Iterator[Finding]:
    for step in context.statement.steps:
        match step:
            case AlterDomain(action="add check" | "set not null" | "validate", domain=domain):
                yield Finding(
                    step.span, f"each table with a column of `{domain}` is read while writes to it wait"
                )
            case CreateDomain(domain=domain) if domain.checks or domain.not_null is not None:
                message = f"to change a constraint of `{domain.name}` later blocks every table that uses it"
                yield Finding(step.span, message)
            case _:
                continue


HAZARD = Hazard(
    code="domain-constraint-scans",
    kind="blocking",
    hint="put the constraint on the columns, NOT VALID first",
    check=check,
    page=__doc__,
    setup=("CREATE DOMAIN size AS bigint;\nCREATE TABLE crate (id bigint PRIMARY KEY, bytes size);"),
    bad="ALTER DOMAIN size ADD CONSTRAINT positive CHECK (value > 0);",
    good="ALTER TABLE crate ADD CONSTRAINT positive CHECK (bytes > 0) NOT VALID;",
    names={"squawk": ("ban-alter-domain-with-add-constraint", "ban-create-domain-with-constraint")},
)
