"""Documents: what a valid request becomes."""

from decimal import Decimal
from typing import Any

import pytest

from rung.inputs.facts import AboutCommit, AboutEnvironment, AboutTarget, Evidence, Facts
from rung.inputs.proposal import MachineActor, PersonActor
from rung.inputs.record import Record
from rung.inputs.scalars import parse_instant
from rung.inputs.validator import validate


def test_a_request_is_a_proposal_and_facts(load: Any, data: Any) -> None:
    request, diagnostics = load(data)
    assert diagnostics == []
    proposal, facts = request.proposal, request.facts
    assert (proposal.action, proposal.lane, proposal.target) == ("deploy", "promote", "prod")
    assert proposal.from_ == ("staging_eu", "staging_us")
    assert proposal.strategy.steps == (Decimal(5), Decimal(50), Decimal(100))
    assert proposal.actor == MachineActor(
        machine="repo:acme/payments:environment:prod", on_behalf_of="github:bo-gh"
    )
    assert (proposal.migrations.from_, proposal.migrations.to) == ("041", "043")
    assert facts.builds[0].finished == parse_instant("2026-11-23T09:12:00Z")
    assert facts.history.events[1].waivers == ("W-104",)


def test_a_release_and_the_records_about_it_have_equal_digests(load: Any, data: Any) -> None:
    request, _ = load(data)
    about = request.facts.approvals[0].about
    assert isinstance(about, AboutTarget)
    assert about.digests == request.proposal.release.digests == request.facts.health[1].digests
    assert request.proposal.rollback.to == request.facts.history.events[0].digests


def test_what_is_left_out_of_a_proposal_is_none_or_empty(load: Any, data: Any) -> None:
    for optional in ("action", "from", "strategy", "rollback", "configuration_keys", "flags", "migrations"):
        del data["proposal"][optional]
    proposal = load(data)[0].proposal
    assert proposal.action == "deploy"
    assert proposal.from_ == ()
    assert proposal.strategy is proposal.rollback is proposal.migrations is None
    assert proposal.flags == {}
    assert proposal.configuration_keys is None


def test_no_configuration_keys_are_not_the_same_as_unknown_ones(load: Any, data: Any) -> None:
    data["proposal"]["configuration_keys"] = []
    assert load(data)[0].proposal.configuration_keys == ()


def test_one_name_or_digest_stands_for_a_list_of_one(load: Any, data: Any) -> None:
    digest = data["facts"]["builds"][0]["digest"]
    data["proposal"] |= {"from": "qa", "rollback": {"to": digest}}
    proposal = load(data)[0].proposal
    assert proposal.from_ == ("qa",)
    assert proposal.rollback.to == frozenset({digest})


def test_no_facts_are_empty_facts(load: Any, data: Any) -> None:
    data["facts"] = {}
    assert load(data)[0].facts == Facts()


def test_evidence_keeps_its_fields_as_they_are_written(load: Any, data: Any, text: str) -> None:
    evidence: Evidence = load(text)[0].facts.evidence[3]
    assert evidence.fields == {
        "id": "CHG-2208",
        "state": "approved",
        "risk": Decimal("1.5"),
        "reviewed": True,
        "areas": ("payments", "ledger"),
    }
    assert type(evidence.fields["risk"]) is Decimal
    assert evidence.fields["reviewed"] is True


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        ({"commit": "a" * 40}, "AboutCommit"),
        ({"build": "gh:881/1"}, "AboutBuild"),
        ({"artifact": "sha256:" + "a" * 64}, "AboutArtifact"),
        ({"digests": ["sha256:" + "a" * 64]}, "AboutRelease"),
        ({"environment": "prod", "digests": ["sha256:" + "a" * 64]}, "AboutEnvironment"),
    ],
)
def test_evidence_is_about_one_kind_of_thing(load: Any, data: Any, about: Any, kind: str) -> None:
    data["facts"]["evidence"][0]["about"] = about
    assert type(load(data)[0].facts.evidence[0].about).__name__ == kind


def test_what_an_environment_is_about_may_leave_the_release_open(load: Any, data: Any) -> None:
    data["facts"]["evidence"][0]["about"] = {"environment": "prod"}
    assert load(data)[0].facts.evidence[0].about == AboutEnvironment(environment="prod")


def test_an_approval_may_be_about_a_commit(load: Any, data: Any) -> None:
    assert isinstance(load(data)[0].facts.approvals[2].about, AboutCommit)


def test_an_actor_is_a_person_or_a_machine(load: Any, data: Any) -> None:
    data["proposal"]["actor"] = {"person": "ana@example.com"}
    assert load(data)[0].proposal.actor == PersonActor(person="ana@example.com")


def test_an_unknown_release_is_not_the_same_as_none(load: Any, data: Any) -> None:
    data["facts"]["environments"][0]["running"] = []
    prod, _, dr = load(data)[0].facts.environments
    assert prod.running == frozenset()
    assert dr.running is None
    assert dr.drift is None


def test_a_change_may_reach_back_to_the_very_beginning(load: Any, data: Any) -> None:
    data["facts"]["changes"][0]["base"] = None
    assert load(data)[0].facts.changes[0].base is None


def test_a_deployment_may_be_in_progress(load: Any, data: Any) -> None:
    event = data["facts"]["history"]["events"][-1]
    event |= {"finished": None, "outcome": "in_progress"}
    assert load(data)[0].facts.history.events[-1].finished is None


def test_a_field_that_no_document_can_hold_is_a_slip_of_ours() -> None:
    class Odd(Record):
        number: int

    with pytest.raises(TypeError, match="no document can hold <class 'int'>"):
        validate(Odd, {"number": 1})
