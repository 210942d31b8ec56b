"""Defines what Rung does with texts: check a policy, format it, and decide by it.

Policies that were read without a mistake are kept, typed, in the user's cache folder, so that a decision
needs neither the parser nor the resolver. What only a miss needs is imported when there is one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rung import policy_cache
from rung.diagnostics import Diagnostic, Source, Span
from rung.policy import model

if TYPE_CHECKING:
    from rung.cases.coverage import Coverage
    from rung.cases.read import Written
    from rung.cases.run import Result
    from rung.evaluate.decide import Decision
    from rung.explain.comparison import Comparison
    from rung.explain.proofs import Proof
    from rung.explain.standing import Standing
    from rung.inputs.proof import ProofFile
    from rung.prove.recheck import Rechecked
    from rung.prove.verdict import Verdict


class PolicyText(NamedTuple):
    """The text of a policy, the folder from which it finds its baselines, and the one that they stay in."""

    source: Source
    folder: str
    root: str


class Loaded(NamedTuple):
    """A policy, or None and the mistakes for which there is none; `sources` are all texts read, by name.

    `identity` is what the policy alone depends on, if it demands properties, and empty for others.
    `baselines` are the policies that properties name, by file and path; none unless they are asked for.
    """

    policy: model.Policy | None
    sources: Mapping[str, Source]
    mistakes: tuple[Diagnostic, ...] = ()
    identity: Mapping[str, str] = {}
    baselines: Mapping[tuple[str, str], model.Policy] = {}


class Decided(NamedTuple):
    """A decision, or None and all that is wrong with the documents."""

    decision: Decision | None
    mistakes: tuple[Diagnostic, ...] = ()


class Tested(NamedTuple):
    """The results of cases, or none and the mistakes in them or in their policy."""

    results: tuple[Result, ...]
    sources: Mapping[str, Source]
    mistakes: tuple[Diagnostic, ...] = ()


class Formatted(NamedTuple):
    """The canonical text of a policy, or None and the mistakes for which there is none."""

    text: str | None
    mistakes: tuple[Diagnostic, ...] = ()


def load(text: PolicyText) -> Loaded:
    """The policy that a text and its baselines are, or their mistakes."""
    key = policy_cache.key(*text)
    kept = policy_cache.read(key)
    if kept is not None:
        return Loaded(kept.policy, _by_name([*kept.baselines, text.source]), (), kept.identity)
    return _load(text, key)


def _load(text: PolicyText, key: str) -> Loaded:
    from rung.baselines import collect
    from rung.policy.from_syntax import policy_from_syntax
    from rung.policy.identity import identity

    found = collect(*text)
    sources = _by_name(found.sources)
    # The policy comes last, unless nothing of it could be read.
    if not found.files or found.files[-1].span.file != text.source.name:
        return Loaded(None, sources, tuple(found.mistakes))
    policy, mistakes = policy_from_syntax(found.files[-1], found.files[:-1])
    if policy is None or found.mistakes:
        return Loaded(None, sources, (*found.mistakes, *mistakes))
    parts = identity(policy) if policy.properties else {}
    policy_cache.write(key, policy, parts, list(zip(found.paths, found.sources, strict=False)))
    return Loaded(policy, sources, (), parts)


def _by_name(sources: Sequence[Source]) -> dict[str, Source]:
    return {each.name: each for each in sources}


def identified(text: PolicyText, loaded: Loaded) -> Loaded:
    """A policy as `loaded`, with an identity to which the policies belong that it is to refine."""
    from rung.policy.files import name_beside
    from rung.policy.identity import digest, identity

    parts = dict(loaded.identity)
    for node in () if loaded.policy is None else loaded.policy.properties:
        if isinstance(node, model.NamedProperty) and node.policy is not None:
            file = name_beside(node.span.file, node.policy)
            name = os.path.relpath(file, os.path.dirname(text.source.name) or ".")
            found = _beside(text, node.span, node.policy).policy
            parts[f"what {name} says"] = "nothing" if found is None else digest(identity(found))
    return loaded._replace(identity=parts)


def _beside(text: PolicyText, span: Span, written: str) -> Loaded:
    """The policy that a file of a policy names by a path of its own."""
    from rung.baselines import read_beside
    from rung.policy import errors
    from rung.policy.files import name_beside

    here = os.path.relpath(os.path.dirname(span.file) or ".", os.path.dirname(text.source.name) or ".")
    read = read_beside(written, os.path.join(text.folder, here), text.root)
    if isinstance(read, str):
        return Loaded(None, {}, (errors.unusable_baseline(span, written, read, None),))
    path, content = read
    return load(
        PolicyText(Source(name_beside(span.file, written), content), os.path.dirname(path), text.root)
    )


def check(text: PolicyText, seconds: float | None = None) -> Loaded:
    """A policy with every mistake; for one without, what the lints find.

    With `seconds` a solver is asked as well, for so long at most, which rules can never matter.
    """
    from rung.policy.lints import lint

    loaded = _load(text, policy_cache.key(*text))
    policy = loaded.policy
    if policy is None:
        return loaded
    found = lint(policy)
    if seconds is not None:
        from rung.prove import lints

        proved = lints.lint(policy, found, seconds)
        found = tuple(sorted((*found, *proved), key=lambda each: each.span or policy.span))
    return loaded._replace(mistakes=found)


def proof_of(loaded: Loaded, file: Source | Diagnostic, prove: str) -> ProofFile | Standing:
    """The proof file about a policy; or how its proof stands without one, by the file or why there is none.

    `prove` is the command that proves the policy.
    """
    from rung.explain.standing import Subject, missing, stale
    from rung.inputs.proof import read_proof

    assert loaded.policy is not None, "it demands something"
    if isinstance(file, Diagnostic):
        return missing(file.file, file.message, prove)
    read, problems = read_proof(file)
    if read is None:
        why = f"`{file.name}` is no proof file: {problems[0].message}"
        return missing(file.name, why, prove)
    subject = Subject(loaded.policy, loaded.identity, loaded.sources)
    return stale(subject, read, file.name, prove) or read


def standing(loaded: Loaded, file: Source | Diagnostic, at: int, prove: str) -> Standing:
    """How the proof of a policy stands at an instant (UTC seconds), by a file, or by why there is none."""
    from rung.explain.standing import Standing, standing

    found = proof_of(loaded, file, prove)
    if isinstance(found, Standing):
        return found
    assert isinstance(file, Source), "it was read"
    return standing(found, file.name, at, prove)


def decide(policy: model.Policy, documents: Sequence[Source], at: int, sources: str | None = None) -> Decided:
    """Decide what the documents propose by what they show, at an instant (UTC seconds).

    `sources` is the folder that the directory of the proposal's migrations is in.
    """
    from rung.inputs.load import load_request

    request, mistakes = load_request(documents)
    if request is None:
        return Decided(None, tuple(mistakes))
    from rung.evaluate.decide import Evaluator

    if sources is None or request.proposal.migrations is None:
        return Decided(Evaluator(policy).decide(request.proposal, request.facts, at))
    from rung.judging import judge_in

    judge = judge_in(sources, policy)
    return Decided(Evaluator(policy).decide(request.proposal, request.facts, at, judge))


def test(text: PolicyText, cases: Sequence[Written], coverage: Coverage) -> Tested:
    """Run the cases of a policy; `coverage` notes what they show of its rules."""
    from rung.cases.run import run

    loaded = load(text)
    if loaded.policy is None:
        return Tested((), loaded.sources, loaded.mistakes)
    coverage.declare(loaded.policy, loaded.sources)
    done = run(cases, loaded.policy, loaded.sources, coverage)
    return Tested(done.results, loaded.sources, done.mistakes)


FEW = 50  # environments of a policy of which all that applies is soon proved


def properties(policy: model.Policy, everything: bool | None = None) -> tuple[model.Property, ...]:
    """What there is to prove of a policy: what it demands, and with `everything` what applies besides.

    Unless it is said, everything is for policies of few environments, or which demand nothing.
    """
    if everything is None:
        everything = len(policy.environments) <= FEW or not policy.properties
    if not everything:
        return policy.properties
    from rung.prove.applicable import applicable

    return (*policy.properties, *applicable(policy))


def held_against(text: PolicyText, loaded: Loaded, properties: Sequence[model.Property]) -> Loaded:
    """A policy, as `loaded` from its text, with the policies that some properties of it name."""
    baselines: dict[tuple[str, str], model.Policy] = {}
    sources, mistakes = dict(loaded.sources), list[Diagnostic]()
    for node in properties:
        if isinstance(node, model.NamedProperty) and node.policy is not None:
            found = _beside(text, node.span, node.policy)
            sources.update({name: each for name, each in found.sources.items() if name not in sources})
            mistakes += found.mistakes
            if found.policy is not None:
                baselines[node.span.file, node.policy] = found.policy
    return loaded._replace(sources=sources, mistakes=tuple(mistakes), baselines=baselines)


def prove(
    policy: model.Policy,
    properties: Sequence[model.Property],
    sources: Mapping[str, Source],
    seconds: float,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
    *,
    scripts: bool = False,
    baselines: Mapping[tuple[str, str], model.Policy] | None = None,
) -> list[Proof]:
    """Prove properties of a policy, each in so many seconds; every history shown was replayed first.

    So many as `jobs` are proved beside each other; `done` is told how many there are so far. With
    `scripts`, what was shown comes with the SMT-LIB scripts by which another solver can show it. `baselines`
    are the policies that some properties name.
    """
    from rung.prove.prover import prove_all

    def told(verdict: Verdict) -> Proof:
        from rung.explain.proofs import proof  # while others are still proved

        return proof(verdict, policy, sources)

    return prove_all(policy, properties, seconds, jobs, told, done, scripts=scripts, baselines=baselines)


def recheck(
    found: Sequence[Proof], seconds: float, jobs: int, done: Callable[[int], None] = lambda count: None
) -> Rechecked:
    """What a second solver, cvc5, says of all that was shown, each in so many seconds."""
    from rung.prove.recheck import recheck

    return recheck([shown for each in found for shown in each.verdict.shown], seconds, jobs, done)


def export(found: Sequence[Proof], loaded: Loaded) -> dict[str, str]:
    """The files of an export by name; what was proved must have come with its scripts."""
    from rung.report.smtlib import files

    assert loaded.policy is not None, "something was proved of it"
    return files(found, loaded.policy, loaded.identity, loaded.sources, versions())


def proof_file(found: Sequence[Proof], loaded: Loaded) -> str:
    """The text of the proof file of a policy."""
    from rung.report.proof_file import proof_file

    assert loaded.policy is not None, "something was proved of it"
    return proof_file(found, loaded.policy, loaded.identity, versions())


def check_proof(
    loaded: Loaded,
    file: ProofFile,
    seconds: float,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[Proof]:
    """Check from scratch what a proof file claims of a policy that it is about: unknown where it fails."""
    from rung.explain.proofs import proof
    from rung.prove.check import check_all

    assert loaded.policy is not None, "there is something to be proved of it"
    checked = check_all(loaded.policy, file, seconds, jobs, done, baselines=loaded.baselines)
    return [proof(verdict, loaded.policy, loaded.sources) for verdict in checked]


def versions() -> dict[str, str]:
    """The versions of all that has a part in a proof."""
    import rung
    from rung.policy.identity import LANGUAGE
    from rung.policy.moments import tzdata_version
    from rung.prove.solve import VERSION

    return {
        "rung": rung.__version__,
        "language": str(LANGUAGE),
        "z3": VERSION,
        "tzdata": tzdata_version(),
    }


def compare(
    old: model.Policy, new: model.Policy, sources: Mapping[str, Source], seconds: float, jobs: int
) -> Comparison:
    """Tell what the new policy decides otherwise, each way in within so many seconds, several at a time."""
    from rung.explain.comparison import comparison
    from rung.prove.compare import compare_all

    return comparison(old, new, compare_all(old, new, seconds, jobs), sources)


def format_policy(source: Source) -> Formatted:
    """The canonical text of a policy; only its grammar must be right, not what it speaks of."""
    from rung.syntax.parse import parse
    from rung.syntax.same_meaning import same_meaning
    from rung.syntax.to_text import to_text

    before = parse(source)
    if before.file is None or before.diagnostics:
        return Formatted(None, before.diagnostics)
    text = to_text(before.file, source)
    # A formatter that changes meaning is the one mistake that nobody would look for.
    after = parse(Source(source.name, text))
    if after.file is None or after.diagnostics or not same_meaning(before.file, after.file):
        raise AssertionError(f"formatting {source.name} would change its meaning")
    return Formatted(text)
