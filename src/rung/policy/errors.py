"""Defines what can be wrong with what a policy means: one function per code, its docstring the page."""

from __future__ import annotations

from collections.abc import Iterable

from rung.diagnostics import Diagnostic, Related, Span, did_you_mean

MOST_LISTED = 12  # a longer list helps nobody who reads one line


def unknown_name(
    span: Span,
    kind: str,
    name: str,
    candidates: Iterable[str],
    owner: str | None = None,
    hint: str | None = None,
) -> Diagnostic:
    """A name that nothing declares.

        promote qa -> prdo { }

    Environments, groups, evidence, gates and parameters are declared in the policy, in any
    order. Lanes are `admit`, `promote`, `hotfix`, `rollback`; days are `mon` to `sun`.
    """
    candidates = set(candidates)
    if hint is None and name.partition("-")[0] in candidates:
        hint = "a hyphen is part of a name: to subtract, write spaces around it"
    hint = hint or did_you_mean(name, candidates)
    if hint is None and 0 < len(candidates) <= MOST_LISTED:
        hint = "known: " + ", ".join(f"`{each}`" for each in sorted(candidates))
    where = f" in {owner}" if owner else ""
    return Diagnostic("unknown-name", f"there is no {kind} `{name}`{where}", span, hint)


def duplicate_name(span: Span, kind: str, name: str, first: Span, done: str = "declared twice") -> Diagnostic:
    """Two declarations of the same name, or the same item twice in a list.

        environment qa
        environment qa

    Environments, groups, evidence, gates and parameters each need a name of their own, because
    a reader must find one place that says what a name means.
    """
    related = (Related(first, "first here"),)
    return Diagnostic("duplicate-name", f"{kind} `{name}` is {done}", span, None, related)


def reserved_name(span: Span, name: str, meaning: str) -> Diagnostic:
    """A declared name that the language already gives a meaning to.

        parameter strategy: int = 3

    `strategy`, `lane`, `action`, `target`, `service`, `now`, `actor`, `authors`, `source` and
    their like speak of the proposal and cannot be redefined.
    """
    return Diagnostic("reserved-name", f"`{name}` already means {meaning}", span, "choose another name")


def cyclic_declaration(span: Span, kind: str, path: list[str]) -> Diagnostic:
    """Declarations that lead back to themselves.

        environment qa after staging
        environment staging after qa

    The order of environments, groups within groups and gates that require gates must end somewhere.
    """
    names = [f"`{name}`" for name in path]
    if len(names) > MOST_LISTED:
        names[MOST_LISTED // 2 : -MOST_LISTED // 2] = ["…"]
    route = " → ".join(names)
    return Diagnostic("cyclic-declaration", f"{kind} leads back to itself: {route}", span)


def type_mismatch(span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """Values of types that do not go together.

        require unit_tests.coverage >= 80

    Types never convert silently: `80` is a whole number and a coverage is a percentage, `80%`.
    Durations are written `24h`, decimals `0.5`, versions `version "1.2.0"`, digests
    `digest "sha256:…"`, times `time "2026-12-18T18:00:00Z"`.
    """
    return Diagnostic("type-mismatch", message, span, hint)


def not_a_condition(span: Span, found: str, hint: str | None = None) -> Diagnostic:
    """Something that is neither true nor false, where a condition must stand.

        require unit_tests.passed

    A condition is a comparison, a gate, a condition on people or on the world, or these joined
    by `and`, `or`, `not`. Conditions are not values: they cannot be compared or added.
    """
    return Diagnostic("not-a-condition", f"{found} is not a condition", span, hint)


def not_a_value(span: Span, found: str, hint: str | None = None) -> Diagnostic:
    """Something without a value, where a value must stand.

        require tests_pass == 1

    Gates, groups, environments and conditions have no value that could be compared or added.
    """
    return Diagnostic("not-a-value", f"{found} is not a value", span, hint)


def evidence_not_needed(span: Span, evidence: str, in_gate: bool) -> Diagnostic:
    """Evidence used where nothing guarantees that it is there.

        gate tests_pass { require unit_tests.failed == 0 }

    A gate says with `needs unit_tests` that it cannot hold without this evidence. So a missing
    record fails the gate, and no condition ever has to say what an absent value means.
    """
    message = f"`{evidence}` is used in a gate that does not need it"
    hint = f"write `needs {evidence}` in the gate"
    if not in_gate:
        message = f"`{evidence}` is used outside of a gate, where nothing makes sure of it"
        hint = f"use it in a gate that `needs {evidence}`, and require the gate"
    return Diagnostic("evidence-not-needed", message, span, hint)


def misplaced_condition(span: Span, what: str, where: str, hint: str | None = None) -> Diagnostic:
    """A condition that has no meaning at this place.

        deny "no tests" on prod when not tests_pass

    Gates can be required, by routes, obligations and other gates, and never negated: a waiver
    may only ever lift a requirement. What happened in a history (`deployed(…)`, `held(…)`) is
    spoken of in `prove` statements alone.
    """
    return Diagnostic("misplaced-condition", f"{what} cannot stand {where}", span, hint)


def number_out_of_range(span: Span, message: str, hint: str | None = None) -> Diagnostic:
    """A number that cannot be meant, or that the type cannot hold.

        promote at least 3 of { staging_eu, staging_us } -> prod

    Whole numbers have 64 bits; decimals and percentages 18 digits before the point and 9 after;
    durations are at most a hundred years.
    """
    return Diagnostic("number-out-of-range", message, span, hint)


def arithmetic_overflow(span: Span) -> Diagnostic:
    """A calculation whose result could need more than 38 digits.

        require load.score * 1000000000000 * 1000000000000 > 1.0

    Every calculation is exact, so its largest possible result must fit; that is checked here,
    and no well-formed request can fail later.
    """
    return Diagnostic("arithmetic-overflow", "the result could need more than 38 digits", span)


def not_linear(span: Span) -> Diagnostic:
    """A product of two values that both vary.

        require scan.high * scan.critical < 10

    One factor must be a number or a parameter, so that properties of the policy can be decided.
    """
    return Diagnostic("not-linear", "one factor of a product must be a number or a parameter", span)


def expression_too_long(span: Span, limit: int) -> Diagnostic:
    """A sum or product of more than 64 terms."""
    return Diagnostic("expression-too-long", f"more than {limit} terms in one calculation", span)


def malformed_literal(span: Span, kind: str, text: str, hint: str) -> Diagnostic:
    """A literal that is no value of its type.

        require release.version >= version "1.2"

    Versions follow SemVer 2.0.0 (`1.2.0`, `2.0.0-rc.1`); digests are `sha256:` or `sha512:` and
    lowercase hex; times are RFC 3339 with a zone; dates and clock times exist in the calendar.
    """
    return Diagnostic("malformed-literal", f"`{text}` is not a {kind}", span, hint)


def unknown_time_zone(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    """A time zone that the tz database does not have.

        window "Office hours" on prod mon..fri 09:00..17:00 in "Europe/Berln"

    Zones have the names of the IANA database, such as `Europe/Berlin`, `America/New_York`, `UTC`.
    """
    hint = did_you_mean(name, candidates) or "zones have names such as `Europe/Berlin`, `UTC`"
    return Diagnostic("unknown-time-zone", f"there is no time zone `{name}`", span, hint)


def ambiguous_local_time(span: Span, local: str, zone: str) -> Diagnostic:
    """A local time that the clocks show twice, without a word which is meant.

        freeze "Night" on prod from 2026-10-25 02:30 to 2026-10-25 06:00 in "Europe/Berlin"

    When clocks go back an hour repeats. Write `2026-10-25 02:30 earlier` or `… later`. A time
    that clocks skip in spring means the instant of the change.
    """
    message = f"clocks in {zone} show {local} twice"
    return Diagnostic("ambiguous-local-time", message, span, "write `earlier` or `later` after the time")


def empty_interval(span: Span, message: str) -> Diagnostic:
    """An interval that ends before, or when, it begins.

        freeze "Year end" on prod from 2027-01-04 08:00 to 2026-12-18 18:00 in "Europe/Berlin"

    Intervals include their beginning and exclude their end: to freeze the 18th alone, write
    `from 2026-12-18 to 2026-12-19`.
    """
    return Diagnostic("empty-interval", message, span, "the end itself is not included")


def conflicting_account(span: Span, account: str, first: Span) -> Diagnostic:
    """An account that two persons claim.

        person "ana@example.com" accounts "github:ana"
        person "bo@example.com" accounts "github:ana"

    One person counts once whatever accounts are used, so each account belongs to one person.
    """
    related = (Related(first, "claimed here"),)
    return Diagnostic(
        "conflicting-account", f"account `{account}` belongs to two persons", span, None, related
    )


def self_route(span: Span, environment: str, relation: str = "leads to") -> Diagnostic:
    """A route whose target is among its own sources, or an environment that is after itself.

        promote prod -> prod { }

    A release that runs in an environment is there already.
    """
    return Diagnostic("self-route", f"`{environment}` {relation} itself", span)


def unknown_property(span: Span, name: str, candidates: Iterable[str]) -> Diagnostic:
    """A property that the library of properties does not have.

        prove no-enviroment-skipped

    Properties of your own have a title and a formula:

        prove "someone else looks": always deployed(prod) implies approver not in authors
    """
    return Diagnostic(
        "unknown-property", f"there is no property `{name}`", span, did_you_mean(name, candidates)
    )


def property_clause(span: Span, name: str, message: str) -> Diagnostic:
    """A property with a clause that it does not take, or without one that it needs.

        prove rollback-possible { tests_pass }

    `rollback-possible` takes `on E`; `every-gate-counted` takes the gates in braces, and `on E`.
    """
    return Diagnostic("property-clause", f"`{name}` {message}", span)


def missing_declaration(span: Span, message: str, hint: str) -> Diagnostic:
    """A policy without what every policy needs.

    A policy declares at least one environment and at least one route into an environment:
    everything is denied that no route allows, so a policy without one allows nothing.
    """
    return Diagnostic("missing-declaration", message, span, hint)


def forward_only_rollback(span: Span, environment: str, declared: Span) -> Diagnostic:
    """A rollback route into an environment that is forward only.

        environment store after prod forward_only
        rollback store within 3 releases

    What is forward only, such as an app store, cannot take a release back; a fix is a new release.
    """
    related = (Related(declared, "declared here"),)
    return Diagnostic(
        "forward-only-rollback",
        f"`{environment}` is forward only, nothing rolls back there",
        span,
        None,
        related,
    )


def strategy_mismatch(span: Span, message: str) -> Diagnostic:
    """A strategy with parts that it does not take, or steps that do not lead to everything.

        strategy canary on prod { step 50% step 25% step 100% }

    A canary has steps that grow to 100%; a rolling update `max unavailable`; a blue/green pair
    `keep`, the time for which the old side stays.
    """
    return Diagnostic("strategy-mismatch", message, span)


def not_open(span: Span, what: str, owner: Span) -> Diagnostic:
    """A file changes what a baseline that it uses owns.

        use "baseline.rung"
        group release_managers { "mallory@example.com" }

    A file may add routes, freezes, windows and denies; the baseline's constraints bind its routes.
    Members, accounts, waivers and values that the baseline did not open stay as they are there. The
    baseline can open them: `open persons`, `open group NAME`, `open gate NAME` (to waivers), and
    `parameter … may only rise`.
    """
    related = (Related(owner, "the baseline owns it"),)
    hint = "ask its owners to change it, or to open it"
    return Diagnostic(
        "not-open",
        f"{what} belongs to a baseline, which does not let this file change it",
        span,
        hint,
        related,
    )


def loosened_parameter(span: Span, name: str, direction: str, declared: Span) -> Diagnostic:
    """A value set against the direction that the baseline allows.

        parameter minimum_coverage: percent = 80% may only rise
        set minimum_coverage = 70%

    The first line stands in the baseline, the second in a file that uses it. So it is with `health no
    older than …`, which a using file may only lower.
    """
    related = (Related(declared, "declared here"),)
    return Diagnostic("loosened-parameter", f"`{name}` may only {direction}", span, None, related)


def own_declaration(span: Span, what: str, declared: Span) -> Diagnostic:
    """A file sets, or adds to, what it declares itself.

        parameter minimum_coverage: percent = 80%
        set minimum_coverage = 85%

    `set` and `extend` are for what a baseline declares; here the declaration itself can be changed.
    """
    related = (Related(declared, "declared here"),)
    return Diagnostic(
        "own-declaration", f"{what} is declared in this very file", span, "change it there", related
    )


def unusable_baseline(span: Span, path: str, problem: str, hint: str | None = None) -> Diagnostic:
    """A baseline that cannot be used.

        use "../../somewhere/else.rung"

    A path is relative to the file that uses it and stays within the policy's root (the folder of the
    policy, or `--root`). Symbolic links are not followed, and files cannot use each other in a circle.
    """
    return Diagnostic("unusable-baseline", f"cannot use `{path}`: {problem}", span, hint)
