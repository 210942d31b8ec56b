"""Defines how a Cobertura XML report is read: the lines are counted anew, whatever its rates claim."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from xml.etree import ElementTree

from rung.collect.learned import Learned, UnreadableError
from rung.collect.xml_text import xml_bytes

PLACES = Decimal("0.000000001")  # as many as a percentage can have


def read(path: Path) -> Learned:
    """The share of lines that were covered, and of branches where the report has them; floored, never up."""
    try:
        root = ElementTree.fromstring(xml_bytes(path))
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableError(f"it is no XML ({error})") from error
    if root.tag != "coverage":
        raise UnreadableError(f"it is no Cobertura report, its root is `{root.tag[:40]}`")
    lines: dict[tuple[str, str], int] = {}
    for unit in root.iter("class"):
        file = unit.get("filename", "")
        for line in unit.iterfind("lines/line"):
            place = (file, line.get("number", ""))
            lines[place] = max(lines.get(place, 0), _count(line.get("hits")))
    if not lines:
        raise UnreadableError("it has no lines")
    covered = sum(hits > 0 for hits in lines.values())
    fields = {"coverage": _percent(covered, len(lines))}
    unknown = []
    claimed = root.get("lines-covered"), root.get("lines-valid")
    if all(claimed) and claimed != (str(covered), str(len(lines))):
        unknown.append(
            f"the report claims {claimed[0]} of {claimed[1]} lines, its lines say {covered} of {len(lines)}"
        )
    branches = _branches(root)
    if branches[1]:
        fields["branches"] = _percent(*branches)
    stamp = root.get("timestamp", "")
    # Cobertura's clock counts milliseconds; some writers count seconds.
    time = int(stamp) // (1000 if len(stamp) > 11 else 1) if stamp.isascii() and stamp.isdigit() else None
    if time is None:
        unknown.append("when coverage was measured: the report has no time")
    return Learned(fields, time, tuple(unknown))


def _count(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise UnreadableError(f"a line has `{text}` hits")
    return int(text)


def _branches(root: ElementTree.Element) -> tuple[int, int]:
    """How many branches were taken, of how many: `condition-coverage="50% (1/2)"` of each line."""
    taken = total = 0
    for line in root.iter("line"):
        _, bracket, counts = line.get("condition-coverage", "").partition("(")
        done, slash, all_ = counts.rstrip(")").partition("/")
        if bracket and slash:
            taken, total = taken + _count(done), total + _count(all_)
    return taken, total


def _percent(part: int, whole: int) -> str:
    return f"{(Decimal(100 * part) / whole).quantize(PLACES, ROUND_FLOOR).normalize():f}%"
