"""Defines LINTS, the only registry of lints: each is a module with its code's name and a function `lint`."""

from __future__ import annotations

from types import ModuleType

from rung.diagnostics import Diagnostic
from rung.policy import model

LINTS: tuple[ModuleType, ...] = ()


def lint(policy: model.Policy) -> list[Diagnostic]:
    """What every lint finds in a policy without mistakes."""
    return [found for each in LINTS for found in each.lint(policy)]
