"""Shows a value of a document in a message: short, printable, in the words of documents."""

from collections.abc import Iterable
from decimal import Decimal

LONGEST = 40


def shown(value: object, quote: str = "`") -> str:
    """What was found: a scalar in backticks, cut after 40 characters; of the rest only the kind."""
    match value:
        case None:
            return "null"
        case bool():
            return f"{quote}{str(value).lower()}{quote}"
        case int() | Decimal():
            return f"the number {_short(str(value), quote)}"
        case str():
            return _short(value, quote) if value or not quote else "an empty text"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case dict():
            return "a mapping" if value else "an empty mapping"
        case _:
            raise AssertionError(f"no document holds {type(value)}")


def one_of(words: Iterable[str]) -> str:
    """The words in backticks, with commas and an "or"."""
    return _joined(words, "or")


def all_of(words: Iterable[str]) -> str:
    """The words in backticks, with commas and an "and"."""
    return _joined(words, "and")


def _joined(words: Iterable[str], conjunction: str) -> str:
    *others, last = [f"`{word}`" for word in dict.fromkeys(words)]
    return f"{', '.join(others)} {conjunction} {last}" if others else last


def _short(text: str, quote: str) -> str:
    cut = text[:LONGEST] + "…" if len(text) > LONGEST else text
    printable = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
    return f"{quote}{printable}{quote}"
