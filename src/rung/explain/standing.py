"""Defines how the proof of a policy stands: whether what it demands is proved, by its proof file.

Whether the file is about the policy is seen without a solver, the same for whoever believes it and whoever
checks it. What it claims is believed here. Ordinary deployments wait for a proof. What mends production does
not: a hotfix, a rollback, and the next steps of what was let in already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from rung.explain import words
from rung.frozen import frozen
from rung.inputs.proof import BEFORE, ProofFile, ProvedProperty, fit
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.policy.assumptions import assumed
from rung.policy.identity import digest
from rung.policy.moments import BEGIN, END

State = Literal["proved", "missing", "stale", "refuted", "unknown", "out-of-horizon"]
WAITING = ("admit", "promote")  # lanes


@frozen
class Subject:
    """The policy that a proof file is to be about, with its identity and the texts that it was read from."""

    policy: model.Policy
    identity: Mapping[str, str]
    sources: words.Sources


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


def standing(proof: ProofFile, file: str, at: int, prove: str) -> Standing:
    """How the proof of a policy stands at an instant (UTC seconds), by a file about it of that name.

    `prove` is the command that proves it.
    """
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


def stale(subject: Subject, proof: ProofFile, file: str, prove: str) -> Standing | None:
    """That a file is not about the policy as it is now, unless it is."""
    said = (*_changes(subject.identity, proof),) or (*_foreign(subject, proof),)
    return Standing("stale", file, said, f"{prove} --write") if said else None


def _changes(identity: Mapping[str, str], proof: ProofFile) -> Iterator[str]:
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


def _foreign(subject: Subject, proof: ProofFile) -> Iterator[str]:
    """What nobody has proved who writes a file about this policy."""
    policy, verdicts = subject.policy, proof.verdicts
    if proof.assumptions != assumed(policy):
        yield "it takes other things for granted than proofs do"
    if len(verdicts) != len(policy.properties):
        yield f"it has {len(verdicts)} verdicts, and the policy demands {len(policy.properties)}"
        return
    for node, claimed in zip(policy.properties, verdicts, strict=True):
        demanded = words.demanded(node, subject.sources)
        if words.without_layout(claimed.property) != words.without_layout(fit(demanded)):
            yield f"it speaks of `{claimed.property}` where the policy demands `{demanded}`"
            continue
        excepted = node.lanes if isinstance(node, model.NamedProperty) else ()
        if claimed.verdict == "proved" and claimed.excepted_lanes != excepted:
            yield f"it excepts other lanes than the policy: {claimed.property}"
        waivers = {each.id for each in policy.waivers}
        strange = [each for each in claimed.without_waivers if each not in waivers]
        yield from (f"it speaks of `{each}`, which the policy does not have" for each in strange)
        for pair in claimed.order:
            if not policy.environments.keys() >= {*pair.partition(BEFORE)[::2]}:
                yield f"it rests on `{pair}`, which is no order of two environments of the policy"
