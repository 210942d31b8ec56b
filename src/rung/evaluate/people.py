"""Defines who is who: accounts become persons, groups become sets of persons.

One person counts once, whatever accounts and groups. An account that belongs to no known person is
nobody: it is counted nowhere, and where somebody must be excluded it makes the answer unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rung.inputs.facts import Facts
from rung.policy import model


class Directory(NamedTuple):
    """Person ids by account (an id is an account too), and the groups of each person.

    An account that two persons claim maps to None.
    """

    persons: Mapping[str, str | None]
    groups: Mapping[str, frozenset[str]]

    def person(self, account: str) -> str | None:
        """The person behind an account, or None when nobody certain is."""
        return self.persons.get(account)


def declared(policy: model.Policy) -> dict[str, str]:
    """The persons that the policy itself names: declared ones, then members of its groups."""
    persons = {}
    for person in policy.persons:
        for account in (person.id, *person.accounts):
            persons[account] = person.id
    for group in policy.groups.values():
        for member in sorted(group.members or ()):
            persons.setdefault(member, member)
    return persons


def directory(policy: model.Policy, known: Mapping[str, str], facts: Facts) -> Directory:
    """The policy's persons and those of the facts together; one who is in both is one person."""
    persons: dict[str, str | None] = dict(known)
    supplied: dict[str, set[str]] = {}
    for person in facts.people.persons if facts.people else ():
        accounts = (person.id, *person.accounts)
        owners = {known[account] for account in accounts if account in known}
        owner = person.id if not owners else owners.pop() if len(owners) == 1 else None
        for account in accounts:
            # Two persons of the facts cannot claim one account (refused on input); a person of the
            # facts that would join two of the policy is nobody certain.
            persons[account] = owner
        if owner is not None:
            for name in person.groups:
                supplied.setdefault(name, set()).add(owner)
    groups = {}
    for name, group in policy.groups.items():
        if group.members is None:
            groups[name] = frozenset(supplied.get(name, ()))
        else:
            members = (persons.get(member) for member in group.members)
            groups[name] = frozenset(member for member in members if member is not None)
    return Directory(persons, groups)
