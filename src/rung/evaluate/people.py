"""Defines who is who: accounts become persons, groups become sets of persons.

One person counts once, whatever accounts and groups. An account that belongs to no known person is
nobody: it is counted nowhere, and where somebody must be excluded it makes the answer unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from rung.inputs.facts import Facts
from rung.policy import model


class Directory:
    """Person ids by account (an id is an account too), and the persons of each group.

    An account that two persons claim maps to None.
    """

    def __init__(
        self,
        policy: model.Policy,
        persons: Mapping[str, str | None],
        supplied: Mapping[str, set[str]] | None,
    ) -> None:
        self.persons = persons
        self._policy = policy
        self._supplied = supplied
        self._groups: dict[str, frozenset[str] | None] = {}

    def person(self, account: str) -> str | None:
        """The person behind an account, or None when nobody certain is."""
        return self.persons.get(account)

    def group(self, name: str) -> frozenset[str] | None:
        """The persons of a group of the policy, None when nobody said who is in it."""
        if name not in self._groups:
            members = self._policy.groups[name].members
            if members is not None:
                persons = set()
                for member in members:
                    person = self.persons.get(member)
                    if person is not None:
                        persons.add(person)
                self._groups[name] = frozenset(persons)
            else:
                supplied = self._supplied
                self._groups[name] = None if supplied is None else frozenset(supplied.get(name, ()))
        return self._groups[name]


def directory(policy: model.Policy, known: Mapping[str, str], facts: Facts) -> Directory:
    """The policy's persons and those of the facts together; one who is in both is one person."""
    persons: dict[str, str | None] = dict(known)
    supplied: dict[str, set[str]] = {}
    doubted: set[str] = set()
    for person in facts.people.persons if facts.people else ():
        owner, owners = person.id, 0
        accounts = (owner, *person.accounts)
        for account in accounts:
            declared = known.get(account)
            if declared is not None and (not owners or declared != owner):
                owner, owners = declared, owners + 1
        if owners > 1:
            # One who is only listed in groups may be listed by several accounts.
            by_name = {each.id for each in policy.persons}
            several = {known[account] for account in accounts if account in known} & by_name
            owner = several.pop() if len(several) == 1 else person.id
            if several:
                doubted.update((owner, *several))
        # Two persons of the facts cannot claim one account: that is refused on input.
        for account in accounts:
            persons[account] = owner
        for name in person.groups:
            supplied.setdefault(name, set()).add(owner)
    if doubted:
        # Persons of the policy whom the facts make one are nobody certain, by whatever account.
        persons = {account: None if each in doubted else each for account, each in persons.items()}
    return Directory(policy, persons, None if facts.people is None else supplied)
