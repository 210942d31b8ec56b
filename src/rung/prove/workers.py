"""Defines how work for solvers is done side by side: in processes that can be killed when their time is up.

A solver heeds its time-out most of the time, and its memory limit hardly ever. Each piece of work is given to
a process; one that does not answer in time, or dies, is replaced, and its piece is lost.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")
Work = Callable[[int], T]
"""Does the piece of work of a number."""

GRACE = 2.0  # seconds in which a process may notice itself that its time is up
TICK = 1.0  # seconds after which nothing new is heard as well
MOST_MEMORY = 4 * 2**30  # bytes of address space for each process
_LENGTH = struct.Struct("!Q")


class Lost(NamedTuple):
    """A piece of work to which no answer will come, and why."""

    why: str


def side_by_side(
    prepare: Callable[[], Work[T]],
    count: int,
    seconds: float,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[T | Lost]:
    """The answers to so many pieces of work; `done` is told, each second at least, how many are answered."""
    answers: dict[int, T | Lost] = {}
    for heard in in_rounds(prepare, count, seconds, jobs):
        answers.update(heard)
        done(len(answers))
    return [answers[index] for index in range(count)]


def in_rounds(
    prepare: Callable[[], Work[T]], count: int, seconds: float, jobs: int
) -> Iterator[dict[int, T | Lost]]:
    """The answers to so many pieces of work that come within a second or less, until all are there.

    Each piece may take so many seconds. `prepare` is called in each process, once.
    """
    if hasattr(os, "fork"):
        yield from _Crew(prepare, count, seconds, jobs).rounds()
    else:
        work = prepare()
        for index in range(count):
            yield {index: work(index)}


@dataclass
class _Worker:
    """A process, the pipes to and from it, and the piece that it is at."""

    process: int
    send: int
    receive: int
    index: int = -1
    deadline: float = 0.0
    answer: bytes = b""


class _Crew:
    def __init__(self, prepare: Callable[[], Work[Any]], count: int, seconds: float, jobs: int) -> None:
        self.prepare = prepare
        self.seconds = seconds
        self.jobs = min(jobs, count)
        self.waiting = list(range(count))[::-1]
        self.workers: list[_Worker] = []

    def rounds(self) -> Iterator[dict[int, Any]]:
        try:
            for _ in range(self.jobs):
                self._hire()
            while self.workers:
                yield dict(self._hear())
        finally:
            for worker in list(self.workers):
                self._dismiss(worker)

    def _hire(self) -> None:
        """Start a process and give it a piece of work, while any waits."""
        if not self.waiting:
            return
        with _uninterrupted():
            to_read, send = os.pipe()
            receive, to_write = os.pipe()
            process = os.fork()
            if process == 0:
                others = [end for each in self.workers for end in (each.send, each.receive)]
                for end in (send, receive, *others):
                    os.close(end)
                _work(to_read, to_write, self.prepare)
            os.close(to_read)
            os.close(to_write)
            worker = _Worker(process, send, receive)
            self.workers.append(worker)
        self._assign(worker)

    def _assign(self, worker: _Worker) -> None:
        worker.index = self.waiting.pop()
        worker.deadline = time.monotonic() + self.seconds + GRACE
        worker.answer = b""
        os.write(worker.send, _LENGTH.pack(worker.index))

    def _hear(self) -> Iterator[tuple[int, Any]]:
        """What the processes answer until the next deadline, or for a second."""
        with selectors.DefaultSelector() as selector:
            for each in self.workers:
                selector.register(each.receive, selectors.EVENT_READ, each)
            left = min(each.deadline for each in self.workers) - time.monotonic()
            ready = [key.data for key, _ in selector.select(max(0.0, min(left, TICK)))]
        for worker in ready:
            read = os.read(worker.receive, 1 << 16)
            worker.answer += read
            if not read:
                yield worker.index, self._lost(worker, "the process that was to answer ended")
            elif len(worker.answer) >= _LENGTH.size:
                (length,) = _LENGTH.unpack(worker.answer[: _LENGTH.size])
                if len(worker.answer) == _LENGTH.size + length:
                    answer = pickle.loads(worker.answer[_LENGTH.size :])
                    yield worker.index, self._lost(worker, answer.why) if isinstance(answer, Lost) else answer
                    if worker in self.workers:
                        if self.waiting:
                            self._assign(worker)
                        else:
                            self._dismiss(worker)
        late = [each for each in self.workers if each.deadline <= time.monotonic() and each not in ready]
        for worker in late:
            yield worker.index, self._lost(worker, f"it takes longer than {self.seconds:g} s")

    def _lost(self, worker: _Worker, why: str) -> Lost:
        """Replace a process from which no answer will come."""
        self._dismiss(worker)
        self._hire()
        return Lost(why)

    def _dismiss(self, worker: _Worker) -> None:
        with _uninterrupted():
            self.workers.remove(worker)
            os.close(worker.send)
            os.close(worker.receive)
            os.kill(worker.process, signal.SIGKILL)
            os.waitpid(worker.process, 0)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keep an interrupt back until all is done.

    It would leave a process behind that nobody knows of, and what modules run after a fork swallows it.
    """
    kept_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, kept_back)


def _work(receive: int, send: int, prepare: Callable[[], Work[Any]]) -> None:
    """What a process does until nothing more is asked of it; it never returns."""
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it kills it
        _limit_memory()
        work = prepare()
        while request := os.read(receive, _LENGTH.size):
            (index,) = _LENGTH.unpack(request)
            answer = pickle.dumps(_answer(work, index))
            with os.fdopen(os.dup(send), "wb") as out:
                out.write(_LENGTH.pack(len(answer)) + answer)
    finally:
        os._exit(1)  # a process that ends without an answer has given none, whatever the code


def _answer(work: Work[Any], index: int) -> Any:
    try:
        return work(index)
    except Exception as error:
        if isinstance(error, MemoryError) or "out of memory" in str(error):
            return Lost(f"it takes more than {MOST_MEMORY / 2**30:g} GiB of memory")
        if os.environ.get("RUNG_DEBUG"):
            import traceback

            traceback.print_exc()
        return Lost(f"internal error: {type(error).__name__}: {error}")


def _limit_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
