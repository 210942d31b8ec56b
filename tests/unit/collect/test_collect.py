"""Facts from test reports, coverage and git: counted anew, and honest about what is unknown."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from rung.cli.facts import collect as collect_command
from rung.collect import cobertura, git, junit
from rung.collect.facts import Asked, collect
from rung.collect.learned import UnreadableError

STAMP = "2026-11-23T09:10:00.75+01:00"
CASES = '<testcase name="a"/><testcase name="b"><skipped/></testcase>'


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


# ---------------------------------------------------------------- JUnit


def test_cases_are_counted_whatever_the_totals_claim(tmp_path: Path) -> None:
    report = write(
        tmp_path,
        "junit.xml",
        f'<testsuites><testsuite name="s" tests="3" failures="0" errors="0" timestamp="{STAMP}">{CASES}'
        '<testcase name="c"><failure message="no"/></testcase><testcase name="d"><error/></testcase>'
        "</testsuite></testsuites>",
    )
    found = junit.read(report)
    assert found.fields == {"passed": 1, "failed": 2, "skipped": 1}
    assert found.time == 1795421400
    assert found.unknown == ("the report claims 0 failures, its cases say 2",)


def test_suites_within_suites_count(tmp_path: Path) -> None:
    inner = f'<testsuite name="i" timestamp="{STAMP}">{CASES}</testsuite>'
    report = write(
        tmp_path, "junit.xml", f'<testsuite name="o" timestamp="{STAMP}">{CASES}{inner}</testsuite>'
    )
    assert junit.read(report).fields == {"passed": 2, "failed": 0, "skipped": 2}


@pytest.mark.parametrize("stamp", ["", "2026-11-23T09:10:00", "yesterday"])
def test_a_time_without_a_zone_is_unknown(tmp_path: Path, stamp: str) -> None:
    report = write(tmp_path, "junit.xml", f'<testsuite name="s" timestamp="{stamp}">{CASES}</testsuite>')
    found = junit.read(report)
    assert found.time is None
    assert found.unknown == ("when the tests ran: the report has no time with a zone",)


@pytest.mark.parametrize(
    "text",
    ["", "no xml", "<html/>", '<!DOCTYPE a [<!ENTITY b "c">]><testsuite>&b;</testsuite>', "<testsuite"],
)
def test_what_is_no_junit_report_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError):
        junit.read(write(tmp_path, "junit.xml", text))


# ---------------------------------------------------------------- Cobertura


def coverage(lines: str, attributes: str = 'timestamp="1795417800999"') -> str:
    unit = f'<class filename="a.py"><lines>{lines}</lines></class>'
    return (
        f"<coverage {attributes}><packages><package><classes>{unit}</classes></package></packages></coverage>"
    )


def test_lines_are_counted_whatever_the_rate_claims(tmp_path: Path) -> None:
    lines = '<line number="1" hits="1"/><line number="2" hits="0"/><line number="3" hits="9"/>'
    claims = 'timestamp="1795417800999" line-rate="1" lines-covered="3" lines-valid="3"'
    found = cobertura.read(write(tmp_path, "c.xml", coverage(lines, claims)))
    assert found.fields == {"coverage": "66.666666666%"}
    assert found.time == 1795417800
    assert found.unknown == ("the report claims 3 of 3 lines, its lines say 2 of 3",)


def test_a_line_of_two_classes_counts_once(tmp_path: Path) -> None:
    lines = '<line number="1" hits="0"/><line number="1" hits="2"/><line number="2" hits="0"/>'
    assert cobertura.read(write(tmp_path, "c.xml", coverage(lines))).fields == {"coverage": "50%"}


def test_branches_are_counted(tmp_path: Path) -> None:
    lines = '<line number="1" hits="1" branch="true" condition-coverage="50% (1/2)"/>'
    found = cobertura.read(write(tmp_path, "c.xml", coverage(lines)))
    assert found.fields == {"coverage": "100%", "branches": "50%"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html/>",
        "<coverage/>",
        coverage('<line number="1" hits="many"/>'),
        coverage('<line number="1"/>'),
    ],
)
def test_what_is_no_cobertura_report_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError):
        cobertura.read(write(tmp_path, "c.xml", text))


# ---------------------------------------------------------------- git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    run(folder, "init", "--quiet")
    commit(folder, "ana@example.com", "first")
    commit(
        folder,
        "bo@example.com",
        "second\n\nCo-authored-by: Dee D. <dee@example.com>\nco-AUTHORED-by: x <e@f>",
    )
    commit(folder, "ana@example.com", "third\n\nCo-authored-by: Bo <bo@example.com>")
    return folder


def run(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8"
    ).stdout.strip()


def commit(folder: Path, email: str, message: str) -> None:
    identity = ("-c", f"user.email={email}", "-c", "user.name=N", "-c", "commit.gpgsign=false")
    run(folder, *identity, "commit", "--quiet", "--allow-empty", "-m", message)


def test_authors_and_co_authors_of_a_range(repository: Path) -> None:
    found = git.read(repository, "HEAD~2", "HEAD")
    assert found.unknown == ()
    assert found.change.complete
    assert found.change.authors == ("git:ana@example.com", "git:bo@example.com")
    assert found.change.coauthors == ("git:dee@example.com", "git:e@f")
    assert len(found.change.contains) == 3


def test_from_the_very_beginning(repository: Path) -> None:
    found = git.read(repository, None, "HEAD~1")
    assert found.change.base is None
    assert found.change.head == run(repository, "rev-parse", "HEAD~1")
    assert len(found.change.contains) == 2


def test_a_base_that_is_no_ancestor_leaves_the_range_incomplete(repository: Path) -> None:
    found = git.read(repository, "HEAD", "HEAD~1")
    assert not found.change.complete
    assert "is no ancestor of" in found.unknown[0]


def test_a_shallow_clone_leaves_the_range_incomplete(repository: Path, tmp_path: Path) -> None:
    run(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", "shallow")
    found = git.read(tmp_path / "shallow", None, "HEAD")
    assert not found.change.complete
    assert found.unknown == ("all commits: the repository is shallow",)


@pytest.mark.parametrize("revision", ["nope", "--all", "HEAD:file", ""])
def test_what_is_no_revision_is_refused(repository: Path, revision: str) -> None:
    with pytest.raises(UnreadableError, match="there is no such revision"):
        git.read(repository, None, revision)


# ---------------------------------------------------------------- together


def test_the_facts_of_a_build(repository: Path, tmp_path: Path) -> None:
    report = write(tmp_path, "junit.xml", f'<testsuite name="s" timestamp="{STAMP}">{CASES}</testsuite>')
    measured = write(tmp_path, "c.xml", coverage('<line number="1" hits="1"/>'))
    artifact = write(tmp_path, "app.whl", "abc")
    asked = Asked((report,), measured, "unit_tests", repository, "HEAD", None, (artifact,), "ci", "ci:1")
    found = collect(asked)
    assert found.unknown == ()
    (record,) = found.facts.evidence
    assert record.fields == {"passed": 1, "failed": 0, "skipped": 1, "coverage": "100%"}
    assert record.time == 1795417800, "the older of the two readings"
    (build,) = found.facts.builds
    assert build.digest == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert build.commit == run(repository, "rev-parse", "HEAD")


def test_without_a_certain_time_nothing_is_recorded(tmp_path: Path) -> None:
    report = write(tmp_path, "junit.xml", f'<testsuite name="s">{CASES}</testsuite>')
    found = collect(Asked((report,), None, "unit_tests", None, "HEAD", None, (), None, "ci:1"))
    assert found.facts.evidence == ()
    assert found.unknown[-1].endswith("it is not certain when it was found out")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to collect from"),
        (["--junit", "x.xml"], "give --invocation"),
        (["--artifact", "x.whl", "--invocation", "i"], "give --builder and --repository"),
    ],
)
def test_what_is_missing_is_asked_for(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(collect_command, arguments)
    assert done.exit_code == 2
    assert said in done.output
