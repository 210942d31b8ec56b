"""Defines what proving yields: verdicts, and the stories that show them. Data only, without a solver."""

from __future__ import annotations

from typing import Literal

from rung.frozen import frozen
from rung.inputs.facts import (
    Approval,
    Build,
    Change,
    Environment,
    Event,
    Evidence,
    Manifest,
    People,
    Review,
)
from rung.inputs.proposal import Proposal
from rung.policy import model
from rung.prove.claims import Claim

Outcome = Literal["proved", "refuted", "unknown"]
Fact = Build | Change | Evidence | Review | Approval | Manifest | People | Environment


@frozen
class Happens:
    """Something becomes known at an instant (UTC seconds); an environment is read."""

    at: int
    fact: Fact


@frozen
class Watched:
    """What runs in an environment is seen healthy, or not."""

    at: int
    environment: str
    healthy: bool


@frozen
class RunsAlready:
    """What an environment runs when the policy is adopted."""

    at: int
    event: Event


@frozen
class Decides:
    """A proposal to enter, or to go on, by a way is decided, as `allowed`, and carried out if it is.

    `because` are the bans of which one stands in the way of what is denied; empty for any reason.
    """

    at: int
    proposal: Proposal
    allowed: bool
    way: model.Route | model.Act
    because: tuple[model.Freeze | model.Window | model.Deny, ...] = ()


Step = Happens | Watched | RunsAlready | Decides


@frozen
class Story:
    """A history from `began` on; with a `claim`, one that its last entry breaks (or, a witness, fulfils).

    What is not `certain` may not do so: something in it is read otherwise by another policy.
    """

    began: int
    steps: tuple[Step, ...]
    claim: Claim | None = None
    breaks: bool = False
    certain: bool = True


@frozen
class Shown:
    """A sentence that the solver has shown; if asked for, the SMT-LIB script by which any other can."""

    sentence: str
    script: str = ""


Pair = tuple[str, str]
"""Two environments: whatever is, or was, deployed in the second has earned health in the first before."""

Order = frozenset[Pair]


@frozen
class Recorded:
    """What is to be checked of a proof: the order that it rests on, and the waivers (ids) without which."""

    order: Order
    without: frozenset[str]


@frozen
class Verdict:
    """What is known of one property.

    `reason` says in a sentence what is wrong, or why nothing is known; `without` are the waivers but for
    which it is proved; `excepted` the lanes that it does not speak of. `story` is the history that
    refutes it, or a witness that it has something to say. `findings` are what a reader should know besides.
    What was shown is in `shown`, of histories that keep `order`.
    """

    property: model.Property
    outcome: Outcome
    reason: str = ""
    story: Story | None = None
    without: tuple[model.Waiver, ...] = ()
    excepted: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    order: Order = frozenset()
    seconds: float = 0.0
