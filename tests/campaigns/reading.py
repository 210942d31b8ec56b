"""Any text at all is read without an exception, and what is said about it can be shown. `… reading 5000`."""

from __future__ import annotations

from rung.diagnostics import Source
from rung.syntax.parse import parse
from tests.campaigns import formatting
from tests.campaigns.run import campaign
from tests.generators.mistakes import mistaken_policies


def check(text: str) -> None:
    source = Source("p.rung", text)
    file, diagnostics = parse(source)
    for diagnostic in diagnostics:
        assert diagnostic.is_error
        span = diagnostic.span
        assert span is not None
        assert span.file == "p.rung"
        assert 0 <= span.start <= span.end <= len(text)
        assert source.line(source.place(span.start).line) is not None
        for words in filter(None, (diagnostic.message, diagnostic.hint)):
            assert "\n" not in words
            assert not words.endswith(".")
    places = [diagnostic.span for diagnostic in diagnostics]
    assert len(places) == len(set(places))
    if not diagnostics:
        assert file is not None
        assert not file.broken
        formatting.check(text)


if __name__ == "__main__":
    campaign(check, mistaken_policies(), "python -m tests.campaigns.reading")
