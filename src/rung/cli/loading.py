"""Defines how a verb that only shows a policy reads it."""

from __future__ import annotations

from rung.cli import files
from rung.cli.output import Output, Outputs, emit
from rung.diagnostics import Diagnostic
from rung.engine import Loaded


def load_or_report(name: str, root: str | None) -> Loaded:
    """The policy of a file; what is wrong with it is reported, and then there is none."""
    from rung import engine
    from rung.report import Findings

    text = files.read_policy(name, root)
    loaded = Loaded(None, {}, (text,)) if isinstance(text, Diagnostic) else engine.load(text)
    if loaded.policy is None:
        findings = Findings("nothing written", loaded.sources, loaded.mistakes)
        emit(Outputs((Output("text", None),), "auto"), lambda form, look: form.diagnostics(findings, look))
    return loaded
