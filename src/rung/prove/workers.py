"""Defines how properties are proved beside each other: in processes that can be killed when their time is up.

A solver heeds its time-out most of the time, and its memory limit hardly ever. Each property is given to
a process; one that does not answer in time, or dies, leaves an unknown verdict and is replaced.
"""

from __future__ import annotations

import os
import pickle
import selectors
import signal
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rung.policy import model
from rung.prove.prover import Prover
from rung.prove.verdict import Verdict

GRACE = 2.0  # seconds in which a process may notice itself that its time is up
MOST_MEMORY = 4 * 2**30  # bytes of address space for each process
_LENGTH = struct.Struct("!Q")


def prove_all(
    policy: model.Policy,
    nodes: Sequence[model.Property],
    seconds: float,
    jobs: int,
    done: Callable[[int], None] = lambda count: None,
) -> list[Verdict]:
    """The verdict on each property, which may take so many seconds; `done` is told how many there are."""
    if not hasattr(os, "fork"):
        prover = Prover(policy)
        return [prover.prove(node, seconds) for node in nodes]
    verdicts: dict[int, Verdict] = {}
    for index, verdict in _Crew(policy, nodes, seconds, jobs).verdicts():
        verdicts[index] = verdict
        done(len(verdicts))
    return [verdicts[index] for index in range(len(nodes))]


@dataclass
class _Worker:
    """A process, the pipes to and from it, and the property that it is at."""

    process: int
    send: int
    receive: int
    index: int = -1
    deadline: float = 0.0
    answer: bytes = b""


class _Crew:
    def __init__(
        self, policy: model.Policy, nodes: Sequence[model.Property], seconds: float, jobs: int
    ) -> None:
        self.policy = policy
        self.nodes = nodes
        self.seconds = seconds
        self.jobs = min(jobs, len(nodes))
        self.waiting = list(range(len(nodes)))[::-1]
        self.workers: list[_Worker] = []

    def verdicts(self) -> Iterator[tuple[int, Verdict]]:
        try:
            for _ in range(self.jobs):
                self._hire()
            while self.workers:
                yield from self._hear()
        finally:
            for worker in list(self.workers):
                self._dismiss(worker)

    def _hire(self) -> None:
        """Start a process and give it a property, while any waits."""
        if not self.waiting:
            return
        to_read, send = os.pipe()
        receive, to_write = os.pipe()
        process = os.fork()
        if process == 0:
            others = [end for each in self.workers for end in (each.send, each.receive)]
            for end in (send, receive, *others):
                os.close(end)
            _work(to_read, to_write, self.policy, self.nodes, self.seconds)
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

    def _hear(self) -> Iterator[tuple[int, Verdict]]:
        """What the processes answer until the next deadline."""
        with selectors.DefaultSelector() as selector:
            for each in self.workers:
                selector.register(each.receive, selectors.EVENT_READ, each)
            first = min(each.deadline for each in self.workers)
            ready = [key.data for key, _ in selector.select(max(0.0, first - time.monotonic()))]
        for worker in ready:
            read = os.read(worker.receive, 1 << 16)
            worker.answer += read
            if not read:
                yield worker.index, self._lost(worker, "the process that was to prove it ended")
            elif len(worker.answer) >= _LENGTH.size:
                (length,) = _LENGTH.unpack(worker.answer[: _LENGTH.size])
                if len(worker.answer) == _LENGTH.size + length:
                    yield worker.index, pickle.loads(worker.answer[_LENGTH.size :])
                    if self.waiting:
                        self._assign(worker)
                    else:
                        self._dismiss(worker)
        for worker in [each for each in self.workers if each.deadline <= time.monotonic()]:
            yield worker.index, self._lost(worker, f"it takes longer than {self.seconds:g} s")

    def _lost(self, worker: _Worker, why: str) -> Verdict:
        """Replace a process from which no answer will come."""
        node = self.nodes[worker.index]
        self._dismiss(worker)
        self._hire()
        return Verdict(node, "unknown", why, seconds=self.seconds)

    def _dismiss(self, worker: _Worker) -> None:
        self.workers.remove(worker)
        os.close(worker.send)
        os.close(worker.receive)
        os.kill(worker.process, signal.SIGKILL)
        os.waitpid(worker.process, 0)


def _work(
    receive: int, send: int, policy: model.Policy, nodes: Sequence[model.Property], seconds: float
) -> None:
    """What a process does until nothing more is asked of it; it never returns."""
    code = 1
    try:
        _limit_memory()
        prover = Prover(policy)
        while request := os.read(receive, _LENGTH.size):
            (index,) = _LENGTH.unpack(request)
            answer = pickle.dumps(prover.prove(nodes[index], seconds))
            with os.fdopen(os.dup(send), "wb") as out:
                out.write(_LENGTH.pack(len(answer)) + answer)
        code = 0
    except MemoryError:
        pass  # the process that waits for the answer sees that there is none
    except Exception:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _limit_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MOST_MEMORY if hard == resource.RLIM_INFINITY else min(MOST_MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
