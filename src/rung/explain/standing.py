"""Defines how the proof of a policy stands: whether what it demands is proved, by its proof file.

The file is believed; no solver is asked. Ordinary deployments wait for a proof. What mends production does
not: a hotfix, a rollback, and the next steps of what was let in already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from rung.explain import words
from rung.frozen import frozen
from rung.inputs.proof import ProofFile, ProvedProperty
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.identity import digest
from rung.policy.moments import BEGIN, END

State = Literal["proved", "missing", "stale", "refuted", "unknown", "out-of-horizon"]
WAITING = ("admit", "promote")  # lanes


@frozen
class Standing:
    """How a proof stands, in sentences; `file` is where it is, and `remedy` a command, if there is one."""

    state: State
    file: str | None
    said: tuple[str, ...]
    remedy: str = ""

    @property
    def is_proved(self) -> bool:
        return self.state == "proved"

    def holds_up(self, proposal: Proposal) -> bool:
        """Whether what is proposed has to wait for a proof."""
        return not self.is_proved and proposal.action == "deploy" and proposal.lane in WAITING


def standing(
    policy: model.Policy, identity: Mapping[str, str], proof: ProofFile, file: str, at: int, prove: str
) -> Standing:
    """How the proof of a policy stands at an instant (UTC seconds), by a file of that name.

    `prove` is the command that proves it.
    """
    stale = tuple(changes(policy, identity, proof))
    if stale:
        return Standing("stale", file, stale, f"{prove} --write")
    wrong = [each for each in proof.verdicts if each.verdict != "proved"]
    if wrong:
        state: State = "refuted" if any(each.verdict == "refuted" for each in wrong) else "unknown"
        return Standing(state, file, tuple(_wrong(each) for each in wrong), prove)
    if not BEGIN <= at < END:
        span = f"from {words.clock(BEGIN)} to {words.clock(END)}"
        return Standing("out-of-horizon", file, (f"proofs speak of decisions {span}",))
    without = [
        f"proved without {words.listed(each.without_waivers)}, refuted with it: {each.property}"
        for each in proof.verdicts
        if each.without_waivers
    ]
    return Standing("proved", file, (f"{len(proof.verdicts)} properties are proved", *without))


def missing(file: str | None, why: str, prove: str) -> Standing:
    """There is no proof file, or none that can be read."""
    return Standing("missing", file, (why,), f"{prove} --write")


def _wrong(found: ProvedProperty) -> str:
    told = "refuted" if found.verdict == "refuted" else "neither proved nor refuted"
    return f"{told}: {found.property}" + (f" ({found.reason})" if found.reason else "")


def changes(policy: model.Policy, identity: Mapping[str, str], proof: ProofFile) -> Iterator[str]:
    """In what respects a file is not about a policy as it is now."""
    names = dict.fromkeys((*proof.identity, *identity))
    changed = [each for each in names if proof.identity.get(each) != identity.get(each)]
    for name, program in (("rung", "Rung"), ("language", "the language")):
        if name in changed:
            changed.remove(name)
            yield f"it is about {program} {proof.identity.get(name)}, and this is {identity.get(name)}"
    if changed:
        yield f"changed since it was proved: {words.listed(changed)}"
    if proof.digest != digest(dict(proof.identity)):
        yield "its digest is not that of its parts"
    elif len(proof.verdicts) != len(policy.properties):
        yield f"it has {len(proof.verdicts)} verdicts, and the policy demands {len(policy.properties)}"
