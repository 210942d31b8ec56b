"""Defines `collect`: what several sources taught, put together as facts."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rung.collect import cobertura, git, junit
from rung.collect.learned import Learned, UnreadableError
from rung.inputs.facts import AboutBuild, Build, Change, Evidence, Facts


class Asked(NamedTuple):
    """What to collect from; see the options of `rung facts collect`."""

    junit: tuple[Path, ...]
    cobertura: Path | None
    evidence: str
    repository: Path | None
    head: str
    base: str | None
    artifacts: tuple[Path, ...]
    builder: str | None
    invocation: str | None


class Collected(NamedTuple):
    """The facts, and in words what could not be learned."""

    facts: Facts
    unknown: tuple[str, ...]


def collect(asked: Asked) -> Collected:
    """Collect facts; UnreadableError, which names the source, when one cannot be read."""
    unknown: list[str] = []
    changes: tuple[Change, ...] = ()
    if asked.repository is not None:
        try:
            found = git.read(asked.repository, asked.base, asked.head)
        except UnreadableError as error:
            raise UnreadableError(f"{asked.repository}: {error}") from error
        changes = (found.change,)
        unknown += [f"{asked.repository}: {each}" for each in found.unknown]
    evidence = _evidence(asked, unknown)
    builds = tuple(_builds(asked, changes[0].head)) if changes else ()
    return Collected(Facts(changes=changes, evidence=evidence, builds=builds), tuple(unknown))


def _evidence(asked: Asked, unknown: list[str]) -> tuple[Evidence, ...]:
    """One record of tests and coverage; without a time that is certain there is none."""
    readings: list[tuple[Path, Learned]] = []
    sources = [(path, junit.read) for path in asked.junit]
    if asked.cobertura is not None:
        sources.append((asked.cobertura, cobertura.read))
    for path, read in sources:
        try:
            readings.append((path, read(path)))
        except UnreadableError as error:
            raise UnreadableError(f"{path}: {error}") from error
    if not readings:
        return ()
    fields: dict[str, Any] = {}
    times: list[int | None] = []
    for path, learned in readings:
        unknown += [f"{path}: {each}" for each in learned.unknown]
        times.append(learned.time)
        for name, value in learned.fields.items():
            fields[name] = fields.get(name, 0) + value if isinstance(value, int) else value
    known = [each for each in times if each is not None]
    if len(known) < len(times):
        unknown.append(
            f"{asked.evidence}: nothing is recorded, since it is not certain when it was found out"
        )
        return ()
    assert asked.invocation is not None, "the command asks for it"
    about = AboutBuild(build=asked.invocation)
    source = ", ".join(str(path) for path, _ in readings)
    # The oldest reading says how old the whole is.
    return (Evidence(type=asked.evidence, about=about, time=min(known), fields=fields, source=source),)


def _builds(asked: Asked, commit: str) -> Iterator[Build]:
    for path in asked.artifacts:
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                finished = int(path.stat().st_mtime)
        except OSError as error:
            raise UnreadableError(f"{path}: {(error.strerror or str(error)).lower()}") from error
        assert asked.builder is not None, "the command asks for it"
        assert asked.invocation is not None, "the command asks for it"
        yield Build(
            digest=f"sha256:{digest}",
            commit=commit,
            builder=asked.builder,
            invocation=asked.invocation,
            finished=min(finished, int(time.time())),
            source=str(path),
        )
