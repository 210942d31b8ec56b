"""Two policies: which doors need a solver, which gates are one, and how what is found adds up."""

from __future__ import annotations

import re

import pytest

from rung.policy import model
from rung.prove.compare import Comparer, compare_all
from rung.prove.comparison import Compared, Difference, Owing, explained, newly_allowed, relation
from rung.prove.doors import Door, doors
from rung.prove.renaming import renamed, with_names
from rung.prove.verdict import Story
from tests.campaigns.encoding import policy_of

TEXT = """\
rung 1
policy "shop"
environment qa
environment prod after qa
person "ana" accounts "github:ana"
group leads { "ana", "bo" }
group auditors { "fay" }
evidence tests about build { failed: int }
gate tested "Tests pass" { needs tests no older than 7d require tests.failed == 0 }
gate signed { require at least 1 approval from leads except authors }
admit build -> qa
promote qa -> prod { require tested, signed, migrations compatible }
hotfix qa -> prod {
    require signed
    owes review within 48h { require at least 1 approval from auditors }
}
rollback prod within 2 releases
"""


def unlike(replaced: str, by: str) -> set[str]:
    """The lanes whose doors are not the same at once after an edit."""
    assert replaced in TEXT
    comparer = Comparer(policy_of(TEXT), policy_of(TEXT.replace(replaced, by)))
    return {each.lane or each.action for each in doors(comparer.old, comparer.new) if not comparer.same(each)}


@pytest.mark.parametrize(
    ("replaced", "by", "lanes"),
    [
        ('"Tests pass"', '"All is well"', set()),
        ("gate tested", "parameter most: int = 3\ngate tested", set()),
        ("tests.failed == 0", "tests.failed <= 0", {"promote"}),
        ("admit build -> qa", 'admit build -> qa { require provenance from "ci" }', {"admit"}),
        # What is owed blocks promotions, so who discharges it matters wherever something enters.
        ('auditors { "fay" }', 'auditors { "fay", "gil" }', {"promote", "hotfix", "rollback"}),
        # Migrations must go with whatever may be gone back to.
        ("within 2 releases", "within 3 releases", {"promote", "hotfix", "rollback"}),
        # Who is who matters wherever persons do, and nothing looks whether they do.
        ('"github:ana"', '"github:ana", "okta:x"', {"admit", "promote", "hotfix", "rollback"}),
    ],
)
def test_a_solver_is_asked_only_where_something_that_bears_on_a_door_differs(
    replaced: str, by: str, lanes: set[str]
) -> None:
    assert unlike(replaced, by) == lanes


def test_nothing_is_asked_about_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Comparer, "compare")
    found = compare_all(policy_of(TEXT), policy_of(TEXT + "# the end\n"), 60.0, 1)
    assert [each.same for each in found] == [True] * 4


@pytest.mark.parametrize(
    ("edits", "names"),
    [
        ({}, {}),
        ({"signed": "agreed"}, {"agreed": "signed"}),
        ({"signed": "agreed", "tested": "checked"}, {"agreed": "signed", "checked": "tested"}),
        # Edited as well: the only one left over, or of the same title.
        (
            {"signed": "agreed", "at least 1 approval from leads": "at least 2 approvals from leads"},
            {"agreed": "signed"},
        ),
        (
            {
                "signed": "agreed",
                "tested": "checked",
                "failed == 0": "failed <= 3",
                "from leads": "from auditors",
            },
            {"checked": "tested"},
        ),
    ],
)
def test_gates_are_matched_by_what_they_say(edits: dict[str, str], names: dict[str, str]) -> None:
    text = TEXT
    for replaced, by in edits.items():
        text = text.replace(replaced, by)
    assert renamed(policy_of(TEXT), policy_of(text)) == names


def test_a_gate_that_others_ask_for_is_matched_after_them() -> None:
    nested = TEXT.replace("admit", "gate both { require tested, signed }\nadmit")
    other = nested.replace("both", "everything").replace("signed", "agreed")
    assert renamed(policy_of(nested), policy_of(other)) == {"everything": "both", "agreed": "signed"}


def gates(*several: str) -> model.Policy:
    """A policy with gates of these names and titles, and what each requires."""
    return policy_of(TEXT.replace("admit", "\n".join(f"gate {each}" for each in several) + "\nadmit"))


MACHINE, PERSON, DELEGATE = (f"{{ require actor is {kind} }}" for kind in ("machine", "person", "delegate"))


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        # Of gates that say the same each is taken once, by its title if it has one of theirs.
        ((f"a {MACHINE}", f"b {MACHINE}"), (f"c {MACHINE}", f"d {MACHINE}"), {"c": "a", "d": "b"}),
        (
            (f'a "A" {MACHINE}', f'b "B" {MACHINE}'),
            (f'c "B" {MACHINE}', f'd "A" {MACHINE}'),
            {"c": "b", "d": "a"},
        ),
        ((f"a {MACHINE}",), (f"c {MACHINE}", f"d {MACHINE}"), {"c": "a"}),
        # What stays is nobody else.
        ((f"a {MACHINE}",), (f"a {MACHINE}", f"c {MACHINE}"), {}),
        ((f"a {MACHINE}", f"b {MACHINE}"), (f"a {MACHINE}",), {}),
        # Edited gates of one title, where nobody else has it.
        (
            (f'a "A" {MACHINE}', f'b "B" {MACHINE}'),
            (f'c "A" {PERSON}', f'd "C" {PERSON}'),
            {"c": "a"},
        ),
        ((f'a "A" {MACHINE}', f'b "A" {MACHINE}'), (f'c "A" {PERSON}', f'd "C" {PERSON}'), {}),
        ((f'a "A" {MACHINE}', f'b "B" {MACHINE}'), (f'c "A" {PERSON}', f'd "A" {PERSON}'), {}),
        ((f"a {MACHINE}", f"b {MACHINE}"), (f"c {PERSON}", f"d {PERSON}"), {}),
        # The last one left over, where others say the same.
        ((f"a {MACHINE}", f"b {PERSON}"), (f"c {MACHINE}", f"d {DELEGATE}"), {"c": "a", "d": "b"}),
        ((f"a {MACHINE}", f"b {PERSON}"), (f"c {DELEGATE}",), {}),
    ],
)
def test_gates_are_matched_one_to_one(
    old: tuple[str, ...], new: tuple[str, ...], names: dict[str, str]
) -> None:
    assert renamed(gates(*old), gates(*new)) == names


def test_a_gate_has_its_other_name_wherever_it_is_asked_for() -> None:
    nested = (
        TEXT.replace(
            "admit build -> qa",
            "gate both { require tested or (actor is machine implies signed) }\nadmit build -> qa",
        )
        + """\
strategy canary on prod { step 10% hold 1h { require signed } step 100% }
advance prod { require signed or both }
waive signed on prod as "W-1" by "ana" from 2026-11-20 until 2026-11-25 because "outage"
every route into prod except rollback require signed
"""
    )
    nested = nested.replace("owes review within 48h {", "owes review within 48h { require signed,").replace(
        ", require", ","
    )
    old = policy_of(nested)
    for name in ("signed", "tested", "both"):
        assert with_names(policy_of(re.sub(rf"\b{name}\b", "other", nested)), {"other": name}) == old
    assert with_names(old, {}) is old


DOOR = Door("deploy", "promote", "prod")
WAY = policy_of(TEXT).routes[1]
STORY = Story(0, ())
ALLOWED, DENIED = Difference("allowed", WAY, STORY), Difference("denied", WAY, STORY)
OWED = policy_of(TEXT).routes[2].obligations


@pytest.mark.parametrize(
    ("found", "stands"),
    [
        ([], "same"),
        ([Compared(DOOR)], "same"),
        ([Compared(DOOR, (ALLOWED,))], "looser"),
        ([Compared(DOOR, (DENIED,))], "tighter"),
        ([Compared(DOOR, (ALLOWED, DENIED))], "incomparable"),
        ([Compared(DOOR, (ALLOWED,)), Compared(DOOR, (DENIED,))], "incomparable"),
        ([Compared(DOOR, (), Owing(WAY, OWED, ()))], "looser"),
        ([Compared(DOOR, (), Owing(WAY, (), OWED))], "tighter"),
        ([Compared(DOOR, (), Owing(WAY, OWED, OWED))], "incomparable"),
        ([Compared(DOOR, (Difference("denied", WAY),))], "unknown"),
        ([Compared(DOOR, (ALLOWED, Difference("denied", WAY)))], "unknown"),
        ([Compared(DOOR, (ALLOWED, Difference("allowed", WAY)))], "looser"),
        ([Compared(DOOR, (DENIED, Difference("denied", WAY)))], "tighter"),
        ([Compared(DOOR, (DENIED, Difference("allowed", WAY)))], "unknown"),
        ([Compared(DOOR, (ALLOWED,)), Compared(DOOR, (), None, ("it takes too long",))], "unknown"),
        (
            [Compared(DOOR, (DENIED, ALLOWED)), Compared(DOOR, (), None, ("it takes too long",))],
            "incomparable",
        ),
    ],
)
def test_how_what_is_found_adds_up(found: list[Compared], stands: str) -> None:
    assert relation(found) == stands
    assert newly_allowed(found) == any(
        ALLOWED in each.differences or (each.owing is not None and bool(each.owing.lost)) for each in found
    )


OVERDUE = {
    newly: Difference(newly, WAY, None, "there is none", overdue=True) for newly in ("allowed", "denied")
}


@pytest.mark.parametrize(
    ("owing", "difference", "kept"),
    [
        (Owing(WAY, OWED, ()), OVERDUE["allowed"], False),
        (Owing(WAY, OWED, ()), OVERDUE["denied"], True),
        (Owing(WAY, (), OWED), OVERDUE["denied"], False),
        (Owing(WAY, (), OWED), OVERDUE["allowed"], True),
        (Owing(WAY, OWED, OWED), OVERDUE["allowed"], False),
        (Owing(WAY, OWED, ()), ALLOWED, True),
        (Owing(WAY, OWED, ()), Difference("allowed", WAY), True),
        (None, OVERDUE["allowed"], True),
        (None, OVERDUE["denied"], True),
    ],
)
def test_what_follows_from_what_is_owed_is_not_told_again(
    owing: Owing | None, difference: Difference, kept: bool
) -> None:
    hotfix, elsewhere = Door("deploy", "hotfix", "prod"), Door("deploy", "promote", "eu")
    found = explained([Compared(DOOR, (difference,)), Compared(hotfix, (), owing)])
    assert bool(found[0].differences) == kept
    assert explained([Compared(DOOR, (difference,)), Compared(elsewhere, (), owing)])[0].differences


def test_what_is_opened_and_closed_adds_up_too() -> None:
    assert relation([], looser=True) == "looser"
    assert relation([], tighter=True) == "tighter"
    assert relation([], looser=True, tighter=True) == "incomparable"
    assert relation([Compared(DOOR, (Difference("allowed", WAY),))], looser=True) == "looser"
    assert relation([Compared(DOOR, (Difference("denied", WAY),))], looser=True) == "unknown"


def test_a_door_that_takes_too_long_is_not_known() -> None:
    found = compare_all(policy_of(TEXT), policy_of(TEXT.replace("== 0", "== 1")), 1e-6, 1)
    assert [each.unknown for each in found if not each.same] == [("it takes longer than 1e-06 s",)]
    assert relation(found) == "unknown"
