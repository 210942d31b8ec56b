"""`rung docs` and `rung graph`: what they print of a policy, and of texts that mean more elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rung.diagnostics import Source
from rung.engine import PolicyText, load
from rung.explain.graph import graph
from rung.policy import model
from rung.report import graph_dot, graph_mermaid
from rung.report.docs_markdown import page
from tests.cli.conftest import NOW, Rung

POLICIES = Path(__file__).parents[2] / "policies"
SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = r"""rung 1
policy "a]b\"c|`d`<script>\\e # f"
environment end
environment style after end forward_only
environment build after any of { end, style }
group people { "x|y@example.com" }
gate odd "1. [a](javascript:b) *c* | `d` @e <img> & $f$" controls "]|`" {
    require at least 1 approval from people except authors
}
admit build -> end { require provenance from "`|]" }
promote end -> style { require odd }
promote any of { end, style } -> build { require odd }
freeze "<b>*frozen*</b>" on build from 2026-12-18 18:00 to 2027-01-04 08:00 in "Asia/Kolkata"
    when service == "`"
waive odd on build as "W|`" by "x" from 2026-01-01 until 2027-01-01 because "- [x] *why*"
"""


def policy_of(text: str) -> model.Policy:
    loaded = load(PolicyText(Source("p.rung", text), ".", "."))
    assert loaded.policy is not None, loaded.mistakes
    return loaded.policy


@pytest.mark.parametrize("name", ["standard-model", "five-regions"])
def test_the_page_of_a_policy(name: str, pytestconfig: pytest.Config) -> None:
    printed = page(policy_of((POLICIES / f"{name}.rung").read_text(encoding="utf-8")), [], NOW)
    kept = SNAPSHOTS / f"{name}.md"
    if pytestconfig.getoption("update_cases"):
        kept.write_text(printed, encoding="utf-8")
    assert printed == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.rung")), ids=lambda path: path.stem)
def test_every_rule_of_a_policy_is_on_its_page(path: Path) -> None:
    policy = policy_of(path.read_text(encoding="utf-8"))
    printed = page(policy, [], NOW)
    routes = printed.count("### a") + printed.count("### or a")
    assert routes >= len(policy.routes)
    for gate in policy.gates.values():
        assert f'<a id="gate-{gate.name}"></a>' in printed
    for ban in (*policy.freezes, *policy.windows, *policy.denies):
        assert ban.name.replace("'", "'") in printed.replace("\\", "")
    assert "None" not in printed


def test_texts_of_others_are_prose_or_code(rung_: Rung) -> None:
    printed = page(policy_of(HOSTILE), ["base|`.rung"], NOW)
    assert '# Releases under the policy “a\\]b"c\\|\\`d\\`\\<script\\>\\\\e \\# f”' in printed
    assert "[1\\. \\[a\\](javascript:b) \\*c\\* \\| \\`d\\` \\@e \\<img\\> \\& \\$f\\$](#gate-odd)" in printed
    assert "every artifact was built by `` `|] ``, and nowhere else" in printed
    assert (
        "**frozen**, \\<b\\>\\*frozen\\*\\</b\\>: from 2026-12-18 18:00 Asia/Kolkata (2026-12-18 12:30 UTC)"
        in printed
    )
    assert "as `` W|` `` by `x`: \\- \\[x\\] \\*why\\*" in printed
    assert "It is bound by ``base|`.rung``" in printed


def test_names_that_are_words_of_mermaid_and_titles_that_are_not_are_harmless() -> None:
    assert graph_mermaid.drawn(graph(policy_of(HOSTILE))) == (
        "---\n"
        f"title: {json.dumps('a]b' + chr(34) + 'c|`d`<script>' + chr(92) + 'e # f')}\n"
        "---\n"
        "flowchart LR\n"
        '    b(["build"])\n'
        '    e0["end"]\n'
        '    e1["style"]\n'
        '    e2["build"]\n'
        '    j4{{"any of"}}\n'
        '    b -->|"admit"| e0\n'
        '    e0 -->|"promote<br>odd"| e1\n'
        "    e0 --> j4\n"
        "    e1 --> j4\n"
        '    j4 -->|"promote<br>odd"| e2\n'
    )


def test_dot() -> None:
    assert graph_dot.drawn(graph(policy_of(HOSTILE))) == (
        "digraph policy {\n"
        '    label="a]b\\"c|`d`<script>\\\\e # f" labelloc=t rankdir=LR fontname=sans\n'
        "    node [shape=box style=rounded fontname=sans]; edge [fontname=sans fontsize=10]\n"
        '    b [label="build" shape=ellipse]\n'
        '    e0 [label="end"]\n'
        '    e1 [label="style"]\n'
        '    e2 [label="build"]\n'
        '    j4 [label="any of" shape=plain]\n'
        '    b -> e0 [style=solid label="admit"]\n'
        '    e0 -> e1 [style=solid label="promote\\nodd"]\n'
        "    e0 -> j4 [style=solid]\n"
        "    e1 -> j4 [style=solid]\n"
        '    j4 -> e2 [style=solid label="promote\\nodd"]\n'
        "}\n"
    )


def test_the_verbs(rung_: Rung) -> None:
    Path("p.rung").write_text(HOSTILE, encoding="utf-8")
    assert rung_("docs", "p.rung").out.startswith("# Releases under the policy")
    assert rung_("graph", "p.rung").out.startswith("---\ntitle: ")
    assert rung_("graph", "--format", "dot", "p.rung").out.startswith("digraph")
    assert rung_("graph", "--format", "svg", "p.rung").code == 2


@pytest.mark.parametrize("verb", ["docs", "graph"])
def test_a_mistake_is_reported_and_nothing_else_printed(rung_: Rung, verb: str) -> None:
    Path("p.rung").write_text(HOSTILE.replace("-> style", "-> stile"), encoding="utf-8")
    result = rung_(verb, "p.rung")
    assert result.code == 2
    assert result.out.startswith("error[unknown-name]: there is no environment `stile`")
    assert rung_(verb, "missing.rung").code == 2


def test_baselines_are_named(rung_: Rung) -> None:
    Path("base.rung").write_text(HOSTILE, encoding="utf-8")
    Path("p.rung").write_text('rung 1\npolicy "p"\nuse "base.rung"\n', encoding="utf-8")
    assert "It is bound by `base.rung`, from which it may not loosen anything." in rung_("docs", "p.rung").out
