"""What `frozen` makes is what a frozen, slotted dataclass would be."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from rung.frozen import field, frozen, light


@frozen
class Point:
    """A point."""

    x: int
    y: int = 0
    note: str = field(default="", compare=False, repr=False)

    @property
    def both(self) -> tuple[int, int]:
        return self.x, self.y


@frozen
class Alone:
    only: int


@frozen
class Nothing:
    pass


@light
class Light:
    x: int
    y: int = 0


def test_fields_are_given_by_place_by_name_or_by_default() -> None:
    assert Point(1, y=2).both == (1, 2)
    assert Point(x=3).both == (3, 0)


@pytest.mark.parametrize("wrong", [{}, {"x": 1, "z": 2}])
def test_a_missing_or_unknown_field_is_refused(wrong: dict[str, int]) -> None:
    for _ in range(2):  # the constructor that the first call compiles refuses as well
        with pytest.raises(TypeError):
            Point(**wrong)


def test_equality_and_hash_leave_out_what_does_not_compare() -> None:
    assert Point(1, 2, "a") == Point(1, 2, "b")
    assert hash(Point(1, 2, "a")) == hash(Point(1, 2, "b"))
    assert Point(1, 2) != Point(2, 1)
    assert Alone(1) == Alone(1)
    assert Alone(1) != Alone(2)
    assert Alone(1) != Point(1)
    assert Nothing() == Nothing()


def test_nothing_can_be_changed_or_added() -> None:
    point = Point(1)
    for name in ("x", "other"):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(point, name, 2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del point.x
    assert not hasattr(point, "__dict__")


def test_it_is_matched_shown_copied_and_pickled_as_a_dataclass_is() -> None:
    match Point(1, 2, "a"):
        case Point(x, y, note):
            assert (x, y, note) == (1, 2, "a")
    assert repr(Point(1, 2, "a")) == "Point(x=1, y=2)"
    assert dataclasses.is_dataclass(Point)
    assert [each.name for each in dataclasses.fields(Point)] == ["x", "y", "note"]
    assert dataclasses.replace(Point(1, 2), y=5) == Point(1, 5)
    copy = pickle.loads(pickle.dumps(Point(1, 2, "a")))
    assert (copy, copy.note) == (Point(1, 2), "a")


def test_a_light_one_is_the_same_but_for_its_guard() -> None:
    for _ in range(2):
        made = Light(1)
        assert made == Light(1, y=0)
        assert made != Light(2)
    assert not hasattr(made, "__dict__")
    assert hash(made) == hash(Light(1))
    assert dataclasses.replace(made, y=3) == Light(1, 3)
