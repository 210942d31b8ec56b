"""Defines how a JUnit XML report is read: every case is counted anew, whatever its totals claim."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import ParseError

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase, TestSuite

from rung.collect.learned import Learned, UnreadableError
from rung.collect.xml_text import xml_bytes


def read(path: Path) -> Learned:
    """The numbers of cases that passed, failed (errors included) and were skipped, and when they ran."""
    content = xml_bytes(path)
    try:
        report = JUnitXml.fromstring(content)
    except (ParseError, JUnitXmlError, ValueError, SyntaxError) as error:
        raise UnreadableError(f"it is no JUnit report ({error})") from error
    suites = [report] if isinstance(report, TestSuite) else list(report)
    counts: Counter[str] = Counter()
    stamps: list[str | None] = []
    for suite in suites:
        stamps.append(suite.timestamp)
        # A suite gives the cases of the suites within it too.
        counts.update(_verdict(case) for case in suite if isinstance(case, TestCase))
    unknown = []
    claimed = {
        name: sum(int(getattr(suite, name) or 0) for suite in suites) for name in ("failures", "errors")
    }
    if sum(claimed.values()) != counts["failed"]:
        unknown.append(
            f"the report claims {sum(claimed.values())} failures, its cases say {counts['failed']}"
        )
    time = _latest(stamps)
    if time is None:
        unknown.append("when the tests ran: the report has no time with a zone")
    fields = {name: counts[name] for name in ("passed", "failed", "skipped")}
    return Learned(fields, time, tuple(unknown))


def _verdict(case: TestCase) -> str:
    results = case.result
    if any(isinstance(result, Failure | Error) for result in results):
        return "failed"
    return "skipped" if any(isinstance(result, Skipped) for result in results) else "passed"


def _latest(stamps: list[str | None]) -> int | None:
    """The latest of the times, or None where one is missing or has no zone."""
    latest = []
    for stamp in stamps:
        try:
            moment = datetime.fromisoformat(stamp) if stamp else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            return None
        latest.append(int(moment.timestamp()))
    return max(latest, default=None)
