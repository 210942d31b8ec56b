"""What is PROVED of random migrations does not fail on PostgreSQL, and what is REFUTED does.

`python -m tests.agreement.migrations_campaign COUNT` runs as many more as one likes.
"""

from tests.agreement.migrations_campaign import campaign


def test_verdicts_agree_with_postgres() -> None:
    tally = campaign(60)
    assert tally.wrong == []
    # The sample must exercise both answers, or agreement would mean nothing.
    assert tally.counts["replay fails"] > 30
    assert tally.counts["writes checked"] > 10
    assert tally.counts["reads checked"] > 10
