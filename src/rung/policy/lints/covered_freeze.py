"""A freeze denies nothing that another freeze does not deny as well.

    freeze "Christmas" on prod from 2026-12-24 to 2026-12-27 in "UTC" sparing rollback
    freeze "Year end"  on prod from 2026-12-18 to 2027-01-04 in "UTC" sparing rollback

Whoever removes or shortens the longer one finds the shorter one in the way, or believes in a freeze that was
only ever a copy.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model

CODE = "covered-freeze"

BAD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
freeze "Christmas" on prod from 2026-12-24 to 2026-12-27 in "UTC"
freeze "Year end" on prod from 2026-12-18 to 2027-01-04 in "UTC"
"""

GOOD = """
environment prod
admit build -> prod { require provenance from "https://ci.example.com" }
freeze "Christmas" on prod from 2026-12-24 to 2026-12-27 in "UTC"
freeze "Year end" on prod from 2026-12-28 to 2027-01-04 in "UTC"
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the freezes that another one covers in place, time, lanes and condition."""
    at_place: dict[str, list[model.Freeze]] = {}
    for freeze in policy.freezes:
        for place in freeze.places:
            at_place.setdefault(place, []).append(freeze)
    redundant: set[int] = set()
    for freeze in policy.freezes:
        for other in at_place[freeze.places[0]] if freeze.places else ():
            if other is not freeze and id(other) not in redundant and _covers(other, freeze):
                redundant.add(id(freeze))
                message = f'freeze `"{freeze.name}"` is covered by `"{other.name}"`'
                related = (Related(other.span, "denies all of it"),)
                yield Diagnostic(CODE, message, freeze.span, "remove one of them", related, "warning")
                break


def _covers(other: model.Freeze, freeze: model.Freeze) -> bool:
    return (
        other.begins <= freeze.begins
        and freeze.ends <= other.ends
        and (other.when is None or other.when == freeze.when)
        and set(other.spares) <= set(freeze.spares)
        and set(freeze.places) <= set(other.places)
    )
