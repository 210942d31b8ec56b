"""Defines the progress bar of a run that takes long, on a terminal; elsewhere nothing is shown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

PATIENCE = 1.0  # seconds before a bar appears


@contextmanager
def progress(label: str, length: int) -> Iterator[Callable[[int], None]]:
    """A function that is told, again and again, how much of `length` is done."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda count: None
        return
    began, bar = time.monotonic(), None

    def show(count: int) -> None:
        nonlocal bar
        if bar is None and time.monotonic() - began >= PATIENCE:
            bar = _bar(label, length)
        if bar is not None:
            bar.update(count - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()


def _bar(label: str, length: int) -> Any:
    bar: Any = click.progressbar(
        length=length, label=label, file=sys.stderr, show_pos=True, show_eta=False, show_percent=False
    )
    bar.render_progress()
    return bar
