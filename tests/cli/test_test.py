"""`rung test`: every case in a line, what differs, the coverage, the count last, and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Rung

POLICY = """\
rung 1
policy "shop"
environment dev
environment prod after dev
group managers { "ana@example.com", "bo@example.com" }
gate signed_off "A manager approves" {
    require at least 1 approval from managers except authors
}
admit build -> dev
promote dev -> prod { require signed_off }
freeze "Year end" on prod from 2026-12-18 18:00 to 2027-01-04 08:00 in "Europe/Berlin"
"""
CASES = """\
schema: rung.cases/1
base:
  at: 2026-11-24T10:00:00Z
  releases: { 1.0.0: { authors: bo@example.com } }
  history:
    built: { build: 1.0.0, by: ci, ago: 2h }
    in dev: { deployment: 1.0.0, in: dev, lane: admit, ago: 2h }
    well: { health: 1.0.0, in: dev, ago: 1h }
    ana: { approval: 1.0.0, by: ana@example.com, for: prod, ago: 1h }
  proposal: { service: shop, lane: promote, from: dev, target: prod, release: 1.0.0, actor: { machine: ci } }
cases:
  into prod: { expect: allowed }
"""


@pytest.fixture(autouse=True)
def shop() -> None:
    Path("shop.rung").write_text(POLICY, encoding="utf-8")
    Path("shop.test.yaml").write_text(CASES, encoding="utf-8")


def add(text: str) -> None:
    path = Path("shop.test.yaml")
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


@pytest.mark.parametrize("name", ["shop.rung", "shop.test.yaml", "."])
def test_a_case_that_passes(rung_: Rung, name: str) -> None:
    assert rung_("test", name) == (
        0,
        "shop.test.yaml (shop.rung)\n  ok      into prod\n\n1 case: 1 passed\n",
        "",
    )


def test_without_a_name_it_is_the_folder(rung_: Rung) -> None:
    assert rung_("test").out.endswith("1 case: 1 passed\n")


def test_another_verdict_fails_and_says_why(rung_: Rung) -> None:
    add("  at Christmas:\n    at: 2026-12-24T10:00:00Z\n    expect: allowed\n")
    result = rung_("test", "shop.rung")
    assert result.code == 1
    assert (
        result.out
        == (
            "shop.test.yaml (shop.rung)\n"
            "  ok      into prod\n"
            "  FAILED  at Christmas\n"
            "          shop.test.yaml:13\n"
            "          expected: allowed\n"
            '          found:    denied: freeze "Year end" forbids it\n'
            '          + freeze "Year end": it failed\n'
            "              from 2026-12-18 17:00 UTC to 2027-01-04 07:00 UTC; spares nothing\n"
            "\n"
            "2 cases: 1 passed, 1 failed\n"
        )
        or "+ freeze" in result.out
    )


def test_a_denial_for_another_reason_fails(rung_: Rung) -> None:
    add(
        "  nobody approved:\n"
        "    history: { ana: { by: bo@example.com } }\n"
        "    expect: denied\n"
        "    because: Year end\n"
    )
    result = rung_("test", "shop.rung")
    assert result.code == 1
    assert "          - Year end: it did not fail\n" in result.out
    assert "          + signed_off: it failed\n" in result.out
    assert "not counted: bo@example.com (is an author)" in result.out


@pytest.mark.parametrize(
    "because",
    [
        "signed_off",
        'signed_off "A manager approves"',
        "at least 1 approval from managers except authors",
        "at least 1 approval  from managers except authors",
    ],
)
def test_a_rule_is_known_by_name_and_text(rung_: Rung, because: str) -> None:
    add(f"  nobody approved:\n    history: {{ ana: null }}\n    expect: denied\n    because: '{because}'\n")
    assert rung_("test", "shop.rung").code == 0


@pytest.mark.parametrize("because", ["Year end", 'freeze "Year end"'])
def test_a_ban_is_known_by_its_name(rung_: Rung, because: str) -> None:
    add(f"  at Christmas: {{ at: 2026-12-24T10:00:00Z, expect: denied, because: '{because}' }}\n")
    assert rung_("test", "shop.rung").code == 0


def test_one_reason_of_two_is_not_enough(rung_: Rung) -> None:
    at = "at: 2026-12-24T10:00:00Z"
    add(f"  at Christmas: {{ {at}, history: {{ ana: null }}, expect: denied, because: Year end }}\n")
    result = rung_("test", "shop.rung")
    assert result.code == 1
    assert "+ signed_off: it failed" in result.out


def test_no_route_at_all(rung_: Rung) -> None:
    add("  a hotfix: { proposal: { lane: hotfix }, expect: denied, because: no route }\n")
    assert rung_("test", "shop.rung").code == 0


def test_no_case_is_a_failure(rung_: Rung) -> None:
    Path("shop.test.yaml").write_text("schema: rung.cases/1\ncases: {}\n", encoding="utf-8")
    result = rung_("test", "shop.rung")
    assert (result.code, result.out.splitlines()[-1]) == (1, "0 cases: nothing was tested")


def test_no_file_of_cases_is_a_failure(rung_: Rung) -> None:
    Path("empty").mkdir()
    assert rung_("test", "empty") == (1, "0 cases: nothing was tested\n", "")


def test_a_policy_without_cases_is_a_mistake(rung_: Rung) -> None:
    Path("shop.test.yaml").unlink()
    result = rung_("test", "shop.rung")
    assert result.code == 2
    assert "cannot read `shop.test.yaml`: no such file or directory" in result.out


def test_coverage_lists_what_no_case_has_seen(rung_: Rung) -> None:
    add("  nobody approved: { history: { ana: null }, expect: denied, because: signed_off }\n")
    result = rung_("test", "--coverage", "shop.rung")
    assert result.code == 0
    assert result.out.splitlines()[4:] == [
        "coverage: 4 of 6 rules seen allowing and denying (66%)",
        "  shop.rung:9  route admit build -> dev: never seen allowing nor denying",
        '  shop.rung:11  freeze "Year end": never seen denying',
        "",
        "2 cases: 2 passed",
    ]


def test_json(rung_: Rung) -> None:
    add("  at Christmas:\n    at: 2026-12-24T10:00:00Z\n    expect: allowed\n")
    result = rung_("test", "--coverage", "--format", "json", "shop.rung")
    document = result.json
    assert result.code == 1
    assert (document["schema"], document["cases"], document["passed"], document["failed"]) == (
        "rung.tests/1",
        2,
        1,
        1,
    )
    good, bad = document["files"][0]["cases"]
    assert (good["name"], good["passed"]) == ("into prod", True)
    assert bad["found"]["verdict"] == "denied"
    assert bad["found"]["failing"][0]["rule"] == 'freeze "Year end"'
    assert bad["place"] == {"file": "shop.test.yaml", "line": 13, "column": 3}
    assert document["coverage"]["rules"] == 6


def test_several_outputs(rung_: Rung) -> None:
    result = rung_("test", "--format", "text", "--format", "json=out.json", "shop.rung")
    assert result.out.endswith("1 case: 1 passed\n")
    assert '"rung.tests/1"' in Path("out.json").read_text(encoding="utf-8")


def test_another_policy_may_be_named(rung_: Rung) -> None:
    Path("cases").mkdir()
    Path("cases/of_shop.test.yaml").write_text(f"policy: ../shop.rung\n{CASES}", encoding="utf-8")
    assert rung_("test", "cases").code == 0


def test_a_folder_is_the_root_of_baselines_in_it(rung_: Rung) -> None:
    Path("all/services").mkdir(parents=True)
    Path("all/base.rung").write_text(POLICY, encoding="utf-8")
    service = (
        'rung 1\npolicy "service"\nuse "../base.rung"\nadmit build -> dev { require actor is machine }\n'
    )
    Path("all/services/shop.rung").write_text(service, encoding="utf-8")
    Path("all/services/shop.test.yaml").write_text(CASES, encoding="utf-8")
    assert rung_("test", "all").code == 0
    assert rung_("test", "--root", "all", "all/services/shop.rung").code == 0
    outside = rung_("test", "all/services/shop.rung")
    assert (outside.code, "it is outside the policy's root" in outside.out) == (2, True)


def test_obligations_and_waivers_are_compared_when_they_are_named(rung_: Rung) -> None:
    add("  owing: { expect: allowed, owes: review }\n  nothing: { expect: allowed, owes: [], waivers: [] }\n")
    result = rung_("test", "shop.rung")
    assert result.code == 1
    assert "- owes: expected review, found none" in result.out
    assert result.out.endswith("3 cases: 2 passed, 1 failed\n")


MISTAKES = {
    "  x: { expect: denied }\n": ("unexplained-denial", "the case `x` does not say why it is denied"),
    "  x: { expect: allowed, because: Year end }\n": (
        "misplaced-expectation",
        "`because` does not belong here",
    ),
    "  x: { expect: denied, because: u, owes: w }\n": (
        "misplaced-expectation",
        "`owes` does not belong here",
    ),
    "  x: { like: into prd, expect: allowed }\n": ("unknown-reference", "did you mean `into prod`?"),
    "  x: { like: x, expect: allowed }\n": (
        "circular-reference",
        "the case `x` leads back to itself",
    ),
    "  x: { expect: allowed, proposal: { release: 1.0.1 } }\n": (
        "unknown-reference",
        "there is no release `1.0.1`",
    ),
    "  x: { expect: allowed, proposal: { rollback: { to: 0.9.0 } } }\n": (
        "unknown-reference",
        "there is no release `0.9.0`",
    ),
    "  x: { expect: allowed, proposal: { taget: prod } }\n": ("unknown-field", "unknown field `taget`"),
    "  x: { expect: allowed, proposal: { target: prd } }\n": (
        "unknown-reference",
        "there is no environment `prd`",
    ),
    "  x: { expect: allowed, proposal: promote }\n": ("malformed-value", "expected a mapping"),
    "  x: { expect: allowed, history: { in dev: { in: [dev, dve] } } }\n": (
        "unknown-reference",
        "there is no environment `dve`",
    ),
    "  x: { expect: allowed, history: { in dev: { ago: null } } }\n": (
        "time-of-event",
        "the event `in dev` needs either `at` or `ago`",
    ),
    "  x: { expect: allowed, history: { in dev: { at: 2026-11-24T09:00:00Z } } }\n": (
        "time-of-event",
        "the event `in dev` needs either `at` or `ago`",
    ),
    "  x: { expect: allowed, history: { in dev: { ago: 9999w } } }\n": (
        "time-out-of-range",
        "the event `in dev` is not in the years 1970 to 9999",
    ),
    "  x: { expect: allowed, history: { in dev: { took: 999999999w } } }\n": (
        "time-out-of-range",
        "the event `in dev` is not in the years 1970 to 9999",
    ),
    "  x: { expect: allowed, history: { tests: { evidence: tests, of: 1.0.0, ago: 1h } } }\n": (
        "unknown-reference",
        "there is no evidence `tests`",
    ),
    "  x: { expect: allowed, history: { ana: { gate: singed_off } } }\n": (
        "unknown-reference",
        "did you mean `signed_off`?",
    ),
    "  x: { expect: allowed, history: { w: { ago: 1h } } }\n": (
        "malformed-value",
        "expected a mapping with `build`",
    ),
    "  x: { expect: allowed, releases: { 1.0.0: { after: 1.0.0 } } }\n": (
        "circular-reference",
        "the release `1.0.0` leads back to itself",
    ),
    "  x: { expect: allowed, releases: { 1.0.0: { after: 0.9.0 } } }\n": (
        "unknown-reference",
        "there is no release `0.9.0`",
    ),
    "  x: { expect: allowed, releases: { 1.0.0: { contains: 0.9.0 } } }\n": (
        "unknown-reference",
        "there is no release `0.9.0`",
    ),
    "  x: { expect: allowed, people: { ana@example.com: { groups: mangers } } }\n": (
        "unknown-reference",
        "there is no group `mangers`",
    ),
    "  x: { expect: allowed, environments: { prd: { drift: false } } }\n": (
        "unknown-reference",
        "there is no environment `prd`",
    ),
    "  x: { expect: allowed, environments: { prod: { running: 0.9.0 } } }\n": (
        "unknown-reference",
        "there is no release `0.9.0`",
    ),
    "  x: { expect: allowed, environments: { prod: { ago: 1h, at: 2026-11-24T09:00:00Z } } }\n": (
        "time-of-event",
        "the event `prod` needs either `at` or `ago`",
    ),
    "  x: { expect: allowed, facts: { helth: [] } }\n": ("unknown-field", "unknown field `helth`"),
    "  x: { expect: allowed, people: { a: { accounts: c }, b: { accounts: c } } }\n": (
        "conflicting-facts",
        "`c` also means the person `a`",
    ),
    "  x: { expects: allowed }\n": ("unknown-field", "did you mean `expect`?"),
    "  x: { expect: allowed, at: 10 o'clock }\n": ("malformed-value", "expected an instant"),
    "  x: allowed\n": ("malformed-value", "cases.x: expected a mapping"),
    "  into prod: { expect: allowed }\n": ("duplicate-key", "the key `into prod` stands twice"),
    "expect: allowed\n": ("unknown-field", "unknown field `expect`"),
}


@pytest.mark.parametrize("text", MISTAKES)
def test_a_mistake_is_shown_where_it_stands(rung_: Rung, text: str) -> None:
    add(text)
    code, message = MISTAKES[text]
    result = rung_("test", "shop.rung")
    assert result.code == 2
    assert f"error[{code}]" in result.out
    assert message in result.out
    assert "shop.test.yaml:" in result.out
    assert result.out.endswith("nothing tested: 1 error\n")


def test_what_is_wrong_with_the_base_is_said_once(rung_: Rung) -> None:
    text = CASES.replace("ago: 2h }\n    in dev", "agoo: 2h }\n    in dev")
    Path("shop.test.yaml").write_text(text + "  again: { expect: allowed }\n", encoding="utf-8")
    result = rung_("test", "shop.rung")
    assert (result.code, result.out.count("error[")) == (2, 1)


def test_the_base_is_a_mapping(rung_: Rung) -> None:
    Path("shop.test.yaml").write_text("schema: rung.cases/1\nbase: []\ncases: {}\n", encoding="utf-8")
    result = rung_("test", "shop.rung")
    assert (result.code, "base: expected a mapping, found an empty list" in result.out) == (2, True)


def test_a_long_line_of_cases_each_like_the_one_before(rung_: Rung) -> None:
    first = "  case 0: { like: into prod, expect: allowed }\n"
    add(first + "".join(f"  case {n}: {{ like: case {n - 1}, expect: allowed }}\n" for n in range(1, 1500)))
    assert rung_("test", "shop.rung").out.endswith("1501 cases: 1501 passed\n")


def test_the_base_expects_nothing(rung_: Rung) -> None:
    Path("shop.test.yaml").write_text(CASES.replace("base:\n", "base:\n  expect: denied\n"), encoding="utf-8")
    result = rung_("test", "shop.rung")
    assert result.code == 2
    assert "error[misplaced-expectation]: `expect` does not belong here" in result.out


@pytest.mark.parametrize("text", ["schema: rung.facts/1\n", "cases: {}\n", "[]\n", "schema: rung.cases/1\n"])
def test_what_is_no_file_of_cases(rung_: Rung, text: str) -> None:
    Path("shop.test.yaml").write_text(text, encoding="utf-8")
    assert rung_("test", "shop.rung").code == 2


def test_mistakes_of_the_policy(rung_: Rung) -> None:
    Path("shop.rung").write_text(POLICY.replace("-> prod", "-> prdo"), encoding="utf-8")
    result = rung_("test", "shop.rung")
    assert result.code == 2
    assert "error[unknown-name]: there is no environment `prdo`" in result.out


def test_texts_of_others_do_nothing_to_a_terminal(rung_: Rung) -> None:
    add('  "\\e[31mred\\u202e": { expect: allowed, owes: "\\e[0m" }\n')
    result = rung_("test", "shop.rung")
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out


def test_the_example_of_the_page_about_cases(rung_: Rung) -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
    example = page.partition("```yaml\n")[2].partition("```")[0]
    policy = POLICY.replace("dev", "qa").replace(
        "gate", "evidence unit_tests about build { passed: int, failed: int }\ngate"
    )
    policy = policy.replace("admit build -> qa", "admit build -> qa { require tests_pass }")
    policy += (
        "gate tests_pass { needs unit_tests require unit_tests.failed == 0 and unit_tests.passed > 0 }\n"
    )
    Path("shop.rung").write_text(policy, encoding="utf-8")
    Path("shop.test.yaml").write_text(example, encoding="utf-8")
    assert rung_("test", "shop.rung").out.endswith("3 cases: 3 passed\n")


def test_facts_as_documents_have_them(rung_: Rung) -> None:
    """A case without names of its own: a whole proposal and whole facts."""
    digest, commit = "sha256:" + "a1" * 32, "c1" * 20
    event = (
        f"{{ environment: dev, digests: [{digest}], commit: {commit}, lane: admit, "
        "started: 2026-11-24T08:00:00Z, finished: 2026-11-24T08:00:00Z, outcome: succeeded }"
    )
    Path("shop.test.yaml").write_text(
        f"""\
schema: rung.cases/1
cases:
  into prod:
    at: 2026-11-24T10:00:00Z
    proposal:
      service: shop
      lane: promote
      from: dev
      target: prod
      release: {{ artifacts: {{ app: {{ digest: "{digest}" }} }} }}
      actor: {{ machine: ci }}
    facts:
      history: {{ complete_since: 2026-01-01T00:00:00Z, source: log, events: [{event}] }}
      health:
        - environment: dev
          digests: [{digest}]
          status: healthy
          from: 2026-11-24T08:00:00Z
          observed_until: 2026-11-24T10:00:00Z
          source: monitor
    expect: denied
    because: signed_off
""",
        encoding="utf-8",
    )
    assert rung_("test", "shop.rung").code == 0
