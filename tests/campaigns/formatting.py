"""Any policy, formatted: the same meaning, nothing left to format, every comment. `… formatting 5000`."""

from __future__ import annotations

from rung.diagnostics import Source
from rung.syntax.parse import parse
from rung.syntax.same_meaning import same_meaning
from rung.syntax.to_text import to_text
from rung.syntax.tree import PolicyFile
from tests.campaigns.run import campaign
from tests.generators.policies import policies


def parsed(text: str) -> PolicyFile:
    file, diagnostics = parse(Source("p.rung", text))
    assert file is not None
    assert diagnostics == ()
    return file


def comments(file: PolicyFile) -> list[str]:
    return [comment.text for comment in file.comments]


def check(text: str) -> None:
    before = parsed(text)
    formatted = to_text(before, text)
    after = parsed(formatted)
    assert same_meaning(before, after)
    assert comments(after) == comments(before)
    assert to_text(after, formatted) == formatted
    lines = formatted.split("\n")
    assert lines[-1] == ""
    assert lines[-2] != ""
    assert all(line == line.rstrip() for line in lines)


if __name__ == "__main__":
    campaign(check, policies(), "python -m tests.campaigns.formatting")
