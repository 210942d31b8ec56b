"""Which properties apply to a policy that does not demand them."""

from __future__ import annotations

from rung.engine import FEW, properties
from rung.explain.words import named_property
from rung.prove.applicable import applicable
from tests.campaigns.encoding import policy_of

HEAD = """rung 1
policy "p"
environment qa
environment prod after qa
group managers { "ana@example.com", "bo@example.com" }
evidence tests about build { failed: int }
gate pass { needs tests require tests.failed == 0 }
"""


def of(text: str) -> list[str]:
    return [named_property(each) for each in applicable(policy_of(HEAD + text))]


def test_order_and_ways() -> None:
    assert of("admit build -> qa\npromote qa -> prod\n") == [
        "no-environment-skipped except hotfix",
        "built-once",
        "possible: every lane into every environment",
    ]


def test_an_order_that_only_hotfixes_and_what_comes_before_it_could_skip_is_not_asked_about() -> None:
    assert "no-environment-skipped except hotfix" not in of("admit build -> qa\nhotfix qa -> prod\n")


def test_what_is_demanded_in_another_form_is_not_asked_again() -> None:
    demands = "prove no-environment-skipped except rollback\nprove built-once\nprove possible: deployed(qa)\n"
    assert of("admit build -> qa\npromote qa -> prod\n" + demands) == []


def test_hotfixes_rollbacks_and_closed_times() -> None:
    text = """admit build -> qa
promote qa -> prod
hotfix qa -> prod
rollback prod within 2 releases
freeze "Year end" on { qa, prod } from 2026-12-18 18:00 to 2027-01-04 08:00 in "UTC" sparing rollback
prove possible: deployed(prod)
"""
    assert of(text)[2:] == [
        "rollback-possible on prod",
        "responders-not-locked-out on qa",
        "responders-not-locked-out on prod",
        "hotfix-comes-home",
    ]


def test_nobody_is_locked_out_of_a_place_that_is_never_closed() -> None:
    text = """admit build -> qa
promote qa -> prod
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC"
"""
    named = [each for each in of(text) if each.startswith("responders")]
    assert named == ["responders-not-locked-out on prod"]


def test_evidence_that_is_asked_for_twice_may_be_asked_for_less_strictly() -> None:
    text = "admit build -> qa { require pass }\npromote qa -> prod { require pass }\n"
    assert "strictness-rises" in of(text)
    assert "strictness-rises" not in of(text.replace("prod { require pass }", "prod"))
    alternative = text.replace("prod { require pass }", "prod { require pass or actor is machine }")
    assert "strictness-rises" in of(alternative)


def test_duties_are_apart_where_every_way_asks_for_somebody_else() -> None:
    asks = "{ require at least 1 approval from managers except authors }"
    text = f"admit build -> qa\npromote qa -> prod {asks}\nhotfix qa -> prod {asks}\n"
    assert "separation-of-duties on prod { author, approver }" in of(text)
    for asks_less in (text + "admit build -> prod\n", text.replace(" except authors", "", 1)):
        assert not [each for each in of(asks_less) if each.startswith("separation")]


def test_what_routes_require_or_rules_declare() -> None:
    text = """admit build -> qa
promote qa -> prod { require migrations compatible, new flags off }
parity { qa, prod } on os
strategy atomic on prod {}
"""
    assert of(text)[2:-1] == [
        "expand-before-contract on prod",
        "migrations-in-order except hotfix on prod",
        "parity-before-production",
        "atomic-only-in-window",
        "dormant-first on prod",
    ]


def test_of_many_environments_only_what_is_demanded_unless_all_is_asked_for() -> None:
    text = 'rung 1\npolicy "long"\nenvironment e0\nadmit build -> e0\n'
    text += "".join(f"environment e{n} after e{n - 1}\npromote e{n - 1} -> e{n}\n" for n in range(1, FEW + 1))
    demanding = policy_of(text + "prove built-once\n")
    assert properties(demanding) == demanding.properties
    assert len(properties(demanding, True)) > 1
    assert properties(policy_of(text)) == applicable(policy_of(text))
