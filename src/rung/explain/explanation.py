"""Defines the explanation: a decision in words, as a tree that any format can print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rung.diagnostics import Span
from rung.explain.steps import Step
from rung.frozen import frozen
from rung.inputs.proposal import Proposal
from rung.policy import model

if TYPE_CHECKING:
    from rung.explain.standing import Standing

Mark = Literal["holds", "fails", "unknown"]
Verdict = Literal["allowed", "forbidden", "not-permitted", "no-rule", "undecided"]


@frozen
class Line:
    """One rule: `text` is what the policy says (at `span`) or a name for it, `seen` what was found."""

    kind: str
    mark: Mark
    text: str
    span: Span | None
    seen: tuple[str, ...] = ()
    parts: tuple[Line, ...] = ()
    controls: tuple[str, ...] = ()


@frozen
class Owed:
    """What an allowed deployment owes, until when (UTC seconds)."""

    name: str
    due: int
    rules: tuple[str, ...]
    span: Span


@frozen
class Explanation:
    """A decision in words.

    `forbidden` means that a ban applies, `not-permitted` that a rule of every route fails (and no ban
    applies), `no-rule` that the policy does not speak of such a deployment, `undecided` that its rules allow
    what waits for a proof of the policy. `routes` stand nearest first: fewest steps away from holding.
    `standing` are the rules that bind every route, and `steps` what would allow the deployment by the
    nearest one. `proof` is how the policy's proof stands, None where none is demanded.
    """

    verdict: Verdict
    reason: str
    hypothetical: bool
    at: int
    policy: str
    file: str
    proposal: Proposal
    routes: tuple[Line, ...]
    standing: tuple[Line, ...]
    bans: tuple[Line, ...]
    steps: tuple[Step, ...]
    owes: tuple[Owed, ...]
    waivers: tuple[model.Waiver, ...]
    valid_until: int | None
    proof: Standing | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict == "allowed"
