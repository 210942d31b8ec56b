"""Defines the proof file: what was proved of a policy, and of which policy exactly.

It is read without a solver, and as strictly as any document. Whoever decides by it trusts whoever wrote it;
`rung prove --check` does not.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rung.diagnostics import Diagnostic, Source
from rung.inputs.document import read_document
from rung.inputs.load import load_content
from rung.inputs.proposal import Lane
from rung.inputs.record import Record
from rung.inputs.scalars import MAX_TEXT, Digest, Text

SCHEMA = "rung.proof/1"
SUFFIX = ".proof.json"
Outcome: TypeAlias = Literal["proved", "refuted", "unknown"]
BEFORE = " before "


class ProvedProperty(Record):
    """What is known of one property that the policy demands."""

    property: Text
    """The property, as the policy has it."""
    verdict: Outcome
    """Whether it is proved for all histories, refuted by one, or neither."""
    reason: Text | None = None
    """What is wrong, or why nothing is known."""
    without_waivers: tuple[Text, ...] = ()
    """The waivers but for which it is proved: with them it is refuted, as long as they last."""
    excepted_lanes: tuple[Lane, ...] = ()
    """The lanes of which it does not speak."""
    order: tuple[Text, ...] = ()
    """What the proof rests on, `qa before prod`: whatever is in `prod` has earned health in `qa` before."""


class ProofFile(Record):
    """What was proved of a policy."""

    policy: Text
    """The name of the policy."""
    digest: Digest
    """The digest of all that its decisions and proofs depend on."""
    identity: Mapping[Text, Text]
    """The same in parts: for each its digest, or its version."""
    assumptions: tuple[Text, ...]
    """What all proofs take for granted."""
    versions: Mapping[Text, Text]
    """The versions of what has proved it; those that bear on the meaning are part of its identity."""
    verdicts: tuple[ProvedProperty, ...]
    """The verdict on each property, in the order of the policy."""


def read_proof(source: Source) -> tuple[ProofFile | None, list[Diagnostic]]:
    """The proof file that a text is, or None and all that is wrong with it."""
    document, problems = read_document(source)
    if document is None:
        return None, problems
    return load_content(document, {SCHEMA: ProofFile})


def fit(text: str) -> str:
    """A text that a document can hold, as far as there is room."""
    kept = "".join(each if each.isprintable() else " " for each in text).strip()
    return kept if len(kept) <= MAX_TEXT else kept[: MAX_TEXT - 1] + "…"
