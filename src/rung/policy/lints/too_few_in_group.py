"""More people must approve than the groups have members, so nothing ever passes.

    group leads { "ana@example.com" }
    require at least 2 approvals from leads except authors

A person counts once, whatever accounts and groups; members of a group that is left out do not count. A group
`from facts` or one that is still to be filled says nothing of its size.
"""

from __future__ import annotations

from collections.abc import Iterator

from rung.diagnostics import Diagnostic, Related
from rung.policy import model, walk

CODE = "too-few-in-group"

BAD = """
environment prod
person "ana@example.com" accounts "github:ana"
group leads { "ana@example.com", "github:ana" }
admit build -> prod { require at least 2 approvals from leads except authors }
"""

GOOD = """
environment prod
group leads { "ana@example.com", "bo@example.com" }
admit build -> prod { require at least 2 approvals from leads except authors }
"""


def check(policy: model.Policy) -> Iterator[Diagnostic]:
    """Find the counts of people that the listed groups cannot reach."""
    owner = {account: person.id for person in policy.persons for account in person.accounts}
    for block in walk.blocks(policy):
        for requirement in block.requirements:
            for node in walk.parts(requirement.condition):
                if not isinstance(node, model.People):
                    continue
                members = _members(node, policy, owner)
                if members is not None and len(members) < node.count:
                    who = "person" if len(members) == 1 else "people"
                    message = f"at least {node.count} must agree, and only {len(members)} {who} can"
                    related = tuple(Related(policy.groups[name].span, "counted here") for name in node.groups)
                    hint = "ask for fewer, or name a larger group"
                    yield Diagnostic(CODE, message, node.span, hint, related, "warning")


def _members(node: model.People, policy: model.Policy, owner: dict[str, str]) -> set[str] | None:
    """The persons who can count, or None where the policy does not say."""
    persons: set[str] = set()
    for name in node.groups:
        group = policy.groups.get(name)
        if group is None or group.members is None or (policy.is_baseline and not group.members):
            return None
        persons.update(owner.get(member, member) for member in group.members)
    for name in node.excluding:
        group = policy.groups.get(name)
        if group is not None and group.members is not None:
            persons.difference_update(owner.get(member, member) for member in group.members)
    return persons
