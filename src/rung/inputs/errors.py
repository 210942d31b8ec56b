"""Defines what can be wrong with a document: one function per code, its docstring the reference page."""

from collections.abc import Sequence

from rung.diagnostics import Diagnostic, Related, Span
from rung.inputs.shown import all_of


def malformed_document(span: Span | None, problem: str, hint: str | None, file: str) -> Diagnostic:
    """The text is not one well-formed JSON or YAML document in UTF-8, or not a mapping.

    Nothing is guessed: a document that readers could understand in two ways could be approved in
    one and executed in the other. From YAML, only what JSON can also say is read.

        {"schema": "rung.facts/1", "builds": [],}

    JSON has no comma after the last item.
    """
    return Diagnostic("malformed-document", problem, span, hint, file=file)


def document_too_large(span: Span | None, problem: str, file: str) -> Diagnostic:
    """The document is longer, deeper or has more values than any honest one.

    A document may have 16 MiB, 64 levels of nesting and 1,000,000 values. Larger ones are refused
    before they can take the time or memory of the machine that decides. Facts may be split into
    several documents.
    """
    return Diagnostic("document-too-large", problem, span, file=file)


def duplicate_key(span: Span, path: str, key: str, first: Span) -> Diagnostic:
    """A mapping has the same key twice.

    Readers differ in which of the two they take, so that one document would say two things.

        {"target": "qa", "target": "prod"}
    """
    related = (Related(first, "the first one is here"),)
    return Diagnostic("duplicate-key", f"{_prefix(path)}the key {key} stands twice", span, None, related)


def unsupported_yaml(span: Span, feature: str, hint: str | None) -> Diagnostic:
    """A feature of YAML that makes a document mean something else than it seems to say.

    Anchors, aliases, merge keys, tags, directives and several documents in one file are refused.

        production: &base { target: prod }

    Write the value out at each place.
    """
    return Diagnostic("unsupported-yaml", f"{feature} not read here", span, hint)


def ambiguous_value(span: Span, path: str, found: str, hint: str) -> Diagnostic:
    """An unquoted YAML value that readers of YAML understand differently.

    To some readers `no` is false, `0o17` and `017` are 15, `12:30` is 750, and an empty value is
    nothing; to others they are texts.

        drift: no
        lock: 012

    Unquoted, only `true`, `false`, `null` and numbers as JSON writes them mean more than their text. Quote
    the value if it is a text: `"no"`.
    """
    return Diagnostic(
        "ambiguous-value", f"{_prefix(path)}{found} means different things to different readers", span, hint
    )


def unknown_schema(span: Span, found: str, known: str, hint: str | None) -> Diagnostic:
    """The document's `schema` names no kind of document that this program reads.

        {"schema": "rung.request/2"}

    A proposal begins with `"schema": "rung.proposal/1"`, facts with `rung.facts/1`, and a request,
    which has both, with `rung.request/1`.
    """
    return Diagnostic("unknown-schema", f"schema: expected {known}, found {found}", span, hint)


def unknown_field(span: Span, path: str, field: str, hint: str | None) -> Diagnostic:
    """A mapping has a field that its kind of document does not have.

    It is an error and not ignored: a misspelled field would otherwise be left out in silence.

        {"schema": "rung.proposal/1", "taget": "prod"}
    """
    return Diagnostic("unknown-field", f"{_prefix(path)}unknown field {field}", span, hint)


def missing_field(span: Span, path: str, field: str, hint: str | None = None) -> Diagnostic:
    """A mapping lacks a field that it must have.

        {"digest": "sha256:…", "commit": "90fe12a"}

    As a build, this would also need `builder`, `invocation`, `finished` and `source`.
    `rung schema` prints what each document must have.
    """
    return Diagnostic("missing-field", f"{_prefix(path)}missing field `{field}`", span, hint)


def malformed_value(span: Span, path: str, problem: str, hint: str | None) -> Diagnostic:
    """A value is not what its field takes.

        {"finished": "yesterday"}

    The message says what is expected and what was found. Instants need their zone, digests their
    algorithm, and integers must fit 64 bits; numbers may have 40 digits. NaN and infinities are no numbers.
    """
    return Diagnostic("malformed-value", f"{_prefix(path)}{problem}", span, hint)


def impossible_record(span: Span, path: str, problem: str) -> Diagnostic:
    """A record contradicts itself: no observation could have been like this.

        {"from": "2026-11-24T10:00:00Z", "observed_until": "2026-11-24T09:00:00Z"}

    An interval ends before it begins, or a deployment is in progress and has also finished. Whatever wrote
    the record is not to be relied upon, so nothing is decided from it.
    """
    return Diagnostic("impossible-record", f"{_prefix(path)}{problem}", span)


def conflicting_facts(span: Span, path: str, problem: str, related: tuple[Related, ...]) -> Diagnostic:
    """Two records cannot both be true.

        {"id": "ana@example.com", "accounts": ["github:ana"]}
        {"id": "bo@example.com", "accounts": ["github:ana"]}

    One person counts once, so an account belongs to one person, a person is listed once, and the state of an
    environment comes from one place. This is checked across all the documents of a decision.
    """
    return Diagnostic("conflicting-facts", f"{_prefix(path)}{problem}", span, related=related)


def missing_document(files: Sequence[str]) -> Diagnostic:
    """There is no proposal among the documents.

    A decision needs one proposal, either in a document of its own or within a request, and any
    number of facts.
    """
    hint = 'a proposal begins with `"schema": "rung.proposal/1"`, a request with `"schema": "rung.request/1"`'
    where = f" in {all_of(files)}" if files else ", as there is no document"
    return Diagnostic("missing-document", f"there is no proposal{where}", None, hint)


def duplicate_document(span: Span, first: Span) -> Diagnostic:
    """There is more than one proposal among the documents.

    A decision is about one proposal. A request has its proposal within it and needs no other.
    """
    related = (Related(first, "the first one is here"),)
    return Diagnostic("duplicate-document", "there is more than one proposal", span, None, related)


def more_mistakes(file: str) -> Diagnostic:
    """A document has more mistakes than are listed.

    The first 100 are. Mend those, and the rest will show.
    """
    return Diagnostic(
        "more-mistakes", "the document has more mistakes, which are not listed", None, file=file
    )


def _prefix(path: str) -> str:
    """The path as a message begins with it."""
    return f"{path}: " if path else ""
