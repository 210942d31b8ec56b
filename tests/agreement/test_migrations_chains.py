"""What the database itself writes when a query runs is not proved where a real PostgreSQL refuses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rung.diagnostics import Diagnostic
from rung.migrations import oracle
from rung.migrations.verdicts import Verdict
from tests.agreement.migrations_rollouts import rollout

BASE = (
    "CREATE TABLE people (id int PRIMARY KEY, team int); CREATE TABLE other (id int PRIMARY KEY, team int);"
)
STRICTER = "DELETE FROM people WHERE team IS NULL; ALTER TABLE people ADD CHECK (team IS NOT NULL);"
TRIGGER = """
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql
AS $$BEGIN INSERT INTO people VALUES (NEW.id, NULL); RETURN NEW; END$$;
"""
ON_OTHER = "CREATE TRIGGER noted {} INSERT ON {} FOR EACH ROW EXECUTE FUNCTION note();"
REFERS = "INSERT INTO other VALUES (1, 1); INSERT INTO people VALUES (1, 1);"
CHAINS = [
    ("CREATE VIEW folks AS SELECT id, team FROM people;", "INSERT INTO folks (id) VALUES (1)"),
    (
        "CREATE VIEW folks AS SELECT id, team FROM people; CREATE VIEW all_folks AS TABLE folks;",
        "INSERT INTO all_folks (id) VALUES (1)",
    ),
    (TRIGGER + ON_OTHER.format("AFTER", "other"), "INSERT INTO other VALUES (1, 1)"),
    (
        TRIGGER + "CREATE VIEW seen AS TABLE other;" + ON_OTHER.format("INSTEAD OF", "seen"),
        "INSERT INTO seen VALUES (1, 1)",
    ),
    (
        TRIGGER + "CREATE TABLE heir () INHERITS (other);" + ON_OTHER.format("BEFORE", "heir"),
        "INSERT INTO heir VALUES (1, 1)",
    ),
    (
        "ALTER TABLE people ADD FOREIGN KEY (team) REFERENCES other ON DELETE SET NULL;" + REFERS,
        "DELETE FROM other",
    ),
    (
        "ALTER TABLE people ADD FOREIGN KEY (team) REFERENCES other ON UPDATE SET NULL;" + REFERS,
        "UPDATE other SET id = 2",
    ),
    (
        "CREATE TABLE top (id int PRIMARY KEY); INSERT INTO top VALUES (1);"
        "ALTER TABLE other ADD FOREIGN KEY (team) REFERENCES top ON DELETE CASCADE;"
        "ALTER TABLE people ADD FOREIGN KEY (team) REFERENCES other ON DELETE SET DEFAULT;" + REFERS,
        "DELETE FROM top",
    ),
    ("CREATE TABLE heir () INHERITS (people);", "INSERT INTO heir (id) VALUES (1)"),
    (
        "CREATE RULE too AS ON INSERT TO other DO ALSO INSERT INTO people VALUES (NEW.id, NULL);",
        "INSERT INTO other VALUES (1, 1)",
    ),
]


@pytest.fixture(scope="module")
def database() -> Iterator[oracle.Database]:
    with oracle.start() as server:
        assert not isinstance(server, Diagnostic), server.message
        with server.database() as fresh:
            yield fresh


@pytest.mark.parametrize(("more", "query"), CHAINS)
def test_what_a_query_sets_off_is_no_write_that_is_proved(
    database: oracle.Database, more: str, query: str
) -> None:
    with database.attempt():
        assert all(database.execute(each) is None for each in (BASE + more, STRICTER))
        assert database.execute(query) is not None
    report = rollout(BASE + more, STRICTER, old=query, new=query)
    assert report.verdict is not Verdict.PROVED


@pytest.mark.parametrize(
    ("more", "query"),
    [
        ("", "INSERT INTO other VALUES (1, 1)"),
        ("", "DELETE FROM people"),
        ("CREATE VIEW folks AS SELECT id, team FROM other;", "INSERT INTO folks (id) VALUES (1)"),
        (
            "ALTER TABLE people ADD FOREIGN KEY (team) REFERENCES other ON UPDATE SET NULL;",
            "UPDATE other SET team = 2",
        ),
    ],
)
def test_a_query_that_sets_off_nothing_there_leaves_it_proved(more: str, query: str) -> None:
    assert rollout(BASE + more, STRICTER, old=query, new=query).verdict is Verdict.PROVED
