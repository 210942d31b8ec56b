"""Defines `repair`: the steps of expanding and contracting that would make a refuted change safe."""

from __future__ import annotations

from rung.migrations.verdicts import Level


def repair(level: Level, breach: str | None, subject: str) -> tuple[str, ...]:
    """What to do instead, in order; `breach` is what refuses the row, where a row is refused."""
    match level:
        case Level.NAME:
            return (
                f"add the new name beside `{subject}`, and write both in the next release",
                f"stop using `{subject}` in a release of its own",
                f"drop `{subject}` after the deployment, once no rollback leads back to code that names it",
            )
        case Level.TYPE:
            return (
                f"add a new column of the new type beside `{subject}`, kept in step by the code or a trigger",
                "backfill it, and move reads to it in the next release",
                f"drop `{subject}` after the deployment of the release that no longer names it",
            )
        case Level.READ:
            return (
                f"deploy code that bears the new values of `{subject}` first",
                "let new values be written only when no code that excludes them can come back",
            )
        case Level.DATA:
            return _data(breach, subject)
        case Level.WRITE:
            return _write(breach, subject)


def _data(breach: str | None, subject: str) -> tuple[str, ...]:
    match breach:
        case "not null":
            return (
                f"ADD CONSTRAINT … CHECK ({subject.rpartition('.')[2]} IS NOT NULL) NOT VALID, "
                "so that no new row lacks the value",
                "backfill every row where it is NULL",
                "VALIDATE CONSTRAINT, then SET NOT NULL",
            )
        case "check" | "domain":
            return (
                "deploy code that keeps to the new constraint first",
                "add the constraint NOT VALID: it then binds new rows only",
                "correct the rows that break it",
                "VALIDATE CONSTRAINT after the deployment",
            )
        case "unique":
            return (
                "stop the code from writing duplicates, in a release of its own",
                "remove the duplicates",
                "CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … USING INDEX after the deployment",
            )
        case "foreign key":
            return (
                "add the foreign key NOT VALID: it then binds new rows only",
                "give every dangling row its parent, or set the reference to NULL",
                "VALIDATE CONSTRAINT after the deployment",
            )
        case "error":
            return (
                "find the rows on which the statement fails, and correct them first",
                "or write it so that it passes them by: CASE evaluates only what it needs",
            )
        case _:
            return (
                f"add a new column beside `{subject}` that holds every old value",
                "backfill it, checking each value that does not fit",
                f"drop `{subject}` after the deployment of the release that no longer names it",
            )


def _write(breach: str | None, subject: str) -> tuple[str, ...]:
    match breach:
        case "not null":
            return (
                f"give `{subject}` a DEFAULT, or leave it nullable while old code may write",
                "deploy the code that always writes it",
                "backfill, then SET NOT NULL after the deployment, once no rollback leads back to old code",
            )
        case "generated":
            return (
                f"stop writing `{subject}` in a release of its own",
                "make it generated after the deployment",
            )
        case _:
            return (
                "deploy code that keeps to the new constraint first",
                f"change `{subject}` after the deployment, once no rollback leads back to old code",
            )
