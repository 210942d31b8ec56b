"""Defines `ordered_policy`: so many environments in an order that every route keeps, or that one skips.

Each route asks for twelve things, and no two thresholds are equal, so that no proof is like another.
"""

from __future__ import annotations

from typing import Literal, get_args

Shape = Literal["chain", "joins", "gates", "inherited"]
"""What keeps the order: the only source of each route; all of several sources; a gate, where everything comes
from the first environment; or the source for what comes right before, and for the rest what came before that.
"""
SHAPES: tuple[Shape, ...] = get_args(Shape)

_HEAD = """\
rung 1
policy "in order"

group managers { "ana@example.com", "bo@example.com", "chen@example.com" }
evidence unit_tests about build { passed: int, failed: int, coverage: percent }
evidence scan about artifact { critical: int, high: int, medium: int, low: int }
"""

_GATE = """
gate t{i} {{
    needs unit_tests no older than {hours}h
    needs scan no older than {longer}h
    require unit_tests.passed > {i}
    require unit_tests.failed < {most}
    require unit_tests.coverage >= {coverage:.3f}%
    require scan.critical < {most}
    require scan.high < {most2}
    require scan.medium < {most3}
}}
"""

_ROUTE = """\
{lane} {sources} -> e{i} {{
    require t{i}{asked}
    require at least 2 approvals from managers except authors no older than {days}d
    require rollback plan, actor is machine
}}
"""


def ordered_policy(environments: int, shape: Shape, skipped: int | None = None) -> str:
    """A policy of environments `e0`, `e1`, …; with `skipped`, `e0` also leads straight to that one."""
    parts = [_HEAD]
    for i in range(environments):
        before = _before(i, shape)
        parts.append(f"environment e{i}{f' after {_all(before)}' if before else ''}\n")
    for i in range(environments):
        most = 2 * environments - i
        parts.append(
            _GATE.format(i=i, hours=i + 10, longer=i + 20, coverage=i * 50 / environments, most=most,
                         most2=most + environments, most3=most + 2 * environments)
        )  # fmt: skip
        if shape == "gates" and i:
            parts.append(f"gate came{i} {{ require once healthy in e{i - 1} for {i}m }}\n")
        parts.append(_route(i, shape))
    if skipped is not None:
        parts.append(_ROUTE.format(lane="promote", sources="e0", i=skipped, asked="", days=1))
    return "".join([*parts, "\nprove no-environment-skipped\n"])


def _before(i: int, shape: Shape) -> list[int]:
    """The environments that one comes after, nearest first."""
    match shape:
        case "chain" | "gates":
            nearest = [i - 1]
        case "joins":
            nearest = [i - 2, i - 3] if i > 2 else [0]
        case "inherited":
            nearest = [i - 1, i - 2, 0]
    return sorted({each for each in nearest if 0 <= each < i}, reverse=True)


def _all(numbers: list[int]) -> str:
    names = ", ".join(f"e{each}" for each in numbers)
    return names if len(numbers) == 1 else f"all of {{ {names} }}"


def _route(i: int, shape: Shape) -> str:
    """The way into an environment."""
    if i == 0:
        return _ROUTE.format(lane="admit", sources="build", i=i, asked="", days=1)
    if shape == "gates":
        return _ROUTE.format(lane="promote", sources="e0", i=i, asked=f", came{i}", days=i + 1)
    sources = _before(i, shape) if shape == "joins" else [i - 1]
    asked = f", healthy in e{sources[0]} for {i}m"
    return _ROUTE.format(lane="promote", sources=_all(sources), i=i, asked=asked, days=i + 1)
