"""Defines `frozen`: what `dataclass(frozen=True, slots=True)` makes, ten times faster to import.

The standard decorator compiles six methods for every class that is defined. That takes longer for the
classes of the model than a whole decision may. Here all classes share their methods, and a constructor
is compiled when it is first called, which a policy that comes from the cache never does.
"""

from __future__ import annotations

from dataclasses import _FIELD, MISSING, Field, FrozenInstanceError, field  # type: ignore[attr-defined]  # _FIELD
from operator import attrgetter
from typing import Any, TypeVar, cast, dataclass_transform

Class = TypeVar("Class")

__all__ = ["field", "frozen", "light"]


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def frozen(cls: type[Class]) -> type[Class]:
    """Make a frozen, slotted class of fields; the functions of `dataclasses` take it for one of theirs.

    Fields are the class's own annotations; `field` takes `compare`, `repr`, `default` and no factory.
    Classes do not inherit from each other, and methods cannot use `super()`.
    """
    return _made(cls, {"__setattr__": _refuse, "__delattr__": _refuse})


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def light(cls: type[Class]) -> type[Class]:
    """Make a class like a frozen one, of which a decision makes dozens: objects take half the time to make.

    It is frozen to type checkers alone.
    """
    return _made(cls, {})


def _made(cls: type[Class], guards: dict[str, Any]) -> type[Class]:
    fields: dict[str, Field[Any]] = {}
    namespace = dict(vars(cls))
    for name, annotation in cls.__annotations__.items():
        given = namespace.pop(name, MISSING)
        made: Any = given if isinstance(given, Field) else field(default=given)
        made.name, made.type, made._field_type = name, annotation, _FIELD
        fields[name] = made
    for name in ("__dict__", "__weakref__"):
        namespace.pop(name, None)
    names = tuple(fields)
    namespace.update(
        __slots__=names,
        __match_args__=names,
        __dataclass_fields__=fields,
        __init__=_first_init,
        **guards,
        __getstate__=_getstate,
        __setstate__=_setstate,
    )
    namespace.setdefault("__repr__", _repr)
    if namespace.get("__eq__") is None:
        # With a second name it is a tuple even of one field.
        compared = [name for name, made in fields.items() if made.compare] or ["__class__"]
        namespace.update(__eq__=_eq, __hash__=_hash, _compared=attrgetter(*compared, compared[0]))
    return cast("type[Class]", type(cls.__name__, cls.__bases__, namespace))


def _first_init(self: Any, *values: Any, **named: Any) -> None:
    """The constructor until it is first called: compiles the one that takes its place."""
    cls = type(self)
    lines, parameters, scope = [], [], {}
    for name, made in cls.__dataclass_fields__.items():
        # A slot's descriptor sets what `__setattr__` refuses.
        scope[f"set_{name}"] = vars(cls)[name].__set__
        scope[f"default_{name}"] = made.default
        parameters.append(name if made.default is MISSING else f"{name}=default_{name}")
        guarded = cls.__setattr__ is _refuse
        lines.append(f"    set_{name}(self, {name})" if guarded else f"    self.{name} = {name}")
    exec(f"def __init__(self, {', '.join(parameters)}):\n" + "\n".join(lines or ["    pass"]), scope)
    cls.__init__ = scope["__init__"]
    cls.__init__(self, *values, **named)


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to or delete `{name}`")


def _eq(self: Any, other: Any) -> bool:
    if self is other:
        return True
    cls: Any = type(self)
    return bool(cls._compared(self) == cls._compared(other)) if type(other) is cls else NotImplemented


def _hash(self: Any) -> int:
    cls: Any = type(self)
    return hash(cls._compared(self))


def _repr(self: Any) -> str:
    shown = (each.name for each in self.__dataclass_fields__.values() if each.repr)
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
    return f"{type(self).__qualname__}({inside})"


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self.__slots__]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self.__slots__, state, strict=True):
        object.__setattr__(self, name, value)
