"""A migration changes settings of the server, the database or a role.

They reach code and databases that the migration knows nothing of, and are not undone with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.migrations.hazards.model import Context, Finding, Hazard

_TAGS = ("ALTER SYSTEM", "ALTER DATABASE", "ALTER DATABASE SET", "ALTER ROLE", "ALTER ROLE SET")


def check(context: Context) -> Iterator[Finding]:
    if context.statement.tag in _TAGS:
        yield Finding(context.statement.span, f"{context.statement.tag} reaches beyond this schema")


HAZARD = Hazard(
    code="server-setting",
    kind="breaking",
    hint="set it where the server is configured",
    check=check,
    page=__doc__,
    bad="ALTER ROLE CURRENT_USER SET work_mem = '64MB';",
    good="SET work_mem = '64MB';",
    names={"squawk": ("ban-alter-system-options", "ban-alter-database-options", "ban-alter-role-options")},
)
