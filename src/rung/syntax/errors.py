"""Defines what can be wrong with a policy's text: one function per code, its docstring the reference page."""

from __future__ import annotations

from rung.diagnostics import Diagnostic, Related, Span


def unexpected_text(span: Span, found: str, expected: str, hint: str | None) -> Diagnostic:
    """The text does not follow the grammar at this place.

    The message names what stands there and what could stand there instead. Everything else in
    the file is still read, so one slip is reported once.

        promote staging_eu, staging_us -> prod { }

    Several sources need a word that says how many of them are meant:

        promote all of { staging_eu, staging_us } -> prod { }
    """
    return Diagnostic("unexpected-text", f"unexpected {found}, expected {expected}", span, hint)


def unreadable_character(span: Span, character: str, hint: str | None) -> Diagnostic:
    """A character, or the beginning of a word or number, that the language does not have.

        window "Office hours" on prod mon..thu 9:00..16:00 in "Europe/Berlin"

    Clock times have two digits for the hour: `09:00`. A text stands in double quotes and ends on
    its line; inside it, `\\"` is a quote and `\\\\` a backslash.
    """
    return Diagnostic("unreadable-character", f"cannot read {character}", span, hint)


def forbidden_character(span: Span, name: str, hint: str | None = None) -> Diagnostic:
    """A control or text-direction character, which can make a policy read differently than it means.

    Such characters are refused everywhere in a policy, comments included: a reviewer must see
    what the machine reads. Tabs, line feeds, and carriage returns before a line feed are fine.
    """
    return Diagnostic("forbidden-character", f"the character {name} is not allowed in a policy", span, hint)


def unsupported_version(span: Span, version: str) -> Diagnostic:
    """The file asks for a version of the language that this program does not speak.

        rung 2

    A policy begins with `rung 1`. A newer version may mean other things by the same words, so
    nothing is read from such a file.
    """
    hint = "this program reads version 1: begin the file with `rung 1`"
    return Diagnostic(
        "unsupported-version", f"version {version} of the language is not supported", span, hint
    )


def nested_too_deep(span: Span, limit: int) -> Diagnostic:
    """Brackets are nested deeper than any reader could follow (the limit is 64).

    Name the parts: a gate can hold a condition, and another gate can require it.
    """
    return Diagnostic("nested-too-deep", f"brackets are nested more than {limit} deep", span)


def policy_too_large(span: Span, limit: int) -> Diagnostic:
    """The file is larger than the limit of 4,194,304 characters.

    Shared parts belong into a baseline that the others `use`.
    """
    return Diagnostic("policy-too-large", f"the policy is longer than {limit:,} characters", span)


def repeated_clause(span: Span, first: Span) -> Diagnostic:
    """A property has two clauses of one kind, and only one could count.

        prove no-environment-skipped except hotfix except rollback

    One clause can name several:

        prove no-environment-skipped except hotfix, rollback
    """
    related = (Related(first, "the first one is here"),)
    hint = "write one clause that names all that is meant"
    return Diagnostic("repeated-clause", "this clause stands twice in one property", span, hint, related)
