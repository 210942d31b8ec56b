"""Defines how PostgreSQL chooses what a call means: `choose` among signatures, and `coercible` of one type.

Types are as in `server`; besides, `unknown` is a quoted literal's, `enum …` a user's enum, `row …` a
composite or the rows of a relation, and None one that is not known. The steps of `choose` are those of the
server's manual ("Type Conversion").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from rung.migrations import server
from rung.migrations.server import Signature

Kind = str | None
UNKNOWN = "unknown"

_CONTEXTS = {"implicit": "i", "assignment": "ia", "explicit": "iae"}


class NoMeaningError(Exception):
    """That the server knows no way to understand an expression: the message says which.

    Not `sure` where something that is not known may be the way.
    """

    def __init__(self, message: str, *, sure: bool = True) -> None:
        super().__init__(message)
        self.sure = sure


_USERS = {"_": "A", "enum ": "E", "row ": "C"}


def category(kind: str) -> str:
    for start, letter in _USERS.items():
        if kind.startswith(start):
            return letter
    found = server.base_type(kind)
    return "U" if found is None else found.category


def coercible(source: str, target: str, context: str = "implicit") -> bool:
    """Whether a value of the one type is taken where one of the other is asked for."""
    if source in (target, UNKNOWN):
        return True
    kind = server.base_type(target)
    if kind is not None and kind.category == "P":
        return _polymorphic(source, target)
    found = server.cast(source, target)
    if found is not None:
        return found.context in _CONTEXTS[context]
    if source.startswith("_") and target.startswith("_"):
        return coercible(source[1:], target[1:], context)
    if target.startswith("row ") and (source == "record" or source.startswith("row ")):
        # whether they have the same columns, or one inherits from the other, is not told
        return True
    if context == "implicit":
        return False
    # by way of the text
    return category(target) == "S" or (context == "explicit" and category(source) == "S")


def _polymorphic(source: str, target: str) -> bool:
    match target:
        case "anyarray" | "anycompatiblearray":
            return source.startswith("_") or source in ("int2vector", "oidvector")
        case "anyenum":
            return source.startswith("enum ")
        case "anyrange" | "anycompatiblerange":
            return category(source) == "R" and "multirange" not in source
        case "anymultirange" | "anycompatiblemultirange":
            return "multirange" in source
        case "anynonarray" | "anycompatiblenonarray":
            return not source.startswith("_")
        case "any" | "anyelement" | "anycompatible":
            return True
        case "record":
            return source == "record" or source.startswith("row ")
        case _:
            return False


def volatility(source: str, target: str) -> str:
    """How volatile it is to make a value of the one type one of the other."""
    if source in (target, UNKNOWN):
        return "i"
    found = server.cast(source, target)
    if found is None and source.startswith("_") and target.startswith("_"):
        return volatility(source[1:], target[1:])
    if found is not None and found.method in "isv?":
        return found.method
    if found is not None and found.method == "b":
        return "i"
    one, other = server.base_type(source), server.base_type(target)
    ways = ("s" if one is None else one.written, "s" if other is None else other.read)
    return "i" if ways == ("i", "i") else "s"


def choose(candidates: tuple[Signature, ...], given: Sequence[Kind], shown: str) -> Signature | None:
    """The signature that is meant; None where types that are not known decide. `shown` is for messages."""
    found = _chosen(candidates, tuple(given))
    if isinstance(found, str):
        raise NoMeaningError(f"{shown} {found}")
    return found


@lru_cache(maxsize=4096)
def _chosen(candidates: tuple[Signature, ...], given: tuple[Kind, ...]) -> Signature | str | None:
    """The signature, or why there is none."""
    fitting = [one for each in candidates if (one := _with_arguments(each, len(given))) is not None]
    if not fitting:
        return "does not exist"
    known = [kind for kind in given if kind is not None]
    if len(known) < len(given):
        fitting = [each for each in fitting if _takes(each, given)]
        if not fitting:
            return "does not exist"
        return fitting[0] if len({each[1:3] for each in fitting}) == 1 else None
    exact = [each for each in fitting if list(each.arguments) == known]
    if exact:
        return exact[0]
    fitting = [each for each in fitting if _takes(each, known)]
    if not fitting:
        return "does not exist"
    found = _best(fitting, known)
    if found is None:
        return "is not unique"
    return found


def _with_arguments(each: Signature, count: int) -> Signature | None:
    """The signature as it is called with so many arguments."""
    taken = each.arguments
    if each.optional is None:
        if count < len(taken) - 1:
            return None
        repeated = "any" if taken[-1] == "any" else _element(taken[-1])
        return each._replace(arguments=(*taken[:-1], *[repeated] * (count - len(taken) + 1)))
    if not len(taken) - each.optional <= count <= len(taken):
        return None
    return each._replace(arguments=taken[:count])


def _element(array: str) -> str:
    return {"anyarray": "anyelement", "anycompatiblearray": "anycompatible"}.get(
        array, array.removeprefix("_")
    )


def _takes(each: Signature, given: Sequence[Kind]) -> bool:
    """Whether the arguments are of types that it takes, those of one placeholder of the same type."""
    same: set[str] = set()
    alike: list[Kind] = []
    for kind, wanted in zip(given, each.arguments, strict=True):
        if kind is None:
            continue
        if not coercible(kind, wanted):
            return False
        if kind == UNKNOWN or not wanted.startswith("any"):
            continue
        one = server.element(kind) or kind if "range" in wanted else kind
        if wanted.endswith("array") and wanted != "anynonarray" and wanted != "anycompatiblenonarray":
            one = kind.removeprefix("_")
        if wanted.startswith("anycompatible"):
            alike.append(one)
        elif wanted != "any":
            same.add(one)
    try:
        common(alike, "arguments")
    except NoMeaningError:
        return False
    return len(same) <= 1


def _best(candidates: list[Signature], given: Sequence[str]) -> Signature | None:
    """The one that fits better than each other; None where none does."""
    candidates = _most(candidates, lambda each: sum(map(_is_same, given, each.arguments)))
    candidates = _most(candidates, lambda each: sum(map(_is_close, given, each.arguments)))
    if len(candidates) == 1:
        return candidates[0]
    open_places = [place for place, kind in enumerate(given) if kind == UNKNOWN]
    if not open_places:
        return None
    candidates = _by_category(candidates, open_places)
    if len(candidates) == 1:
        return candidates[0]
    kinds = {kind for kind in given if kind != UNKNOWN}
    if len(kinds) == 1:
        (kind,) = kinds
        taking = [each for each in candidates if all(coercible(kind, wanted) for wanted in each.arguments)]
        if len(taking) == 1:
            return taking[0]
    return None


def _most(candidates: list[Signature], count: Callable[[Signature], int]) -> list[Signature]:
    counts = [count(each) for each in candidates]
    return [each for each, found in zip(candidates, counts, strict=True) if found == max(counts)]


def _is_same(kind: str, wanted: str) -> bool:
    return kind == wanted


def _is_preferred(wanted: str) -> bool:
    found = server.base_type(wanted)
    return found is not None and found.preferred


def _is_close(kind: str, wanted: str) -> bool:
    return kind != UNKNOWN and (
        kind == wanted or (_is_preferred(wanted) and category(wanted) == category(kind))
    )


def _by_category(candidates: list[Signature], open_places: list[int]) -> list[Signature]:
    """Those that take, for literals, values of the category that all take, or else texts."""
    kept = candidates
    for place in open_places:
        found = {category(each.arguments[place]) for each in candidates}
        if len(found) > 1 and "S" not in found:
            return candidates
        chosen = "S" if "S" in found else found.pop()
        preferred = any(
            _is_preferred(each.arguments[place])
            for each in candidates
            if category(each.arguments[place]) == chosen
        )
        kept = [
            each
            for each in kept
            if category(each.arguments[place]) == chosen
            and (not preferred or _is_preferred(each.arguments[place]))
        ]
    return kept or candidates


def common(kinds: Sequence[Kind], shown: str) -> Kind:
    """The type that values of several become, as in COALESCE, CASE and ARRAY."""
    if None in kinds:
        return None
    known = [kind for kind in kinds if kind is not None and kind != UNKNOWN]
    if not known:
        return "text"
    chosen = known[0]
    for kind in known[1:]:
        if kind == chosen:
            continue
        if category(kind) != category(chosen):
            raise NoMeaningError(f"{shown} types {chosen} and {kind} cannot be matched")
        if not _is_preferred(chosen) and coercible(chosen, kind) and not coercible(kind, chosen):
            chosen = kind
    if not all(coercible(kind, chosen) for kind in known):
        raise NoMeaningError(f"{shown} types cannot all become {chosen}")
    return chosen


def result(signature: Signature, given: Sequence[Kind]) -> Kind:
    """The type of what a call gives; None where that depends on what is not known."""
    if category(signature.result) != "P" and signature.result != "_any":
        return signature.result
    for kind, wanted in zip(given, signature.arguments, strict=False):
        if kind is None or kind == UNKNOWN:
            continue
        match signature.result, wanted:
            case ("anyelement", "anyelement") | ("anyarray", "anyarray") | ("anyenum", "anyenum"):
                return kind
            case ("anyrange", "anyrange") | ("anymultirange", "anymultirange"):
                return kind
            case ("anyelement", "anyarray"):
                return kind.removeprefix("_")
    return None
