"""What a baseline leaves to the files that use it, and what it lets them do."""

from __future__ import annotations

from dataclasses import replace

from rung.prove.envelope import allowing, binds, opened, plain_users
from tests.campaigns.encoding import policy_of

TEXT = """\
rung 1
policy "shop"
environment qa
environment prod after qa
person "ana" accounts "github:ana"
group leads { "ana", "bo" }
group owners { "dee" }
gate signed { require at least 1 approval from leads }
gate owned { require at least 1 approval from owners }
admit build -> qa
promote qa -> prod { require signed }
hotfix qa -> prod { owes review within 48h { require owned } }
waive signed on qa as "W-0" by "ana" from 2026-11-20 until 2026-11-25 because "outage"
"""


PLAIN = policy_of(TEXT)
CLOSED = policy_of(TEXT + "every route into prod except hotfix require owned\n")
OPEN = policy_of(TEXT + "open persons\nopen gate signed\nopen group owners\n")
USER = policy_of(
    TEXT.replace('"github:ana"', '"github:ana", "okta:ana"')
    .replace('leads { "ana", "bo" }', 'leads { "ana", "bo", "eve" }')
    .replace('owners { "dee" }', 'owners { "dee", "eve" }')
    .replace("environment prod after qa\n", "environment prod after qa\nenvironment eu after prod\n")
    + 'waive signed on { prod, eu } as "W-1" by "ana" from 2026-11-20 until 2026-11-25 because "outage"\n'
    + 'waive owned on prod as "W-2" by "ana" from 2026-11-20 until 2026-11-25 because "outage"\n'
)


def test_who_binds_the_routes_of_others() -> None:
    assert binds(CLOSED)
    assert binds(OPEN)
    assert binds(replace(PLAIN, routes=()))
    assert not binds(PLAIN)


def test_what_is_not_open_stays_the_baselines() -> None:
    assert opened(CLOSED, USER) == CLOSED


def test_what_is_open_is_the_users() -> None:
    found = opened(OPEN, USER)
    assert found.persons == USER.persons
    assert found.groups == {**OPEN.groups, "owners": USER.groups["owners"]}
    # Of a waiver of an open gate, what is in places of the baseline.
    assert [(each.id, each.gate, each.places) for each in found.waivers] == [
        ("W-0", "signed", ("qa",)),
        ("W-1", "signed", ("prod",)),
    ]
    assert replace(found, persons=OPEN.persons, groups=OPEN.groups, waivers=OPEN.waivers) == OPEN


def test_a_route_of_a_user_is_bound_and_owes_what_those_of_its_lane_owe() -> None:
    entry = replace(USER.routes[1], requirements=(), obligations=())
    fix = replace(USER.routes[2], requirements=(), obligations=())
    for lane, route, requirements, obligations in (
        ("promote", entry, CLOSED.constraints[0].requirements, ()),
        ("hotfix", fix, (), CLOSED.routes[2].obligations),
    ):
        found = allowing(CLOSED, route)
        [bound] = [each for each in found.routes if each.lane == lane]
        assert (bound.requirements, bound.obligations) == (requirements, obligations)
        assert {each.lane for each in found.routes} == {"admit", "promote", "hotfix"}


def test_plain_users_come_by_each_lane_into_each_place() -> None:
    assert not list(plain_users(PLAIN, PLAIN))
    for old, new in ((PLAIN, CLOSED), (CLOSED, PLAIN)):
        doors = [(door.lane, door.target) for _, door in plain_users(old, new)]
        assert doors == [
            ("admit", "qa"),
            ("rollback", "qa"),
            ("promote", "prod"),
            ("hotfix", "prod"),
            ("rollback", "prod"),
        ]
