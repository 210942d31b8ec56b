"""Defines an entry of a history as a model of the solver has it: who, what and where, in documents' words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from rung.policy import model
from rung.policy.types import (
    DIGEST,
    PERSON,
    TEXT,
    VERSION,
    EnumType,
    SetType,
    Type,
    parse_digest,
    show_version,
)
from rung.prove.claims import sources_of
from rung.prove.errors import NotEncodedError
from rung.prove.telling import Release, Telling
from rung.prove.world import Key
from rung.prove.written import between, plain, written

MACHINE = "release-bot"
Values = Mapping[Key, Any]


class Entry:
    """One entry, or action, from the values of its unknowns."""

    def __init__(
        self, telling: Telling, release: Release, way: model.Route | model.Act, chosen: Values
    ) -> None:
        self.telling = telling
        self.release = release
        self.way = way
        self.target = way.target
        self.chosen = chosen
        self.at: int = chosen["at",]
        self.since = telling.time + 60  # what is new becomes known after the last decision

    def get(self, *key: Any, default: Any = None) -> Any:
        return self.chosen.get(key, default)

    def every(self, word: str) -> Iterator[tuple[Key, Any]]:
        return ((key, value) for key, value in self.chosen.items() if key[0] == word)

    def person(self, number: int) -> str:
        ids = self.telling.persons.ids
        return ids[number] if number < len(ids) else f"person-{number - len(ids) + 1}@example.com"

    def came_from(self) -> tuple[str, ...]:
        sources = sources_of(self.way)
        return tuple(each for each in sources if self.get("stated source", each)) or sources

    def account(self) -> str:
        if self.get("kind of actor", default=1) == 1:
            return MACHINE
        return self.person(self.get("actor", default=0)) if self.get("actor known") else "an-unknown-account"

    def configuration(self) -> str | None:
        lasting = {**self.release.lasting, **self.chosen}
        if lasting.get(("stated", "release.configuration"), True) is False:
            return None
        code = lasting.get(("request", "release.configuration"))
        if code is None:
            return "sha256:" + f"{0xF1 + self.release.number:02x}" * 32
        return self.text(DIGEST, code, ("request", "release.configuration"))

    def lane(self) -> model.Lane:
        if isinstance(self.way, model.Route):
            return self.way.lane
        found: int = self.get("request", "lane", default=0)
        return model.LANES[found]

    def places(self, place: str) -> tuple[str, ...]:
        return {"source": self.came_from(), "target": (self.target,)}.get(place, (place,))

    def fields(self, evidence: str) -> tuple[tuple[str, Type], ...]:
        return self.telling.policy.evidence[evidence].fields

    def field(self, evidence: str, place: Any, name: str, type: Type) -> Any:
        key = ("field", evidence, place, 0, name)
        if isinstance(type, SetType):
            return self.members(key, type)
        value = self.chosen.get(key)
        return plain(type) if value is None else self.raw(type, value, key)

    def members(self, key: Key, type: SetType) -> tuple[Any, ...]:
        members = [each[-1] for each, holds in self.chosen.items() if each[:-1] == (*key, "has") and holds]
        others = any(holds for each, holds in self.chosen.items() if each[:-1] == (*key, "has other than"))
        # Where two policies name members, those that one of them does not name are no others.
        if self.chosen.get(("beyond", *key), others) and type.element == TEXT:
            members.append("another")
        elif self.chosen.get(("beyond", *key), others):
            raise NotEncodedError("a set with a member that the policy does not name")
        return tuple(written(type.element, each) for each in sorted(members, key=repr))

    def raw(self, type: Type, value: Any, key: Key) -> Any:
        """A value as the solver has it, as a document has it."""
        if isinstance(type, EnumType):
            return type.members[value]
        if type in (TEXT, PERSON, DIGEST):
            return self.text(type, value, key)
        if type == VERSION:
            return self.version(value)
        return written(type, value)

    def text(self, type: Type, code: int, key: Key) -> str:
        texts = {each: text for text, each in self.telling.vocabulary.texts.items()}
        if code in texts and (type != DIGEST or parse_digest(texts[code]) is not None):
            return texts[code]
        if type == DIGEST:
            return "sha256:" + sha256(str(code).encode()).hexdigest()  # none that the policy names
        starts = [k[-1] for k, holds in self.chosen.items() if k[:-1] == (*key, "starts") and holds]
        ends = [k[-1] for k, holds in self.chosen.items() if k[:-1] == (*key, "ends") and holds]
        begins, finishes = (max(each, key=len, default="") for each in (starts, ends))
        middle = "other" if code == len(texts) else f"other-{code}"
        while begins + middle + finishes in texts.values():
            middle += "-too"
        return begins + middle + finishes

    def version(self, rank: int) -> str:
        named = self.telling.vocabulary.versions
        if rank % 2:
            return show_version(named[rank // 2])
        return between(named, rank // 2)
