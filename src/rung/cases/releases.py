"""Defines the releases of a case: their digests, which follow from their names, and how they came about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rung.cases import errors, records
from rung.diagnostics import Diagnostic, did_you_mean
from rung.inputs import facts
from rung.inputs.document import Document

SOURCE = "the case"
Path = tuple[str | int, ...]


class Names:
    """The names that a case uses, and what is wrong with them; a path leads to where one is written."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.mistakes: list[Diagnostic] = []

    def known(self, kind: str, name: str, table: Iterable[str], *path: str | int) -> bool:
        """Whether there is such a name; reported where not."""
        if name in table:
            return True
        hint = did_you_mean(name, table)
        self.mistakes.append(errors.unknown_reference(self.document.span(path), kind, name, hint))
        return False


class Releases:
    """The releases that a case declares."""

    def __init__(self, declared: Mapping[str, records.Release], names: Names) -> None:
        self.declared = declared
        self.names = names
        self._lines = {name: self._line(name) for name in declared}

    def find(self, name: str, *path: str | int) -> records.Release | None:
        """The release of a name; reported, and None, where there is none."""
        known = self.names.known("release", name, self.declared, *path)
        return self.declared[name] if known else None

    def commit(self, name: str) -> str:
        return _hex("commit", self.declared[name].commit or name)[:40]

    def artifacts(self, name: str) -> dict[str, str]:
        commit = self.commit(name)
        return {each: "sha256:" + _hex("artifact", commit, each) for each in self.declared[name].artifacts}

    def digests(self, name: str) -> frozenset[str]:
        return frozenset(self.artifacts(name).values())

    def configuration(self, name: str) -> str:
        return "sha256:" + _hex("configuration", self.declared[name].configuration)

    def identity(self, name: str) -> dict[str, Any]:
        """The fields by which records know a release."""
        return {"digests": self.digests(name), "configuration": self.configuration(name)}

    def run(self, name: str) -> str:
        """The invocation that built a release, unless its event says another."""
        return f"build of {self.declared[name].commit or name}"

    def _line(self, name: str) -> tuple[str, ...]:
        """A release and those that it came after, itself first."""
        line = [name]
        while (after := self.declared[line[-1]].after) is not None:
            path = ("releases", line[-1], "after")
            if after in line:
                span = self.names.document.span(path)
                self.names.mistakes.append(errors.circular_reference(span, "release", after))
                break
            if self.find(after, *path) is None:
                break
            line.append(after)
        return tuple(line)

    def changes(self) -> Iterator[facts.Change]:
        """What is new in each release since every other one, and since the very beginning, as git has it."""
        for name, spec in self.declared.items():
            for index, each in enumerate(spec.contains):
                self.find(each, "releases", name, "contains", index)
            for base in (None, *self.declared):
                if base is None or self.commit(base) != self.commit(name):
                    yield self._change(base, name)

    def _change(self, base: str | None, name: str) -> facts.Change:
        line = self._lines[name]
        known = frozenset() if base is None else frozenset(self._lines[base])
        steps = [self.declared[step] for step in line if step not in known]
        contained = [*line[1:], *(each for step in line for each in self.declared[step].contains)]
        return facts.Change(
            base=None if base is None else self.commit(base),
            head=self.commit(name),
            complete=all(step.complete for step in steps),
            authors=tuple(dict.fromkeys(who for step in steps for who in step.authors)),
            coauthors=tuple(dict.fromkeys(who for step in steps for who in step.coauthors)),
            contains=tuple(self.commit(each) for each in contained if each in self.declared),
            source=SOURCE,
        )

    def manifests(self) -> Iterator[facts.Manifest]:
        for name, spec in self.declared.items():
            if spec.requires is not None:
                requires = tuple(needed.dependency(component) for component, needed in spec.requires.items())
                yield facts.Manifest(digests=self.digests(name), requires=requires, source=SOURCE)


def _hex(*words: str) -> str:
    """Digits that follow from words alone, the same in every run."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()
