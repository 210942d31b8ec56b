"""Claims about all states, taken apart and made claims about entries."""

from __future__ import annotations

import pytest

from rung.diagnostics import Span
from rung.policy import model
from rung.prove.apart import apart, holds_at_first, of_entries
from rung.prove.errors import NotEncodedError

AT = Span("p.rung", 0, 1)


def event(name: str, place: str = "qa") -> model.Happened:
    return model.Happened(name, place, None, AT)


def no(operand: model.Condition) -> model.Condition:
    return model.Not(operand, AT)


def both(*operands: model.Condition) -> model.Condition:
    return model.And(operands, AT)


def some(*operands: model.Condition) -> model.Condition:
    return model.Or(operands, AT)


def implies(premise: model.Condition, conclusion: model.Condition) -> model.Condition:
    return model.Implies(premise, conclusion, AT)


IN_QA, IN_PROD, IN_EU = event("deployed"), event("deployed", "prod"), event("deployed", "eu")
FROZEN = model.InsideMaintenance(AT)
"""A condition of which nobody knows at first."""


@pytest.mark.parametrize(
    ("claim", "parts"),
    [
        (IN_QA, [IN_QA]),
        (both(IN_QA, both(IN_PROD, IN_EU)), [IN_QA, IN_PROD, IN_EU]),
        (no(no(both(IN_QA, IN_PROD))), [IN_QA, IN_PROD]),
        (no(some(IN_QA, no(IN_PROD))), [no(IN_QA), IN_PROD]),
        (no(implies(both(IN_QA, IN_EU), IN_PROD)), [IN_QA, IN_EU, no(IN_PROD)]),
        (implies(some(IN_QA, IN_EU), IN_PROD), [implies(IN_QA, IN_PROD), implies(IN_EU, IN_PROD)]),
        (implies(IN_PROD, both(IN_QA, IN_EU)), [implies(IN_PROD, IN_QA), implies(IN_PROD, IN_EU)]),
        (some(IN_QA, IN_EU), [some(IN_QA, IN_EU)]),
        (no(both(IN_QA, IN_EU)), [no(both(IN_QA, IN_EU))]),
    ],
)
def test_what_holds_together(claim: model.Condition, parts: list[model.Condition]) -> None:
    assert list(apart(claim)) == [*parts]
    assert all(each.span == AT for each in apart(claim))


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (IN_QA, False),
        (model.Before(IN_QA, IN_PROD, AT), False),
        (FROZEN, None),
        (no(IN_QA), True),
        (no(no(IN_QA)), False),
        (no(FROZEN), None),
        (both(IN_QA, FROZEN), False),
        (both(no(IN_QA), FROZEN), None),
        (both(no(IN_QA), no(IN_PROD)), True),
        (both(no(IN_QA), IN_PROD), False),
        (some(no(IN_QA), FROZEN), True),
        (some(IN_QA, FROZEN), None),
        (some(IN_QA, IN_PROD), False),
        (some(IN_QA, no(IN_PROD)), True),
        (implies(IN_QA, FROZEN), True),
        (implies(FROZEN, IN_QA), None),
        (implies(no(IN_QA), IN_PROD), False),
    ],
)
def test_whether_a_claim_holds_before_anything_has_happened(
    claim: model.Condition, holds: bool | None
) -> None:
    assert holds_at_first(claim) is holds


RUNS, EARNED, BAD = event("running", "prod"), event("earned", "prod"), event("bad", "prod")


@pytest.mark.parametrize(
    ("claim", "made", "states"),
    [
        (implies(RUNS, IN_QA), implies(IN_PROD, IN_QA), {"prod": "running"}),
        (implies(EARNED, IN_QA), implies(IN_PROD, IN_QA), {"prod": "earned"}),
        (no(both(BAD, IN_QA)), no(both(IN_PROD, IN_QA)), {"prod": "bad"}),
        (some(no(RUNS), event("earned")), some(no(IN_PROD), event("earned")), {"prod": "running"}),
        (implies(no(no(RUNS)), IN_QA), implies(no(no(IN_PROD)), IN_QA), {"prod": "running"}),
        (implies(EARNED, event("earned")), implies(IN_PROD, event("earned")), {"prod": "earned"}),
        (implies(IN_PROD, FROZEN), implies(IN_PROD, FROZEN), {}),
    ],
)
def test_what_becomes_of_a_release_was_deployed_first(
    claim: model.Condition, made: model.Condition, states: dict[str, str]
) -> None:
    assert of_entries(claim) == (made, states)


@pytest.mark.parametrize(
    "claim",
    [
        RUNS,  # it does not stay so
        implies(IN_QA, RUNS),
        no(no(BAD)),
        no(both(RUNS, BAD)),  # of one place
        implies(EARNED, some(EARNED, IN_QA)),
        implies(EARNED, implies(no(EARNED), IN_QA)),
        implies(both(EARNED, no(EARNED)), IN_QA),
        implies(EARNED, model.Before(EARNED, IN_QA, AT)),
    ],
)
def test_what_is_not_about_entries(claim: model.Condition) -> None:
    with pytest.raises(NotEncodedError):
        of_entries(claim)


def test_health_elsewhere_is_about_entries() -> None:
    of_entries(implies(EARNED, model.Before(event("earned"), IN_EU, AT)))
    of_entries(implies(EARNED, model.Before(IN_PROD, IN_QA, AT)))
    of_entries(implies(EARNED, no(EARNED)))
