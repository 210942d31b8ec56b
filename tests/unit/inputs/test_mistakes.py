"""Mistakes: each is reported once, in its place, in the words of documents."""

import json
from typing import Any

import pytest

from rung.diagnostics import Source
from rung.inputs.load import load_request

ENDLESS = "x" * 10_000


def changed(data: Any, path: str, value: Any) -> Any:
    """The data with another value at a path such as `facts.builds.0.digest`; `...` leaves it out."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    at = data
    for step in steps:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("proposal.service", ..., "missing-field: proposal: missing field `service`"),
        (
            "proposal.flgs",
            {},
            "unknown-field: proposal: unknown field `flgs` [did you mean `flags`?]",
        ),
        (
            "facts.builds.0.x",
            1,
            "unknown-field: facts.builds[0]: unknown field `x` "
            "[the fields here are `digest`, `commit`, `builder`, `invocation`, `finished` and `source`]",
        ),
        (
            "proposal.release.artifacts.digest",
            {"digset": ""},
            "unknown-field: proposal.release.artifacts.digest: unknown field `digset` [did you "
            "mean `digest`?]",
        ),
        (
            "proposal.lane",
            "promot",
            "malformed-value: proposal.lane: expected `admit`, `promote`, `hotfix` or `rollback`, "
            "found `promot` [did you mean `promote`?]",
        ),
        (
            "proposal.lane",
            None,
            "malformed-value: proposal.lane: expected `admit`, `promote`, `hotfix` or `rollback`, found null",
        ),
        (
            "proposal.target",
            "prod\n",
            "malformed-value: proposal.target: expected a name: letters, digits, `_`, and `-` between them, "
            "found `prod\\u000a`",
        ),
        (
            "proposal.from",
            ["qa", 1],
            "malformed-value: proposal.from[1]: expected a name: letters, digits, `_`, and `-` between them, "
            "found the number `1` [put it in quotes]",
        ),
        (
            "proposal.from",
            "q a",
            "malformed-value: proposal.from: expected a name: letters, digits, `_`, and `-` between them, "
            "found `q a`",
        ),
        (
            "proposal.service",
            ENDLESS,
            "malformed-value: proposal.service: expected a text of 1 to 4096 characters, none "
            "of them a control "
            f"character, found `{'x' * 40}…`",
        ),
        (
            "proposal.release.version",
            "4.12",
            "malformed-value: proposal.release.version: expected a version, such as `4.12.0` or "
            "`4.12.0-rc.1`, "
            "found `4.12`",
        ),
        (
            "proposal.release.configuration",
            "sha1:00",
            "malformed-value: proposal.release.configuration: expected a digest: `sha256:` and 64 lowercase "
            "hexadecimal digits, found `sha1:00`",
        ),
        (
            "proposal.release.artifacts",
            {},
            "malformed-value: proposal.release.artifacts: expected at least one entry, found an "
            "empty mapping",
        ),
        (
            "proposal.strategy.steps",
            "5%",
            "malformed-value: proposal.strategy.steps: expected a list, found `5%`",
        ),
        (
            "proposal.strategy.steps",
            ["101%"],
            "malformed-value: proposal.strategy.steps[0]: expected a percent from `0%` to "
            "`100%`, found `101%`",
        ),
        (
            "proposal.rollback.automatic",
            "yes",
            "malformed-value: proposal.rollback.automatic: expected `true` or `false`, found `yes`",
        ),
        (
            "proposal.actor",
            {},
            "malformed-value: proposal.actor: expected a mapping with `person` or `machine`, "
            "found an empty mapping",
        ),
        (
            "proposal.actor",
            {"person": "ana", "machine": "ci"},
            "unknown-field: proposal.actor: unknown field `machine` [beside `person` there may "
            "be nothing else]",
        ),
        (
            "proposal.flags",
            {"new checkout": "on"},
            "malformed-value: proposal.flags.new checkout: expected a name: letters, digits, "
            "`_`, and `-` between "
            "them, found `new checkout`",
        ),
        (
            "proposal.flags",
            {"x": True},
            "malformed-value: proposal.flags.x: expected `on` or `off`, found `true`",
        ),
        (
            "facts.builds",
            {},
            "malformed-value: facts.builds: expected a list, found an empty mapping",
        ),
        ("facts.builds.0", [], "malformed-value: facts.builds[0]: expected a mapping, found an empty list"),
        (
            "facts.changes.0.base",
            "HEAD",
            "malformed-value: facts.changes[0].base: expected a commit: 7 to 64 lowercase "
            "hexadecimal digits, "
            "found `HEAD`",
        ),
        (
            "facts.evidence.0.time",
            1764000000,
            "malformed-value: facts.evidence[0].time: expected an instant with its zone, such as "
            "`2026-11-23T09:12:00Z`, found the number `1764000000` [put it in quotes]",
        ),
        (
            "facts.evidence.0.about",
            {"digest": "x"},
            "malformed-value: facts.evidence[0].about: expected a mapping with `commit`, "
            "`build`, `artifact`, "
            "`environment` or `digests`, found a mapping",
        ),
        (
            "facts.evidence.0.about.commit",
            "90fe12a",
            "unknown-field: facts.evidence[0].about: unknown field `build` "
            "[beside `commit` there may be nothing else]",
        ),
        (
            "facts.evidence.0.fields.passed",
            None,
            "malformed-value: facts.evidence[0].fields.passed: expected a boolean, a number, a "
            "text or a list of "
            "these, found null",
        ),
        (
            "facts.approvals.0.about.target",
            ...,
            "missing-field: facts.approvals[0].about: missing field `target`",
        ),
        (
            "facts.environments.0.running",
            "sha256:00",
            "malformed-value: facts.environments[0].running: expected a list, found `sha256:00`",
        ),
        (
            "facts.health.0.observed_until",
            "2026-11-16T10:24:59Z",
            "impossible-record: facts.health[0].observed_until: the interval ends before it begins",
        ),
        (
            "facts.history.events.0.outcome",
            "in_progress",
            "impossible-record: facts.history.events[0].finished: what is in progress has not finished",
        ),
        (
            "facts.history.events.0.finished",
            None,
            "impossible-record: facts.history.events[0].outcome: what has succeeded must say "
            "when it `finished`",
        ),
        (
            "facts.history.events.0.finished",
            "2026-11-16T09:59:59Z",
            "impossible-record: facts.history.events[0].finished: the deployment finished before it started",
        ),
        (
            "facts.environments.1.name",
            "prod",
            "conflicting-facts: facts.environments[1].name: the environment `prod` is described twice",
        ),
        (
            "facts.people.persons.1.id",
            "ana@example.com",
            "conflicting-facts: facts.people.persons[1].id: the person `ana@example.com` is listed twice",
        ),
        (
            "facts.people.persons.1.accounts",
            ["okta:fay", "github:ana-gh"],
            "conflicting-facts: facts.people.persons[1].accounts[1]: `github:ana-gh` also means the person "
            "`ana@example.com`",
        ),
        (
            "facts.people.persons.1.accounts",
            ["ana@example.com"],
            "conflicting-facts: facts.people.persons[1].accounts[0]: `ana@example.com` also means the person "
            "`ana@example.com`",
        ),
    ],
)
def test_a_mistake_is_reported_once(data: Any, mistakes: Any, path: str, value: Any, expected: str) -> None:
    assert mistakes(changed(data, path, value)) == [expected]


def test_a_misspelled_field_is_not_missing_as_well(data: Any, mistakes: Any) -> None:
    data["proposal"]["taget"] = data["proposal"].pop("target")
    assert mistakes(data) == ["unknown-field: proposal: unknown field `taget` [did you mean `target`?]"]


def test_all_mistakes_are_reported_in_the_order_of_the_text(load: Any, data: Any) -> None:
    changed(data, "facts.builds.0.finished", "yesterday")
    changed(data, "facts.environments.0.drift", 1)
    changed(data, "proposal.target", "")
    changed(data, "facts.builds.0.soruce", "x")
    text = json.dumps(data, indent=1)
    _, diagnostics = load(text)
    found = [text[each.span.start : each.span.end] for each in diagnostics]
    assert found == ['""', '"yesterday"', '"soruce"', "1"]


def test_a_mistake_within_a_union_is_placed_at_its_value(load: Any, data: Any) -> None:
    changed(data, "facts.evidence.1.about.artifact", "artifact")
    text = json.dumps(data)
    _, (diagnostic,) = load(text)
    assert diagnostic.message.startswith("facts.evidence[1].about.artifact: expected a digest")
    assert text[: diagnostic.span.end].endswith('"about": {"artifact": "artifact"')


def test_of_very_many_mistakes_the_first_are_listed(mistakes: Any, data: Any) -> None:
    data["facts"]["builds"] = [0] * 500
    *listed, last = mistakes(data)
    assert len(listed) == 100
    assert last == "more-mistakes: the document has more mistakes, which are not listed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "malformed-document: expected a value, found the end of the document"),
        ("[]", "malformed-document: expected a mapping, found an empty list"),
        ('"x"', "malformed-document: expected a mapping, found `x`"),
        ("{} {}", "malformed-document: expected nothing after the end of the document, found `{`"),
        ('{"a": 1,}', "malformed-document: expected a key in double quotes, found `}`"),
        ("{'a': 1}", "malformed-document: expected a key in double quotes, found `'`"),
        ('{"a" 1}', "malformed-document: expected a colon after the key, found `1`"),
        ('{"a": }', "malformed-document: expected a value, found `}`"),
        ('{"a": 1 "b"}', 'malformed-document: expected a comma or the end of the list or mapping, found `"`'),
        ('{"a": "', 'malformed-document: expected a closing double quote, found `"`'),
        (
            '{"a": "\t"}',
            "malformed-document: expected `\\n`, `\\t` or the like in place of a control character, ",
        ),
        (
            '{"a": "\\x"}',
            "malformed-document: expected an escape that JSON has after the backslash, found `\\`",
        ),
        ('{"a": "\\u12"}', "malformed-document: expected an escape that JSON has after the backslash, found"),
        ('{"a": 01}', "malformed-document: expected a comma or the end of the list or mapping, found `1`"),
        ('{"a": [NaN]}', "malformed-value: a[0]: expected a number, found `NaN`"),
        ('{"a": -Infinity}', "malformed-value: a: expected a number, found `-Infinity`"),
        ('{"a": 1e999}', "malformed-value: a: expected a number of at most 40 digits, found `1e999`"),
        ('{"a": 9223372036854775808}', "malformed-value: a: expected an integer of at most 64 bits, found"),
        ('{"a": {"b": 1, "b": 1}}', "duplicate-key: a: the key `b` stands twice"),
        ('{"a": "\\ud800"}', "malformed-value: a: expected text, found half of a surrogate pair"),
        ('{"\\udc00": 1}', "malformed-value: expected text, found half of a surrogate pair"),
        ("[" * 65, "document-too-large: the document has more than 64 levels of nesting"),
        ('{"a":' * 100_000, "document-too-large: the document has more than 64 levels of nesting"),
        ("[" + "0," * 1_000_000, "document-too-large: the document has more than 1,000,000 values"),
    ],
)
def test_what_is_no_strict_json_is_refused(mistakes: Any, text: str, expected: str) -> None:
    (found,) = mistakes(text)
    assert found.startswith(expected)


def test_escapes_that_make_whole_characters_are_read(load: Any, text: str) -> None:
    emoji = text.replace('"payments-api"', '"\\ud83d\\ude80 \\\\ud800"')
    assert load(emoji)[0].proposal.service == "🚀 \\ud800"


def test_brackets_in_strings_are_not_nesting(load: Any, text: str) -> None:
    brackets = text.replace('"payments-api"', json.dumps("[{" * 500 + '\\" [' * 100))
    assert load(brackets)[1] == []


def test_every_mistake_of_a_text_is_placed(data: Any) -> None:
    text = '{"a": 1, "b": [NaN, 1e999], "a": {"c": 1, "c": 2}}'
    _, diagnostics = load_request([Source("x.json", text)])
    found = [(each.code, text[each.span.start : each.span.end]) for each in diagnostics if each.span]
    assert found == [
        ("malformed-value", "NaN"),
        ("malformed-value", "1e999"),
        ("duplicate-key", '"a"'),
        ("duplicate-key", '"c"'),
    ]
    assert diagnostics[2].related[0].span == (("x.json", 1, 4))
