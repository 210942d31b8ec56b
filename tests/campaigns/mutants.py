"""The prover with one mistake at a time: the tests of agreement must notice. `… mutants 300 [SEED [KIND]]`.

A mistake is made in the tree of a module's syntax, never in its file: an operator exchanged, a conjunct left
out, a polarity turned, a number off by one. Each mutant is loaded in a process of its own, and held against a
small part of the agreement tests and of the corpus of proofs; it survives where none of them fails.
"""

from __future__ import annotations

import ast
import copy
import importlib
import importlib.abc
import importlib.machinery
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import rung
from tests.campaigns.run import seeded

PROVE = Path(rung.__file__).parent / "prove"
SECONDS = 300.0  # for a mutant; one that is not done has run astray
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 1))
ELSEWHERE = {
    "errors": "a class without a body",
    "smtlib": "what is exported; cvc5 reads it back in its own test",
    "verdict": "data only",
    "workers": "processes, which have their own tests",
}
"""Modules in which no mutant is made, each with the reason."""
KINDS = {
    "encoding": """
        claim_terms claims clock cone conditions decide entries expressions invariants naming obligation order
        scene solve terms world
    """,
    "comparing": "abreast apart compare comparison doors envelope joint owing relations renaming",
    "telling": "endings entry happenings lasting proposing realise search stories teller telling written",
}
"""What modules do, where it is not to say what a property means and to prove it.

Encoders say what policies mean; a mistake in what tells histories makes no proof, since they are replayed.
"""


def kind_of(module: str) -> str:
    return next((kind for kind, modules in KINDS.items() if module in modules.split()), "proving")


class Mutant(NamedTuple):
    """The number of the place in a module's tree, and which of the mistakes there; in words for a reader."""

    module: str
    line: int
    place: int
    choice: int
    said: str


# ---------------------------------------------------------------- mistakes

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
CALLED = {
    "all_of": "any_of",
    "any_of": "all_of",
    "below": "from_",
    "from_": "below",
    "all": "any",
    "any": "all",
    "min": "max",
    "max": "min",
}
CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Div,
}


def mistakes(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """What may stand in the place of a node, each with words for it."""
    found: list[tuple[str, ast.AST]] = []

    def instead(said: str, other: ast.AST) -> None:
        found.append((said, ast.copy_location(other, node)))

    match node:
        case ast.Compare(left, [operator], [right]) if type(operator) in COMPARED:
            other = COMPARED[type(operator)]()
            instead(_exchanged(operator, other), ast.Compare(left, [other], [right]))
        case ast.BoolOp(operator, values):
            turned: ast.boolop = ast.Or() if isinstance(operator, ast.And) else ast.And()
            instead(_exchanged(operator, turned), ast.BoolOp(turned, values))
            for index in range(len(values)):
                left_out = [each for each in values if each is not values[index]]
                instead(
                    f"without operand {index}",
                    left_out[0] if len(left_out) == 1 else ast.BoolOp(operator, left_out),
                )
        case ast.UnaryOp(ast.Not(), operand):
            instead("without `not`", ast.Call(ast.Name("bool", ast.Load()), [operand], []))
        case ast.BinOp(left, operator, right) if type(operator) in CALCULATED and not _is_text(left, right):
            calculated = CALCULATED[type(operator)]()
            instead(_exchanged(operator, calculated), ast.BinOp(left, calculated, right))
        case ast.Constant(bool(value)):
            instead(f"{not value}", ast.Constant(not value))
        case ast.Constant(int(value)):
            instead(f"{value + 1} for {value}", ast.Constant(value + 1))
        case ast.Call(ast.Name(name), arguments, keywords):
            if name in CALLED:
                instead(
                    f"{CALLED[name]} for {name}",
                    ast.Call(ast.Name(CALLED[name], ast.Load()), arguments, keywords),
                )
            if name == "no":
                instead("without no()", arguments[0])
            if name == "implies":
                instead("the converse", ast.Call(node.func, arguments[::-1], keywords))
                instead("the conclusion alone", arguments[1])
            if name in ("all_of", "any_of") and len(arguments) > 1:
                for index in range(len(arguments)):
                    left = [each for each in arguments if each is not arguments[index]]
                    instead(f"without argument {index}", ast.Call(node.func, left, keywords))
        case ast.Expr(ast.Call(ast.Attribute(attr="assume" | "append" | "discard" | "update" | "add"))):
            instead("left out", ast.Pass())
        case ast.IfExp(test, body, orelse):
            instead("arms exchanged", ast.IfExp(test, orelse, body))
        case ast.Expr(ast.Yield(value)) if value is not None:
            instead("left out", ast.Pass())
        case ast.Continue():
            instead("no `continue`", ast.Pass())
    return found


def _exchanged(one: Any, other: Any) -> str:
    return f"{type(other).__name__} for {type(one).__name__}"


def _is_text(*nodes: ast.AST) -> bool:
    return any(
        isinstance(each, ast.JoinedStr | ast.List | ast.Tuple) or getattr(each, "value", 0).__class__ is str
        for each in nodes
    )


def mutants() -> Iterator[Mutant]:
    """Every mistake that can be made in the prover."""
    for path in sorted(PROVE.rglob("*.py")):
        name = ".".join(path.relative_to(PROVE).with_suffix("").parts).removesuffix(".__init__")
        if name.partition(".")[0] in ("lints", "__init__", *ELSEWHERE):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for place, node in enumerate(_nodes(tree)):
            for choice, (said, _) in enumerate(mistakes(node)):
                yield Mutant(name, getattr(node, "lineno", 0), place, choice, said)


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """The nodes of a tree in which a mistake may be made: not in types, nor in what a failure says."""
    found: list[ast.AST] = []
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        found.append(node)
        skipped: list[Any] = []
        match node:
            case ast.Assert() | ast.Raise() | ast.Import() | ast.ImportFrom() | ast.JoinedStr():
                continue
            case ast.FunctionDef(returns=returns, decorator_list=decorators):
                skipped = [returns, *decorators]
            case ast.ClassDef(decorator_list=decorators):
                skipped = decorators
            case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=annotation):
                skipped = [annotation]
        pending += [
            each for each in ast.iter_child_nodes(node) if not any(each is other for other in skipped)
        ]
    return found


def mutated(mutant: Mutant, source: str) -> ast.Module:
    """A module's tree with the mistake in it."""
    tree = ast.parse(source)
    wrong = _nodes(tree)[mutant.place]
    other = mistakes(wrong)[mutant.choice][1]
    return ast.fix_missing_locations(_Exchange(wrong, copy.deepcopy(other)).visit(tree))


class _Exchange(ast.NodeTransformer):
    def __init__(self, one: ast.AST, other: ast.AST) -> None:
        self.one = one
        self.other = other

    def visit(self, node: ast.AST) -> Any:
        return self.other if node is self.one else self.generic_visit(node)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module with a mistake in it, and all others as they are."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = f"rung.prove.{mutant.module}".removesuffix(".")

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        if name != self.name:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None, "mutants are of modules that there are"
        self.source = Path(str(spec.origin)).read_text(encoding="utf-8")
        spec.loader = self
        return spec

    def exec_module(self, module: Any) -> None:
        exec(compile(mutated(self.mutant, self.source), str(module.__file__), "exec"), vars(module))


# ---------------------------------------------------------------- trying


def tried(mutant: Mutant | None) -> None:
    """Hold the prover with a mistake in it against the tests; an exception says that they noticed."""
    if mutant is not None:
        sys.meta_path.insert(0, _Loader(mutant))
    importlib.import_module("tests.campaigns.noticing").notice()


def run(several: Sequence[Mutant]) -> Iterator[tuple[Mutant, str]]:
    """What becomes of each mutant: `killed`, `astray` (it takes too long: noticed too), or `survives`."""
    _warm()
    waiting, running = list(several)[::-1], dict[int, tuple[int, Mutant, float]]()
    while waiting or running:
        while waiting and len(running) < JOBS:
            mutant = waiting.pop()
            receive, send = os.pipe()
            process = os.fork()
            if process == 0:
                _try(mutant, send)
            os.close(send)
            running[receive] = (process, mutant, time.monotonic() + SECONDS)
        first = min(deadline for _, _, deadline in running.values())
        ready, _, _ = select.select(list(running), [], [], max(0.0, first - time.monotonic()))
        for receive, (process, mutant, deadline) in list(running.items()):
            if receive not in ready and time.monotonic() < deadline:
                continue
            said = os.read(receive, 100) if receive in ready else b"astray"
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            os.close(receive)
            del running[receive]
            yield mutant, said.decode() or "killed"


def _try(mutant: Mutant, send: int) -> None:
    """In a process of its own, which ends here: it says `survives`, or dies without a word."""
    code = 1
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        tried(mutant)
        os.write(send, b"survives")
        code = 0
    finally:
        os._exit(code)


def _warm() -> None:
    """Load all but the prover, so that each process need load nothing else."""
    for name in (
        "pytest",
        "z3",
        "rung.evaluate.decide",
        "rung.policy.from_syntax",
        "rung.inputs.request",
        "rung.syntax.parse",
    ):
        importlib.import_module(name)
    for name in ("tests.conformance.corpus", "tests.generators.decisions", "tests.generators.small"):
        importlib.import_module(name)
    assert not [name for name in sys.modules if name.startswith("rung.prove")], "the prover is loaded anew"


if __name__ == "__main__":
    kind = sys.argv.pop() if len(sys.argv) == 4 else ""
    limit, number = seeded("python -m tests.campaigns.mutants")
    # Without a mistake nothing fails: else all that fails then would count as noticed.
    unharmed = "from tests.campaigns.noticing import notice; notice()"
    subprocess.run([sys.executable, "-c", unharmed], check=True)
    everything = [each for each in mutants() if kind in ("", kind_of(each.module))]
    drawn = Random(number).sample(everything, min(limit, len(everything)))
    outcomes: Counter[tuple[str, bool]] = Counter()
    for count, (mutant, said) in enumerate(run(drawn), 1):
        outcomes[kind_of(mutant.module), said != "survives"] += 1
        if said != "killed":
            print(f"{said}: {mutant.module}:{mutant.line} {mutant.said}", flush=True)
        if count % 50 == 0:
            print(f"{count} of {len(drawn)} tried", flush=True)
    for each in sorted({kind for kind, _ in outcomes}):
        killed = outcomes[each, True]
        print(f"{each}: {killed} of {killed + outcomes[each, False]} mutants killed")
    print(f"{len(drawn)} tried of {len(everything)} that there are")
