"""Defines the proof file that is written beside a policy; the same proofs make the same file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rung.explain.proofs import Proof
from rung.inputs.proof import BEFORE, SCHEMA, ProofFile, ProvedProperty, fit
from rung.inputs.write import plain_record, to_json
from rung.policy import model
from rung.policy.assumptions import assumed
from rung.policy.identity import digest


def proof_file(
    found: Sequence[Proof], policy: model.Policy, identity: Mapping[str, str], versions: Mapping[str, str]
) -> str:
    """The text of a proof file: what is proved and what is not."""
    made = ProofFile(
        policy=fit(policy.name),
        digest=digest(dict(identity)),
        identity=identity,
        assumptions=assumed(policy),
        versions=versions,
        verdicts=tuple(_property(each) for each in found),
    )
    return to_json({"schema": SCHEMA, **plain_record(made)}) + "\n"


def _property(proof: Proof) -> ProvedProperty:
    verdict = proof.verdict
    order = verdict.order if proof.outcome == "proved" else ()
    return ProvedProperty(
        property=fit(proof.title),
        verdict=proof.outcome,
        reason=fit(verdict.reason) if verdict.reason else None,
        without_waivers=tuple(each.id for each in verdict.without),
        excepted_lanes=verdict.excepted,  # type: ignore[arg-type]  # the grammar gives lanes only
        order=tuple(f"{early}{BEFORE}{late}" for early, late in sorted(order)),
    )
