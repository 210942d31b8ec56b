"""Defines the property `parity-before-production`."""

from __future__ import annotations

from collections.abc import Iterator

from rung.policy import model
from rung.prove.claims import Claim, Equal, routes_into
from rung.prove.order import before


def claims(policy: model.Policy, node: model.NamedProperty) -> Iterator[Claim]:
    """Proved means: where the policy declares parity, nothing enters while a facet differs, or differed when
    the release was validated. A rollback, which may not wait, is excepted.
    """
    for parity in policy.parities:
        for route in routes_into(policy, parity.places):
            if not set(before(policy, route.target)) & set(parity.places):
                continue  # nothing comes before it that it could differ from
            text = f"a release enters `{route.target}` although it differs from where it was validated"
            yield Claim(route, Equal(parity, parity.span), text)
