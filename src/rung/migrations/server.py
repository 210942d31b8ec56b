"""Defines what PostgreSQL itself brings, as `server.txt` lists it: types, casts, operators, functions …

A type is named as in the catalog: `int4`, `_int4` for an array of them. Volatility is a letter: `i` for
immutable, `s` for stable, `v` for volatile, `?` where it is that of an SQL function's body.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

TABLES = Path(__file__).with_suffix(".txt")
Volatility = Literal["i", "s", "v", "?"]


class Signature(NamedTuple):
    """A way to call a function or an operator: `kind` is `a` for an aggregate, `w` for a window function.

    `optional` is how many of the arguments may be left out, None where the last one may be repeated.
    """

    arguments: tuple[str, ...]
    result: str
    volatility: Volatility
    kind: Literal["f", "p", "a", "w"] = "f"
    is_set: bool = False
    optional: int | None = 0


class BaseType(NamedTuple):
    """A type: the category in which it is, whether it is preferred there, and how it is read and written."""

    category: str
    preferred: bool
    read: Volatility
    written: Volatility


class Cast(NamedTuple):
    """`context` is where it is used: `i` anywhere, `a` in assignments, `e` where it is written.

    `method` is a function's volatility, `b` where nothing is done, `o` by way of the text.
    """

    context: Literal["i", "a", "e"]
    method: str


class Setting(NamedTuple):
    """A parameter of a session, a relation or a column. `unit` is that of a number without one, and `labels`
    are the values of an `enum`. `context` says when it can be set: `user` and `superuser` at any time.
    """

    type: Literal["bool", "integer", "real", "enum", "string"]
    low: float = 0
    high: float = 0
    labels: tuple[str, ...] = ()
    unit: str | None = None
    context: str = "user"


class OperatorClass(NamedTuple):
    name: str
    type: str
    default: bool


@cache
def _lines() -> Mapping[str, Mapping[str, list[str]]]:
    """The lines of each section by their first word."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for line in TABLES.read_text(encoding="utf-8").splitlines():
        section, name, rest = f"{line} ".split(" ", 2)
        found[section][name].append(rest)
    return {section: dict(lines) for section, lines in found.items()}


@cache
def base_type(name: str) -> BaseType | None:
    """The type of this name; None where the server has none."""
    if name.startswith("_") and base_type(name[1:]) is not None:
        return BaseType("A", False, "s", "s")
    lines = _lines()["type"].get(name)
    if lines is None:
        return None
    category, preferred, read, written = lines[0].split()
    return BaseType(category, preferred == "p", read, written)  # type: ignore[arg-type]  # the table's letters


@cache
def cast(source: str, target: str) -> Cast | None:
    for line in _lines()["cast"].get(source, ()):
        name, context, method = line.split()
        if name == target:
            return Cast(context, method)  # type: ignore[arg-type]  # the table's letters
    return None


@cache
def operators(name: str, operands: int) -> tuple[Signature, ...]:
    found = []
    for line in _lines()["operator"].get(name, ()):
        left, right, result, volatility = line.split()
        if (left != "-") == (operands > 1):
            arguments = (left, right) if operands > 1 else (right,)
            found.append(Signature(arguments, result, volatility))  # type: ignore[arg-type]  # the table's letters
    return tuple(found)


@cache
def functions(name: str) -> tuple[Signature, ...]:
    found = []
    for line in _lines()["function"].get(name, ()):
        for each in line.split():
            (kind, volatility, is_set, optional), arguments, result = _signature(each)
            taken = tuple(arguments.split(",")) if arguments else ()
            left_out = None if optional == "v" else int(optional)
            found.append(Signature(taken, result, volatility, kind, is_set == "s", left_out))  # type: ignore[arg-type]  # the table's letters
    return tuple(found)


def _signature(text: str) -> tuple[tuple[str, str, str, str], str, str]:
    head, arguments, result = text.split(":")
    return (head[0], head[1], head[2], head[3:]), arguments, result


def has_function(name: str) -> bool:
    return name in _lines()["function"]


@cache
def properties(method: str) -> frozenset[str] | None:
    """What an access method can: `order`, `unique`, `several` columns, `include`; None: no such method."""
    lines = _lines()["method"].get(method)
    return None if lines is None else frozenset(lines[0].split())


@cache
def classes(method: str) -> tuple[OperatorClass, ...]:
    found = []
    for line in _lines()["class"].get(method, ()):
        name, type_, *default = line.split()
        found.append(OperatorClass(name, type_, bool(default)))
    return tuple(found)


@cache
def setting(name: str) -> Setting | None:
    """The parameter of a session that has this name, in small letters; those with a dot are anybody's."""
    lines = _lines()["setting"].get(name)
    if lines is None:
        return None
    kind, context, unit, rest = f"{lines[0].strip()} ".split(" ", 3)
    labels = tuple(rest.strip().split(",")) if kind == "enum" else ()
    low, high = map(float, rest.split()) if kind in ("integer", "real") else (0, 0)
    return Setting(kind, low, high, labels, None if unit == "-" else unit, context)  # type: ignore[arg-type]  # the table's words


@cache
def element(name: str) -> str | None:
    """The type of what lies between the bounds of a range."""
    lines = _lines()["range"].get(name)
    return None if lines is None else lines[0].strip()


@cache
def comparable(key: str) -> frozenset[str]:
    """The types with whose values a key of this type is compared."""
    return frozenset(_lines()["equal"].get(key, [""])[0].split())


@cache
def bringers(name: str) -> frozenset[str]:
    """The extensions that bring a function, an operator class or an access method of this name."""
    lines = _lines()["extension"]
    return frozenset(each for each, found in lines.items() if name in found[0].split())


@cache
def brings_classes(extension: str) -> bool:
    """Whether the extension brings default operator classes, as far as their names tell."""
    names = _lines()["extension"].get(extension, [""])[0].split()
    return any(name.endswith("_ops") and "trgm" not in name for name in names)


@cache
def brings_operators(extension: str) -> bool:
    """Whether the extension brings operators: that those of its classes tell, and one has others."""
    names = _lines()["extension"].get(extension, [""])[0].split()
    return extension == "earthdistance" or any(name.endswith("_ops") for name in names)


def contents_known(extension: str) -> bool:
    """Whether it is known what an extension brings."""
    return extension in _lines()["extension"] or extension == "plpgsql"
