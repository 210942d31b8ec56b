"""Defines what can be wrong with cases beyond their form: a function per code, its docstring the page."""

from __future__ import annotations

from rung.diagnostics import Diagnostic, Span


def unknown_reference(span: Span, kind: str, name: str, hint: str | None) -> Diagnostic:
    """A case speaks of a release, environment, evidence or other case that there is not.

        like: promtoed to prod

    Releases are those that the case declares under `releases`; environments and evidence are the policy's. A
    name that nothing has would make the case deny, and pass, for a reason that nobody meant.
    """
    return Diagnostic("unknown-reference", f"there is no {kind} `{name}`", span, hint)


def circular_reference(span: Span, kind: str, name: str) -> Diagnostic:
    """A release comes after itself, or a case is like itself.

    releases:
      1.0.0: { after: 1.1.0 }
      1.1.0: { after: 1.0.0 }
    """
    return Diagnostic("circular-reference", f"the {kind} `{name}` leads back to itself", span)


def time_of_event(span: Span, label: str) -> Diagnostic:
    """An event of a history says when it was twice, or not at all.

        built: { build: 1.1.0, by: "https://ci.example.com" }

    Write `at: 2026-11-24T10:00:00Z`, or `ago: 3d` for a time before that of the case. A case that changes one
    into the other takes the first away: `{ at: null, ago: 3d }`.
    """
    message = f"the event `{label}` needs either `at` or `ago`"
    return Diagnostic("time-of-event", message, span, "write `ago: 3d`, or `at:` with an instant")


def misplaced_expectation(span: Span, field: str, hint: str) -> Diagnostic:
    """An expectation stands where it says nothing.

        expect: allowed
        because: signed_off

    `because` names the rules that fail, so it belongs to a case that is denied. `owes` and `waivers` belong
    to one that is allowed. The base of all cases expects nothing.
    """
    return Diagnostic("misplaced-expectation", f"`{field}` does not belong here", span, hint)


def unexplained_denial(span: Span, name: str) -> Diagnostic:
    """A case expects a denial and does not say which rules fail.

        nobody approved:
          expect: denied

    A denial for another reason than the author had in mind would pass unseen. Name every rule that fails.
    """
    hint = "name the rules that fail: `because: signed_off`"
    return Diagnostic("unexplained-denial", f"the case `{name}` does not say why it is denied", span, hint)


def time_out_of_range(span: Span, label: str) -> Diagnostic:
    """An event begins before 1970 or ends after 9999.

        live: { deployment: 1.0.0, in: prod, lane: promote, ago: 99999w }

    `ago` is subtracted from the time of the case, and `for` and `took` are added to the time of the event.
    """
    message = f"the event `{label}` is not in the years 1970 to 9999"
    return Diagnostic("time-out-of-range", message, span)
