"""Defines the reference pages of all diagnostic codes: the docstrings of what reports them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from types import FunctionType

ERRORS = (
    "rung.syntax.errors",
    "rung.policy.errors",
    "rung.inputs.errors",
    "rung.cases.errors",
    "rung.migrations.layouts.errors",
    "rung.migrations.errors",
    "rung.cli.errors",
)


def pages() -> dict[str, str]:
    """The page of every code, by code."""
    found = dict(_errors())
    found.update(_lints())
    found.update(_migrations())
    return dict(sorted(found.items()))


def _errors() -> Iterator[tuple[str, str]]:
    """In modules of errors, every function that makes a diagnostic has the name of its code."""
    for name in ERRORS:
        for function in vars(import_module(name)).values():
            if (
                isinstance(function, FunctionType)
                and function.__module__ == name
                and str(function.__annotations__.get("return")).endswith(("Diagnostic", "Diagnostic'>"))
            ):
                yield function.__name__.replace("_", "-"), inspect.getdoc(function) or ""


def _lints() -> Iterator[tuple[str, str]]:
    """Every lint is a module with the name of its code."""
    from rung.policy import lints as plain
    from rung.prove import lints as proved

    for lint in (*plain.LINTS, *proved.LINTS):
        yield lint.__name__.rpartition(".")[2].replace("_", "-"), inspect.cleandoc(lint.__doc__ or "")


def _migrations() -> Iterator[tuple[str, str]]:
    from rung.migrations.errors import PAGES
    from rung.migrations.hazards import HAZARDS
    from rung.migrations.hazards.reference import text_page

    yield from PAGES.items()
    for hazard in HAZARDS:
        yield hazard.code, text_page(hazard)
