"""Defines `grammar_text`: where the grammar is found, in an installed package and in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def grammar_text() -> str:
    """The text of `policy.lark`: the package's own copy, else the checkout's, which editable installs use."""
    installed = PACKAGE / "grammar" / "policy.lark"
    checkout = PACKAGE.parents[1] / "grammar" / "policy.lark"
    return (installed if installed.is_file() else checkout).read_text(encoding="utf-8")
