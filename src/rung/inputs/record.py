"""Defines `Record`, the frozen class of which all documents consist.

A record is what a keyword-only frozen dataclass would be, and type checkers take it for one. It makes no
code of its own when a class is defined: dozens of dataclasses, or of pydantic's models, would take
longer to import than a whole decision may. A name that Python reserves ends in `_`, which its document
leaves out (`from_` is `from`).
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, ClassVar, Self, dataclass_transform

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Shape(Enum):
    """What is asked of a collection beyond its type."""

    NON_EMPTY = "at least one"
    ONE_OR_MORE = "one alone may stand for a list of one"


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Record:
    """Fields are annotations and defaults class attributes; equality and hash go by class and fields.

    The constructor checks names, not values: values come from a validated document or from our own code.
    """

    field_names: ClassVar[tuple[str, ...]] = ()
    field_defaults: ClassVar[Mapping[str, Any]] = EMPTY

    def __init_subclass__(cls) -> None:
        cls.field_names = tuple(cls.__annotations__)
        cls.field_defaults = {name: vars(cls)[name] for name in cls.field_names if name in vars(cls)}

    def __init__(self, **values: Any) -> None:
        whole = {**self.field_defaults, **values}
        if whole.keys() != set(self.field_names):
            wrong = sorted(whole.keys() ^ set(self.field_names))
            raise TypeError(f"{type(self).__name__}: missing or unknown {', '.join(wrong)}")
        vars(self).update(whole)

    def replace(self, **values: Any) -> Self:
        """A copy with some fields changed."""
        return type(self)(**{**{name: getattr(self, name) for name in self.field_names}, **values})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: cannot delete {name}")

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.field_names)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))

    def __repr__(self) -> str:
        inside = ", ".join(
            f"{name}={value!r}" for name, value in zip(self.field_names, self._values(), strict=True)
        )
        return f"{type(self).__name__}({inside})"


def document_name(field: str) -> str:
    """The name that a field has in documents."""
    return field.removesuffix("_")
