"""Defines which persons a policy itself names."""

from __future__ import annotations

from rung.policy import model


def declared_persons(policy: model.Policy) -> dict[str, str]:
    """Person ids by account (an id is an account too): declared persons, then members of groups."""
    persons = {}
    for person in policy.persons:
        for account in (person.id, *person.accounts):
            persons[account] = person.id
    for group in policy.groups.values():
        for member in sorted(group.members or ()):
            persons.setdefault(member, member)
    return persons
