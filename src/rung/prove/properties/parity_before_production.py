"""Defines the property `parity-before-production`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, Equal, routes_into


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: where the policy declares parity, nothing enters while a facet differs, or differed when
    the release was validated. A rollback, which may not wait, is excepted.
    """
    for parity in policy.parities:
        for route in routes_into(policy, parity.places):
            text = f"a release enters `{route.target}` although it differs from where it was validated"
            yield Claim(route, Equal(parity, parity.span), text)
