"""The grammar comes from the package, else from its checkout, and never from the working directory."""

import subprocess
import sys
from pathlib import Path

import pytest

import rung.syntax.grammar

LOCATOR = Path(rung.syntax.grammar.__file__).read_text(encoding="utf-8")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def locate(tree: Path, **grammars: str) -> subprocess.CompletedProcess[str]:
    """Run the locator of a `rung` that lies in `tree`/src, from a folder that holds a grammar of its own.

    `grammars` are the texts to lay out: `installed` in the package, `checkout` at the top of the tree.
    """
    places = {"installed": tree / "src" / "rung", "checkout": tree}
    for kind, text in grammars.items():
        write(places[kind] / "grammar" / "policy.lark", text)
    for package in ("rung", "rung/syntax"):
        write(tree / "src" / package / "__init__.py", "")
    write(tree / "src" / "rung" / "syntax" / "grammar.py", LOCATOR)
    elsewhere = tree / "elsewhere"
    write(elsewhere / "grammar" / "policy.lark", "from the working directory")
    script = f"import sys; sys.path.insert(0, {str(tree / 'src')!r})\n"
    script += "from rung.syntax.grammar import grammar_text; print(grammar_text(), end='')"
    return subprocess.run([sys.executable, "-I", "-c", script], cwd=elsewhere, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("grammars", "expected"),
    [
        ({"installed": "from the package"}, "from the package"),
        ({"checkout": "from the checkout"}, "from the checkout"),
        ({"installed": "from the package", "checkout": "from the checkout"}, "from the package"),
    ],
)
def test_package_first_then_checkout(tmp_path: Path, grammars: dict[str, str], expected: str) -> None:
    located = locate(tmp_path, **grammars)
    assert (located.stdout, located.stderr) == (expected, "")


def test_the_working_directory_is_never_searched(tmp_path: Path) -> None:
    located = locate(tmp_path)
    assert located.returncode != 0
    assert "FileNotFoundError" in located.stderr


def test_this_checkout_has_its_grammar() -> None:
    checkout = Path(__file__).parents[2] / "grammar" / "policy.lark"
    assert rung.syntax.grammar.grammar_text() == checkout.read_text(encoding="utf-8")
