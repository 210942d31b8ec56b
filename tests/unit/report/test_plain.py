"""Text that others wrote is safe to print, measured and wrapped in columns."""

from __future__ import annotations

import unicodedata

import pytest

from rung.report.plain import plain, width, wrapped


@pytest.mark.parametrize("text", ["", "plain", "ä → 世界 …", "✓ e\u0301"])
def test_what_is_harmless_stays(text: str) -> None:
    assert plain(text) == text


def test_nothing_that_a_terminal_obeys_remains() -> None:
    every = "".join(map(chr, range(0x11_0000)))
    left = {unicodedata.category(each) for each in set(plain(every))}
    assert left.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert plain("a\tb\nc\u00a0d\x1b\x9b\u202e\ud800") == "a b c d����"


def test_width() -> None:
    assert [width(text) for text in ("", "ab", "世界", "e\u0301", "✓")] == [0, 2, 4, 1, 1]


def test_wrapping_is_between_words_and_loses_nothing() -> None:
    assert wrapped("one two three", 80) == ["one two three"]
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("one-very-long-word b", 5) == ["one-very-long-word", "b"]
    assert wrapped("世界 世界", 5) == ["世界", "世界"]
